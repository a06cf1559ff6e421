"""Pictures are made anew: upright, small, and with nothing in them but what is to be seen."""

from contextlib import suppress

import pytest
from PIL import Image, ImageCms

from metengage import images
from metengage.images import Unusable
from tests import brought
from tests.brought import CAMERA, opened, photo, plain

RED, WHITE = (255, 0, 0), (255, 255, 255)


def made(content: bytes, longest: int = 1600, largest: int = 400_000) -> bytes:
    return images.jpeg(images.photo(content, longest), longest, largest).content


def is_like(colour: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(colour, wanted, strict=True))


# --- What comes of it ---


def test_it_stands_upright():
    upright = opened(made(photo()))
    assert upright.size == (600, 800)
    assert is_like(upright.getpixel((150, 200)), RED)
    assert is_like(upright.getpixel((450, 600)), WHITE)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright_however_the_camera_was_held(orientation):
    """As EXIF says: turned back by what turns the picture that way, it is the same again."""
    upright = opened(plain("PNG"))
    upright.paste("blue", (0, 0, 200, 150))
    method = images.UPRIGHT.get(orientation)
    turned_back = {6: 8, 8: 6}.get(orientation, orientation)
    lying = upright if method is None else upright.transpose(images.UPRIGHT[turned_back])
    exif = Image.Exif()
    exif[0x0112] = orientation
    seen = opened(made(brought.saved(lying, "JPEG", exif=exif, quality=95)))
    assert seen.size == (400, 300)
    assert is_like(seen.getpixel((50, 50)), (0, 0, 255))


def test_nothing_tells_where_when_or_by_what_it_was_taken():
    before, after = opened(photo()), opened(made(photo()))
    assert CAMERA.encode() in photo()
    assert before.getexif().get_ifd(0x8825)[2] == brought.WHERE
    assert (dict(after.getexif()), after.getexif().get_ifd(0x8825)) == ({}, {})
    assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    assert not [each for each in (CAMERA.encode(), b"taken at home", b"Exif", b"GPS") if each in made(photo())]


def test_what_hides_behind_the_picture_is_gone():
    content = plain("PNG") + brought.ZIP + brought.HTML
    assert b"PK\x03\x04" not in made(content)
    assert b"<script" not in made(content)


@pytest.mark.parametrize(("kind", "options"), [("JPEG", {}), ("PNG", {}), ("WEBP", {"lossless": True})])
def test_it_takes_what_cameras_and_screens_make(kind, options):
    seen = opened(made(plain(kind, **options)))
    assert (seen.format, seen.mode, seen.size) == ("JPEG", "RGB", (400, 300))
    assert is_like(seen.getpixel((9, 9)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"])
def test_it_takes_every_kind_of_png(mode):
    white = Image.new("L", (200, 200), "white")
    image = white.point(lambda level: level * 257, "I").convert("I;16") if mode == "I;16" else white.convert("RGBA")
    image = image if mode == "I;16" else image.convert("P").convert(mode) if mode == "PA" else image.convert(mode)
    image = image.convert("P") if mode == "PA" else image  # PNG has no other palette
    assert is_like(opened(made(brought.saved(image, "PNG"))).getpixel((9, 9)), WHITE)


def test_it_takes_a_print_shops_jpeg():
    assert opened(made(plain("JPEG", colour=(0, 0, 0, 0), mode="CMYK"))).getpixel((9, 9)) == WHITE


def test_what_can_be_seen_through_is_white():
    assert is_like(opened(made(plain("PNG", mode="RGBA", colour=(255, 0, 0, 0)))).getpixel((9, 9)), WHITE)


def test_colours_are_those_that_every_screen_shows():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()  # one that does not fit is no matter
    assert "icc_profile" not in opened(made(plain("PNG", icc_profile=profile))).info
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    seen = opened(made(plain("PNG", icc_profile=srgb)))
    assert is_like(seen.getpixel((9, 9)), RED)
    assert "icc_profile" not in seen.info


@pytest.mark.parametrize("content", [photo(3000, 2000), brought.noise(2600, 2600)])
def test_it_is_never_larger_than_asked_for(content):
    """Noise, which cannot be made small in its quality, has fewer pixels."""
    for longest, largest in ((1600, 400_000), (1120, 120_000)):
        found = images.jpeg(images.photo(content, longest), longest, largest)
        assert len(found.content) <= largest
        assert max(found.width, found.height) <= longest
        assert opened(found.content).size == (found.width, found.height)


def test_it_is_never_made_larger():
    assert opened(made(plain(size=(200, 150)))).size == (200, 150)


def test_it_comes_in_sight_bit_by_bit():
    assert opened(made(photo())).info["progressive"]


def test_a_portrait_is_square():
    assert images.square(photo(), 400).size == (400, 400)


# --- What is refused ---

MOVING = {"save_all": True, "append_images": [Image.new("RGB", (400, 300), "blue")]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (brought.SVG, "This is not a picture that we can read"),
        (brought.SCRIPT, "This is not a picture that we can read"),
        (brought.HTML, "This is not a picture that we can read"),
        (brought.ZIP, "This is not a picture that we can read"),
        (b"\x89PNG\r\n\x1a\n" + brought.HTML, "This is not a picture that we can read"),
        (plain("GIF"), "This is not a picture that we can read"),
        (plain("TIFF"), "This is not a picture that we can read"),
        (brought.noise(800, 600)[:9000], "The picture is not whole"),
        (plain("PNG")[:-40], "The picture is not whole"),
        (plain("PNG", **MOVING), "The picture moves"),
        (plain("WEBP", **MOVING), "The picture moves"),
        (plain(size=(1, 1)), "The picture is too small"),
        (plain(size=(3000, 20)), "The picture is too small or too narrow"),
        (plain(mode="1", colour=0, size=(6000, 5000)), "The picture has too many pixels: 6,000 × 5,000"),
        (plain(mode="1", colour=0, size=(15000, 14000)), "The picture has far too many pixels"),
        (plain("PNG") + images.LARGEST * b"\0", "The picture is larger than 25 MB"),
    ],
    ids=lambda value: value[:25] if isinstance(value, str) else "",
)
def test_it_says_what_is_wrong(content, sentence):
    with pytest.raises(Unusable, match=f"^{sentence}"):
        images.photo(content, 1600)


def test_a_second_picture_in_a_cameras_file_is_no_matter():
    """Newer phones put a map of brightness behind the picture."""
    content = brought.saved(opened(plain()), "MPO", save_all=True, append_images=[opened(plain(size=(100, 75)))])
    assert opened(made(content)).format == "JPEG"


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow mentions what is odd in a camera's notes
@pytest.mark.parametrize("content", [photo(), plain("PNG"), plain("WEBP")], ids=["JPEG", "PNG", "WebP"])
def test_no_broken_file_breaks_us(content):
    """Every byte of what comes first, and a good many of the others, changed one after the other."""
    for place in [*range(160), *range(160, len(content), 1 + len(content) // 40)]:
        broken = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        with suppress(Unusable):
            assert made(broken)[:2] == b"\xff\xd8"


# --- JPEGs inside of other files ---


def test_a_jpeg_can_be_bared_without_changing_it():
    bared = images.bare(photo())
    assert opened(bared).tobytes() == opened(photo()).tobytes()
    assert not [each for each in (CAMERA.encode(), b"taken at home", b"Exif") if each in bared]


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_bared_jpeg_keeps_its_colours(mode):
    content = plain("JPEG", mode=mode, colour=90 if mode == "L" else (200, 30, 60, 9)[: len(mode)])
    assert opened(images.bare(content)).tobytes() == opened(content).tobytes()
    anew = opened(images.bare(content[:2] + b"\xff\xe1\0\0" + content[2:]))  # one that cannot be read as it is
    assert anew.mode == mode
    assert is_like(anew.convert("RGB").getpixel((9, 9)), opened(content).convert("RGB").getpixel((9, 9)))


def test_a_jpeg_bared_twice_is_the_same():
    assert images.bare(images.bare(photo())) == images.bare(photo())


@pytest.mark.parametrize("content", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1", b"\xff\xd8\xff\xe1\0\0xy"])
def test_what_is_no_jpeg_cannot_be_bared(content):
    with pytest.raises(Unusable):
        images.bare(content)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_broken_jpeg_tells_anything_once_it_is_bared():
    """Every byte of what comes first, changed one after the other."""
    content = photo()
    for place in range(2, 500):
        broken = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        with suppress(Unusable):
            bared = images.bare(broken)
            assert b"Exif" not in bared
            assert CAMERA.encode() not in bared
