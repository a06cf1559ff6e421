"""What residents tell their teams: a concern, or an answer to an alert; and what they say to what comes back.

The team's side of it is casework.
"""

from dataclasses import dataclass, field
from datetime import datetime

from peewee import IntegrityError

from metengage import (
    addressing,
    areas,
    audience,
    db,
    diverter,
    floods,
    images,
    journal,
    links,
    officers,
    promises,
    restrictions,
    subscriptions,
    visitors,
)
from metengage.models import Alert, Area, Concern, Message, Notice, Photo, Priority, Resident, Team

LONGEST = 5_000  # characters
PHOTO_SIDE, PHOTO_SIZE = 1600, 400_000  # pixels, bytes


class NoTeam(Exception):
    """No team looks after this ward yet."""


class SaidAlready(Exception):
    """They answered this alert before: `concern` is what they said."""

    def __init__(self, concern: Concern):
        super().__init__()
        self.concern = concern


@dataclass(frozen=True)
class Said:
    """What somebody wrote in the form."""

    key: str  # of the form: sent twice, it is one concern
    text: str
    theme: str | None = None
    place: str = ""
    point: tuple[float, float] | None = None  # latitude and longitude, WGS84 degrees
    how_often: str = ""
    photo: bytes = field(default=b"", repr=False)  # as it was brought
    priority: Priority | None = None  # whose page they came from

    def row(self) -> dict:
        latitude, longitude = self.point or (None, None)
        return {
            **{"key": self.key, "text": self.text, "theme": self.theme, "place": self.place},
            **{"how_often": self.how_often, "latitude": latitude, "longitude": longitude},
            **{"priority": self.priority, "danger": diverter.danger_in(self.text)},
        }


# --- Raise ---


def raise_unsigned(said: Said, ward: Area, email: str, network: str, now: datetime) -> Concern:
    """Keep a concern of somebody who is not signed in, and ask this address to confirm it: the team sees it then.

    The same whether the address is known or not. Raises NoTeam, floods.TooMany, images.Unusable.
    """
    return _kept(said, ward, now, network, email=email)


def raise_anonymously(said: Said, ward: Area, network: str, now: datetime) -> Concern:
    """Keep a concern whose writer wants no answer and is nobody. Raises NoTeam, images.Unusable."""
    return _kept(said, ward, now, network)


def raise_by(resident: Resident, said: Said, ward: Area, network: str, now: datetime) -> Concern:
    """Keep a concern of a resident who is signed in.

    Raises NoTeam, restrictions.Limited, links.LinkEnded when they left meanwhile, images.Unusable.
    """
    return _kept(said, ward, now, network, resident=resident)


def answer(resident: Resident, alert: Alert, said: Said, network: str, now: datetime) -> Concern:
    """Keep what a resident answers to an alert, for the team that sent it.

    Raises SaidAlready, restrictions.Limited, links.LinkEnded, images.Unusable.
    """
    return _kept(said, _ward_of(alert, resident), now, network, resident=resident, alert=alert)


def answer_of(resident: Resident, alert: Alert) -> Concern | None:
    """What this resident answered to an alert."""
    return Concern.get_or_none(Concern.resident == resident, Concern.alert == alert)


def _kept(
    said: Said, ward: Area, now: datetime, network: str,
    resident: Resident | None = None, email: str = "", alert: Alert | None = None,
) -> Concern:  # fmt: skip
    team = alert.team if alert else _team_of(ward)
    before = Concern.get_or_none(Concern.key == said.key)
    if before:
        return before
    photo = _made_anew(said.photo, network, now) if said.photo else None
    if email:
        floods.spare(email, network, now)
    row = said.row() | {"ward": ward, "team": team, "alert": alert, "wants_answer": bool(resident or email)}
    # Of an address that is not proven to be theirs nothing is counted yet: see confirm.
    who = resident.email if resident else "" if email else network
    row |= {"created_at": now, "held_at": now if floods.holds(network, who, now) else None}
    try:
        with db.handle.atomic():
            concern = _created(row, resident, email, ward, now)
            if photo:
                Photo.create(concern=concern, width=photo.width, height=photo.height, content=photo.content)
    except IntegrityError:  # the same form, or another answer to the same alert, at the same moment
        return _the_other(said, resident, alert)
    return concern


def _made_anew(photo: bytes, network: str, now: datetime) -> images.Jpeg:
    """Raises images.Unusable."""
    if not floods.takes_photo(network, now):
        raise images.Unusable("Many photos have come from your connection. Send it without one, or wait an hour")
    return images.jpeg(images.photo(photo, PHOTO_SIDE), PHOTO_SIDE, PHOTO_SIZE)


def _created(row: dict, resident: Resident | None, email: str, ward: Area, now: datetime) -> Concern:
    if resident:
        if not subscriptions.take(resident):
            raise links.LinkEnded
        restrictions.check(resident, now)
    if not email:
        concern = Concern.create(resident=resident, **row, **_received(bool(resident), now))
        _acknowledge(concern, now)
        return concern
    concern = Concern.create(resident=visitors.meet(email, ward, now), state=Concern.UNCONFIRMED, **row)
    _tell(Notice.CONFIRM, concern, now)
    return concern


def _the_other(said: Said, resident: Resident | None, alert: Alert | None) -> Concern:
    same = Concern.get_or_none(Concern.key == said.key)
    if same:
        return same
    raise SaidAlready(answer_of(resident, alert))


def _received(waits: bool, now: datetime) -> dict:
    """A team has it from now on, and promises an answer to who waits for one."""
    return {"state": Concern.NEW, "received_at": now, "due_at": promises.due_by(now) if waits else None}


def _acknowledge(concern: Concern, now: datetime) -> None:
    if concern.resident_id:
        _tell(Notice.RECEIVED, concern, now)
        journal.note("told their team", resident=concern.resident, alert=concern.alert, detail=str(concern.id))


def _tell(kind: str, concern: Concern, now: datetime) -> None:
    notice = Notice.create(kind=kind, resident=concern.resident_id, concern=concern, created_at=now)
    addressing.to_notice(notice, now)


def has_team(ward: Area) -> bool:
    """Whether somebody is there to read what is told of this ward."""
    return officers.team_of(ward) is not None


def _team_of(ward: Area) -> Team:
    team = officers.team_of(ward)
    if team is None:
        raise NoTeam
    return team


def _ward_of(alert: Alert, resident: Resident) -> Area:
    """The ward that an answer is about: their own, if the alert went there, or else the first that it went to."""
    codes = audience.area_codes(alert)
    if resident.home and (resident.home_id in codes or resident.home.parent_id in codes):
        return resident.home
    wards = [area for area in areas.named(codes) if area.is_ward] or officers.wards_of(alert.team)
    return wards[0]


# --- Confirm ---


def raised_by(resident: Resident, concern_id: int) -> Concern | None:
    """What this resident raised by that number, confirmed or not."""
    return Concern.get_or_none(Concern.id == concern_id, Concern.resident == resident)


def confirm(concern: Concern, now: datetime) -> Concern:
    """Whoever has the address says that it is theirs: the team sees it from now on. Twice is success.

    Raises restrictions.Limited, or links.LinkEnded when they are erased.
    """
    with db.handle.atomic():
        if concern.resident is None or not visitors.let_in(concern.resident, "concern", now):
            raise links.LinkEnded
        waits = (Concern.id == concern.id) & (Concern.state == Concern.UNCONFIRMED)
        if Concern.select().where(waits).exists():
            restrictions.check(concern.resident, now)
            if floods.holds("", concern.resident.email, now):
                Concern.update(held_at=now).where(waits, Concern.held_at.is_null()).execute()
        if Concern.update(_received(True, now)).where(waits).execute():
            _acknowledge(Concern.get_by_id(concern.id), now)
    return Concern.get_by_id(concern.id)


# --- What comes back, and what they say to it ---


def of(resident: Resident) -> list[Concern]:
    """All that a resident told their teams, the newest first."""
    mine = Concern.select().where(Concern.resident == resident, Concern.state != Concern.UNCONFIRMED)
    return list(mine.order_by(Concern.id.desc()))


def in_words(resident: Resident) -> str:
    """“2, one of them open”, for a line of their page."""
    mine = of(resident)
    is_open = sum(each.is_open for each in mine)
    return f"{len(mine)}, {is_open or 'none'} of them open" if mine else "Nothing yet"


def told(concern: Concern) -> list[Message]:
    """What its writer reads of a concern's history, the oldest first."""
    kinds = (*Message.TO_RESIDENT, *Message.FROM_RESIDENT)
    return list(concern.messages.where(Message.kind.in_(kinds)).order_by(Message.id))
