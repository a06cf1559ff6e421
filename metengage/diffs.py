"""What was changed in a text, word by word. Pure."""

import re
from difflib import SequenceMatcher

SAME, GONE, NEW = "same", "gone", "new"
MOST = 4_000  # words and spaces of a text that are compared one by one; what is longer is shown as a whole


def between(before: str, after: str) -> list[tuple[str, str]]:
    """Pieces of both texts in order: (same, gone or new; the text)."""
    old, new = re.findall(r"\s+|\w+|[^\w\s]", before), re.findall(r"\s+|\w+|[^\w\s]", after)
    if max(len(old), len(new)) > MOST:
        return [(SAME, after)] if before == after else [(GONE, before), (NEW, after)]
    pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append((SAME, "".join(old[a:b])))
            continue
        pieces += [(name, "".join(words)) for name, words in ((GONE, old[a:b]), (NEW, new[c:d])) if words]
    return pieces
