"""What officers write becomes safe HTML and readable text, whatever they paste."""

import json

import pytest
from bs4 import BeautifulSoup

from metengage import writing
from tests.conftest import shared

NAUGHTY = json.loads(shared("blns.json").read_text(encoding="utf-8"))
PLACES = ("{}", "# {}", "* {}", "> {}", "[{}](https://example.org/)", "[words]({})", "[words](<{}>)", "**{}**", "<{}>")


def tags(html: str) -> set[str]:
    return {tag.name for tag in BeautifulSoup(html, "html.parser").find_all()}


def outside_the_rules(html: str) -> list[str]:
    """Tags, attributes and addresses that no alert may have."""
    found = []
    for tag in BeautifulSoup(html, "html.parser").find_all():
        allowed = {"href", "rel"} if tag.name == "a" else set()
        scheme = tag.get("href", "https:").partition(":")[0].strip().lower()
        if tag.name not in writing.TAGS or set(tag.attrs) - allowed or scheme not in writing.SCHEMES:
            found.append(str(tag))
    return found


# --- Safe ---


@pytest.mark.parametrize("place", PLACES)
def test_nothing_that_anybody_pastes_becomes_more_than_text(place):
    odd = {text: wrong for text in NAUGHTY if (wrong := outside_the_rules(writing.html(place.format(text))))}
    assert odd == {}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_that_anybody_pastes_swallows_what_follows(place):
    for text in NAUGHTY:
        written = f"{place.format(text)}\n\nLock your shed"
        assert writing.plain(written).endswith("Lock your shed")
        assert "Lock your shed" in BeautifulSoup(writing.html(written), "html.parser").get_text()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<p onclick='alert(1)'>x</p>",
        "<style>p { display: none }</style>",
        "<iframe src='https://example.org/'></iframe>",
        "<!-- --><svg onload=alert(1)>",
    ],
)
def test_html_is_shown_as_it_was_typed(text):
    html = writing.html(text)
    assert tags(html) == {"p"}
    assert BeautifulSoup(html, "html.parser").get_text().strip() == text


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java&#10;script:alert(1)", "&#106;avascript:alert(1)",
     "data:text/html,x", "vbscript:x", "file:///etc/passwd", " javascript:alert(1)"],
)  # fmt: skip
def test_a_link_leads_to_no_script(address):
    assert "href" not in writing.html(f"[words](<{address}>)")
    assert "href" not in writing.html(f"[words]({address})")


@pytest.mark.parametrize("address", ["https://example.org/a?b=1&c=2", "mailto:sthelier@met.example.org", "tel:101"])
def test_a_link_leads_to_pages_people_and_phones(address):
    link = BeautifulSoup(writing.html(f"[words]({address})"), "html.parser").a
    assert link["href"] == address
    assert link["rel"] == ["noopener", "noreferrer"]


@pytest.mark.parametrize("address", ["www.met.police.uk", "/officers/sign-in", "//example.org/", "?x=1", ""])
def test_a_link_that_would_lead_nowhere_in_an_email_is_none(address):
    assert "href" not in writing.html(f"[words]({address})")


@pytest.mark.parametrize(
    "text", ["![cat](https://example.org/cat.png)", "![cat][1]\n\n[1]: https://example.org/cat.png"]
)
def test_there_are_no_pictures(text):
    assert "img" not in tags(writing.html(text))


def test_a_raw_address_stays_text():
    assert tags(writing.html("See https://example.org/")) == {"p"}


# --- Headings ---


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# One", ["h2"]),
        ("## Two\n### Three\n#### Four\n##### Five", ["h2", "h3", "h4", "h4"]),
        ("#### First\n# Second", ["h2", "h2"]),
        ("## Two\n#### Four\n## Two", ["h2", "h3", "h2"]),
        ("Setext\n======\n\nAgain\n-----", ["h2", "h2"]),
    ],
)
def test_headings_begin_below_the_title_and_skip_no_level(text, levels):
    found = BeautifulSoup(writing.html(text), "html.parser").find_all(["h1", "h2", "h3", "h4", "h5", "h6"])
    assert [heading.name for heading in found] == levels


# --- As HTML ---


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**Lock** *it*", "<p><strong>Lock</strong> <em>it</em></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("* a\n* b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ('Green & Sons\' "shop"', '<p>Green &amp; Sons\' "shop"</p>'),
        ("", ""),
    ],
)
def test_markdown_becomes_html(text, html):
    assert writing.html(text).strip() == html


# --- As plain text ---


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Lock **your** *shed*", "Lock your shed"),
        ("# Lock it\n\nTwice", "Lock it\n-------\n\nTwice"),
        ("one\ntwo", "one\ntwo"),
        ("* a\n* b\n\nc", "* a\n* b\n\nc"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("* a\n  * b\n  * c\n* d", "* a\n  * b\n  * c\n* d"),
        ("> said\n> twice", "> said\n> twice"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("[Read it](https://example.org/)", "Read it (https://example.org/)"),
        ("<https://example.org/>", "https://example.org/"),
        ("[https://example.org/](https://example.org/)", "https://example.org/"),
        ("`code` & <b>", "code & <b>"),
        ("```\ncode\n```", "code"),
        ('Green & Sons\' "shop"', 'Green & Sons\' "shop"'),
        ("", ""),
    ],
)
def test_markdown_becomes_readable_text(text, plain):
    assert writing.plain(text) == plain


def test_words_are_the_same_in_both():
    text = "## Lock it\n\nTwice, with **two** [locks](https://example.org/).\n\n* sheds\n* bikes\n\n> *said* Farah"
    in_html = BeautifulSoup(writing.html(text), "html.parser").get_text(" ").split()
    in_text = writing.plain(text).replace(" (https://example.org/).", " .")
    assert [word for word in in_text.split() if word not in ("-------", "*", ">")] == in_html


def test_what_is_quoted_is_marked_and_all_else_escaped():
    text = "He had  a knife & <b>said</b> he\nhad a knife."
    marked = "He <mark>had  a knife</mark> &amp; &lt;b&gt;said&lt;/b&gt; he\n<mark>had a knife</mark>."
    assert writing.highlighted(text, ["had a knife", "(", "…"]) == marked
    assert writing.highlighted("<b>", []) == "&lt;b&gt;"
