"""What a person types so that mail arrives: mail check, mail key."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from metengage.config import settings
from metengage.formats import count

mail_group = AppGroup("mail", help="What mail needs to arrive.")


@mail_group.command("check")
@click.argument("domain")
@click.option("--nameserver", default="", help="The name server to ask, HOST or HOST:PORT; otherwise this machine's.")
def check_domain(domain: str, nameserver: str) -> None:
    """Say what SPF, DKIM, DMARC, MX, PTR and MTA-STS of DOMAIN lack. Ends with 1 if something is lacking."""
    # Imported here, as below: no worker need carry a resolver and OpenSSL around.
    from metengage import domains  # noqa: PLC0415
    from metengage.names import Names, NoAnswer  # noqa: PLC0415

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
    from metengage import keys  # noqa: PLC0415

    try:
        key = keys.make_key(file)
    except OSError as trouble:
        raise click.ClickException(f"No key was made: {file}: {trouble.strerror}.") from trouble
    record = keys.record(key)
    # A string in the DNS has at most 255 bytes; receivers put them together again.
    quoted = " ".join(f'"{record[start : start + 255]}"' for start in range(0, len(record), 255))
    click.echo(
        f"Publish this, wait until it is seen everywhere, then set DKIM_KEY to {file.absolute()} and start anew:"
    )
    click.echo(f"{keys.record_name(settings.mail_domain)}. TXT {quoted}")
