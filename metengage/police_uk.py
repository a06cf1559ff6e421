"""A ward's priorities in the shape in which data.police.uk gives those of a neighbourhood.

https://data.police.uk/docs/method/neighbourhood-priorities/: a list of issue, issue-date, action and action-date, with
texts in HTML and dates as 2026-11-22T00:00:00; an issue with several actions comes once for each.
"""

import csv
import io
from datetime import datetime

from markupsafe import escape

from metengage import actions
from metengage.formats import london
from metengage.models import Area, Priority

NAMES = ("issue", "issue-date", "action", "action-date")
# A spreadsheet calculates what begins with one of these; the wide ones too, where people write in Chinese or Japanese.
FORMULAS = ("=", "+", "-", "@", *"\uff1d\uff0b\uff0d\uff20", "\t", "\r", "\n")


def entries(ward: Area) -> list[dict[str, str | None]]:
    """Each action on what was ever set in a ward, the latest priority first; texts as plain words."""
    set_ones = list(
        Priority.select()
        .where(Priority.ward == ward, Priority.set_at.is_null(False))
        .order_by(Priority.set_at.desc(), Priority.id.desc())
    )
    done = actions.of(set_ones)
    found = []
    for each in set_ones:
        acts = [(one.action.text, one.action.at) for one in done[each.id]] or [(each.plan, None)]
        found += [dict(zip(NAMES, (each.issue, _date(each.set_at), text, _date(at)), strict=True)) for text, at in acts]
    return found


def everywhere() -> dict[str, list[dict[str, str | None]]]:
    """Ward's code → what as_html gives of its entries, for each that ever set a priority."""
    wards = Area.select().join(Priority).where(Priority.set_at.is_null(False)).distinct().order_by(Area.code)
    return {ward.code: [as_html(each) for each in entries(ward)] for ward in wards}


def as_html(entry: dict[str, str | None]) -> dict[str, str | None]:
    """The same with its texts in HTML, as data.police.uk has them."""
    return entry | {name: _paragraphs(entry[name] or "") for name in ("issue", "action")}


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(each.strip())}</p>" for each in text.split("\n\n") if each.strip())


def as_csv(found: list[dict[str, str | None]]) -> str:
    """The same as a table; no text is a formula to a spreadsheet."""
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(NAMES)
    table.writerows([_neutral(each[name] or "") for name in NAMES] for each in found)
    return file.getvalue()


def _neutral(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULAS) else text


def _date(moment: datetime | None) -> str | None:
    return f"{london(moment).date().isoformat()}T00:00:00" if moment else None
