"""See what one has chosen, and where to change it."""

from typing import NamedTuple

from flask import g, url_for

from metengage import bookings, concerns, forecast, preferences, profile, stories, votes
from metengage.choices import ALERT_TYPES, OFTEN, WHEN
from metengage.formats import listing
from metengage.models import Resident
from metengage.views import now, page
from metengage.views.preferences import is_full, said


class Row(NamedTuple):
    """One thing that a resident decides, as it is now."""

    name: str
    words: list[str]  # a line each
    change_url: str


def mine():
    heard = preferences.of(g.resident)
    return page(
        "preferences/show.html",
        "Your preferences",
        part="preferences/_show.html",
        said=said(),
        resident=g.resident,
        is_full=is_full(),
        rows=_rows(g.resident, heard) + (_personal(g.resident) if is_full() else []),
        often=OFTEN if heard.frequencies else {},
        volume=forecast.of(heard.frequencies, heard.codes, now()),
    )


def _rows(resident: Resident, heard: preferences.Preferences) -> list[Row]:
    others = [area.full_name for area in heard.areas if area != heard.home]
    return [
        Row("Alerts", _alerts(heard), url_for("preferences.alerts")),
        Row("Home ward", _home(heard), url_for("preferences.move", name="postcode")),
        Row("Other areas", others or ["None"], url_for("preferences.areas")),
        Row("Pause", [profile.pause_in_words(resident, now())], url_for("preferences.pause")),
        Row("Most emails a week", [profile.cap_in_words(resident)], url_for("preferences.pause", _anchor="most")),
        Row("Stories", [stories.in_words(resident)], url_for("preferences.stories")),
        Row("Priorities", votes.in_words(resident), url_for("preferences.priorities")),
        Row("Discreet emails", [profile.discreet_in_words(resident)], url_for("preferences.discreet")),
    ]


def _personal(resident: Resident) -> list[Row]:
    """What only a magic link shows and changes."""
    return [
        Row("What concerns you", [profile.concerns_in_words(resident)], url_for("preferences.concerns")),
        Row("What you told your team", [concerns.in_words(resident)], url_for("preferences.told")),
        Row("Events", [bookings.in_words(resident, now())], url_for("preferences.my_events")),
        Row("Name", [profile.name_in_words(resident)], url_for("preferences.name")),
        Row("Email address", [resident.email], url_for("preferences.email")),
    ]


def _alerts(heard: preferences.Preferences) -> list[str]:
    chosen = [f"{ALERT_TYPES[slug].name}: {WHEN[often]}" for slug, often in heard.frequencies.items()]
    rest = [each.short for slug, each in ALERT_TYPES.items() if slug not in heard.frequencies]
    return chosen + ([f"No emails: {listing(rest)}"] if rest else [])


def _home(heard: preferences.Preferences) -> list[str]:
    if heard.home is None:
        return ["None"]
    return [heard.home.full_name] + ([] if heard.home in heard.areas else ["You get no alerts for it"])
