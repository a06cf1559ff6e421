"""Whether it can be read and followed: plain words, not too long, links that say where they lead."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from metengage import reading
from metengage.checks.shape import BODY, REFUSES, WARNS, Check, Words, matches, one_of, phrases, table

OLDEST, MOST_SCREENS = 13, 2  # years, phone screens
SITES = frozenset(table("sites.csv"))
JARGON = table("jargon.csv")
VAGUE = phrases("vague link").words
SHOWS_SITE = re.compile(
    r"(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,4}(?:uk|com|org|net|london|info|eu|io|co|app|gov|edu|me|tv))(?:[/?#]\S*)?",
    re.IGNORECASE,
)
CLICK = re.compile(r"\bclick (?:here|below|(?:on )?(?:the|this) link)\b", re.IGNORECASE)
NO_DAY = phrases("moving day").pattern
POLICE_WORDS = re.compile(rf"\b{one_of(JARGON)}\b")


def _hard(words: Words) -> list[str]:
    age = reading.age(words.markdown)
    return [f"(reading age {age:.0f})"] if age is not None and age > OLDEST else []


def _long(words: Words) -> list[str]:
    screens = reading.screens(words.markdown)
    return [f"({screens:.1f} phone screens)"] if screens > MOST_SCREENS else []


def _host(address: str) -> str | None:
    """Where a web address leads, or None for what is none: mailto, tel, nonsense."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    return host if parts.scheme in ("http", "https") else None


def _is_below(host: str, site: str) -> bool:
    return host == site or host.endswith(f".{site}")


def _unknown_sites(words: Words) -> list[str]:
    return [
        address
        for _, address in reading.links(words.markdown)
        if (host := _host(address)) is not None
        and (not address.lower().startswith("https://") or not any(_is_below(host, site) for site in SITES))
    ]


def _misleading(words: Words) -> Iterator[str]:
    for said, address in reading.links(words.markdown):
        shows = SHOWS_SITE.fullmatch(said)
        host = _host(address)
        site = shows[1].lower().removeprefix("www.") if shows else ""
        if site and host is not None and not _is_below(host, site) and not _is_below(site, host):
            yield f"{said} → {host}"


def _vague_links(words: Words) -> list[str]:
    vague = [said for said, _ in reading.links(words.markdown) if said.lower().strip(" .:!>→") in VAGUE]
    return vague + [match[0] for match in CLICK.finditer(words.texts[1]) if not vague]


CHECKS = (
    Check(
        "misleading-link",
        REFUSES,
        "A link that leads elsewhere than it says",
        "Words that name one site and lead to another are how false police emails are made.",
        "Write the words of the link anew, or mend its address.",
        "National Cyber Security Centre: phishing, how to spot a scam email",
        lambda words: list(_misleading(words)),
        about=BODY,
    ),
    Check(
        "hard-to-read",
        WARNS,
        "Hard to read",
        f"It needs a reading age of more than {OLDEST}. One adult in six in England would struggle with it, and others "
        "skim.",
        "Write shorter sentences and everyday words: “use” for “utilise”, “near” for “in the vicinity of”.",
        "Flesch-Kincaid grade and five years; GOV.UK content design aims at 9, National Literacy Trust",
        _hard,
        about=BODY,
    ),
    Check(
        "long",
        WARNS,
        "Longer than two phone screens",
        "Most people read it on a phone, and few read on after the second screen.",
        "Say first what to do, cut what is not needed for it, and link to the rest.",
        "Measured with the emails’ stylesheet at 360 by 740 pixels",
        _long,
        about=BODY,
    ),
    Check(
        "unknown-site",
        WARNS,
        "A link to a site that we do not know",
        "Residents trust links from the police: they should be https, and lead to police, council, government or a "
        "charity that is known.",
        "Link to one of those, or be sure who keeps the site and that it is safe.",
        "National Cyber Security Centre: dealing with suspicious emails; the list metengage/data/checks/sites.csv",
        _unknown_sites,
        about=BODY,
    ),
    Check(
        "vague-link",
        WARNS,
        "Link words that say nothing",
        "Screen readers read links out alone, one after another: “click here” does not say where it leads.",
        "Make the link of words that say what is there: “report it on the Met website”.",
        "WCAG 2.2, success criteria 2.4.4 and 2.4.9; GOV.UK content design: links",
        _vague_links,
        about=BODY,
    ),
    Check(
        "no-day-named",
        WARNS,
        "A day that moves",
        "Daily and weekly digests bring it up to a week later, when “last night” is another night.",
        "Name the day: “on Tuesday night”.",
        "How our digests work: what was sent on a Saturday after 8:30 is read in the next Saturday’s email",
        matches(NO_DAY),
    ),
    Check(
        "police-words",
        WARNS,
        "Words that officers know and residents do not",
        "Who does not know them stops reading, or understands something else.",
        "Write: " + "; ".join(f"{plain} for {word}" for word, plain in list(JARGON.items())[:4]) + "; and so on.",
        "GOV.UK style guide: words to avoid; Plain English Campaign; the list metengage/data/checks/jargon.csv",
        matches(POLICE_WORDS),
    ),
)
