"""Pictures, made anew: upright, small, in sRGB, and with nothing in them but what is to be seen."""

import re
from io import BytesIO
from typing import NamedTuple

from PIL import ExifTags, Image, ImageCms, ImageOps

LARGEST = 25 * 1024 * 1024  # bytes
READ = ("JPEG", "PNG", "WEBP")  # a file of another kind is refused, whatever it is called
MEGAPIXELS = {"JPEG": 50, "MPO": 50, "PNG": 25, "WEBP": 13}  # MPO: a camera's JPEG that holds a second picture
SMALLEST = 100  # pixels on a side: less is nothing to see, and could be taken for a counting pixel
QUALITIES = (85, 78, 70, 60, 50, 40)  # of a JPEG; when the least is still too large, it gets fewer pixels
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    ArithmeticError,
)  # Pillow's words
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # orientation in EXIF → what puts it right


class Unusable(Exception):
    """What was brought cannot be used; the message says why, and what to do."""


class Jpeg(NamedTuple):
    """A picture as it was made."""

    content: bytes
    width: int  # pixels
    height: int


def photo(content: bytes, longest: int) -> Image.Image:
    """What is to be seen in a picture, its longer side at most so many pixels. Raises Unusable.

    Where a file says that it holds far more pixels than memory should, nothing of it is decoded.
    """
    image = _opened(content)
    try:
        image.draft(None, (longest, longest))  # a JPEG is decoded at an eighth, a quarter or half where that does
        image.load()
        shown = _upright(_small(image, longest), _orientation(image))
        clean = _in_srgb(_on_white(shown), image.info.get("icc_profile"))
    except BROKEN as trouble:
        raise Unusable("The picture is not whole: part of the file is missing. Choose it again") from trouble
    if min(clean.size) < SMALLEST:
        raise Unusable(f"The picture is too small or too narrow: each side needs {SMALLEST} pixels. Choose another one")
    return clean


def square(content: bytes, side: int) -> Image.Image:
    """The middle of a picture, rather its upper part: there a portrait's face is. Raises Unusable."""
    return ImageOps.fit(photo(content, 2 * side), (side, side), centering=(0.5, 0.35))


def jpeg(image: Image.Image, longest: int, largest: int) -> Jpeg:
    """A picture as a progressive JPEG: its longer side at most so many pixels, and at most so many bytes."""
    image = _small(image.copy(), longest)
    while True:
        for quality in QUALITIES:
            file = BytesIO()
            image.save(file, "JPEG", quality=quality, progressive=True, optimize=True)
            if file.tell() <= largest:
                return Jpeg(file.getvalue(), *image.size)
        image = _small(image, max(image.size) * 3 // 4)


def _opened(content: bytes) -> Image.Image:
    if not content:
        raise Unusable("The file is empty. Choose another picture")
    if len(content) > LARGEST:
        raise Unusable("The picture is larger than 25 MB. Choose a smaller one")
    try:
        image = Image.open(BytesIO(content), formats=READ)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as trouble:
        raise Unusable("The picture has far too many pixels. Choose one of at most 25 megapixels") from trouble
    except BROKEN as trouble:
        raise Unusable("This is not a picture that we can read. Choose a JPEG, PNG or WebP picture") from trouble
    most = MEGAPIXELS[image.format]
    if image.width * image.height > most * 1_000_000:
        size = f"{image.width:,} × {image.height:,}"
        raise Unusable(f"The picture has too many pixels: {size}. Choose one of at most {most} megapixels")
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise Unusable("The picture moves, which distracts readers. Choose one that stands still")
    return image


def _small(image: Image.Image, longest: int) -> Image.Image:
    """It with its longer side at most so long; in colours that can be mixed, which those of a palette cannot."""
    if image.mode in ("P", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda level: level * (1 / 257)).convert("L")
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return image


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except BROKEN:
        return 1  # what a camera wrote beside a picture may be odd; the picture is still one


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    method = UPRIGHT.get(orientation)
    return image if method is None else image.transpose(method)


def _on_white(image: Image.Image) -> Image.Image:
    """It without transparency."""
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """It in the colours that every screen shows, and with nothing that its file said beside."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            image = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, *BROKEN):
            pass  # a profile that cannot be read says nothing of the colours
    image = image.convert("RGB")
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    return clean


# --- JPEGs inside of other files ---

END, START_OF_SCAN, COMMENT, ADOBE = 0xD9, 0xDA, 0xFE, 0xEE
OF_MAKERS = {*range(0xE0, 0xF0), COMMENT}  # EXIF, XMP, IPTC, where a second picture is, colour profiles
OF_THE_PICTURE = {*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, START_OF_SCAN} - {0xC8}  # frames, tables, restarts, scans
MARKER = re.compile(rb"\xff+([\x01-\xfe])")  # what stands before one is passed over, as by all who read JPEGs
SCANS_END = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")


def bare(content: bytes) -> bytes:
    """A JPEG's picture and nothing that its camera and its makers wrote into it. Raises Unusable where it is none.

    Its own bytes, where every one of them is understood; otherwise it is made anew.
    """
    content = content.lstrip(b"\0\t\n\f\r ")
    return _picture_alone(content) or _made_again(content)


def _picture_alone(content: bytes) -> bytes | None:
    """What is needed to see the picture, as far as its first end; None where anything in it is not understood."""
    kept, place, has_scan = [b"\xff\xd8"], 2, False
    while content.startswith(b"\xff\xd8") and (found := MARKER.search(content, place)):
        marker, place = found[1][0], found.end()
        if marker == END:
            return b"".join([*kept, b"\xff\xd9"]) if has_scan else None
        end = place + int.from_bytes(content[place : place + 2])
        if not place + 2 <= end <= len(content) or marker not in OF_THE_PICTURE | OF_MAKERS:
            return None
        if marker == START_OF_SCAN:
            scans_end = SCANS_END.search(content, end)
            end, has_scan = scans_end.start() if scans_end else len(content), True
        if marker in OF_THE_PICTURE:
            kept.append(bytes((0xFF, marker)) + content[place:end])
        elif marker == ADOBE and content[place:end].startswith(b"Adobe", 2) and end - place >= 14:
            kept.append(b"\xff\xee\x00\x0e" + content[place + 2 : place + 14])  # how its colours are meant
        place = end
    return None


def _made_again(content: bytes) -> bytes:
    file = BytesIO()
    try:
        _opened(content).save(file, "JPEG", quality=92)
    except BROKEN as trouble:
        raise Unusable("A picture is not whole. Save it anew") from trouble
    return _picture_alone(file.getvalue())
