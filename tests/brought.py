"""Files as officers bring them: pictures and PDFs, and what only says that it is one."""

from functools import cache
from io import BytesIO

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

CAMERA = "Fruitphone 12"
WHERE = (51.0, 23.0, 1.0)  # degrees, minutes, seconds
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="400" height="300"/></svg>'
SCRIPT = b"#!/bin/sh\nrm -rf /\n"
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + 200 * b"\x00"


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@cache
def photo(width: int = 800, height: int = 600) -> bytes:
    """A JPEG as a camera makes it, lying on its side: its left upper quarter, once upright, is red.

    It tells the camera, the place and a comment.
    """
    upright = Image.new("RGB", (height, width), "white")
    upright.paste("red", (0, 0, height // 2, width // 2))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, CAMERA
    exif.get_ifd(0x8825).update({1: "N", 2: WHERE})
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    return saved(lying, "JPEG", exif=exif, comment=b"taken at home", xmp=b"<x:xmpmeta>taken at home</x:xmpmeta>")


@cache
def noise(width: int, height: int) -> bytes:
    """A picture that is as hard to make small as any."""
    return saved(Image.effect_noise((width, height), 120).convert("RGB"), "JPEG", quality=95)


def plain(kind: str = "PNG", size: tuple[int, int] = (400, 300), colour="red", mode: str = "RGB", **options) -> bytes:
    return saved(Image.new(mode, size, colour), kind, **options)


def opened(content: bytes) -> Image.Image:
    """A picture as anybody sees it."""
    image = Image.open(BytesIO(content))
    image.load()
    return image


# --- Posters ---


def poster(pages: int = 1, password: str = "") -> bytes:
    """A PDF with pages, a camera's picture on each, and links."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.append(BytesIO(saved(opened(photo()), "PDF")))
        picture = writer.pages[-1]["/Resources"]["/XObject"]["/image"].get_object()
        picture._data = photo()
        annotate(writer.pages[-1], "/URI", "/URI", "https://www.met.police.uk/")
    writer.add_metadata({"/Author": "PC Farah"})
    return _file(writer, password)


def poster_of(picture: bytes, **said) -> bytes:
    """A PDF with this picture on its page; `said` is what the file says of it besides: Filter, DecodeParms."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(poster())))
    stream = writer.pages[0]["/Resources"]["/XObject"]["/image"].get_object()
    stream._data = picture
    for name, value in said.items():
        stream[NameObject(f"/{name}")] = writer._add_object(value) if isinstance(value, ArrayObject) else value
    return _file(writer)


def poster_that_acts() -> bytes:
    """A PDF that runs scripts by itself and by a link, carries a program, and asks for what one types."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(poster())))
    writer.add_open_action(JavaScript("app.alert(1)"))
    writer.add_attachment("evil.exe", b"MZ evil")
    page = writer.pages[0]
    action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x()")})
    page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): action})
    writer.root_object[NameObject("/OpenAction")] = action
    annotate(page, "/JavaScript", "/JS", "app.alert(2)")
    annotate(page, "/Launch", "/F", "evil.exe")
    annotate(page, "/URI", "/URI", "javascript:alert(3)")
    annotate(page, "/URI", "/URI", "file:///etc/passwd")
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject()})
    return _file(writer)


def annotate(page, kind: str, key: str, value: str) -> None:
    """Put a link on a page that does this."""
    action = {NameObject("/S"): NameObject(kind), NameObject(key): TextStringObject(value)}
    link = {"/Type": NameObject("/Annot"), "/Subtype": NameObject("/Link"), "/A": DictionaryObject(action)}
    held = DictionaryObject({NameObject(name): each for name, each in link.items()})
    held[NameObject("/Rect")] = page.mediabox
    page[NameObject("/Annots")] = ArrayObject([*page.get("/Annots", []), held])


def _file(writer: PdfWriter, password: str = "") -> bytes:
    if password:
        writer.encrypt(password, algorithm="AES-256")
    file = BytesIO()
    writer.write(file)
    return file.getvalue()
