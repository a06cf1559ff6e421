"""Where residents of the demo meet their team: what is to come, what is full, and what was said."""

import json
from datetime import datetime, time, timedelta

from metengage import areas, formats, officers, schedule
from metengage.config import ROOT
from metengage.models import Booking, Event, EventWard, Resident

FILE = ROOT / "metengage" / "data" / "demo" / "events.json"


def events(now: datetime) -> None:
    """Each of the file: its facts, its ward, in how many days it is, and from which hour until which."""
    for number, facts in enumerate(json.loads(FILE.read_text(encoding="utf-8"))):
        _event(number, facts, now)


def _event(number: int, facts: dict, now: datetime) -> None:
    """Residents of its ward have all places that there are, and three of them wait."""
    ward = areas.named([facts.pop("ward")])[0]
    team, day = officers.team_of(ward), formats.london(now + timedelta(days=facts.pop("days"))).date()
    begins, ends = (schedule.at(day, time(facts.pop(name))) for name in ("from", "until"))
    event = Event.create(
        key=f"demo{number}", team=team, officer=officers.people_in(team)[0], state=Event.PUBLISHED, published_at=now,
        begins_at=begins, ends_at=ends, said_at=ends if "said" in facts else None, **facts,
    )  # fmt: skip
    EventWard.create(event=event, ward=ward)
    people = Resident.select().where(Resident.home == ward).limit(event.places + 3 if event.places else 0)
    for turn, each in enumerate(people):
        state = Booking.BOOKED if turn < event.places else Booking.WAITING
        Booking.create(event=event, resident=each, name=each.name, state=state, told_at=now)
