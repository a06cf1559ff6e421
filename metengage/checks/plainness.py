"""Whether it can be read and followed: a calm voice, plain words, not too long, links that say where they lead."""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from metengage import reading
from metengage.checks.lists import acronyms, listed, one_of, phrases, table
from metengage.checks.shape import BODY, REFUSES, WARNS, Check, Words, anywhere, matches
from metengage.formats import listing

OLDEST, MOST_SCREENS = 13, 2  # years, phone screens
SITES = frozenset(table("sites.csv"))
SHORTENERS = frozenset(listed("shorteners.txt"))
SHORT = re.compile(rf"(?<![\w.-])(?:www\.)?{one_of(SHORTENERS)}/[\w-]+", re.IGNORECASE)
JARGON = table("jargon.csv")
VAGUE = phrases("vague link").words
SHOWS_SITE = re.compile(
    r"(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,4}(?:uk|com|org|net|london|info|eu|io|co|app|gov|edu|me|tv))(?:[/?#]\S*)?",
    re.IGNORECASE,
)
CLICK = re.compile(r"\bclick (?:here|below|(?:on )?(?:the|this) link)\b", re.IGNORECASE)
NO_DAY = phrases("moving day").pattern
CALLS = 3  # exclamation marks in a whole alert
CAPITALS = re.compile(r"[A-Z][A-Z'&-]*[A-Z]")
LABEL = re.compile(r"^\s*[A-Z'&-]+(?: [A-Z'&-]+)?:(?= .*[a-z])")  # what kind of thing a line is about
FEW_WORDS = re.compile(r"(?:(?<!\S)[^\s!]+ ){0,3}(?:(?<!\S)[^\s!]+)?$|$")
LOUD = re.compile(r"!(?:\s?[!?])+|\?!+")
POLICE_WORDS = re.compile(rf"\b{one_of(JARGON)}\b")


def _shouted(text: str) -> list[str]:
    """Lines that are mostly in capitals, or two words in a row that are, but for acronyms and “SCAM ALERT: …”."""
    found = []
    for line in text.split("\n"):
        run = []
        for word in [*(LABEL.sub("", line).split() if line.upper() != line.lower() else ()), "."]:
            bare = word.strip(".,:;!?()\"'“”")
            if CAPITALS.fullmatch(bare) and bare not in acronyms():
                run.append(bare)
                continue
            if len(run) > 1 and max(map(len, run)) > 3:
                found.append(" ".join(run))
            run = []
    return found


def _loud(text: str) -> list[str]:
    """Two at once, each with a few words before it."""
    return [_with_words_before(text, match) for match in LOUD.finditer(text)]


def _with_words_before(text: str, match: re.Match) -> str:
    return FEW_WORDS.search(text[max(0, match.start() - 160) : match.start()])[0] + match[0]


def _many_calls(words: Words) -> list[str]:
    """More than a few in all; where two come at once, that is said already."""
    text = "\n".join(words.texts.values())
    if text.count("!") <= CALLS or LOUD.search(text):
        return []
    return [_with_words_before(text, each) for each in islice(re.finditer("!", text), CALLS + 1)]


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
        and host not in SHORTENERS
        and not (words.site and f"{address}/".startswith(f"{words.site}/"))
        and (not address.lower().startswith("https://") or not any(_is_below(host, site) for site in SITES))
    ]


def _misleading(words: Words) -> Iterator[str]:
    for said, address in reading.links(words.markdown):
        shows = SHOWS_SITE.fullmatch(said)
        host = _host(address)
        site = shows[1].lower().removeprefix("www.") if shows else ""
        if site and host is not None and not _is_below(host, site) and not _is_below(site, host):
            yield f"{said} → {host}"


def _short_links(words: Words) -> list[str]:
    return [match[0] for text in (*words.texts.values(), *words.addresses) for match in SHORT.finditer(text)]


def _in_everyday_words(found: tuple[str, ...]) -> str:
    return f"Write {listing([f'“{JARGON[word]}” for “{word}”' for word in found])}."


def _vague_links(words: Words) -> list[str]:
    vague = [said for said, _ in reading.links(words.markdown) if said.lower().strip(" .:!>→") in VAGUE]
    return vague + [match[0] for match in CLICK.finditer(words.texts[BODY]) if not vague]


CHECKS = (
    Check(
        "capitals",
        REFUSES,
        "Words in capitals",
        "They read as shouting and are harder to read, some screen readers spell them out, and filters take them for "
        "spam.",
        "Write them in small letters. Acronyms such as CCTV stay as they are.",
        "GOV.UK style guide: capitalisation",
        anywhere(_shouted),
    ),
    Check(
        "exclamation-marks",
        REFUSES,
        "Exclamation marks together",
        "They alarm people more than the facts do, and filters take them for spam.",
        "Use a full stop, or a single one.",
        "GOV.UK style guide: exclamation marks",
        anywhere(_loud),
    ),
    Check(
        "many-exclamation-marks",
        WARNS,
        "Many exclamation marks",
        "Where everything is called out, nothing stands out.",
        f"Use full stops. No more than {CALLS} exclamation marks in an alert.",
        "GOV.UK style guide: exclamation marks",
        _many_calls,
    ),
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
        "short-link",
        WARNS,
        "A short link",
        "It hides where it leads, as false emails do, and whoever keeps it sees who follows it.",
        "Link to the whole address of the page.",
        "National Cyber Security Centre: dealing with suspicious emails; the list metengage/data/checks/shorteners.txt",
        _short_links,
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
        "Write everyday words in their place.",
        "GOV.UK style guide: words to avoid; Plain English Campaign; the list metengage/data/checks/jargon.csv",
        matches(POLICE_WORDS),
        advise=_in_everyday_words,
    ),
)
