"""What a person types to take out what is public, for other systems."""

import json

import click

from metengage import db, police_uk


@click.group("export")
def export_group() -> None:
    """Take out what is public."""


@export_group.command("priorities")
def export_priorities() -> None:
    """Priorities and what was done, as JSON in the shape of data.police.uk: ward’s code → its list."""
    with db.opened():
        click.echo(json.dumps(police_uk.everywhere(), ensure_ascii=False, indent=1))
