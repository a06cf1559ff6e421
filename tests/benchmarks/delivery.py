"""The product’s own sender: what one alert takes from Send to “sent” in every row, by one worker."""

import os
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime

from app import create_app
from metengage import alerts, config, copies, db, dispatch, drafts, envelopes, jobs, officers
from metengage.choices import IMMEDIATELY
from metengage.deliveries import Row
from metengage.models import Alert, Area, Officer, Team, TeamWard
from tests import services
from tests.benchmarks import crowd, postfix, race, rivals

RESIDENTS = 100_000  # six in ten of them hear at once
PARAGRAPH = (
    "Three sheds were broken into overnight on **Green Lane**. Lock yours, light it, and call 101 if you saw it."
)
BODY = "## What happened\n\n" + f"{PARAGRAPH}\n\n" * 22  # with our frame 12 to 13 KB, as the others send


def contenders(port: int, redis_url: str, databases: dict[str, str]) -> dict[str, Callable[[], race.Run]]:
    """The others, and ours on each database (name → URL), whose crowd is there."""
    length = _length(next(iter(databases.values())))
    ours = {
        f"delivery.{name}": lambda url=url: race.alone(send, url, redis_url, port) for name, url in databases.items()
    }
    return rivals.contenders(port, length) | ours


def settle(residents: int = RESIDENTS) -> None:
    """A crowd, a team and somebody who may send, in the database that is open."""
    crowd.gather(residents)
    with db.opened():
        team = Team.create(name="St Helier team", phone="020 7946 0101", email="sthelier@met.example.org")
        TeamWard.create(ward="E05013824", team=team)
        officers.add("idris@met.example.org", "Idris", None, Officer.ADMINISTRATOR, [team], db.now())


def everywhere() -> list[str]:
    """The Met’s boroughs."""
    boroughs = Area.select(Area.code).where(Area.kind == Area.BOROUGH, Area.force == "metropolitan")
    return [code for (code,) in boroughs.tuples()]


def environ(database_url: str, redis_url: str, port: int) -> dict[str, str]:
    """What the product is told, and nothing of this machine’s own settings."""
    ours = {each.name.upper() for each in fields(config.Settings)}
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    told = {
        "INSTANCE": str(config.ROOT / "instance" / "bench"), "PUBLIC_URL": "http://localhost:5000",
        "SECRET_KEY": "only for benchmarks, and long enough to be taken", "DATABASE_URL": database_url,
        "REDIS_URL": redis_url, "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port),
        "MAIL_DEFAULT_SENDER": "alerts@engage.example.org",
    }  # fmt: skip
    return inherited | told


def begin(codes: list[str], at: datetime | None = None) -> Alert:
    """An alert to these areas, as an officer presses Send."""
    officer, team = Officer.get(), Team.get()
    alert = drafts.begin(officer, team, db.now())
    words = {
        "title": "Sheds broken into on Green Lane",
        "body": BODY,
        "alert_type": crowd.EVERYBODY,
        "theme": "burglary",
    }
    drafts.save(alert, 0, codes, db.now(), **words)
    # Written past the rule that nobody may write to all of London.
    size = alerts.reached(Alert.get_by_id(alert.id), db.now())[IMMEDIATELY]
    begun = {"state": Alert.SENDING, "sending_at": at or db.now(), "sender": officer, "audience_size": size}
    Alert.update(begun).where(Alert.id == alert.id).execute()
    return Alert.get_by_id(alert.id)


def send(database_url: str, redis_url: str, port: int) -> Callable[[], int]:
    """Ready to begin an alert to everybody who hears at once, and to let a worker send it."""
    app = create_app(config.load(environ(database_url, redis_url, port)))

    def all_of_it() -> int:
        with app.app_context(), db.opened():
            alert = begin(everywhere())
            jobs.ring_alert(alert.id)
            services.work_off()
            alert, tally = Alert.get_by_id(alert.id), dispatch.tally(alert)
        if alert.state != Alert.SENT or tally["sent"] != alert.audience_size:
            raise RuntimeError(f"Not everybody was sent it: {tally}")
        return tally["sent"]

    return all_of_it


send.gets_ready = True


def _length(database_url: str) -> int:
    """The bytes of one of our messages."""
    app = create_app(config.load(environ(database_url, "unix:///nowhere", 25)))
    with app.app_context(), db.opened():
        alert = begin(everywhere())
        row = Row(1, "alert", 1, 1, "resident0000001@example.org", 1, True)
        message = copies.of(alert).for_rows([row], db.now())(row, envelopes.of(1, "alert"))
        Alert.update(state=Alert.CANCELLED).where(Alert.id == alert.id).execute()
    return min(len(message), 2 * postfix.LENGTH)
