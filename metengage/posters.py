"""Posters as PDF, made anew: the pages as they look and their links to the web, and nothing that acts or tells."""

import logging
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urlsplit

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.filters import decode_stream_data
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NullObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from metengage import images
from metengage.images import Unusable

LARGEST = 10 * 1024 * 1024  # bytes
MOST_PAGES = 20
OF_A_PAGE = {"/Type", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Group", "/UserUnit"}
# What objects below a page may hold beside their looks: actions, files, who made them and where.
TELLING = {
    *("/AA", "/OpenAction", "/JS", "/JavaScript", "/AF", "/EF", "/Names", "/AcroForm", "/Metadata", "/PieceInfo"),
    *("/LastModified", "/StructParent", "/StructParents", "/Ref", "/OPI", "/Thumb", "/Alternates"),
}
JPEG = "/DCTDecode"
ABBREVIATED = {"/AHx": "/ASCIIHexDecode", "/A85": "/ASCII85Decode", "/LZW": "/LZWDecode", "/Fl": "/FlateDecode"} | {
    "/RL": "/RunLengthDecode", "/CCF": "/CCITTFaxDecode", "/DCT": JPEG,
}  # fmt: skip
SCHEMES = {"http", "https", "mailto", "tel"}
logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it quotes what it cannot read, which may name anybody
BROKEN = "This PDF cannot be read. Save it as a PDF once more, then choose it again"


def anew(content: bytes) -> bytes:
    """The same pages in a file of our own. Raises Unusable."""
    if not content:
        raise Unusable("The file is empty. Choose another PDF")
    if len(content) > LARGEST:
        raise Unusable("The poster is larger than 10 MB. Choose a smaller PDF")
    if not content.lstrip().startswith(b"%PDF-"):
        raise Unusable("This is not a PDF. Save the poster as a PDF, then choose it again")
    try:
        reader = PdfReader(BytesIO(content))
        _look_at(reader)
        return _written(reader)
    except Unusable:
        raise
    except Exception as trouble:  # a broken file makes the library raise nearly anything
        raise Unusable(BROKEN) from trouble


def _look_at(reader: PdfReader) -> None:
    if reader.is_encrypted:
        raise Unusable("The PDF is protected by a password. Save it without one, then choose it again")
    # What the file says is looked at first: to count the pages of a hostile one could take long.
    for pages in (reader.root_object["/Pages"]["/Count"], len(reader.pages)):
        if pages > MOST_PAGES:
            raise Unusable(f"The poster has {pages} pages. Choose a PDF of at most {MOST_PAGES} pages")
    if not reader.pages:
        raise Unusable("The PDF has no pages. Choose another one")


def _written(reader: PdfReader) -> bytes:
    writer = PdfWriter()
    for page in reader.pages:
        links = [_link(rect, address) for rect, address in _links_of(page)]
        for key in [each for each in page if each not in OF_A_PAGE]:
            del page[key]
        kept = writer.add_page(page)
        if links:
            kept[NameObject("/Annots")] = ArrayObject(links)
    ours = {id(page.get_object()) for page in writer.pages}
    for each in _dictionaries_below(writer.root_object):
        _silence(each, id(each) in ours)
    writer.compress_identical_objects(remove_duplicates=False)  # what nothing leads to any more goes
    writer.metadata = None
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def _dictionaries_below(root: PdfObject) -> Iterator[DictionaryObject]:
    """Every dictionary that this leads to, itself too; what is taken out of one before the next is not followed."""
    waiting, seen = [root], {}
    while waiting:
        item = waiting.pop().get_object()
        if id(item) in seen:
            continue
        seen[id(item)] = item
        if isinstance(item, DictionaryObject):
            yield item
            waiting += item.values()
        elif isinstance(item, ArrayObject):
            waiting += item


def _silence(item: DictionaryObject, is_our_page: bool) -> None:
    # Where names are given to fonts and to letters, one of them may be called as an action is.
    if isinstance(item, StreamObject) or "/Type" in item:
        for key in TELLING & item.keys():
            del item[key]
    if "/Annots" in item and not is_our_page:
        del item["/Annots"]
    if item.get("/Type") == "/EmbeddedFile":
        item._data = b""
    if isinstance(item, StreamObject):
        _bare(item)


def _bare(item: StreamObject) -> None:
    """Leave of a JPEG only the picture, however the file has packed it. Raises Unusable where it is none."""
    filters = [ABBREVIATED.get(name, name) for name in _listed(item, "/Filter")]
    if JPEG not in filters:
        return
    how = (_listed(item, "/DecodeParms") + [NullObject()] * len(filters))[: len(filters)]
    item.update(_named({"/Filter": ArrayObject(map(NameObject, filters)), "/DecodeParms": ArrayObject(how)}))
    try:
        item._data = images.bare(decode_stream_data(item))
    except Unusable as trouble:
        raise Unusable(BROKEN) from trouble
    item.update(_named({"/Filter": NameObject(JPEG), "/DecodeParms": how[-1]}))


def _listed(item: StreamObject, key: str) -> list[PdfObject]:
    """What a stream says of itself once or several times, there or elsewhere in the file."""
    value = item[key] if key in item else NullObject()
    if isinstance(value, ArrayObject):
        return [each.get_object() for each in value]
    return [] if isinstance(value, NullObject) else [value]


# --- Links ---


def _links_of(page: PageObject) -> Iterator[tuple[list[float], str]]:
    """(where on the page, address) of each link that leads somewhere outside."""
    for each in page.get("/Annots") or ():
        annotation = each.get_object()
        action = annotation.get("/A") if annotation.get("/Subtype") == "/Link" else None
        action = action.get_object() if action is not None else {}
        address = str(action.get("/URI", "")) if action.get("/S") == "/URI" else ""
        if urlsplit(address).scheme.lower() in SCHEMES and address.isprintable():
            yield [float(side) for side in annotation["/Rect"]], address


def _link(rect: list[float], address: str) -> DictionaryObject:
    action = {"/S": NameObject("/URI"), "/URI": TextStringObject(address)}
    parts = {"/Type": NameObject("/Annot"), "/Subtype": NameObject("/Link"), "/A": _dictionary(action)}
    return _dictionary(parts | {"/Rect": _numbers(rect), "/Border": _numbers([0, 0, 0])})


def _numbers(values: list[float]) -> ArrayObject:
    return ArrayObject(map(FloatObject, values))


def _dictionary(parts: dict) -> DictionaryObject:
    return DictionaryObject(_named(parts))


def _named(parts: dict) -> dict:
    return {NameObject(name): value for name, value in parts.items()}
