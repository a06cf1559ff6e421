"""Leave, and come back as one was."""

from datetime import datetime

from metengage import addressing, bookings, db, journal, links, stories, subscriptions, suppressions
from metengage.models import AddressChange, Alert, Consent, Delivery, Follow, Link, Resident, Story, Subscription
from metengage.subscriptions import Choice

# How somebody leaves; their subscriptions end for that reason.
BY_PAGE, BY_LINK = HOWS = "preferences", "unsubscribed"
LEFT = "left"  # why whoever leaves follows no story any more
RETURNED = "returned"  # from where subscriptions and consent are, that began by coming back


class TooLate(Exception):
    """They left too long ago, or were erased, or left once more since."""


def leave(resident: Resident, how: str, now: datetime, cause: Alert | None = None) -> Resident | None:
    """End everything at once, and every link in old emails, and say goodbye; the resident as they are now.

    None when they had left already. `how` is one of HOWS; `cause`, the alert that led to it, if one
    did: it is counted there.
    """
    with db.handle.atomic():
        left = (
            Resident.update(state=Resident.LEFT, left_at=now, link_version=Resident.link_version + 1)
            .where(Resident.id == resident.id, Resident.state == Resident.CONFIRMED)
            .execute()
        )
        if not left:
            return None
        subscriptions.end_all(resident, how, now)
        bookings.end_all(resident, now)
        Follow.update(ended_at=now, ended_reason=LEFT).where(Follow.resident == resident, Follow.live()).execute()
        _forget_pending(resident)
        AddressChange.delete().where(AddressChange.resident == resident, AddressChange.old_email.is_null()).execute()
        Link.delete().where(Link.resident == resident).execute()
        if not suppressions.among([resident.email]):
            addressing.to_resident(Delivery.GOODBYE, resident, now)
        journal.note(journal.LEFT, resident=resident, alert=cause, detail=how)
    return Resident.get_by_id(resident.id)


def may_come_back(resident: Resident, now: datetime) -> bool:
    """Whether they have left and their address is still kept, or they are back already."""
    is_kept = resident.state == Resident.LEFT and resident.left_at > now - links.SIGNED_LIFETIME[links.RETURN]
    return is_kept or resident.is_confirmed


def come_back(resident: Resident, wording: str, now: datetime) -> None:
    """Begin anew what ended when they left; they agree to this wording. Twice is success. Raises TooLate.

    Who only told their team something since then is let in, and has not come back yet.
    """
    left_at = resident.left_at
    if resident.is_confirmed and left_at is None:
        return
    with db.handle.atomic():
        back = Resident.update(state=Resident.CONFIRMED, left_at=None).where(
            *(Resident.id == resident.id, Resident.link_version == resident.link_version),
            Resident.state.in_((Resident.LEFT, Resident.CONFIRMED)),
            Resident.left_at > now - links.SIGNED_LIFETIME[links.RETURN],
        )
        if back.execute():
            _begin_anew(resident, left_at, now)
            _forget_pending(resident)
            kept = {"wording": wording, "source": RETURNED, "created_at": now, "confirmed_at": now}
            Consent.create(resident=resident, **kept)
            journal.note("came back", resident=resident)
        elif not Resident.get_by_id(resident.id).is_confirmed:  # nor did they press twice at one moment
            raise TooLate


def _begin_anew(resident: Resident, left_at: datetime, now: datetime) -> None:
    ended = Subscription.select().where(
        Subscription.resident == resident, Subscription.ended_at == left_at, Subscription.ended_reason.in_(HOWS)
    )
    heard = {(choice.area, choice.alert_type) for choice in subscriptions.of(resident)}
    choices = {Choice(row.area_id, row.alert_type, row.frequency) for row in ended}
    choices = {each for each in choices if (each.area, each.alert_type) not in heard}
    subscriptions.begin(resident, choices, RETURNED, now)
    followed = Follow.select(Follow.story).join(Story)
    followed = followed.where(Follow.resident == resident, Follow.ended_at == left_at, Follow.ended_reason == LEFT)
    for story in Story.select().where(Story.id.in_(followed), Story.ended_at.is_null()):
        stories.follow(resident, story, now)


def _forget_pending(resident: Resident) -> None:
    """A confirmation that somebody else caused must not undo what a resident decides."""
    Consent.delete().where(Consent.resident == resident, Consent.confirmed_at.is_null()).execute()
