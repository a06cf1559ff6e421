"""Finds phrases in what people type by rules about words: misspelt, denied, one near another. Pure.

Each word becomes one letter, so that a text is a short string, and a rule about words a regular expression about
letters. Gaps are bounded and long sentences are looked at in pieces, so that it takes time in proportion to the text,
whatever the text. How rules are written is said at the head of metengage/data/diverter/rules.txt.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import chain
from operator import or_
from pathlib import Path
from typing import NamedTuple

NEAR = 12  # words before and after
STRETCH, OVERLAP = 60, 40  # words; no rule is as long as the overlap
FEW = 4  # words that are shown at least, where there are so many
REST = 8  # words that are shown after those, at most, if a clause then ends
ENOUGH = 9  # places of one label; then no more are looked for
APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`＇′", "'"))
BREAK = re.compile(r"[^\w\s'’&/£-]")  # between words: then a clause ends
CONJUNCTIONS = frozenset(("and", "but", "because", "cos", "or", "so", "while", "n"))
TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+|\*+[^\W\d_]*)*|\d+|[.?;\n]+|[\u2300-\u2bff\U0001f300-\U0001faff]")
THRICE = re.compile(r"(.)\1{2,}")
FIRST_LETTER = 0xE000  # letters for private use, so that none means anything in a pattern
UNKNOWN, NUMBER, CENSORED, QUESTION, END = (
    "",
    "#",
    "*",
    "¿",
    ".",
)  # words of a kind, in the alphabet beside all that are listed
NEGATION, AUXILIARY, AFTER_PLAIN_NO = "@negation", "@auxiliary", "@after-plain-no"  # groups that must be there

Place = tuple[int, int]


class Said(NamedTuple):
    """Words of a text, as they stand there, and in which sentence: where that begins."""

    words: str
    sentence: int


def lines(path: Path) -> list[str]:
    """The lines of a list; those that begin with # say where it is from."""
    return [
        line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip("# ") and line[0] != "#"
    ]


class Alphabet:
    """The words of some lists, each with a letter of its own."""

    def __init__(self, groups: Iterable[str], spellings: Iterable[str], rules: Iterable[str]):
        """`groups` are lines of “name: word, two words, @other group”; `spellings` of “hes, he is”."""
        pairs = (line.split(", ") for line in spellings)
        self._spellings = {said: meant.split() for said, meant in pairs}
        self._groups: dict[str, list[tuple[str, ...]]] = {}
        for line in groups:
            name, _, rest = line.partition(": ")
            self._groups[name] = [phrase for each in rest.split(", ") for phrase in self._phrases(each)]
        in_groups = chain.from_iterable(chain.from_iterable(self._groups.values()))
        in_rules = (word for each in rules for said in each.split("|") for word in self._words(said))
        words = dict.fromkeys([UNKNOWN, NUMBER, CENSORED, QUESTION, END, *in_groups, *in_rules])
        self._letters = {word: chr(FIRST_LETTER + place) for place, word in enumerate(words)}
        self.end = self._letters[END]
        self._numbers = {letter for word, letter in self._letters.items() if word.isdecimal()}
        self._known: dict[str, frozenset[str]] = {}
        self._at_once = {said: self._spelt(meant) for said, meant in self._spellings.items()} | self._letters
        self._plain_no = re.compile(f"{self._letters['no']}(?={self.piece(AFTER_PLAIN_NO)})")

    def _phrases(self, said: str) -> list[tuple[str, ...]]:
        return self._groups[said[1:]] if said.startswith("@") else [tuple(self._words(said))]

    def _words(self, said: str) -> list[str]:
        return [] if said.startswith("@") else list(chain.from_iterable(map(self._meant, re.split("[ _]", said))))

    def _meant(self, token: str) -> list[str]:
        """“hes” is “he is”, “mum’s” is “mum”, “heeelp” is “help”, and whatever ends a sentence is an END."""
        if token[0] in ".?;\n":
            return [QUESTION, END] if "?" in token else [END]
        if "*" in token:
            return [CENSORED]
        word = THRICE.sub(r"\1", unicodedata.normalize("NFKC", token).lower())
        return self._spellings.get(word) or self._spellings.get(word.replace("'", "")) or [word.partition("'")[0]]

    def _spelt(self, words: Iterable[str]) -> str:
        kinds = ((word, NUMBER if word.isdecimal() else UNKNOWN) for word in words)
        return "".join(self._letters.get(word) or self._letters[kind] for word, kind in kinds)

    def spell(self, text: str) -> tuple[str, list[Place]]:
        """A letter for each word as it is meant, and where in the text that word is."""
        known, letters, places = dict(self._at_once), [], []
        for match in TOKEN.finditer(text.translate(APOSTROPHES)):
            spelt = known.get(match[0])
            if spelt is None:
                spelt = known[match[0]] = self._spelt(self._meant(match[0]))
            letters.append(spelt)
            places += [match.span()] * len(spelt)
        # A no that answers denies nothing that follows: “No, he has a knife”.
        return self._plain_no.sub(self._letters[UNKNOWN], "".join(letters)), places

    def spellings(self, words: str) -> frozenset[str]:
        """The letters of each of “one|two_words|@group”."""
        if words not in self._known:
            phrases = chain.from_iterable(map(self._phrases, words.split("|")))
            spelt = {"".join(self._letters[word] for word in phrase) for phrase in phrases}
            self._known[words] = frozenset(spelt | self._numbers if self._letters[NUMBER] in spelt else spelt)
        return self._known[words]

    def piece(self, words: str) -> str:
        """A piece of a pattern that matches any of “one|two_words|@group”."""
        spelt = self.spellings(words)
        longer = sorted((each for each in spelt if len(each) > 1), key=lambda each: (-len(each), each))
        single = "".join(sorted(each for each in spelt if len(each) == 1))
        return f"(?:{'|'.join([*longer, *([f'[{single}]'] if single else [])])})" if longer else f"[{single}]"


@dataclass(frozen=True)
class Rule:
    """A pattern of words, and what must or must not stand in it, near it or before it."""

    label: str
    written: tuple[str, ...]
    limits: tuple[tuple[str, str, str], ...]  # “not” or “only”; “in”, “near” or “after”; words
    alphabet: Alphabet

    @cached_property
    def needs(self) -> list[frozenset[str]]:
        """Of each of these letters one must be there."""
        must = [each for each in self.written if not each.startswith("~") and not each.endswith("?")]
        must += [words for kind, _, words in self.limits if kind == "only"]
        return [frozenset(spelt[0] for spelt in self.alphabet.spellings(words)) for words in must]

    @cached_property
    def _pattern(self) -> re.Pattern:
        return re.compile("".join(map(self._element, self.written)))

    def _element(self, written: str) -> str:
        if written.startswith("~"):
            none_of = "".join([self.alphabet.end, *self.alphabet.spellings(NEGATION)])
            return f"[^{none_of}]{{0,{written[1:]}}}?"
        return self.alphabet.piece(written.removesuffix("?")) + "?" * written.endswith("?")

    @cached_property
    def _beside(self) -> list[tuple[str, bool, re.Pattern]]:
        """Where to look besides, whether something must be there, and what: a denial must not come before."""
        denied = f"{self.alphabet.piece(NEGATION)}{self.alphabet.piece(AUXILIARY)}{{0,3}}$"
        limits = ((where, kind == "only", self.alphabet.piece(words)) for kind, where, words in self.limits)
        return [(where, wanted, re.compile(pattern)) for where, wanted, pattern in [("denied", False, denied), *limits]]

    def found_in(self, letters: str, start: int, end: int) -> Iterator[Place]:
        """From which letter to which."""
        while match := self._pattern.search(letters, start, end):
            holds = self._holds(letters, *match.span())
            start = match.end() if holds else match.start() + 1
            if holds:
                yield match.span()

    def _holds(self, letters: str, first: int, last: int) -> bool:
        """Near is in the same sentence, and a few words before or after."""
        said, end_of_sentence = letters[first:last], self.alphabet.end
        before = letters[max(0, first - NEAR) : first].rpartition(end_of_sentence)[2]
        after = letters[last : last + NEAR].partition(end_of_sentence)[0]
        looked_at = {"denied": before, "in": said, "after": before + said, "near": before + said + after}
        return all(bool(pattern.search(looked_at[where])) is wanted for where, wanted, pattern in self._beside)


class Rulebook:
    """The rules of a folder: words.txt, spellings.csv and rules.txt."""

    def __init__(self, folder: Path):
        written = list(self._written(lines(folder / "rules.txt")))
        words = (each for _, pattern, limits in written for each in [*pattern, *(limit[2] for limit in limits)])
        in_rules = [each.removesuffix("?") for each in words if not each.startswith("~")]
        self._alphabet = Alphabet(lines(folder / "words.txt"), lines(folder / "spellings.csv"), in_rules)
        self._rules = [Rule(*each, self._alphabet) for each in written]
        needs = dict.fromkeys(chain.from_iterable(rule.needs for rule in self._rules))
        bits = {need: 1 << place for place, need in enumerate(needs)}
        self._asks = [sum({bits[need] for need in rule.needs}) for rule in self._rules]
        self._gives: dict[str, int] = {}  # letter → the bits of the needs that it meets
        for need, bit in bits.items():
            for letter in need:
                self._gives[letter] = self._gives.get(letter, 0) | bit

    def _written(self, written: list[str]) -> Iterator[tuple[str, tuple[str, ...], tuple[tuple[str, str, str], ...]]]:
        label, for_all = "", []
        for line in written:
            pattern, *limits = line.split("; ")
            limits = [tuple(limit.split(" ", 2)) for limit in limits]
            if pattern.startswith("["):
                label, for_all = pattern.strip("[]"), limits
            else:
                yield label, tuple(pattern.split()), tuple(limits + for_all)

    def find(self, text: str) -> dict[str, list[Said]]:
        """Label → the words of the text that a rule of it matches."""
        letters, places = self._alphabet.spell(text)
        found: dict[str, set[Place]] = {}
        for start, end in self._stretches(letters):
            for rule in self._possible(letters[max(0, start - NEAR) : end]):
                there = found.setdefault(rule.label, set())
                if len(there) < ENOUGH:
                    there.update(rule.found_in(letters, start, end))
        return {label: self._said(text, letters, places, each) for label, each in found.items() if each}

    def _said(self, text: str, letters: str, places: list[Place], found: set[Place]) -> list[Said]:
        """The words there, to the end of a clause, some with a word or two before; of those that overlap the first."""
        said, done = [], 0
        for first, last in sorted(found, key=lambda place: (place[0], -place[1])):
            if first >= done:
                sentence, end = letters.rfind(self._alphabet.end, 0, first) + 1, letters.find(self._alphabet.end, last)
                end = end if end >= 0 else len(letters)
                if last - first < FEW:
                    first = max(done, sentence, last - FEW)
                    last = max(last, min(first + FEW, end))
                rest = range(last, min(last + REST, end) + 1)
                done = next((place for place in rest if place == end or _breaks(text, places, place)), 0)
                words = " ".join(text[places[first][0] : places[(done or last) - 1][1]].split())
                said.append(Said(words if done else f"{words}…", sentence))
                done = done or last
        return said

    def _stretches(self, letters: str) -> Iterator[Place]:
        """Sentences, and of long ones pieces that overlap by more than a rule is long; each that differs once."""
        seen = set()
        for sentence in re.finditer(f"[^{self._alphabet.end}]+", letters):
            for start in range(sentence.start(), max(sentence.end() - OVERLAP, sentence.start() + 1), STRETCH):
                end = min(start + STRETCH + OVERLAP, sentence.end())
                if (piece := letters[start:end]) not in seen:
                    seen.add(piece)
                    yield start, end

    def _possible(self, letters: str) -> list[Rule]:
        """Those rules of which all that they need is there."""
        met = reduce(or_, (self._gives.get(letter, 0) for letter in set(letters)), 0)
        return [rule for rule, asks in zip(self._rules, self._asks, strict=True) if asks & met == asks]


def _breaks(text: str, places: list[Place], place: int) -> bool:
    """Whether a clause ends before a word."""
    (_, before), (first, last) = places[place - 1 : place + 1]
    word = text[first:last]
    return bool(BREAK.search(text, before, first)) or word.lower() in CONJUNCTIONS or not word[0].isalnum()
