"""What the law lets residents do with their record, at once and by themselves: read all of it, copy it, erase it."""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from peewee import DateTimeField, Field

from metengage import areas, bookings, db, formats, holdings, journal, register, subscriptions
from metengage.choices import ALERT_TYPES, CONSENT_WORDINGS, FREQUENCIES, HOW_OFTEN, INFORMED, THEMES, WHY_NOT_USEFUL
from metengage.models import (
    Alert,
    Consent,
    Delivery,
    Digest,
    Event,
    Journal,
    Officer,
    Priority,
    Resident,
    Story,
    Survey,
)
from metengage.models.people import Row

HOW = {Consent.WEB: "on our website", Consent.DOORSTEP: "at the door"}
LOOKED = {
    "looked at concern": "looked at what you told your team",
    "looked at complaint": "looked at your complaint",
    "answered complaint": "answered your complaint",
    "saw who comes to an event": "saw your name among those who come to an event",
    "signed up at a door": "signed you up at the door",
}
IN_MEMORY = 2 * 1024 * 1024  # bytes of a copy; a larger one goes through a file

KINDS = {
    Delivery.ALERT: "Alert",
    Delivery.DIGEST: "Digest",
    Delivery.CONFIRM: "Asked you to confirm your sign-up",
    Delivery.KNOWN: "A link to your page, because you signed up again",
    Delivery.SIGN_IN: "A link to your page",
    Delivery.STARTED: "Your borough has started",
    Delivery.REMINDER: "Reminded you to confirm your sign-up",
    Delivery.WELCOME: "Welcome",
    Delivery.GOODBYE: "Goodbye",
    Delivery.NEW_ADDRESS: "Asked you to confirm your new address",
    Delivery.OLD_ADDRESS: "Told your old address about the new one",
    Delivery.RECEIPT: "We have your complaint",
    Delivery.NOTICE: "About what you told your team, an event you booked, or a question to you",
}


class Gone(Exception):
    """They have left or were erased at this very moment."""


@dataclass(frozen=True)
class Section:
    """What one table holds of a resident, the newest first."""

    name: str  # of the table
    title: str
    columns: list[tuple[str, register.Record]]
    rows: list[tuple]
    how_many: int  # also those that are not among the rows
    _words: list[Callable[[Any], str]]

    def in_words(self) -> Iterator[list[tuple[str, str]]]:
        """Each row as (what, in words), without what is empty."""
        for row in self.rows:
            facts = zip(self.columns, self._words, row, strict=True)
            yield [(about.label, words(value)) for (_, about), words, value in facts if value not in (None, "")]

    def as_data(self) -> Iterator[dict[str, Any]]:
        """Each row for a machine; what stands for something else is followed by its words."""
        for row in self.rows:
            data = {}
            for (name, about), words, value in zip(self.columns, self._words, row, strict=True):
                data[name] = f"{value.isoformat()}Z" if isinstance(value, datetime) else value
                if about.shown and value is not None:
                    data[f"{name}_in_words"] = words(value)
            yield data


# --- Read ---


def everything(resident: Resident, most: int | None = None) -> list[Section]:
    """All that we hold of a resident, as the register says; of each kind the newest `most` rows."""
    return [_section(table, entry, resident, most) for table, entry in register.ABOUT.items()]


def who_looked(resident: Resident) -> list[tuple[datetime, str, str]]:
    """(when, which officer, what they did) with this resident's record, the latest first."""
    lines = Journal.select(Journal, Officer).join(Officer).where(Journal.resident == resident)
    return [
        (line.at, officer_in_words(line.officer), LOOKED.get(line.action, line.action))
        for line in lines.order_by(Journal.id.desc())
    ]


def officer_in_words(officer: Officer) -> str:
    return f"{officer.name}, {officer.role}"


def _section(table: type[Row], entry: register.Entry, resident: Resident, most: int | None) -> Section:
    columns = [(name, each) for name, each in entry.records.items() if each.shown != register.HIDDEN]
    fields = [table._meta.fields[name] for name, _ in columns]
    mine = table.select(*fields).where(holdings.told(table, resident)).order_by(table._meta.primary_key.desc())
    rows = list(mine.limit(most).tuples())
    how_many = mine.count() if most and len(rows) == most else len(rows)
    words = [
        _in_words(about.shown, isinstance(field, DateTimeField), {row[place] for row in rows if row[place] is not None})
        if about.shown != register.ANSWERS else _answers
        for place, ((_, about), field) in enumerate(zip(columns, fields, strict=True))
    ]  # fmt: skip
    return Section(table._meta.table_name, entry.title, columns, rows, how_many, words)


# --- In words ---


def _in_words(shown: str, is_moment: bool, values: set) -> Callable[[Any], str]:
    """What puts a column's values in words, having looked up what they stand for."""
    if is_moment:
        return formats.moment
    names = _NAMES[shown](values) if shown else {}
    return lambda value: str(names.get(value, value))


def _titles(title: Field) -> Callable[[set], dict]:
    table = title.model

    def titles(ids: set) -> dict:
        return dict(table.select(table.id, title).where(db.one_of(table.id, sorted(ids))).tuples())

    return titles


def _areas(codes: set) -> dict[str, str]:
    return {area.code: area.full_name for area in areas.named(sorted(codes))}


def _digests(ids: set) -> dict[int, str]:
    return {row.id: f"{row.frequency}, {row.date}" for row in Digest.select().where(Digest.id.in_(ids))}


def _officers(ids: set) -> dict[int, str]:
    return {row.id: officer_in_words(row) for row in Officer.select().where(Officer.id.in_(ids))}


def _answers(answers: dict) -> str:
    said = {name: formats.listing(map(str, each)) if isinstance(each, list) else each for name, each in answers.items()}
    return "; ".join(f"{name}: {each}" for name, each in said.items())


_NAMES = {
    register.AREA: _areas,
    register.ALERT: _titles(Alert.title),
    register.STORY: _titles(Story.title),
    register.EVENT: _titles(Event.title),
    register.PRIORITY: _titles(Priority.issue),
    register.SURVEY: _titles(Survey.title),
    register.HOW_INFORMED: lambda scores: INFORMED,
    register.DIGEST: _digests,
    register.OFFICER: _officers,
    register.TYPE: lambda slugs: {slug: ALERT_TYPES[slug].name for slug in slugs},
    register.FREQUENCY: lambda slugs: FREQUENCIES,
    register.THEME: lambda slugs: THEMES,
    register.WORDING: lambda names: CONSENT_WORDINGS,
    register.EMAIL: lambda kinds: KINDS,
    register.HOW: lambda sources: HOW,
    register.YES_OR_NO: lambda values: {True: "yes", False: "no"},
    register.WHY: lambda slugs: WHY_NOT_USEFUL,
    register.HOW_OFTEN: lambda slugs: HOW_OFTEN,
    register.SCRAMBLED: lambda hashes: dict.fromkeys(hashes, "in a scrambled form"),
}


# --- Copy ---


def copy(resident: Resident, now: datetime) -> list[Section]:
    """All that we hold, for good: no erasing comes between its parts. Raises Gone."""
    with db.handle.atomic():
        if not subscriptions.take(resident):
            raise Gone
        journal.note("downloaded a copy", resident=resident)
        return everything(resident)


def zipped(sections: list[Section], readable: Iterable[str], now: datetime) -> IO[bytes]:
    """One file that holds both forms of a copy: for machines, and `readable`, the pieces of a page for people."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  whoever sends it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, pieces in (("metengage.json", _as_json(sections, now)), ("metengage.html", readable)):
            with package.open(name, "w") as entry:
                for piece in pieces:
                    entry.write(piece.encode())
    file.seek(0)
    return file


def _as_json(sections: list[Section], now: datetime) -> Iterator[str]:
    yield f'{{\n"made_at": "{now.isoformat()}Z"'
    for section in sections:
        yield f',\n"{section.name}": ['
        for place, row in enumerate(section.as_data()):
            yield ("," if place else "") + "\n" + json.dumps(row, ensure_ascii=False)
        yield "]"
    yield "\n}\n"


# --- Erase ---


def erase(resident: Resident, now: datetime) -> bool:
    """Erase a resident at once; False when they were erased already."""
    with db.handle.atomic():
        # Their row before those of events; others have the places that were theirs.
        subscriptions.take_whoever(resident.id)
        bookings.end_all(resident, now)
        return holdings.erase(resident, "by themselves", now)


def what_goes() -> list[str]:
    """What erasing takes, as the register says: “What concerns you: Theme and Your order”."""
    found = []
    for entry in register.ABOUT.values():
        labels = [each.label for each in entry.records.values() if not each.stays and each.shown != register.HIDDEN]
        found += [f"{entry.title}: {formats.listing(labels)}"] if labels else []
    return found


def what_stays() -> list[str]:
    """What erasing leaves, and why, as the register says."""
    records = (each for entry in register.ABOUT.values() for each in entry.records.values())
    return list(dict.fromkeys(each.erase for each in records if each.stays))
