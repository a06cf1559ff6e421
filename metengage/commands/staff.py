"""What a person types about staff."""

import click
from flask.cli import AppGroup

from metengage import db, officers
from metengage.models import Officer, Team

officers_group = AppGroup("officers", help="Staff who sign in.")


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
