"""What a mail server or cron types about what comes back."""

import os
import sys
from collections import Counter
from typing import NoReturn

import click
from flask.cli import AppGroup
from peewee import PeeweeException

from metengage import bounces, db, postbox
from metengage.config import settings
from metengage.formats import count, number

LONGEST_MESSAGE = 1024 * 1024  # bytes

bounces_group = AppGroup("bounces", help="What comes back.")


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
