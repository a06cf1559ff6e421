"""About what we ask residents: how well informed they feel, three months after they confirmed and then each year."""

from datetime import datetime

from flask import url_for

from metengage import emails, letters, links
from metengage.choices import INFORMED_QUESTION
from metengage.config import settings
from metengage.emails import NotNeeded
from metengage.mail import Email
from metengage.models import Delivery, Notice


def _informed(row: Delivery, now: datetime) -> Email:
    """One question. Nobody asked for this very email, so it can be stopped by the mail program's own button."""
    resident = row.resident
    if resident is None or not resident.is_confirmed or resident.home is None:
        raise NotNeeded("they have left")
    if resident.paused_until and resident.paused_until > now:
        raise NotNeeded("they want nothing for now")
    own, ward = letters.personal_links(resident, None), resident.home
    headers = letters.list_headers(own["unsubscribe_url"], ward.name, f"{ward.code.lower()}.alerts", "informed")
    url = url_for("surveys.informed", token=links.sign(links.INFORMED, resident), _external=True)
    return emails.to_one_person(
        "informed", row, (settings.mail_default_sender, settings.service_name), headers,
        ward=ward, name=resident.name, question=INFORMED_QUESTION, informed_url=url, **own,
    )  # fmt: skip


WRITERS = {Notice.INFORMED: _informed}
