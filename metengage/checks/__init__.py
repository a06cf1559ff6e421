"""What is looked at before an alert is sent: what must not be written, what wants a reason, what could be better. Pure.

These find words, not meanings: they miss what is said in other ways, and an officer who has a reason goes past those
that want one. No list here says that a text is lawful.
"""

from metengage.checks import fairness, finished, particulars, people, plainness
from metengage.checks.shape import BODY, REFUSES, WANTS_REASON, WARNS, Check, Finding, Words, finding
from metengage.formats import listing

__all__ = ["CHECKS", "REFUSES", "SEVERITIES", "WANTS_REASON", "WARNS", "Check", "Finding", "Words", "findings", "unfit"]

SEVERITIES = (REFUSES, WANTS_REASON, WARNS)
CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (*finished.CHECKS, *people.CHECKS, *fairness.CHECKS, *particulars.CHECKS, *plainness.CHECKS),
        key=lambda check: SEVERITIES.index(check.severity),
    )
)


def findings(words: Words) -> list[Finding]:
    """All that is found: what refuses it first, then what wants a reason, then warnings."""
    return [found for check in CHECKS if (found := finding(check, words))]


def unfit(text: str, what: str) -> list[str]:
    """What must be mended in a text that is public at once and that nobody approves, in sentences.

    What may stand elsewhere for a reason may not stand here: “`what` never needs a name, a number or an address”.
    """
    wrong = [each for each in findings(Words("", text, "")) if each.check.severity != WARNS and each.field == BODY]
    return [f"{each.check.label}: {_quoted(each)}. {_mended(each, what)}" for each in wrong]


def _quoted(found: Finding) -> str:
    return listing([f"“{words.rstrip('.')}”" for words in found.found])


def _mended(found: Finding, what: str) -> str:
    if found.check.severity == REFUSES:
        return found.mend
    return f"Take it out: {what} never needs a name, a number, a plate or an address."
