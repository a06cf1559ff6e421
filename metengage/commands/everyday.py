"""What a person types to run it: migrate, seed, worker, clock."""

import time

import click
from redis.exceptions import RedisError

from metengage import db, demo, gazetteer, jobs, postcodes
from metengage.formats import count, number
from metengage.models import Area, Postcode


def progress_bar(label: str):
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
            bar, progress = progress_bar("Loading postcodes")
            with bar:
                loaded = postcodes.load_postcodes(progress)
            click.echo(f"Loaded {number(loaded)} postcodes.")
        if with_demo and demo.is_needed():
            bar, progress = progress_bar("Inventing residents")
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
