"""What a person types: migrate, worker, clock, seed, imports, officers, sending."""

import time
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup
from redis.exceptions import RedisError

from metengage import (
    areas,
    bell,
    db,
    deliveries,
    demo,
    gazetteer,
    halts,
    jobs,
    manners,
    officers,
    postcodes,
    watching,
)
from metengage.formats import count, lasting, moment, number
from metengage.models import Alert, Area, Officer, Postcode, Team

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

areas_group = AppGroup("areas", help="Wards and boroughs.")
postcodes_group = AppGroup("postcodes", help="The postcode table.")
officers_group = AppGroup("officers", help="Staff who sign in.")
sending_group = AppGroup("sending", help="Pause, resume, stop and watch what is sent.")


def init_app(app: Flask) -> None:
    for each in (migrate, seed, worker, clock, areas_group, postcodes_group, officers_group, sending_group):
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


# --- Sending ---


@sending_group.command("pause")
def pause_sending() -> None:
    """Send nothing at all until it is resumed."""
    with db.opened():
        done = halts.pause_everything(None, db.now())
    click.echo("Everything is paused." if done else "Everything is paused already.")


@sending_group.command("resume")
def resume_sending() -> None:
    """Go on with everything that waits."""
    with db.opened():
        done = halts.resume_everything(None, db.now())
        jobs.ring_for_all_that_waits()
    click.echo("Sending goes on." if done else "Nothing was paused.")


@sending_group.command("stop")
@click.argument("alert_id", type=int)
def stop_sending(alert_id: int) -> None:
    """Stop one alert for good; what was not sent by now never is."""
    with db.opened():
        alert = Alert.get_or_none(Alert.id == alert_id)
        if alert is None or not halts.stop(alert, None, db.now()):
            raise click.ClickException(f"Alert {alert_id} is not being sent.")
        jobs.ring_alert(alert_id)
        progress = watching.progress(Alert.get_by_id(alert_id))
    click.echo(f"Stopped: {number(progress.sent)} of {count(progress.whole, 'email')} sent.")


@sending_group.command("status")
def sending_status() -> None:
    """Say what waits, who works, and what is wrong."""
    with db.opened():
        heard, now, pause = bell.hear(), db.now(), manners.the_pause()
        click.echo(f"Everything is paused since {moment(pause.began_at)}." if pause else "Sending goes on.")
        for kind in watching.KINDS:
            backlog = watching.backlog(kind, now)
            since = f", due for up to {lasting(backlog.oldest)}" if backlog.oldest else ""
            click.echo(f"{kind}: {number(backlog.how_many)} waiting{since}")
        for alert in watching.under_way():
            progress = watching.progress(alert)
            click.echo(f"alert {alert.id}: {number(progress.sent)} of {count(progress.whole, 'email')} sent")
        for each in watching.workers(heard, now):
            click.echo(f"worker {each.name}: seen {lasting(each.seen)} ago, {count(each.connections, 'connection')}")
        for worker, words in watching.troubled_relays(now):
            click.echo(f"worker {worker} says: {words}")
        if heard is None:
            click.echo("Redis does not answer: nothing is lost, and emails wait until it is back.")
