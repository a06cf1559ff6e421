"""What officers write: Markdown, made into safe HTML and into plain text."""

import re
from collections.abc import Iterable
from itertools import pairwise
from textwrap import shorten
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

TAGS = {"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "a", "strong", "em", "blockquote", "hr"}
SENTENCE_ENDS = re.compile(r"(?<=\w{3}[.!?])\s+(?=[A-Z“‘])")  # not after “St.” or “No.”
SCHEMES = {"http", "https", "mailto", "tel"}


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802  the library's name
        """Only what leads somewhere from an email, and shows where: no page-relative links, no names before the host.

        What fails stays on the page as it was typed.
        """
        try:
            address = urlsplit(url)
        except ValueError:
            return False
        if address.scheme in ("http", "https"):
            return bool(address.hostname) and "@" not in address.netloc
        return address.scheme in SCHEMES


_markdown = _Markdown("commonmark", {"breaks": True, "html": False, "linkify": False}).disable("image")


def html(text: str) -> Markup:
    """Markdown as HTML that is safe to show: no scripts, styles or images, headings from h2 down without a gap.

    A link without a scheme leads nowhere: in an email there is no page that it could be relative to.
    """
    tokens = _markdown.parse(text)
    _settle_headings(tokens)
    rendered = _markdown.renderer.render(tokens, _markdown.options, {})
    return Markup(  # noqa: S704  nh3 has just made it safe
        nh3.clean(
            rendered,
            tags=TAGS,
            attributes={"a": {"href"}},
            url_schemes=SCHEMES,
            url_relative="deny",
            link_rel="noopener noreferrer",
        )
    )


def highlighted(text: str, quotes: Iterable[str]) -> Markup:
    """Plain text as HTML, with what is quoted from it marked; a quote has single spaces, and may be cut off by “…”."""
    words = [each.rstrip("… ").split() for each in quotes]
    found = "|".join(r"\s+".join(map(re.escape, each)) for each in words if each)
    if not found:
        return escape(text)
    parts = re.split(f"({found})", text)  # every second one is a quote
    return Markup("").join(Markup("<mark>{}</mark>").format(part) if n % 2 else part for n, part in enumerate(parts))


def _settle_headings(tokens: list[Token]) -> None:
    """The title is the page's h1, so the text's headings begin at h2, and none skips a level."""
    level = 1
    for token in tokens:
        if token.type == "heading_open":
            level = min(max(int(token.tag[1]), 2), level + 1, 4)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"


def plain(text: str) -> str:
    """Markdown as plain text: headings and lists kept readable, a link as its words and its address."""
    blocks, prefix, lists, quoted = [], None, [], 0
    for token in _markdown.parse(text):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            prefix = "  " * (len(lists) - 1) + ("* " if lists[-1] is None else f"{lists[-1]}. ")
            lists[-1] = None if lists[-1] is None else lists[-1] + 1
        elif token.type in ("blockquote_open", "blockquote_close"):
            quoted += 1 if token.type.endswith("open") else -1
        elif token.type == "hr":
            blocks.append(("---", False))
        elif token.type == "heading_close":
            words = blocks.pop()[0]
            blocks.append((f"{words}\n{'-' * min(len(words), 60)}", False))
        elif token.type == "inline":
            words = ("  " * len(lists) if prefix is None else prefix) + _words(token.children)
            blocks.append(("> " + words.replace("\n", "\n> ") if quoted else words, bool(lists)))
            prefix = None
        elif token.type in ("code_block", "fence"):
            blocks.append((token.content.rstrip(), False))
    return _joined(blocks)


def _joined(blocks: list[tuple[str, bool]]) -> str:
    """Blocks with an empty line between them, but the items of a list close together."""
    text = ""
    for index, (words, in_list) in enumerate(blocks):
        close = index and in_list and blocks[index - 1][1]
        text += ("" if not index else "\n" if close else "\n\n") + words
    return text


def _words(tokens: list[Token]) -> str:
    words, address = "", None
    for token in tokens:
        if token.type in ("text", "code_inline"):
            words += token.content
        elif token.type in ("softbreak", "hardbreak"):
            words += "\n"
        elif token.type == "link_open":
            address = token.attrGet("href")
        elif token.type == "link_close":
            words += "" if words.endswith(address) else f" ({address})"
    return words


def opening(text: str, longest: int = 160) -> str:
    """The first sentence of Markdown as plain text, cut at a word when it is too long; headings are no sentences."""
    tokens = _markdown.parse(text)
    paragraphs = (after for before, after in pairwise(tokens) if before.type == "paragraph_open")
    first = next(paragraphs, None)
    words = SENTENCE_ENDS.split(" ".join(_words(first.children).split()), maxsplit=1)[0] if first else ""
    return shorten(words, longest, placeholder=" …")
