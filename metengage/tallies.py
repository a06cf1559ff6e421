"""Counts the answers to a survey so that they name nobody: no group of fewer than ten, nor what would give one away.

Pure. Nothing is counted over all wards beside each ward: what is left of the one without the other could be a few.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from metengage.choices import MULTIPLE, RANKING, SCALE, TEXT, THEMED
from metengage.formats import SMALLEST_GROUP

OTHERS = "Other wards together"
SCORES = ("1", "2", "3", "4", "5")
SEVERAL = (MULTIPLE, THEMED)  # may be chosen


@dataclass(frozen=True)
class Tally:
    """How often each answer to a question was given; None where fewer than ten people gave it."""

    words: str
    kind: str
    counts: list[tuple[str, int | None]]
    average: float | None = None  # of a scale, where it gives away nothing that is hidden


@dataclass(frozen=True)
class Group:
    """What people of a ward answered, or of several small ones together."""

    name: str
    how_many: int
    tallies: list[Tally]


@dataclass(frozen=True)
class Results:
    """All that may be seen of a survey."""

    groups: list[Group] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)  # a question's words → what people wrote, as in a lexicon
    has_fewer: bool = False  # some answers are in no group


def of(questions: list[dict], answers: Iterable[tuple[str, Mapping, Mapping | None]]) -> Results:
    """What these answers come to; each is (its ward's name, what was chosen, what was written)."""
    wards, texts = defaultdict(list), defaultdict(list)
    for ward, chosen, written in answers:
        wards[ward].append(chosen)
        for words, text in (written or {}).items():
            texts[words].append(text)
    large = {ward: all_of for ward, all_of in sorted(wards.items()) if len(all_of) >= SMALLEST_GROUP}
    rest = [chosen for ward, all_of in wards.items() if ward not in large for chosen in all_of]
    if len(rest) >= SMALLEST_GROUP:
        large[OTHERS] = rest
    groups = [Group(name, len(all_of), _tallies(questions, all_of)) for name, all_of in large.items()]
    told = {words: sorted(each, key=str.casefold) for words, each in texts.items() if len(each) >= SMALLEST_GROUP}
    return Results(groups, told, has_fewer=0 < len(rest) < SMALLEST_GROUP)


def _tallies(questions: list[dict], answers: list[Mapping]) -> list[Tally]:
    return [_tally(question, answers) for question in questions if question["kind"] != TEXT]


def _tally(question: dict, answers: list[Mapping]) -> Tally:
    kind, words = question["kind"], question["words"]
    given = [answer[words] for answer in answers if words in answer]
    if kind == RANKING:
        given = [order[0] for order in given]
    counted = Counter(str(each) for one in given for each in (one if kind in SEVERAL else [one]))
    counts = [(each, counted[each]) for each in (SCORES if kind == SCALE else question["choices"])]
    # Who said nothing is a group too.
    is_hidden = _few(counts) if kind in SEVERAL else _hidden(counts, len(answers) - len(given))
    shown = [(each, None if each in is_hidden else number) for each, number in counts]
    return Tally(words, kind, shown, _average(given) if kind == SCALE and len(is_hidden) in (0, len(counts)) else None)


def _average(scores: list[int]) -> float | None:
    """Of ten or more; None near an end of the scale, where it would tell that fewer than ten said anything else.

    Beside counts of which some are shown and some hidden it must not stand: those could be worked out.
    """
    from_ends = (sum(scores) - len(scores), len(SCORES) * len(scores) - sum(scores))
    return sum(scores) / len(scores) if len(scores) >= SMALLEST_GROUP <= min(from_ends) else None


def _few(counts: list[tuple[str, int]]) -> set[str]:
    return {each for each, number in counts if number < SMALLEST_GROUP}


def _hidden(counts: list[tuple[str, int]], silent: int) -> set[str]:
    """Those that are few, and as many more as it takes that what is hidden cannot be told from what is left."""
    hidden, of_each = _few(counts), dict(counts)
    shown = sorted((each for each in of_each if each not in hidden), key=of_each.__getitem__)
    for each in shown if hidden else ():
        if sum(of_each[one] for one in hidden) + silent >= SMALLEST_GROUP:
            break
        hidden.add(each)
    return hidden
