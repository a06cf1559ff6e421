"""What a person types."""

from flask import Flask

from metengage.commands import bounces, everyday, exporting, mail, places, sending, staff


def init_app(app: Flask) -> None:
    groups = (places.areas_group, places.postcodes_group, staff.officers_group, bounces.bounces_group, mail.mail_group)
    groups += (sending.sending_group, exporting.export_group)
    for each in (everyday.migrate, everyday.seed, everyday.worker, everyday.clock, *groups):
        app.cli.add_command(each)
