"""What a person types about staff."""

import click
from flask import url_for
from flask.cli import AppGroup

from metengage import db, officers, staffing
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


@officers_group.command("suspend")
@click.argument("email")
def suspend_officer(email: str) -> None:
    """End all sessions of a leaver at once, and let them in no more."""
    with db.opened():
        officer = _named(email)
        try:
            done = staffing.suspend(None, officer, db.now())
        except staffing.NotPossible as refusal:
            raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{officer.name} is suspended." if done else f"{officer.name} was suspended before.")


@officers_group.command("reset")
@click.argument("email")
def reset_officer(email: str) -> None:
    """Take an officer's password and second factor, and print the link by which they choose anew."""
    with db.opened():
        officer = _named(email)
        try:
            token = staffing.reset(None, officer, db.now())
        except staffing.NotPossible as refusal:
            raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{officer.name} chooses anew here, once, within 24 hours. Hand it over in person:")
    click.echo(url_for("officers.choose_password", token=token, _external=True))


def _named(email: str) -> Officer:
    officer = Officer.get_or_none(Officer.email == email.strip().lower())
    if officer is None:
        raise click.ClickException(f"There is no officer with the address {email}.")
    return officer
