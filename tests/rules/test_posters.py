"""Posters are made anew: their pages as they look and their links to the web, and nothing that acts or tells."""

import base64
import random
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, NameObject, NullObject

from metengage import posters
from metengage.images import Unusable
from tests import brought
from tests.brought import opened, photo, poster, poster_of, poster_that_acts, saved

ACTS = (b"JavaScript", b"/JS", b"/AA", b"/OpenAction", b"/Launch", b"/AcroForm", b"/EmbeddedFile")


def read(content: bytes) -> PdfReader:
    return PdfReader(BytesIO(content), strict=True)


def addresses(content: bytes) -> list[str]:
    """Where the links of a PDF lead."""
    return [each["/A"]["/URI"] for page in read(content).pages for each in page.get("/Annots", ())]


def test_its_pages_look_the_same():
    before, after = read(poster(3)), read(posters.anew(poster(3)))
    assert len(after.pages) == 3
    for was, now in zip(before.pages, after.pages, strict=True):
        assert now.mediabox == was.mediabox
        assert now.get_contents().get_data() == was.get_contents().get_data()
        assert now.images[0].image.tobytes() == was.images[0].image.tobytes()


def test_its_links_to_the_web_go_on():
    assert addresses(posters.anew(poster(2))) == 2 * ["https://www.met.police.uk/"]


@pytest.mark.parametrize("act", ACTS)
def test_nothing_in_it_acts(act):
    assert act not in posters.anew(poster_that_acts())


def test_what_acted_was_there_before():
    assert [act for act in ACTS if act not in poster_that_acts()] == []


def test_links_that_act_are_gone_and_those_to_the_web_are_not():
    assert addresses(posters.anew(poster_that_acts())) == ["https://www.met.police.uk/"]


def test_no_file_travels_with_it():
    assert dict(read(poster_that_acts()).attachments)
    after = posters.anew(poster_that_acts())
    assert dict(read(after).attachments) == {}
    assert b"MZ evil" not in after


def test_nothing_tells_who_made_it_or_where():
    told = [b"Farah", brought.CAMERA.encode(), b"taken at home", b"Exif", b"pypdf", b"/Info", b"/CreationDate"]
    assert [each for each in told[:3] if each not in poster()] == []
    assert [each for each in told if each in posters.anew(poster())] == []
    assert read(posters.anew(poster())).metadata is None


# --- Pictures in it, however they are packed ---

APART = bytes([0xFF, 0xFE, 0, 15]) + b"taken at home"  # a comment
TELLS = (brought.CAMERA.encode(), b"taken at home", b"Exif", b"GPS", b"MPF\0")
JPEG, FLATE, SHORT = map(NameObject, ("/DCTDecode", "/FlateDecode", "/DCT"))
NO_HOW = ArrayObject([NullObject(), NullObject()])


def behind_the_start(more: bytes, content: bytes | None = None) -> bytes:
    return b"\xff\xd8" + more + (content or photo())[2:]


def behind_the_scan(more: bytes) -> bytes:
    return photo()[:-2] + more + photo()[-2:]


def of_a_new_phone() -> bytes:
    """A second picture, with what it tells, behind the first."""
    return saved(opened(photo()), "MPO", save_all=True, append_images=[opened(photo())]) + photo()


@pytest.mark.parametrize(
    "content",
    [
        poster_of(photo()),
        poster_of(zlib.compress(photo()), Filter=ArrayObject([FLATE, JPEG])),
        poster_of(zlib.compress(photo()), Filter=ArrayObject([NameObject("/Fl"), SHORT]), DecodeParms=NO_HOW),
        poster_of(base64.a85encode(photo()) + b"~>", Filter=ArrayObject([NameObject("/A85"), SHORT])),
        poster_of(photo(), Filter=ArrayObject([JPEG])),
        poster_of(photo(), Filter=SHORT),
        poster_of(of_a_new_phone()),
        poster_of(b"\n" + photo()),
        poster_of(behind_the_start(b"\xff\xff\xff")),
        poster_of(behind_the_start(b"\n")),
        poster_of(behind_the_start(b"\r\n\xff" + APART)),
        poster_of(behind_the_scan(APART)),
        poster_of(behind_the_scan(b"\xff\xff" + APART)),
        poster_of(photo() + b"taken at home"),
        poster_of(behind_the_start(b"\xff\xe1\0\0")),  # an impossible length: it is made anew
    ],
)
def test_no_picture_in_it_tells_anything(content):
    [page] = read(posters.anew(content)).pages
    image = page["/Resources"]["/XObject"]["/image"]
    assert image["/Filter"] == "/DCTDecode"
    assert [each for each in TELLS if each in image._data] == []
    seen, was = opened(image._data), opened(photo())
    assert seen.size == was.size
    colours = zip(seen.getpixel((9, 590)), was.getpixel((9, 590)), strict=True)
    assert all(abs(one - other) < 12 for one, other in colours)


def test_a_picture_s_own_bytes_stay_as_they_are_where_they_are_understood():
    [page] = read(posters.anew(poster_of(zlib.compress(photo()), Filter=ArrayObject([FLATE, JPEG])))).pages
    assert opened(page["/Resources"]["/XObject"]["/image"]._data).tobytes() == opened(photo()).tobytes()


@pytest.mark.parametrize(
    "content", [b"no picture", photo()[:-400], behind_the_start(b"\xff\xd8"), behind_the_start(b"\xff\2\0\x0f")]
)
def test_a_picture_that_cannot_be_looked_through_is_made_anew_or_the_poster_is_refused(content):
    with suppress(Unusable):
        [page] = read(posters.anew(poster_of(content))).pages
        assert [each for each in TELLS if each in page["/Resources"]["/XObject"]["/image"]._data] == []


def test_what_is_no_picture_says_so():
    with pytest.raises(Unusable, match=f"^{posters.BROKEN}$"):
        posters.anew(poster_of(b"Exif taken at home"))


def test_made_anew_twice_it_is_the_same():
    once = posters.anew(poster_that_acts())
    assert posters.anew(once) == once


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.7\n" + posters.LARGEST * b"\0", "The poster is larger than 10 MB"),
        (photo(), "This is not a PDF"),
        (brought.HTML, "This is not a PDF"),
        (b"%PDF-1.7\n" + brought.HTML, "This PDF cannot be read"),
        (poster()[:2000], "This PDF cannot be read"),
        (poster(password="open sesame"), "The PDF is protected by a password"),
        (poster(21), "The poster has 21 pages"),
    ],
    ids=lambda value: value[:25] if isinstance(value, str) else "",
)
def test_it_says_what_is_wrong(content, sentence):
    with pytest.raises(Unusable, match=f"^{sentence}"):
        posters.anew(content)


def test_it_takes_as_many_pages_as_it_says():
    assert len(read(posters.anew(poster(20))).pages) == 20


def test_no_broken_file_breaks_us():
    """A hundred files, with up to forty bytes changed in each."""
    chance, content = random.Random(7), poster_that_acts()
    for _ in range(100):
        broken = bytearray(content)
        for place in chance.sample(range(8, len(content)), chance.randrange(1, 40)):
            broken[place] = chance.randrange(256)
        with suppress(Unusable):
            assert posters.anew(bytes(broken)).startswith(b"%PDF-")
