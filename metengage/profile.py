"""What residents set for themselves: a pause, a cap, discreet emails, their name, and what concerns them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import reduce
from operator import and_

from peewee import fn

from metengage import db, formats, journal, subscriptions
from metengage.choices import THEMES
from metengage.models import Delivery, Resident, ThemeChoice

ORDER = ("first", "second", "third")


def _set(resident: Resident, action: str, *expected, detail: str = "", **values) -> bool:
    """Set these on a resident who has not left and is as expected, and say so in the journal; False when not."""
    mine = reduce(and_, expected, (Resident.id == resident.id) & (Resident.state == Resident.CONFIRMED))
    with db.handle.atomic():
        changed = Resident.update(**values).where(mine).execute()
        if changed:
            journal.note(action, resident=resident, detail=detail)
    return bool(changed)


# --- Pause ---


def begins(day: date) -> datetime:
    """The moment (UTC) at which this day begins in London."""
    return datetime.combine(day, time(), tzinfo=formats.LONDON).astimezone(UTC).replace(tzinfo=None)


def pause(resident: Resident, until: date) -> bool:
    """Send nothing until this day begins in London."""
    return _set(resident, "paused", detail=until.isoformat(), paused_until=begins(until))


def go_on(resident: Resident, now: datetime) -> bool:
    """End a pause at this moment, as if it had been meant to end then; False when there is none."""
    mine = (Resident.id == resident.id) & Resident.is_paused(now)
    with db.handle.atomic():
        ended = Resident.update(paused_until=now).where(mine).execute()
        if ended:
            journal.note("ended pause", resident=resident)
    return bool(ended)


def is_paused(resident: Resident, now: datetime) -> bool:
    """Whether nothing is sent to this resident now; a date that is over stays until an email has said so."""
    return resident.paused_until is not None and resident.paused_until > now


def pause_in_words(resident: Resident, now: datetime) -> str:
    """“Paused until Tuesday 8 December 2026”."""
    return f"Paused until {formats.weekday(resident.paused_until)}" if is_paused(resident, now) else "Not paused"


def end_pauses(now: datetime) -> int:
    """Forget the pauses that are over and whose residents were sent an alert or a digest since; returns how many.

    That email has said that the pause is over. It reads the ended pauses (index resident_paused), and of each the
    resident's own rows.
    """
    mine = Delivery.select(Delivery.id).where(
        Delivery.resident == Resident.id, Delivery.sent_at >= Resident.paused_until
    )
    # One by one, each is an index that begins with the resident.
    was_told = fn.EXISTS(mine.where(Delivery.alert.is_null(False))) | fn.EXISTS(
        mine.where(Delivery.digest.is_null(False))
    )
    over = Resident.paused_until.is_null(False) & (Resident.paused_until <= now)
    # Read first: nobody who writes has to wait for that.
    told = [id for (id,) in db.rows(Resident.select(Resident.id).where(over, was_told))]
    return Resident.update(paused_until=None).where(db.one_of(Resident.id, told), over).execute() if told else 0


# --- Cap and discreet emails ---


def cap(resident: Resident, most: int | None) -> bool:
    """No more than so many emails from Saturday to Saturday; None is no limit."""
    return _set(resident, "capped", detail="no limit" if most is None else str(most), weekly_cap=most)


def cap_in_words(resident: Resident) -> str:
    """“No more than 3 emails a week”."""
    most = resident.weekly_cap
    return "No limit" if most is None else f"No more than {formats.count(most, 'email')} a week"


def be_discreet(resident: Resident, wanted: bool, now: datetime) -> bool:
    """Write so that sender, subject and preview say nothing, or as to everybody. Twice is once."""
    action = "became discreet" if wanted else "ended discreet"
    before = Resident.discreet_since.is_null(wanted)
    return _set(resident, action, before, discreet_since=now if wanted else None) or resident.is_confirmed


def discreet_in_words(resident: Resident) -> str:
    """“On since 3 November 2026”."""
    return f"On since {formats.day(resident.discreet_since)}" if resident.is_discreet else "Off"


# --- Name ---


def rename(resident: Resident, name: str) -> bool:
    """Greet them by this name, or by none; False when they do already, or have left."""
    return _set(resident, "changed name", Resident.name != name, name=name)


def name_in_words(resident: Resident) -> str:
    return resident.name or "Not given"


# --- Concerns ---


def concerns(resident: Resident) -> dict[str, list[str]]:
    """What concerns them and in which order, as the survey's answers have it."""
    rows = list(resident.themes)
    chosen = {row.theme for row in rows}
    ranked = sorted((row.rank, row.theme) for row in rows if row.rank is not None)
    return {"concerns": [theme for theme in THEMES if theme in chosen], "rank": [theme for _, theme in ranked]}


def choose_concerns(resident: Resident, themes: Iterable[str]) -> None:
    """Be concerned about exactly these; those that stay keep their order."""
    with db.handle.atomic():
        if subscriptions.take(resident):
            ranked = [theme for theme in concerns(resident)["rank"] if theme in set(themes)]
            _keep_concerns(resident, themes, ranked)
            journal.note("changed concerns", resident=resident)


def rank_concerns(resident: Resident, order: Iterable[str]) -> None:
    """Put these first, in this order; what is no concern of theirs any more has no place."""
    with db.handle.atomic():
        if subscriptions.take(resident):
            chosen = concerns(resident)["concerns"]
            _keep_concerns(resident, chosen, [theme for theme in order if theme in chosen])
            journal.note("ranked concerns", resident=resident)


def _keep_concerns(resident: Resident, themes: Iterable[str], ranked: list[str]) -> None:
    places = {theme: place for place, theme in enumerate(ranked, 1)}
    ThemeChoice.delete().where(ThemeChoice.resident == resident).execute()
    for theme in themes:
        ThemeChoice.create(resident=resident, theme=theme, rank=places.get(theme))


def concerns_in_words(resident: Resident) -> str:
    """“Drugs (first), Fraud and scams (second) and Burglary”."""
    mine = concerns(resident)
    ranked = [f"{THEMES[theme]} ({place})" for place, theme in zip(ORDER, mine["rank"], strict=False)]
    others = [THEMES[theme] for theme in mine["concerns"] if theme not in mine["rank"]]
    return "; ".join([*ranked, *others]) or "None"
