"""What a phone must fetch: bytes of the answers on the wire, headers and all."""

from dataclasses import dataclass
from itertools import pairwise

from tests.benchmarks import survey
from tests.benchmarks.load import CHROMIUM, SAFARI, Browser, Request, bytes_on_the_wire

FILES = ("href", "src", "data-govuk")  # stylesheets, icon; scripts; what site.js imports


@dataclass(frozen=True)
class NextPage:
    """A later page of the survey, in bytes."""

    redirect: int  # the answer to the form before it, which leads here
    part: int  # with script: what htmx puts into the page
    whole: int  # without script


def first_page(port: int, path: str, encodings: str = CHROMIUM) -> dict[str, int]:
    """The page, and every file that it loads, into an empty cache."""
    page = Browser(port).get(path)
    files = [each[attribute] for attribute in FILES for each in page.select(f"[{attribute}^='/static/']")]
    return {
        each: bytes_on_the_wire(port, Request(each, headers={"Accept-Encoding": encodings})) for each in [path, *files]
    }


def first_pages(port: int) -> dict[str, dict[str, int]]:
    """The front page and the survey's first question, for browsers with and without zstd."""
    return {
        "home.first_page": first_page(port, "/"),
        "survey.first_page": first_page(port, "/sign-up/postcode"),
        "survey.first_page_in_safari": first_page(port, "/sign-up/postcode", SAFARI),
    }


def next_pages(port: int) -> dict[str, NextPage]:
    """Every later page of the survey, once its files are in the cache."""
    steps = survey.walk(port)
    return {
        f"survey.{name}": NextPage(
            redirect=bytes_on_the_wire(port, steps[before].answer.by_htmx()),
            part=bytes_on_the_wire(port, steps[name].page.by_htmx()),
            whole=bytes_on_the_wire(port, steps[name].page),
        )
        for before, name in pairwise(steps)
    }
