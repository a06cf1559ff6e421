"""About what residents tell their teams: to whoever said it, and to the officers who owe an answer."""

from datetime import datetime

from flask import url_for

from metengage import emails, links, officers, promises
from metengage.config import settings
from metengage.emails import NotNeeded
from metengage.mail import Email
from metengage.models import Concern, Delivery, Message, Notice, Resident, Team

MOST = 10  # of those that may be urgent, in one email


def _confirm(row: Delivery, now: datetime) -> Email:
    """Asks whoever has the address whether they wrote it: it repeats nothing of it, as it may be a stranger's."""
    concern = row.notice.concern
    if concern is None or concern.state != Concern.UNCONFIRMED:
        raise NotNeeded("confirmed already")
    token = links.sign(links.RAISE, row.resident, concern.id)
    url = url_for("concerns.confirm", token=token, _external=True)
    until = concern.created_at + links.SIGNED_LIFETIME[links.RAISE]
    return emails.to_one_person("concern_confirm", row, concern=concern, confirm_url=url, until=until)


def _received(row: Delivery, now: datetime) -> Email:
    return _about(row, "concern_received")


def _written(row: Delivery, now: datetime) -> Email:
    """What an officer wrote. It comes from their team, so that its reader knows whose words they are."""
    message = row.notice.message
    if message is None or not message.text:
        raise NotNeeded("it was erased")
    return _about(row, "concern_written", message=message)


def _limited(row: Delivery, now: datetime) -> Email:
    limit = row.notice.restriction
    if limit is None or limit.ended_at or limit.until <= now:
        raise NotNeeded("the limit has ended")
    return _about(row, "concern_limited", limit=limit)


def _about(row: Delivery, template: str, **values) -> Email:
    """To whoever raised it, while they are here, with the link that opens it."""
    concern = row.notice.concern
    if concern is None or row.resident is None or row.resident.state != Resident.CONFIRMED:
        raise NotNeeded("they have left")
    url = url_for("replies.show", token=links.sign(links.CONCERN, row.resident, concern.id), _external=True)
    values |= {"concern": concern, "name": row.resident.name, "concern_url": url}
    return emails.to_one_person(template, row, _of_team(concern.team), **values)


def _of_team(team: Team) -> tuple[str, str]:
    return settings.mail_account_sender, f"{team.name}, {settings.service_name}"


def _due(row: Delivery, now: datetime) -> Email:
    """To an officer: how many answers are due, and where they are. A mailbox is less protected: no word of them."""
    kind, officer = row.notice.kind, row.notice.officer
    is_here = officer is not None and officer.suspended_at is None
    found = promises.due(officers.teams_of(officer), now + promises.LEFT[kind]) if is_here else []
    if not found:
        raise NotNeeded("answered meanwhile")
    url = url_for("officers.concerns_list", _external=True)
    return emails.to_one_person("concern_due", row, due=found, is_late=kind == Notice.LATE, officers_url=url)


def _urgent(row: Delivery, now: datetime) -> Email:
    """To an officer: which of their teams' may be urgent now, and no word of them."""
    officer = row.notice.officer
    is_here = officer is not None and officer.suspended_at is None
    rows = Concern.urgent_of(officers.teams_of(officer)) if is_here else []
    found = list(rows[:MOST])
    if not found:
        raise NotNeeded("somebody has taken it up")
    return emails.to_one_person("concern_urgent", row, urgent=[(each, _said_at(each), _url(each)) for each in found])


def _said_at(concern: Concern) -> datetime:
    """When its writer said something last."""
    said = concern.messages.where(Message.kind.in_(Message.FROM_RESIDENT)).order_by(Message.id.desc()).first()
    return said.at if said else concern.received_at or concern.created_at


def _url(concern: Concern) -> str:
    return url_for("officers.concern", concern_id=concern.id, _external=True)


WRITERS = {
    Notice.CONFIRM: _confirm,
    Notice.RECEIVED: _received,
    Notice.WRITTEN: _written,
    Notice.LIMITED: _limited,
    Notice.DUE: _due,
    Notice.LATE: _due,
    Notice.URGENT: _urgent,
}
