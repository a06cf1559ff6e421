"""Posters and cards of a ward: one sheet that can be scanned, typed and read out, whatever its names are."""

import csv
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from metengage import areas, prints
from metengage.models import Area, Team

ADDRESS = "https://engage.example.org/join/E05013824"
LONGEST = "Mottingham, Coldharbour & New Eltham"
HOST = "https://neighbourhood-policing-alerts.southwest.example.org/join/E05013824"
HOW_MANY = {prints.POSTER: 1, prints.CARDS: 10}


def sheet(kind: str, ward="St Helier", team="St Helier team", address=ADDRESS) -> bytes:
    merton = Area(name="Kingston upon Thames", kind=Area.BOROUGH)
    return prints.of_ward(kind, Area(name=ward, kind=Area.WARD, parent=merton), Team(name=team), address)


def words(pdf: bytes) -> str:
    return " ".join(PdfReader(BytesIO(pdf)).pages[0].extract_text().split())


def scanned(pdf: bytes) -> list[str]:
    """What a phone reads from the first page at 100 dots an inch."""
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=100 / 72).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(picture)]


@pytest.fixture(autouse=True, scope="module")
def _settings(built):
    """The service has a name."""


@pytest.mark.parametrize("kind", HOW_MANY)
def test_each_says_where_whose_what_and_how(kind):
    said = words(sheet(kind))
    for part in ("St Helier", "Kingston upon Thames", "Your team: St Helier team", prints.SENTENCE, ADDRESS[8:]):
        assert part in said
    assert "Not for reporting crime. Call 999 in an emergency, 101 otherwise." in said


@pytest.mark.parametrize("kind", HOW_MANY)
def test_its_codes_lead_to_the_address(kind):
    assert scanned(sheet(kind)) == [ADDRESS] * HOW_MANY[kind]


@pytest.mark.parametrize("kind", HOW_MANY)
def test_the_longest_names_fit_on_one_page(kind):
    pdf = sheet(kind, LONGEST, f"{LONGEST} (Greenwich and Kingston upon Thames) Safer Neighbourhoods team", HOST)
    assert len(PdfReader(BytesIO(pdf)).pages) == 1
    assert scanned(pdf) == [HOST] * HOW_MANY[kind]
    assert LONGEST in words(pdf)
    assert HOST[8:] in words(pdf)


def test_no_ward_has_a_longer_name():
    with open(areas.DATA / "wards.csv", encoding="utf-8", newline="") as file:
        assert max((row["ward_name"] for row in csv.DictReader(file)), key=len) == LONGEST


@pytest.mark.parametrize("kind", HOW_MANY)
def test_a_name_is_printed_as_it_is_written(kind):
    """In any European alphabet, and never as markup."""
    assert "Ŵylan É#strong[x] $1$ łąka Ωμέγα" in words(sheet(kind, "Ŵylan É#strong[x] $1$ łąka Ωμέγα"))


@pytest.mark.parametrize("kind", HOW_MANY)
def test_it_can_be_read_out(kind):
    """Tagged, with a title, a language and words for the code; cards that are the same are read out once."""
    root = PdfReader(BytesIO(sheet(kind))).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    tags = list(tags_below(root["/StructTreeRoot"]))
    assert [tag["/Alt"] for tag in tags if tag.get("/S") == "/Figure"] == [f"QR code that leads to {ADDRESS[8:]}"]
    assert [tag.get("/S") for tag in tags].count("/H1") == 1


def tags_below(tag):
    tag = tag.get_object()
    if isinstance(tag, list):
        for each in tag:
            yield from tags_below(each)
    elif isinstance(tag, dict):
        yield tag
        yield from tags_below(tag.get("/K", []))


@pytest.mark.parametrize("kind", HOW_MANY)
def test_all_its_letters_are_in_the_file(kind):
    fonts = PdfReader(BytesIO(sheet(kind))).pages[0]["/Resources"]["/Font"].values()
    described = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]
    assert described
    assert all({"/FontFile2", "/FontFile3"} & set(each) for each in described)
