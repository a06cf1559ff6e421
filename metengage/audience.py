"""Who an alert reaches: the subscribed, or of them who named its theme; not the paused. Who else hears: see ties."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from peewee import SQL, NodeList, Select, Value, fn

from metengage import db, schedule
from metengage.choices import DAILY, FREQUENCIES, IMMEDIATELY, WEEKLY
from metengage.models import (
    Alert,
    AlertArea,
    Area,
    Delivery,
    Digest,
    DigestAlert,
    Held,
    Resident,
    Subscription,
    ThemeChoice,
)

KEPT = "kept for the weekly email: they want no more a week"  # why it is skipped


def reach(codes: Iterable[str]) -> list[str]:
    """The areas whose subscribers hear of an alert to these: a ward's borough too, and all wards of a borough."""
    codes = set(codes)
    asked = db.one_of(Area.code, list(codes)) | db.one_of(Area.parent, list(codes))
    rows = list(Area.select(Area.code, Area.parent).where(asked).tuples())
    found = {code for code, _ in rows} | {parent for code, parent in rows if parent and code in codes}
    return sorted(found)


def reaches(alert_ids: Collection[int]) -> dict[int, set[str]]:
    """The same for many alerts at once: alert's id → the areas whose subscribers hear of it."""
    parents = dict(Area.select(Area.code, Area.parent).tuples())
    wards: dict[str, set[str]] = {}
    for code, parent in parents.items():
        wards.setdefault(parent or code, set()).add(code)
    found: dict[int, set[str]] = {alert_id: set() for alert_id in alert_ids}
    rows = AlertArea.select(AlertArea.alert, AlertArea.area).where(db.one_of(AlertArea.alert, list(alert_ids)))
    for alert_id, code in db.rows(rows):
        found[alert_id] |= {code, parents[code]} if parents[code] else {code, *wards[code]}
    return found


def area_codes(alert: Alert) -> list[str]:
    """The areas that an alert is written to, as the officer chose them."""
    rows = AlertArea.select(AlertArea.area).where(AlertArea.alert == alert).order_by(AlertArea.area).tuples()
    return [code for (code,) in rows]


def concern(alert: Alert) -> str | None:
    """The theme that residents must have named to hear of an alert, unless they follow its story."""
    return alert.theme if alert.only_concerned else None


def of(alert_type: str, codes: Iterable[str], frequency: str, now: datetime, theme: str | None = None):
    """A query for the ids of the residents who hear of such an alert in this way, each once; not of the paused.

    With a theme: only of those who named it as a concern.
    """
    return hearers(alert_type, reach(codes), frequency, now, theme)


def size(
    alert_type: str, codes: Iterable[str], now: datetime, theme: str | None = None, beyond: Collection[int] = ()
) -> dict[str, int]:
    """How many residents such an alert reaches, by frequency: immediately, daily, weekly.

    The residents `beyond` hear of it at once, and are counted once.
    """
    reached = reach(codes)
    found = {each: hearers(alert_type, reached, each, now, theme, beyond).count() for each in FREQUENCIES}
    return found | {IMMEDIATELY: found[IMMEDIATELY] + len(beyond)}


def hearers(
    alert_type: str,
    reached: list[str],
    frequency: str,
    now: datetime,
    theme: str | None = None,
    beyond: Collection[int] = (),
):
    """The same as `of` for areas that are reached, but for the residents `beyond`."""
    # The plus sign hides from SQLite that another index has residents in order: for many areas it would walk the whole
    # of that one, which takes six times as long as to sort what subscription_audience gives. GROUP BY does sort;
    # DISTINCT would fill a tree, which takes twice as long.
    resident = NodeList((SQL("+"), Subscription.resident), glue="")
    rows = Subscription.select(resident.alias("resident_id")).where(
        Subscription.alert_type == alert_type,
        Subscription.area.in_(reached),
        Subscription.frequency == frequency,
        Subscription.live(),
        Subscription.resident.not_in(Resident.paused(now)),
    )
    if theme is not None:
        rows = rows.where(has_named(theme))
    return (rows.where(~db.one_of(Subscription.resident, list(beyond))) if beyond else rows).group_by(resident)


def has_named(theme: str):
    """A condition on subscriptions: their resident named a theme as a concern."""
    rows = ThemeChoice.select(SQL("1")).where(ThemeChoice.theme == theme)
    return fn.EXISTS(rows.where(ThemeChoice.resident == Subscription.resident))


def concerned(theme: str, residents: list[int]) -> set[int]:
    """Those of these residents who named a theme as their concern."""
    rows = ThemeChoice.select(ThemeChoice.resident).where(
        ThemeChoice.theme == theme, db.one_of(ThemeChoice.resident, residents)
    )
    return {resident for (resident,) in db.rows(rows)}


def away(residents: list[int], now: datetime) -> set[int]:
    """Those of these residents who get nothing any more, or for now: they have left, are erased, or are paused."""
    gone = (Resident.state != Resident.CONFIRMED) | Resident.is_paused(now)
    rows = Resident.select(Resident.id).where(db.one_of(Resident.id, residents), gone)
    return {resident for (resident,) in db.rows(rows)}


# --- Who got it, and hears that it was corrected ---

# A worker that claimed its batch so shortly after a correction may have read the alert before it.
AFTER = timedelta(seconds=2)


def told(correction: Alert, now: datetime, is_paused: bool = False) -> list:
    """Queries for the ids of the residents who got what this corrects, by itself, corrected before or in a digest.

    However they heard of it, and whatever they hear now: but not of who has left, and either of the paused or of the
    others. Somebody may be in both. Who got it after the correction began got the right words.
    """
    first_id = correction.corrects_id
    until = correction.created_at if correction.is_withdrawal else correction.sending_at or now
    chain = Alert.select(Alert.id).where((Alert.id == first_id) | (Alert.corrects == first_id))
    chain = chain.where(Alert.id != correction.id)
    theirs = Resident.select(Resident.id).where(Resident.state == Resident.CONFIRMED)
    paused = Resident.paused(now)
    theirs = theirs.where(Resident.id.in_(paused) if is_paused else Resident.id.not_in(paused))
    written = fn.COALESCE(Delivery.claimed_at, Delivery.sent_at) <= until + AFTER
    got = (Delivery.is_in(Delivery.SENT) | Delivery.is_in(Delivery.SENDING)) & written
    rows = Delivery.select(Delivery.resident).where(got, Delivery.resident.in_(theirs))
    by_itself = rows.where(Delivery.alert.in_(chain), Delivery.digest.is_null())
    return [by_itself, rows.where(Delivery.alert.is_null(), Delivery.digest.is_null(False), _had_in_digest(first_id))]


def _had_in_digest(first_id: int):
    """An expression: this email, a digest, had the alert in it, by what its resident heard then or by what was held."""
    alert = Alert.get_by_id(first_id)
    runs = DigestAlert.select(DigestAlert.digest).where(DigestAlert.alert == alert)
    wish = Subscription.select(SQL("1")).where(
        Subscription.resident == Delivery.resident,
        Subscription.alert_type == alert.alert_type,
        Subscription.area.in_(reach(area_codes(alert))),
        Subscription.frequency == Digest.select(Digest.frequency).where(Digest.id == Delivery.digest),
        Subscription.began_at <= alert.sending_at,
        *([has_named(concern(alert))] if concern(alert) else ()),
        Subscription.live() | (Subscription.ended_at >= fn.COALESCE(Delivery.claimed_at, Delivery.sent_at)),
    )
    kept = Held.select(SQL("1")).where(
        Held.resident == Delivery.resident, Held.alert == alert, Held.digest == Delivery.digest
    )
    return (Delivery.digest.in_(runs) & fn.EXISTS(wish)) | fn.EXISTS(kept)


def count_told(correction: Alert, now: datetime, is_paused: bool = False) -> int:
    """How many residents hear of a correction."""
    those = [Resident.id.in_(query) for query in told(correction, now, is_paused)]
    return Resident.select().where(those[0] | those[1]).count()


def hold_for_paused(correction: Alert, now: datetime) -> None:
    """Keep a correction for the daily email after the pause of each who got what it corrects and is paused now.

    Of the corrections before it nothing is kept any more.
    """
    same = [Value(each) for each in (correction.id, DAILY, now)]
    for residents in told(correction, now, is_paused=True):
        those = residents.distinct().alias("those")
        # SQLite takes ON for that of a join, unless something stands before it.
        rows = Select([those], [SQL("resident_id"), *same]).where(SQL("resident_id") > 0)
        into = Held.insert_from(rows, [Held.resident, Held.alert, Held.frequency, Held.held_at])
        into.on_conflict("NOTHING", conflict_target=[Held.resident, Held.alert]).as_rowcount().execute()
    earlier = Alert.select(Alert.id).where(Alert.corrects == correction.corrects_id, Alert.id != correction.id)
    Held.delete().where(Held.alert.in_(earlier), Held.digest.is_null()).execute()


# --- Why each of them hears of it ---


def reasons(alert_type: str, reached: Collection[str], residents: list[int]) -> dict[int, tuple[str, ...]]:
    """For each of these residents who is still subscribed: which of the areas `reached` bring them such an alert."""
    rows = Subscription.select(Subscription.resident, Subscription.area).where(
        db.one_of(Subscription.resident, residents), Subscription.alert_type == alert_type, Subscription.live()
    )
    # A resident has few areas, an alert may have hundreds: these are looked through here.
    found = {}
    for resident, area in db.rows(rows):
        if area in reached:
            found[resident] = (*found.get(resident, ()), area)
    return found


# --- No more than so many a week ---


def capped(caps: Mapping[int, int], now: datetime) -> set[int]:
    """Those of these residents (id → emails a week) who have had as many as they want until Saturday's email.

    A week begins with that email, which is one of them. What is on its way counts, and of each resident one email is:
    the one that asks.
    """
    if not caps:
        return set()
    week = schedule.last_moment(WEEKLY, now)
    weekly = Digest.select(Digest.id).where(Digest.frequency == WEEKLY, Digest.until >= week - schedule.PERIODS[WEEKLY])
    had = (Delivery.is_in(Delivery.SENT) & (Delivery.sent_at > week)) | Delivery.is_in(Delivery.SENDING)
    counts = dict.fromkeys(caps, -1)
    for which in (Delivery.alert.is_null(False), Delivery.digest.is_null(False) & Delivery.digest.not_in(weekly)):
        rows = Delivery.select(Delivery.resident, fn.COUNT(Delivery.id)).where(
            db.one_of(Delivery.resident, list(caps)), which, had
        )
        for resident, how_many in db.rows(rows.group_by(Delivery.resident)):
            counts[resident] += how_many
    return {resident for resident, cap in caps.items() if counts[resident] >= cap - 1}


def hold(resident_id: int, alert_ids: Iterable[int], frequency: str, now: datetime, run: Digest | None = None) -> None:
    """Keep alerts for the resident's next email of this frequency, or for that of a run. Twice is once.

    What was kept for one of another frequency is kept for this one instead.
    """
    same = {"resident": resident_id, "frequency": frequency, "held_at": now, "digest": run}
    rows = [same | {"alert": alert_id} for alert_id in alert_ids]
    if rows:
        once = {"conflict_target": [Held.resident, Held.alert], "preserve": [Held.frequency, Held.held_at, Held.digest]}
        Held.insert_many(rows).on_conflict(**once, where=Held.frequency != frequency).execute()
