"""Whether it is finished: no gap left open, a title that says something, a way to answer, words for a picture."""

import re
from itertools import islice

from metengage.checks.shape import (
    BODY,
    LONGEST_BODY,
    LONGEST_TITLE,
    PICTURE,
    REFUSES,
    TITLE,
    WARNS,
    Check,
    Words,
    anywhere,
    listed,
    matches,
    phrases,
)

SHORTEST_TITLE = 10  # letters
ACRONYMS = frozenset(listed("acronyms.txt"))
CALLS = 3  # exclamation marks in a whole alert

GAPS = re.compile(
    r"""\{[^{}\n]{0,80}\} | <<[^<>\n]{0,80}>> | <[A-Za-z][A-Za-z\ _-]{2,40}> | \$\{ | %%?[A-Z_]{3,40}%%?
    | \[(?=[^\[\]\n]{0,80}[^\W\d_])[^\[\]\n]{2,80}\] | (?<![\w-])(?:\d{0,2}[Xx]{2,}|[Xx]{1,2}[/:.][Xx]{1,2})(?![\w-])
    | \b(?:T\.?B\.?[CDA]|tb[cd]|DD/MM(?:/Y+)?|HH[:.]MM|(?:PC|PCSO|Sergeant|Inspector)\ (?:X|Name|NAME))\b
    | _{3,} | \?{3,}
    | (?i:\blorem\ ipsum\b | \binsert\ (?:(?:the|your|a|an|relevant|local|correct)\ ){0,2}(?:[a-z]+\ )?
      (?:name|date|day|time|place|location|venue|number|link|details?|text|ward|borough|street|road|address|phone|email
      |reference|photo|picture|here)\b)""",
    re.VERBOSE,
)
ASSISTANT = re.compile("|".join(listed("assistant.txt")), re.IGNORECASE)
CAPITALS = re.compile(r"[A-Z][A-Z'&-]*[A-Z]")
LOUD = re.compile(r"!(?:\s?[!?])+|\?!+")
WAYS = re.compile(
    r"(?<![\d/.,£-])(?:101|999)(?![\d/]|[.,]\d)|0800\s?555\s?111|crimestoppers|(?:met|btp)\.police\.uk", re.IGNORECASE
)
REPLY = phrases("reply").pattern
NOT_REPLY = re.compile(
    r"(?:\bnot|n't|\bnever|\bcannot|\brather than|\binstead of|\bwithout)\W+(?:\w+\W+){0,4}$", re.IGNORECASE
)
NO_ALT = re.compile(
    r"\W*(?:(?:an?|the)\W+)?(?:image|photo|picture|photograph|pic|img|poster|screenshot|untitled)?\W*\d*\W*"
    r"|\S{1,200}\.(?:jpe?g|png|gif|webp|heic|avif)|(?:img|dsc|pxl|image|photo|screenshot)[\W_]?\d\S*",
    re.IGNORECASE,
)


def _gaps(words: Words) -> list[str]:
    """What is still to be filled in; a line across the page may be made of underscores."""
    return [match[0] for text in words.texts for match in GAPS.finditer(text)]


def _title_missing(words: Words) -> list[str]:
    return [] if words.title.strip() else ["(no title)"]


def _title_short(words: Words) -> list[str]:
    title = words.texts[0]
    letters = sum(map(str.isalpha, title))
    return [title] if title and (letters < SHORTEST_TITLE or len(title.split()) < 2) else []


def _too_long(words: Words) -> list[str]:
    is_long = len(words.title) > LONGEST_TITLE or len(words.body) > LONGEST_BODY
    return [f"({len(words.body):,} characters)"] if is_long else []


def _shouted(text: str) -> list[str]:
    """Lines that are mostly in capitals, or two words in a row that are, but for acronyms."""
    found = []
    for line in text.split("\n"):
        run = []
        for word in [*(line.split() if line.upper() != line.lower() else ()), "."]:
            bare = word.strip(".,:;!?()\"'“”")
            if CAPITALS.fullmatch(bare) and bare not in ACRONYMS:
                run.append(bare)
                continue
            if len(run) > 1 and max(map(len, run)) > 3:
                found.append(" ".join(run))
            run = []
    return found


def _calls(words: Words) -> list[str]:
    """Two at once, or more than a few in all."""
    text = "\n".join(words.texts)
    loud = [text[max(0, match.start() - 20) : match.end()].split("\n")[-1] for match in LOUD.finditer(text)]
    if loud or text.count("!") <= CALLS:
        return loud
    return [f"{each}!" for each in islice(re.findall(r"([^\n!]{1,30})!", text), CALLS + 1)]


def _no_way_to_answer(words: Words) -> list[str]:
    if words.alert_type != "appeals" or any(map(WAYS.search, (*words.texts, words.markdown))):
        return []
    return ["(no 101, police website or Crimestoppers)"]


def _reply(text: str) -> list[str]:
    return [match[0] for match in REPLY.finditer(text) if not NOT_REPLY.search(text[: match.start()][-60:])]


def _no_alt(words: Words) -> list[str]:
    return (
        [words.picture_alt.strip() or "(no words)"] if words.has_picture and NO_ALT.fullmatch(words.picture_alt) else []
    )


CHECKS = (
    Check(
        "unfilled-gap",
        REFUSES,
        "Something still to be filled in",
        "Residents would get the gap in place of what belongs in it, and could not tell what is meant.",
        "Fill it in, or take the sentence out. For words in square brackets, write them without.",
        "Our standards: nothing is sent with an unresolved placeholder",
        _gaps,
    ),
    Check(
        "assistants-words",
        REFUSES,
        "Words of a writing assistant",
        "They were said to you, not to residents, and they make people doubt that an officer wrote the rest.",
        "Take them out, and read the whole text again: did you check each fact in it yourself?",
        "Our standards: no body ends with a writing assistant’s closing line",
        matches(ASSISTANT),
    ),
    Check(
        "no-title",
        REFUSES,
        "No title",
        "The title is the email’s subject: without one nobody can tell what it is about.",
        "Say what happened or what to do, and where.",
        "GOV.UK content design: titles",
        _title_missing,
        about=TITLE,
    ),
    Check(
        "short-title",
        WARNS,
        "The title says too little",
        "The title is the email’s subject. One word does not tell anybody whether it concerns them.",
        "Say what happened or what to do, and where: “Five mopeds stolen around Central Road”.",
        "GOV.UK content design: titles",
        _title_short,
        about=TITLE,
    ),
    Check(
        "too-long-to-look-at",
        REFUSES,
        "More than can be looked at",
        f"Only the first {LONGEST_BODY:,} characters of a text are looked at, and nothing is sent unseen.",
        "Make it much shorter, and link to the rest.",
        "The form for alerts takes 10,000 characters",
        _too_long,
        about=BODY,
    ),
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
        "Exclamation marks",
        "They alarm people more than the facts do, and filters take them for spam.",
        f"Use full stops. No more than {CALLS} exclamation marks in an alert, and never two together.",
        "GOV.UK style guide: exclamation marks",
        _calls,
    ),
    Check(
        "no-way-to-answer",
        REFUSES,
        "An appeal that does not say how to answer",
        "Who saw something needs to know at once how to tell us, also without giving their name.",
        "Say: call 101 with the reference, or Crimestoppers on 0800 555 111 without giving your name.",
        "Our standards 49: 999, 101, the police website and Crimestoppers",
        _no_way_to_answer,
        about=BODY,
    ),
    Check(
        "report-by-reply",
        REFUSES,
        "It asks for reports by reply",
        "Nobody reads replies around the clock, so a report or a cry for help would lie unread.",
        "Ask people to call 101, or 999 in an emergency, or to report it on the Met website.",
        "The foot of every email: to report a crime, not by replying to this email",
        anywhere(_reply),
    ),
    Check(
        "picture-without-words",
        REFUSES,
        "A picture without words",
        "Who cannot see the picture, or has pictures off, would not learn what it shows.",
        "Describe what it shows in a sentence: “A black electric bike with a bright green front wheel”.",
        "WCAG 2.2, success criterion 1.1.1; Public Sector Bodies Accessibility Regulations 2018",
        _no_alt,
        about=PICTURE,
    ),
    Check(
        "sent-before",
        WARNS,
        "The same was sent before",
        "Too many messages are the main reason why people leave, and the same one again tells them nothing.",
        "Say what is new since then, or do not send it.",
        "Our standards: what residents complain of",
        lambda words: [words.texts[0]] if words.was_sent_before else [],
        about=TITLE,
    ),
)
