"""What waits for an officer: what may be urgent, and what is to be decided, reviewed, mended or answered."""

from dataclasses import dataclass
from datetime import datetime

from metengage import alerts, casework, officers, priorities, promises
from metengage.models import Alert, Concern, Decision, Notice, Officer, Priority


@dataclass(frozen=True)
class Desk:
    """What their first page begins with."""

    urgent: list[Concern]  # some of them: their words may mean that 999 is wanted, and nobody has taken them up
    more_urgent: int  # besides
    to_decide: list[Alert]  # they await approval
    to_review: list[Alert]  # they went before it
    returned: list[tuple[Alert, Decision]]  # a draft of theirs, and why it came back
    owed: list[Concern]  # an answer is due within a day, by them or by anybody in their teams
    to_answer: int  # of them and all others that their teams owe an answer …
    held: int  # … and of what was held back
    overdue: list[Priority]  # of their wards: they should have been reviewed by now

    def __bool__(self) -> bool:
        return bool(self.urgent or self.to_decide or self.to_review or self.returned or self.owed or self.overdue)


def of(officer: Officer, now: datetime) -> Desk:
    """What waits for this officer now, and for nobody before them."""
    to_decide, to_review = alerts.awaiting(officer), alerts.to_review(officer)
    drafts = alerts.drafts_of(officer)
    why, soon = alerts.came_back(drafts), now + promises.LEFT[Notice.DUE]
    counts = casework.counts(officer)
    return Desk(
        *casework.urgent(officer),
        [each for each in to_decide if officers.may_decide(officer, each)],
        [each for each in to_review if officers.may_decide(officer, each)],
        [(each, why[each.id]) for each in drafts if each.id in why],
        [each for each in promises.due(officers.teams_of(officer), soon) if each.officer_id in (None, officer.id)],
        counts[casework.TO_ANSWER],
        counts[casework.HELD],
        priorities.overdue(officer, now),
    )
