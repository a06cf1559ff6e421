"""What a person types about wards, boroughs and postcodes."""

from pathlib import Path

import click
from flask.cli import AppGroup

from metengage import addressing, areas, db, gazetteer, jobs, postcodes
from metengage.commands.everyday import progress_bar
from metengage.formats import count, number

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

areas_group = AppGroup("areas", help="Wards and boroughs.")
postcodes_group = AppGroup("postcodes", help="The postcode table.")


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
            told = addressing.to_waiting(borough, db.now())
    jobs.ring_urgent()
    click.echo(f"{borough.name} has started. {count(told, 'person', 'people')} who asked will hear of it.")


@postcodes_group.command("import")
@click.argument("file", type=FILE)
def import_postcodes(file: Path) -> None:
    """Replace the postcodes: Code-Point Open zip or CSV, ONSPD or NSPL zip or CSV."""
    bar, progress = progress_bar("Reading postcodes")
    with db.opened():
        try:
            with bar:
                report = postcodes.import_postcodes(file, progress)
        except postcodes.FileRefused as refusal:
            raise click.ClickException(str(refusal)) from refusal
    click.echo(
        f"Read {count(report.read, 'row')}, took {count(report.taken, 'postcode')} ({report.ended} of them ended)."
    )
    click.echo(f"{number(report.placed)} have a point: a circle on the map finds these.")
    unknown = number(report.unknown_wards.total())
    click.echo(f"Not taken: {number(report.outside_london)} outside London, {unknown} in unknown wards.")
    for ward, rows in report.unknown_wards.most_common(10):
        click.echo(f"  unknown ward {ward}: {count(rows, 'row')}")
    if report.taken < report.before * 0.9:
        click.echo(
            f"Careful: there were {number(report.before)} before. If that is wrong, import a complete file.", err=True
        )
