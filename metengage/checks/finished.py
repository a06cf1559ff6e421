"""Whether it is finished: no gap left open, a title that says something, a way to answer, words for a picture."""

import re

from metengage.checks.lists import acronyms, listed, phrases
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
    matches,
)

SHORTEST_TITLE = 10  # letters

GAPS = re.compile(
    r"""\{[^{}\n]{0,80}\} | <<[^<>\n]{0,80}>> | <[A-Za-z][A-Za-z\ _-]{2,40}> | \$\{ | %%?[A-Z_]{3,40}%%?
    | \[[^\[\]\n]{2,80}\] | (?<![\w-])(?:\d{0,2}[Xx]{2,}|[Xx]{1,2}[/:.][Xx]{1,2})(?![\w-])
    | \b(?:T\.?B\.?[CDA]|tb[cd]|DD/MM(?:/Y+)?|HH[:.]MM|(?:PC|PCSO|Sergeant|Inspector)\ (?:X|Name|NAME))\b
    | _{3,} | \?{3,}
    | (?i:\blorem\ ipsum\b | \binsert\ (?:(?:the|your|a|an|relevant|local|correct)\ ){0,2}(?:[a-z]+\ )?
      (?:name|date|day|time|place|location|venue|number|link|details?|text|ward|borough|street|road|address|phone|email
      |reference|photo|picture|here)\b)""",
    re.VERBOSE,
)
# What makes words in square brackets a gap: “[valuables]” is none.
IN_BRACKETS = re.compile(
    r"(?i:\b(?:insert|add|enter|fill|your|name|names|date|day|time|place|location|venue|ward|street|road|area|borough|team"
    r"|officer|number|reference|ref|link|url|details|address|phone|email|photo|picture|tb[acd]|x{2,})\b)|^\[[^a-z]+\]$"
)
ASSISTANT = re.compile("|".join(listed("assistant.txt")), re.IGNORECASE)
WAYS = re.compile(
    r"(?<![\d/.,£-])(?:101|999)(?![\d/]|[.,]\d)|0800\s?555\s?111|crimestoppers|(?:met|btp)\.police\.uk", re.IGNORECASE
)
THIS = r"(?:this|our|the)\ (?:e-?mail|message|alert|newsletter)\b"
REPLY = re.compile(
    rf"""{phrases("reply").pattern.pattern}
    | \b(?:repl(?:y|ying)|respond(?:ing)?)\ to\ (?:{THIS}|us\b) | \banswer(?:ing)?\ {THIS}
    | (?:^|(?<=[.!?:;,]\ )|(?<=\n)|\b(?:please|just|simply|then|you\ can|you\ could)\ )(?:also\ )?(?:reply|respond)
      (?=[.!,;:]|$|\ (?:with|here|below|if|when|by\ (?:e-?mail|return))\b)""",
    re.IGNORECASE | re.VERBOSE,
)
NOT_REPLY = re.compile(
    r"(?:\bnot|n't|\bnever|\bcannot|\brather than|\binstead of|\bwithout)\W+(?:\w+[^\w.!?]+){0,8}$", re.IGNORECASE
)
NO_ALT = re.compile(
    r"\W*(?:(?:an?|the)\W+)?(?:image|photo|picture|photograph|pic|img|poster|screenshot|untitled)?\W*\d*\W*"
    r"|\S{1,200}\.(?:jpe?g|png|gif|webp|heic|avif)|(?:img|dsc|pxl|image|photo|screenshot)[\W_]?\d\S*",
    re.IGNORECASE,
)


def _gaps(words: Words) -> list[str]:
    """What is still to be filled in; a line across the page may be made of underscores."""
    found = [match[0] for text in words.texts.values() for match in GAPS.finditer(text)]
    return [each for each in found if not each.startswith("[") or _is_gap(each)]


def _is_gap(brackets: str) -> bool:
    has_letters = any(map(str.isalpha, brackets))
    return has_letters and bool(IN_BRACKETS.search(brackets)) and brackets.strip("[]") not in acronyms()


def _title_missing(words: Words) -> list[str]:
    return [] if words.title.strip() else ["(no title)"]


def _title_short(words: Words) -> list[str]:
    title = words.texts[TITLE]
    letters = sum(map(str.isalpha, title))
    return [title] if title and (letters < SHORTEST_TITLE or len(title.split()) < 2) else []


def _too_long(words: Words) -> list[str]:
    is_long = len(words.title) > LONGEST_TITLE or len(words.body) > LONGEST_BODY
    return [f"({len(words.body):,} characters)"] if is_long else []


def _no_way_to_answer(words: Words) -> list[str]:
    if words.alert_type != "appeals" or any(map(WAYS.search, (*words.texts.values(), words.markdown))):
        return []
    return ["(no 101, police website or Crimestoppers)"]


def _reply(text: str) -> list[str]:
    return [
        match[0]
        for match in REPLY.finditer(text)
        if not NOT_REPLY.search(text[max(0, match.start() - 100) : match.start()])
    ]


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
        "Fill it in, or take the sentence out. Words that should stay, write without brackets.",
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
        lambda words: [words.texts[TITLE]] if words.was_sent_before else [],
        about=TITLE,
    ),
)
