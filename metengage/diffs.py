"""What was changed in a text, word by word. Pure."""

import re
from difflib import SequenceMatcher

SAME, GONE, NEW = "same", "gone", "new"
CRUMB = 2  # words between two changes
MOST = 4_000  # words and spaces of a text that are compared one by one; what is longer is shown as a whole


def between(before: str, after: str) -> list[tuple[str, str]]:
    """Pieces of both texts in order: (same, gone or new; the text)."""
    old, new = re.findall(r"\s+|\w+|[^\w\s]", before), re.findall(r"\s+|\w+|[^\w\s]", after)
    if max(len(old), len(new)) > MOST:
        return [(SAME, after)] if before == after else [(GONE, before), (NEW, after)]
    pieces = []
    for is_same, before, after in _stretches(old, new):
        if is_same:
            pieces.append((SAME, "".join(before)))
            continue
        pieces += [(name, "".join(words)) for name, words in ((GONE, before), (NEW, after)) if words]
    return pieces


def _stretches(old: list[str], new: list[str]) -> list[tuple[bool, list[str], list[str]]]:
    """What stayed and what changed in turn: (it stayed, words before, words after).

    A word or two that stayed between changes belong to them: a sentence written anew would be read in crumbs else.
    """
    found: list[tuple[bool, list[str], list[str]]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        is_same = kind == "equal"
        if found and not found[-1][0] and not is_same:
            found[-1] = (False, found[-1][1] + old[a:b], found[-1][2] + new[c:d])
        elif len(found) > 1 and not is_same and _is_crumb(found[-1][1]):
            between, (_, gone, came) = found.pop()[1], found.pop()
            found.append((False, gone + between + old[a:b], came + between + new[c:d]))
        else:
            found.append((is_same, old[a:b], new[c:d]))
    return found


def _is_crumb(words: list[str]) -> bool:
    return sum(word.isalnum() for word in words) <= CRUMB and "\n" not in "".join(words)
