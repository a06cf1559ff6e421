"""What waits for an officer: to be decided, to be reviewed, to be mended."""

from dataclasses import dataclass

from metengage import alerts, officers
from metengage.models import Alert, Decision, Officer


@dataclass(frozen=True)
class Desk:
    """What their first page begins with."""

    to_decide: list[Alert]  # they await approval
    to_review: list[Alert]  # they went before it
    returned: list[tuple[Alert, Decision]]  # a draft of theirs, and why it came back

    def __bool__(self) -> bool:
        return bool(self.to_decide or self.to_review or self.returned)


def of(officer: Officer) -> Desk:
    """What waits for this officer now, and for nobody before them."""
    to_decide, to_review = alerts.awaiting(officer), alerts.to_review(officer)
    drafts = alerts.drafts_of(officer)
    why = alerts.came_back(drafts)
    return Desk(
        [each for each in to_decide if officers.may_decide(officer, each)],
        [each for each in to_review if officers.may_decide(officer, each)],
        [(each, why[each.id]) for each in drafts if each.id in why],
    )
