"""Write, preview, check, begin sending; who may see which."""

from collections.abc import Callable, Iterable
from datetime import datetime

from peewee import JOIN, SQL, Select, fn

from metengage import addressing, areas, audience, copies, db, deliveries, journal, mailings, officers, rounds, stories
from metengage.choices import ALERT_TYPES, IMMEDIATELY
from metengage.formats import listing
from metengage.headcount import lacking as lacking_people
from metengage.mail import Email
from metengage.models import Alert, AlertArea, Area, Delivery, Membership, Officer, Resident, Story, Team

SHOWN_ON_PAGE = 20


class NotReady(Exception):
    """Something is missing before it can be sent; the message says what."""


class AlreadySent(Exception):
    """Somebody else was first."""


class ChangedMeanwhile(Exception):
    """It was saved from elsewhere since this page was opened; nothing was overwritten."""


# --- Who may see which ---


def _visible_to(officer: Officer):
    """A query for the alerts of the officer's teams; an administrator sees all."""
    rows = Alert.select(Alert, Team, Story).join(Team).join_from(Alert, Story, JOIN.LEFT_OUTER)
    if officer.role != Officer.ADMINISTRATOR:
        teams = Membership.select(Membership.team).where(Membership.officer == officer)
        rows = rows.where(Alert.team.in_(teams))
    return rows


def alert_for(officer: Officer, alert_id: int) -> Alert | None:
    """The alert, if this officer may see it."""
    return _visible_to(officer).where(Alert.id == alert_id).first()


def list_for(officer: Officer, limit: int = 50) -> list[Alert]:
    """The alerts an officer may see: drafts first, then the newest."""
    return list(
        _visible_to(officer)
        .where(Alert.state != Alert.CANCELLED)
        .order_by(Alert.state != Alert.DRAFT, Alert.sending_at.desc(), Alert.changed_at.desc())
        .limit(limit)
    )


def public(alert_id: int) -> Alert | None:
    """An alert that anybody may read: it has been sent, or is being."""
    alert = Alert.get_or_none(Alert.id == alert_id)
    return alert if alert and alert.is_public else None


def of_area(area: Area, limit: int = SHOWN_ON_PAGE) -> list[Alert]:
    """The latest alerts sent to a ward or to its borough, newest first; for a borough, those to all of it."""
    return list(
        Alert.select()
        .join(AlertArea)
        .where(AlertArea.area.in_([area.code, area.borough.code]), Alert.state.in_((Alert.SENDING, Alert.SENT)))
        .distinct()
        .order_by(Alert.sending_at.desc())
        .limit(limit)
    )


def written_to(alert: Alert) -> list[Area]:
    """The wards and boroughs an alert is written to."""
    return areas.named(audience.area_codes(alert))


# --- Write ---


def begin(officer: Officer, team: Team, now: datetime) -> Alert:
    """A new, empty draft for one of the officer's teams."""
    return Alert.create(team=team, author=officer, created_at=now, changed_at=now)


def save(
    alert: Alert, revision: int, codes: Iterable[str], now: datetime, editor="", is_last=False, story=None, **words
) -> Alert:
    """Keep a draft's words (title, body, alert_type, theme), areas, urgency, and what is Chosen of its story if given.

    `revision` is the one the writer began from, and `editor` names their open page: it may save again and again
    while no other page has, until a save that `is_last`. Raises ChangedMeanwhile, AlreadySent, or stories.NotOpen.
    """
    mine = (Alert.revision == revision) | ((Alert.editor == editor) & (Alert.editor != ""))
    with db.handle.atomic():
        saved = (
            Alert.update(changed_at=now, revision=Alert.revision + 1, editor="" if is_last else editor, **words)
            .where(Alert.id == alert.id, Alert.state == Alert.DRAFT, mine)
            .execute()
        )
        if not saved:
            raise ChangedMeanwhile if Alert.get_by_id(alert.id).is_draft else AlreadySent
        AlertArea.delete().where(AlertArea.alert == alert).execute()
        for code in sorted(set(codes)):
            AlertArea.create(alert=alert, area=code)
        if story:
            stories.put(alert, story, now)
    return Alert.get_by_id(alert.id)


def discard(alert: Alert, officer: Officer, now: datetime) -> bool:
    """Put a draft away for good; False when it is no longer one."""
    with db.handle.atomic():
        is_draft = (Alert.id == alert.id) & (Alert.state == Alert.DRAFT)
        gone = Alert.update(state=Alert.CANCELLED, changed_at=now).where(is_draft).execute()
        if gone:
            stories.put(alert, stories.Chosen(), now)
            journal.note("discarded alert", officer=officer, alert=alert)
    return bool(gone)


def missing(alert: Alert, officer: Officer) -> list[tuple[str, str]]:
    """What must be mended before this officer may send it: (the form's field, a sentence that says what to do)."""
    places = written_to(alert)
    beyond = [place.full_name for place in places if place not in officers.areas_for(officer, alert.team)]
    lines = [
        ("title", "Enter a title", alert.title.strip()),
        ("alert_type", "Choose what kind of alert this is", alert.alert_type in ALERT_TYPES),
        ("areas", "Choose at least one area", places),
        (
            "areas",
            f"Ask a supervisor to send it, or take out {listing(beyond)}: it is not yours to write to",
            not beyond,
        ),
        ("body", "Write the alert", alert.body.strip()),
    ]
    found = [(field, sentence) for field, sentence, is_there in lines if not is_there]
    return found + lacking_people(alert, db.now()) + stories.lacking(alert)


def reached(alert: Alert, now: datetime) -> dict[str, int]:
    """How many residents it reaches now, by frequency: immediately, daily, weekly."""
    theme = audience.concern(alert)
    return audience.size(alert.alert_type, audience.area_codes(alert), now, alert.story_id, theme)


def preview(alert: Alert) -> Email:
    """The email as a resident would get it, addressed to nobody."""
    places = written_to(alert)
    nobody = Delivery(
        id=0, kind=Delivery.ALERT, created_at=alert.changed_at, resident=Resident(email="resident@example.org")
    )
    places = places or officers.wards_of(alert.team)
    return mailings.alert(alert, places).to(nobody, mailings.sample_values(alert, places))


# --- Send ---


def begin_sending(alert: Alert, officer: Officer, now: datetime) -> Alert:
    """Fix the alert as it is and let it go. Raises NotReady, or AlreadySent when somebody else was first."""
    lacking = missing(alert, officer)
    if lacking:
        raise NotReady(lacking[0][1])
    size = reached(alert, now)[IMMEDIATELY]
    with db.handle.atomic():
        begun = (
            Alert.update(state=Alert.SENDING, sending_at=now, sender=officer, audience_size=size)
            .where(Alert.id == alert.id, Alert.state == Alert.DRAFT, Alert.revision == alert.revision)
            .execute()
        )
        if not begun:
            raise ChangedMeanwhile if Alert.get_by_id(alert.id).is_draft else AlreadySent
        if not stories.go_on(alert, now):
            raise NotReady(stories.HAS_ENDED)
        journal.note("sent alert", officer=officer, alert=alert, detail=f"{size} at once")
    return Alert.get_by_id(alert.id)


def send_some(alert: Alert, clock: Callable[[], datetime] = db.now) -> int:
    """A slice of the rows if some are still to be made, else a round of emails; 0 when nothing is due.

    May raise rounds.NotNow.
    """
    if alert.state != Alert.SENDING or alert.paused_at:
        return 0
    if alert.stopped_at:
        return _skip_rest(alert, clock())
    if alert.prepared_at is None:
        addressing.prepare_alert(alert, clock())
    if alert.prepared_at is None:
        return 1
    Alert.update(worked_at=clock()).where(Alert.id == alert.id).execute()
    return rounds.to_many(alert, lambda rows: copies.of(alert).for_rows(rows, clock()), clock)


def _skip_rest(alert: Alert, now: datetime) -> int:
    skipped = deliveries.skip_rest(alert, "sending was stopped")
    if not skipped:
        rounds.close_if_done(alert, now)
    return skipped


def unfinished(quiet_since: datetime) -> list[Alert]:
    """Alerts that are being sent and that no worker has touched since then."""
    return list(
        Alert.select().where(
            Alert.state == Alert.SENDING,
            Alert.paused_at.is_null(),
            Alert.sending_at <= quiet_since,
            Alert.worked_at.is_null() | (Alert.worked_at <= quiet_since),
        )
    )


# --- Watch ---


def tally(alert: Alert) -> dict[str, int]:
    """How many of an alert's emails are in each state, all at one moment."""
    mine = Delivery.select(fn.COUNT(SQL("*"))).where(Delivery.alert == alert)
    # Sent is what remains of the rows made: nearly all of them are. The others are in indexes of their own, named in
    # those indexes' words, or SQLite would read every row.
    others = {
        Delivery.PENDING: Delivery.digest.is_null() & SQL("state = 'pending'"),
        Delivery.SENDING: SQL("state = 'sending'"),
        Delivery.FAILED: SQL("state IN ('failed', 'skipped') AND state = 'failed'"),
        Delivery.SKIPPED: SQL("state IN ('failed', 'skipped') AND state = 'skipped'"),
    }
    made = Alert.select(Alert.audience_size).where(Alert.id == alert.id, Alert.prepared_at.is_null(False))
    counts = [mine.where(each) for each in others.values()]
    total, *found = Select(columns=[made, *counts]).bind(db.handle).tuples().get()
    return {Delivery.SENT: max(0, (total or 0) - sum(found))} | dict(zip(others, found, strict=True))


def failures(alert: Alert, limit: int = 5) -> list[tuple[str, int]]:
    """Why emails of an alert failed, were skipped or wait, in words with how many, the most frequent first."""
    how_many = fn.COUNT(SQL("*"))
    rows = (
        Delivery.select(Delivery.reason, how_many)
        .where(Delivery.alert == alert, Delivery.reason.is_null(False))  # what was sent has none
        .group_by(Delivery.reason)
        .order_by(how_many.desc())
        .limit(limit)
    )
    return list(rows.tuples())
