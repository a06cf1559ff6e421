"""The people in every test. Use them; do not invent others."""

from datetime import datetime

from metengage import officers, preferences, suppressions
from metengage.choices import IMMEDIATELY, WEEKLY
from metengage.models import (
    Consent,
    Officer,
    Resident,
    Subscription,
    Suppression,
    Team,
    TeamWard,
)

ST_HELIER, RAVENSBURY, SURBITON_HILL = "E05013824", "E05013822", "E05013944"
MERTON, KINGSTON, SUTTON = "E09000024", "E09000021", "E09000029"
WANDLE_IN_MERTON, WANDLE_IN_WANDSWORTH = "E05013826", "E05014026"
PASSWORD = "correct horse battery"
BEGAN = datetime(2026, 1, 5, 9, 0)


def assemble() -> None:
    """Put the cast into an empty database that has its areas."""
    st_helier = Team.create(name="St Helier team", phone="020 7946 0101", email="sthelier@met.example.org")
    surbiton = Team.create(name="Surbiton Hill team", phone="020 7946 0102", email="surbiton@met.example.org")
    for ward, team in ((ST_HELIER, st_helier), (RAVENSBURY, st_helier), (SURBITON_HILL, surbiton)):
        TeamWard.create(ward=ward, team=team)
    for name, role, teams in (
        ("Farah", Officer.OFFICER, [st_helier]),
        ("Gus", Officer.OFFICER, [surbiton]),
        ("Hana", Officer.SUPERVISOR, [st_helier]),
        ("Idris", Officer.ADMINISTRATOR, []),
    ):
        officers.add(f"{name.lower()}@met.example.org", f"PC {name}", PASSWORD, role, teams, BEGAN)
    _resident("Amara", Resident.CONFIRMED, ("advice", "incidents"), IMMEDIATELY)
    _resident("Bryn", Resident.CONFIRMED, ("advice", "incidents"), WEEKLY)
    _resident("Cleo", Resident.PENDING, (), IMMEDIATELY)
    _resident("Dov", Resident.CONFIRMED, ("incidents",), IMMEDIATELY, ended="bounced")
    _resident("Esme", Resident.LEFT, ("incidents",), IMMEDIATELY, ended="unsubscribed")
    Suppression.create(address_hash=suppressions.address_hash("dov@example.org"), reason=Suppression.BOUNCED)


def _resident(name: str, state: str, types: tuple, frequency: str, ended: str | None = None) -> None:
    confirmed = None if state == Resident.PENDING else BEGAN
    resident = Resident.create(
        email=f"{name.lower()}@example.org", name=name, home=ST_HELIER, state=state, created_at=BEGAN,
        confirmed_at=confirmed, left_at=BEGAN if state == Resident.LEFT else None,
    )  # fmt: skip
    Consent.create(resident=resident, wording="2026-11", created_at=BEGAN, confirmed_at=confirmed)
    for slug in types:
        Subscription.create(
            resident=resident, area=ST_HELIER, alert_type=slug, frequency=frequency, source="sign-up",
            began_at=BEGAN, ended_at=BEGAN if ended else None, ended_reason=ended,
        )  # fmt: skip


def resident(name: str) -> Resident:
    """Amara, Bryn, Cleo, Dov or Esme."""
    return Resident.get(Resident.email == f"{name.lower()}@example.org")


def officer(name: str) -> Officer:
    """Farah, Gus, Hana or Idris."""
    return Officer.get(Officer.email == f"{name.lower()}@met.example.org")


def team(name: str) -> Team:
    """St Helier or Surbiton Hill."""
    return Team.get(Team.name == f"{name} team")


def change(resident: Resident, now: datetime, **new) -> preferences.Preferences:
    """Change only this (types, codes or frequency), and leave the rest of their preferences as it was."""
    was = preferences.of(resident)
    often = new.get("frequency") or next(iter(was.frequencies.values()))
    types = new.get("types", was.frequencies)
    preferences.set_all(resident, dict.fromkeys(was.frequencies) | dict.fromkeys(types, often), now)
    codes = new.get("codes", was.codes)
    preferences.add_areas(resident, codes, now)
    for code in was.codes:
        if code not in codes:
            preferences.remove_area(resident, code, now)
    return preferences.of(resident)
