"""What is looked at before an alert is sent: what must not be written, what wants a reason, what could be better. Pure.

These find words, not meanings: they miss what is said in other ways, and an officer who has a reason goes past those
that want one. No list here says that a text is lawful.
"""

from metengage.checks import fairness, finished, particulars, people, plainness
from metengage.checks.shape import REFUSES, WANTS_REASON, WARNS, Check, Finding, Words, finding

__all__ = ["CHECKS", "REFUSES", "SEVERITIES", "WANTS_REASON", "WARNS", "Check", "Finding", "Words", "findings"]

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
