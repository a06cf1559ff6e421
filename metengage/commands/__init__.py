"""What a person types."""

from flask import Flask

from metengage.commands import bounces, everyday, mail, places, sending, staff


def init_app(app: Flask) -> None:
    groups = (places.areas_group, places.postcodes_group, staff.officers_group, bounces.bounces_group, mail.mail_group)
    for each in (everyday.migrate, everyday.seed, everyday.worker, everyday.clock, *groups, sending.sending_group):
        app.cli.add_command(each)
