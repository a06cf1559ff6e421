"""See what one has chosen, and where to change it."""

from typing import NamedTuple

from flask import g, url_for

from metengage import forecast, preferences
from metengage.choices import ALERT_TYPES, WHEN
from metengage.formats import listing
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
        rows=_rows(heard),
        volume=forecast.of(heard.frequencies, heard.codes, now()),
    )


def _rows(heard: preferences.Preferences) -> list[Row]:
    others = [area.full_name for area in heard.areas if area != heard.home]
    return [
        Row("Alerts", _alerts(heard), url_for("preferences.alerts")),
        Row("Home ward", _home(heard), url_for("preferences.move", name="postcode")),
        Row("Other areas", others or ["None"], url_for("preferences.areas")),
    ]


def _alerts(heard: preferences.Preferences) -> list[str]:
    chosen = [f"{ALERT_TYPES[slug].name}: {WHEN[often]}" for slug, often in heard.frequencies.items()]
    rest = [each.short for slug, each in ALERT_TYPES.items() if slug not in heard.frequencies]
    return chosen + ([f"No emails: {listing(rest)}"] if rest else [])


def _home(heard: preferences.Preferences) -> list[str]:
    if heard.home is None:
        return ["None"]
    return [heard.home.full_name] + ([] if heard.home in heard.areas else ["You get no alerts for it"])
