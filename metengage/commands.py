"""What a person types: migrate, worker, clock, seed, imports, officers, bounces, mail."""

import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask
from flask.cli import AppGroup
from peewee import PeeweeException
from redis.exceptions import RedisError

from metengage import (
    areas,
    bounces,
    db,
    deliveries,
    demo,
    domains,
    gazetteer,
    jobs,
    officers,
    postbox,
    postcodes,
    signing,
)
from metengage.config import settings
from metengage.formats import count, number
from metengage.models import Area, Officer, Postcode, Team
from metengage.names import Names, NoAnswer

LONGEST_MESSAGE = 1024 * 1024  # bytes
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

areas_group = AppGroup("areas", help="Wards and boroughs.")
postcodes_group = AppGroup("postcodes", help="The postcode table.")
officers_group = AppGroup("officers", help="Staff who sign in.")
bounces_group = AppGroup("bounces", help="What comes back.")
mail_group = AppGroup("mail", help="What mail needs to arrive.")


def init_app(app: Flask) -> None:
    groups = (areas_group, postcodes_group, officers_group, bounces_group, mail_group)
    for each in (migrate, seed, worker, clock, *groups):
        app.cli.add_command(each)


def _bar(label: str):
    """A progress bar, and a function for it that takes (done, of how many)."""
    bar = click.progressbar(length=1, label=label, update_min_steps=1)

    def progress(done: int, total: int) -> None:
        bar.length = total or 1
        bar.update(done - bar.pos)

    return bar, progress


@click.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    with db.opened():
        applied = db.migrate()
    click.echo(f"Applied {', '.join(applied)}." if applied else "The tables are up to date.")


@click.command()
@click.option("--demo", "with_demo", is_flag=True, help="Invent teams, officers, residents and alerts as well.")
def seed(with_demo: bool) -> None:
    """Load the wards and postcodes that ship, where there are none."""
    with db.opened():
        if not Area.select().exists():
            click.echo(f"Loaded {count(gazetteer.load_areas(db.now()), 'ward or borough', 'wards and boroughs')}.")
        if not Postcode.select().exists():
            bar, progress = _bar("Loading postcodes")
            with bar:
                loaded = postcodes.load_postcodes(progress)
            click.echo(f"Loaded {number(loaded)} postcodes.")
        if with_demo and demo.is_needed():
            bar, progress = _bar("Inventing residents")
            with bar:
                demo.build(db.now(), progress)


@click.command()
@click.option("--burst", is_flag=True, help="Stop when nothing is left to do.")
def worker(burst: bool) -> None:
    """Send emails. Several may run, on several machines."""
    jobs.worker().work(burst=burst, logging_level="WARNING")


@click.command()
def clock() -> None:
    """Find what is due, once a minute. Several may run."""
    while True:
        try:
            jobs.clock().start()
            return
        except RedisError as error:
            click.echo(f"The clock waits for Redis ({type(error).__name__}).", err=True)
            time.sleep(2)


# --- Areas and postcodes ---


@areas_group.command("import")
@click.argument("file", type=FILE)
@click.option("--borough", help="The borough's code, for older files that do not name it.")
def import_areas(file: Path, borough: str | None) -> None:
    """Bring wards up to date from ONS ward GeoJSON."""
    with db.opened():
        try:
            report = gazetteer.import_areas(file, borough, db.now())
        except gazetteer.FileRefused as refusal:
            raise click.ClickException(str(refusal)) from refusal
    for label, names in (("Added", report.added), ("Changed", report.changed), ("Retired", report.retired)):
        click.echo(
            f"{label}: {len(names)}"
            + (f" ({'; '.join(names[:10])}{'; …' if len(names) > 10 else ''})" if names else "")
        )
    click.echo(f"As before: {report.unchanged}. Not taken, outside London: {report.outside_london}.")
    if report.subscriptions_in_retired:
        click.echo(f"{count(report.subscriptions_in_retired, 'subscription')} in retired wards stay as they are.")


@areas_group.command("start")
@click.argument("code")
def start_borough(code: str) -> None:
    """Switch a borough on, and write to those who left their address for that day."""
    with db.opened():
        borough = areas.borough(code)
        if borough is None:
            raise click.ClickException(f"There is no borough with the code {code}.")
        with db.handle.atomic():
            if not areas.start(borough, db.now()):
                raise click.ClickException(f"{borough.name} has started already.")
            told = deliveries.to_waiting(borough, db.now())
    jobs.ring_urgent()
    click.echo(f"{borough.name} has started. {count(told, 'person', 'people')} who asked will hear of it.")


@postcodes_group.command("import")
@click.argument("file", type=FILE)
def import_postcodes(file: Path) -> None:
    """Replace the postcodes: Code-Point Open zip or CSV, ONSPD or NSPL zip or CSV."""
    bar, progress = _bar("Reading postcodes")
    with db.opened():
        try:
            with bar:
                report = postcodes.import_postcodes(file, progress)
        except postcodes.FileRefused as refusal:
            raise click.ClickException(str(refusal)) from refusal
    click.echo(
        f"Read {count(report.read, 'row')}, took {count(report.taken, 'postcode')} ({report.ended} of them ended)."
    )
    unknown = number(report.unknown_wards.total())
    click.echo(f"Not taken: {number(report.outside_london)} outside London, {unknown} in unknown wards.")
    for ward, rows in report.unknown_wards.most_common(10):
        click.echo(f"  unknown ward {ward}: {count(rows, 'row')}")
    if report.taken < report.before * 0.9:
        click.echo(
            f"Careful: there were {number(report.before)} before. If that is wrong, import a complete file.", err=True
        )


# --- Officers ---


@officers_group.command("add")
@click.argument("email")
@click.argument("name")
@click.option(
    "--role", type=click.Choice([Officer.OFFICER, Officer.SUPERVISOR, Officer.ADMINISTRATOR]), default="officer"
)
@click.option("--team", "team_names", multiple=True, help="A team's name; may be given several times.")
@click.password_option()
def add_officer(email: str, name: str, role: str, team_names: tuple[str, ...], password: str) -> None:
    """Add an officer who may sign in. NAME is how residents read it: “PC Farah Malik”."""
    with db.opened():
        teams = list(Team.select().where(Team.name.in_(team_names)))
        unknown = set(team_names) - {team.name for team in teams}
        if unknown:
            raise click.ClickException(f"There is no team called {', '.join(sorted(unknown))}.")
        try:
            officer = officers.add(email, name, password, role, teams, db.now())
        except officers.NotAdded as refusal:
            raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{officer.name} may sign in as {officer.email}.")


# --- Bounces ---


@bounces_group.command("receive")
@click.option("--return-path", default="", help="The address it was sent to, if its headers do not tell.")
def receive_bounce(return_path: str) -> None:
    """Take one message from standard input, as a mail server pipes it.

    Ends well with a message that is no bounce, too, or the mail server would bounce it; with 75, try again later,
    when the database is away.
    """
    raw = sys.stdin.buffer.read(LONGEST_MESSAGE)
    while sys.stdin.buffer.read(64 * 1024):  # a mail server may take offence at a pipe that closes early
        pass
    try:
        with db.opened():
            outcome = bounces.receive(raw, db.now(), return_path)
    except PeeweeException as trouble:
        _try_later(trouble)
    click.echo(outcome)


@bounces_group.command("fetch")
def fetch_bounces() -> None:
    """Empty the mailbox that BOUNCE_MAILBOX names. What was not recorded stays in it."""
    if not settings.bounce_mailbox:
        raise click.ClickException("BOUNCE_MAILBOX is not set.")
    outcomes: Counter[str] = Counter()
    try:
        with db.opened():
            for letter in postbox.letters(settings.bounce_mailbox):
                outcomes[bounces.receive(letter, db.now())] += 1
    except postbox.Closed as trouble:
        raise click.ClickException(str(trouble)) from trouble
    except PeeweeException as trouble:
        _try_later(trouble)
    finally:
        details = "".join(f", {number(times)} {outcome}" for outcome, times in outcomes.most_common())
        click.echo(f"Read {count(outcomes.total(), 'message')}{details}.")


def _try_later(trouble: PeeweeException) -> NoReturn:
    click.echo(f"The database is away ({type(trouble).__name__}); try again later.", err=True)
    sys.exit(os.EX_TEMPFAIL)


# --- Mail ---


@mail_group.command("check")
@click.argument("domain")
@click.option("--nameserver", default="", help="The name server to ask, HOST or HOST:PORT; otherwise this machine's.")
def check_domain(domain: str, nameserver: str) -> None:
    """Say what SPF, DKIM, DMARC, MX, PTR and MTA-STS of DOMAIN lack. Ends with 1 if something is lacking."""
    domain = domain.rpartition("@")[2].strip(" .").lower()
    try:
        findings = domains.check(domain, Names(nameserver))
    except NoAnswer as trouble:
        raise click.ClickException(f"{trouble}.") from trouble
    for each in findings:
        click.echo(f"{each.state:8} {each.about:8} {each.words}")
    lacking = sum(each.state == domains.LACKING for each in findings)
    click.echo(f"{count(lacking, 'thing is', 'things are') if lacking else 'Nothing is'} lacking.")
    sys.exit(1 if lacking else 0)


@mail_group.command("key")
@click.argument("file", type=click.Path(path_type=Path))
def make_key(file: Path) -> None:
    """Make a DKIM key in FILE, and say what to publish."""
    try:
        key = signing.make_key(file)
    except OSError as trouble:
        raise click.ClickException(f"No key was made: {file}: {trouble.strerror}.") from trouble
    record = signing.record(key)
    # A string in the DNS has at most 255 bytes; receivers put them together again.
    quoted = " ".join(f'"{record[start : start + 255]}"' for start in range(0, len(record), 255))
    click.echo(
        f"Publish this, wait until it is seen everywhere, then set DKIM_KEY to {file.absolute()} and start anew:"
    )
    click.echo(f"{signing.record_name(settings.mail_domain)}. TXT {quoted}")
