"""An invented neighbourhood to try things in: teams, officers, residents, and what they told and asked each other."""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from peewee import chunked

from metengage import areas, audience, db, officers, schedule, survey, teams
from metengage.choices import ALERT_TYPES, DAILY, IMMEDIATELY, THEMES, WEEKLY, WORDING
from metengage.config import ROOT
from metengage.demo import asked, gatherings, promised, said
from metengage.models import (
    Alert,
    AlertArea,
    Area,
    Consent,
    Delivery,
    Digest,
    Officer,
    Resident,
    Story,
    Subscription,
    Team,
    TeamWard,
    ThemeChoice,
)

DATA = ROOT / "metengage" / "data" / "demo"
RESIDENTS = 2000
DOMAINS = ("example.org", "example.com", "example.net")  # reserved: nobody's mail goes there
PASSWORD = "walk the beat"  # noqa: S105  the demo's own, printed when it starts

# (address, name, role, the wards whose teams they work in, or a borough for all of its teams)
STAFF = (
    ("farah@met.example.org", "PC Farah Malik", Officer.OFFICER, ("E05013824", "E05013822")),
    ("gus@met.example.org", "PC Gus Ferreira", Officer.OFFICER, ("Surbiton Hill",)),
    ("hana@met.example.org", "Inspector Hana Kobayashi", Officer.SUPERVISOR, ("E09000024",)),
    ("jonah@met.example.org", "Sergeant Jonah Adeyemi", Officer.SUPERVISOR, ("E09000024",)),
    ("idris@met.example.org", "Idris Bello", Officer.ADMINISTRATOR, ()),
)
RANKS = ("PC", "PC", "PC", "PCSO", "PCSO", "Sergeant")


def is_needed() -> bool:
    """Whether nobody works here and nobody has signed up yet."""
    return not Officer.select().exists() and not Resident.select().exists()


def build(now: datetime, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Make the whole demo. The same every time but for its dates. `progress` counts residents."""
    chance = random.Random(999101)  # noqa: S311  invented people need no secrets
    with db.handle.atomic():
        _teams()
        _staff(now, chance)
        _residents(now, chance, progress)
        _sent_alerts(now)
        _digests_done(now)
        said.concerns(now)
        gatherings.events(now)
        promised.priorities(now)
        asked.surveys(now, chance)
        asked.informed(chance)


def sign_ins() -> list[tuple[str, str, str]]:
    """(address, password, who) of the demo's officers."""
    return [(email, PASSWORD, f"{name}, {role}") for email, name, role, _ in STAFF]


# --- Staff ---


def _teams() -> None:
    seen = set()
    for ward in areas.wards_of(areas.started_boroughs()):
        # Wandle is a ward in two boroughs.
        name = f"{ward.name} team" if ward.name not in seen else f"{ward.name} ({ward.parent.name}) team"
        seen.add(ward.name)
        team = Team.create(name=name, phone="101", email=f"{_slug(name)}@met.example.org")
        TeamWard.create(team=team, ward=ward)


def _slug(name: str) -> str:
    return re.sub("[^a-z]+", ".", name.lower()).strip(".")


def _staff(now: datetime, chance: random.Random) -> None:
    by_ward = {row.ward_id: row.team for row in TeamWard.select(TeamWard, Team).join(Team)}
    wards = areas.wards_of(areas.started_boroughs())
    for email, name, role, places in STAFF:
        theirs = [
            by_ward[ward.code]
            for ward in wards
            if ward.code in places or ward.name in places or ward.parent_id in places
        ]
        officers.add(email, name, PASSWORD, role, theirs, now)
    first, last = _names()
    named = {place for _, _, role, places in STAFF if role == Officer.OFFICER for place in places}
    for ward in wards:
        if ward.code not in named and ward.name not in named:
            name = f"{chance.choice(RANKS)} {chance.choice(first)} {chance.choice(last)}"
            officers.add(
                f"{_slug(ward.name)}.{_slug(ward.parent.name)}@met.example.org", name, None, Officer.OFFICER,
                [by_ward[ward.code]], now,
            )  # fmt: skip
    for team in by_ward.values():
        teams.name_contact(None, team, officers.people_in(team)[0])


def _names() -> tuple[list[str], list[str]]:
    return tuple(
        (DATA / file).read_text(encoding="utf-8").strip().split("\n") for file in ("first_names.txt", "last_names.txt")
    )


# --- Residents ---


def _residents(now: datetime, chance: random.Random, progress) -> None:
    wards = areas.wards_of(areas.started_boroughs())
    near = {ward.code: areas.neighbours(ward, limit=4) for ward in wards}
    names = _names()
    people = [_person(number, chance.choice(wards), names, now, chance) for number in range(1, RESIDENTS + 1)]
    for done, some in enumerate(chunked(people, 200), 1):
        Resident.insert_many(some).execute()
        ids = dict(
            Resident.select(Resident.email, Resident.id).where(Resident.email.in_([p["email"] for p in some])).tuples()
        )
        for person in some:
            person["id"] = ids[person["email"]]
        _choices(some, near, chance)
        progress(min(done * 200, RESIDENTS), RESIDENTS)


def _person(number: int, home: Area, names: tuple, now: datetime, chance: random.Random) -> dict:
    joined = now - timedelta(days=chance.randint(1, 300), minutes=chance.randint(0, 1440))
    return {
        "email": f"resident{number:04}@{chance.choice(DOMAINS)}",
        "name": f"{chance.choice(names[0])} {chance.choice(names[1])}" if chance.random() < 0.6 else "",
        "home": home,
        "state": Resident.CONFIRMED,
        "created_at": joined,
        "confirmed_at": joined,
    }


def _choices(people: list[dict], near: dict[str, list[Area]], chance: random.Random) -> None:
    """What these residents agreed to, are concerned about, and hear about."""
    consents, themes, subscriptions = [], [], []
    for person in people:
        mine = {"resident": person["id"]}
        joined = person["confirmed_at"]
        consents.append(mine | {"wording": WORDING, "created_at": joined, "confirmed_at": joined})
        chosen = chance.sample(sorted(THEMES), chance.randint(0, 4))
        themes += [
            mine | {"theme": theme, "rank": rank if rank <= survey.RANKED else None}
            for rank, theme in enumerate(chosen, 1)
        ]
        places = [person["home"], *chance.sample(near[person["home"].code], chance.choice((0, 0, 1, 1, 2)))]
        types = chance.sample(sorted(ALERT_TYPES), chance.randint(1, len(ALERT_TYPES)))
        same = mine | {"frequency": _frequency(chance), "source": "sign-up", "began_at": joined}
        subscriptions += [same | {"area": place, "alert_type": slug} for place in places for slug in types]
    for model, rows in ((Consent, consents), (ThemeChoice, themes), (Subscription, subscriptions)):
        for some in chunked(rows, 500):
            model.insert_many(some).execute()


def _frequency(chance: random.Random) -> str:
    return chance.choices((IMMEDIATELY, DAILY, WEEKLY), (6, 3, 1))[0]


# --- Alerts ---


def _sent_alerts(now: datetime) -> None:
    for path in sorted((DATA / "alerts").glob("*.md")):
        _sent_alert(path, now)


def _sent_alert(path: Path, now: datetime) -> None:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    facts = dict(re.findall(r"^(\w+): *(.*)$", head, re.MULTILINE))
    codes = [code.strip() for code in facts["wards"].split(",")]
    place = areas.named(codes)[0]
    ward = place if place.is_ward else areas.wards_of([place])[0]
    team = officers.team_of(ward)
    author = officers.people_in(team)[0]
    when = now - timedelta(days=int(facts["days_ago"]), hours=3)
    alert = Alert.create(
        team=team, author=author, sender=author, alert_type=facts["type"], theme=facts["theme"] or None,
        title=facts["title"], body=body.strip(), state=Alert.SENT, created_at=when, changed_at=when,
        sending_at=when, prepared_at=when, sent_at=when + timedelta(minutes=1), story=_story(team, facts, when),
    )  # fmt: skip
    for code in codes:
        AlertArea.create(alert=alert, area=code)
    _delivered(alert, codes, when)


def _story(team: Team, facts: dict[str, str], when: datetime) -> Story | None:
    """The story that an alert's facts name; the first that does begins it."""
    title = facts.get("story")
    return Story.get_or_create(team=team, title=title, defaults={"created_at": when})[0] if title else None


def _delivered(alert: Alert, codes: list[str], when: datetime) -> None:
    rows = (
        audience.of(alert.alert_type, codes, IMMEDIATELY, when).where(Subscription.began_at <= when).distinct().tuples()
    )
    sent = [
        {"kind": Delivery.ALERT, "resident": resident, "alert": alert, "state": Delivery.SENT, "attempts": 1,
         "created_at": when, "due_at": when, "sent_at": when}
        for (resident,) in rows
    ]  # fmt: skip
    for some in chunked(sent, 500):
        Delivery.insert_many(some).execute()
    Alert.update(audience_size=len(sent)).where(Alert.id == alert.id).execute()


def _digests_done(now: datetime) -> None:
    """The digests of before the demo began have gone: it does not open with a thousand old emails."""
    for frequency in (DAILY, WEEKLY):
        until = schedule.last_moment(frequency, now)
        Digest.create(
            frequency=frequency, date=schedule.date_of(until), since=until, until=until, prepared_at=now, worked_at=now
        )
