"""A million invented residents and some six million subscriptions, the same each time.

They live in the Met's wards as its postcodes do. Each hears of incidents, so that one alert can reach them all, and of
two more types, in one to three areas: six in ten at once, a quarter daily, the others weekly. Each names two themes.
"""

import csv
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import accumulate, combinations

from peewee import Value

from metengage import db, gazetteer
from metengage.choices import ALERT_TYPES, DAILY, IMMEDIATELY, THEMES, WEEKLY
from metengage.models import Alert, Delivery, Resident

RESIDENTS = 1_000_000
EVERYBODY = "incidents"
MIXES = [(EVERYBODY, *two) for two in combinations(sorted(ALERT_TYPES.keys() - {EVERYBODY}), 2)]
HOW_OFTEN = (IMMEDIATELY,) * 12 + (DAILY,) * 5 + (WEEKLY,) * 3
ELSEWHERE = (0, 1, 1, 2)  # in how many areas of their borough, or in all of it, besides their own ward
JOINED = "2026-01-05 09:00:00"
PERSON = ("email", "name", "home_id", "state", "link_version", "created_at", "confirmed_at")
CONFIRMED = (Resident.CONFIRMED, 1, JOINED, JOINED)

SUBSCRIBE = f"""
    INSERT INTO subscription (resident_id, area_id, alert_type, frequency, source, began_at)
    SELECT resident, area, alert_type, frequency, 'sign-up', '{JOINED}' FROM wish JOIN mix ON mix.id = wish.mix
"""


def gather(residents: int = RESIDENTS) -> None:
    """Bring a new database up to date and fill it. Its residents are numbered from 1, and so are their addresses."""
    with db.opened():
        db.migrate()
        gazetteer.load_areas(db.now())
        with _without_indexes("subscription"), db.handle.atomic():
            if db.is_postgresql():
                db.handle.execute_sql("SET LOCAL session_replication_role = replica")  # no look at each foreign key
            _load("resident", PERSON, _people(residents))
            _load("theme_choice", ("resident_id", "theme"), _concerns(residents))
            _subscribe(residents)
        # PostgreSQL counts from the index alone where VACUUM has been, as autovacuum has after a while.
        db.handle.execute_sql("VACUUM ANALYZE" if db.is_postgresql() else "ANALYZE")


def wrote(alert: Alert, sent_at: datetime) -> None:
    """Put on record that everybody had this alert."""
    facts = {
        Delivery.kind: Delivery.ALERT,
        Delivery.alert: alert.id,
        Delivery.state: Delivery.SENT,
        Delivery.attempts: 1,
        Delivery.created_at: sent_at,
        Delivery.due_at: sent_at,
        Delivery.sent_at: sent_at,
    }
    rows = Resident.select(Resident.id, *(Value(fact) for fact in facts.values()))
    Delivery.insert_from(rows, [Delivery.resident, *facts]).execute()
    db.handle.execute_sql("ANALYZE delivery")


def wards() -> list[dict[str, str]]:
    """The Met's 679 wards as wards.csv has them: all of London but the City."""
    with open(gazetteer.SHIPPED, encoding="utf-8", newline="") as file:
        return [ward for ward in csv.DictReader(file) if ward["police_force"] == "metropolitan"]


def _homes(residents: int) -> list[dict[str, str]]:
    found = wards()
    sizes = accumulate(int(ward["live_postcodes"]) for ward in found)
    return random.Random(101).choices(found, cum_weights=list(sizes), k=residents)


def _people(residents: int) -> Iterator[tuple]:
    for number, home in enumerate(_homes(residents), 1):
        yield f"resident{number:07}@example.org", f"Resident {number}", home["ward_code"], *CONFIRMED


def _concerns(residents: int) -> Iterator[tuple[int, str]]:
    """Each person’s two themes."""
    chance, themes = random.Random(7), list(THEMES)
    for number in range(1, residents + 1):
        yield from ((number, theme) for theme in chance.sample(themes, 2))


def _subscribe(residents: int) -> None:
    """Three rows for each wish: the database multiplies faster than Python."""
    run = db.handle.execute_sql
    run("CREATE TEMPORARY TABLE wish (resident INTEGER, area VARCHAR(9), mix INTEGER, frequency VARCHAR(11))")
    run("CREATE TEMPORARY TABLE mix (id INTEGER, alert_type VARCHAR(12))")
    _load("wish", ("resident", "area", "mix", "frequency"), _wishes(residents))
    _load("mix", ("id", "alert_type"), [(number, each) for number, mix in enumerate(MIXES) for each in mix])
    run(SUBSCRIBE)
    run("DROP TABLE wish")
    run("DROP TABLE mix")


def _wishes(residents: int) -> Iterator[tuple[int, str, int, str]]:
    """(resident, area, mix of types, how often); nobody wishes the same area twice."""
    chance = random.Random(999)
    near: dict[str, list[str]] = {}
    for ward in wards():
        near.setdefault(ward["borough_code"], [ward["borough_code"]]).append(ward["ward_code"])
    for number, home in enumerate(_homes(residents), 1):
        others = chance.choices(near[home["borough_code"]], k=chance.choice(ELSEWHERE))
        mix, how_often = chance.randrange(len(MIXES)), chance.choice(HOW_OFTEN)
        for area in sorted({home["ward_code"], *others}):
            yield number, area, mix, how_often


@contextmanager
def _without_indexes(table: str) -> Iterator[None]:
    """Drop them, and make them once at the end: half the time at 300,000 residents, and less beyond."""
    indexes = [index for index in db.handle.get_indexes(table) if index.columns != ["id"]]
    for index in indexes:
        db.handle.execute_sql(f'DROP INDEX "{index.name}"')
    yield
    for index in indexes:
        db.handle.execute_sql(index.sql)


def _load(table: str, columns: tuple[str, ...], rows: Iterable[tuple]) -> None:
    names, connection = ", ".join(columns), db.handle.connection()
    if db.is_postgresql():
        with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)
