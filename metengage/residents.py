"""Sign up, be reminded, confirm, change preferences; be forgotten."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import fn

from metengage import addressing, areas, db, deliveries, formats, journal, limits, links, subscriptions, survey
from metengage.choices import ALERT_TYPES, FREQUENCIES, THEMES
from metengage.models import Area, Consent, Delivery, Link, Resident, Subscription, ThemeChoice, Waiting
from metengage.subscriptions import Choice

# Every wording that anybody ever agreed to stays here under its name.
CONSENT_WORDINGS = {
    "2026-11": (
        "I agree that my local police team may keep these answers and email me the alerts I chose. "
        "I can change this or leave at any time."
    ),
}
WORDING = "2026-11"  # the one in use

REMINDED_AFTER = timedelta(days=2)  # who has not confirmed by then is asked once more
REMINDED_AT_ONCE = 500  # people
UNCONFIRMED_KEPT = timedelta(days=7)  # then a sign-up that nobody confirmed is deleted
LEFT_KEPT = timedelta(days=28)  # then the address of somebody who left is erased
HISTORY_KEPT = timedelta(days=365)  # then an ended subscription is deleted


# --- Sign up ---


def read_back(answers: Mapping) -> list[tuple[survey.Question, str | list[str]]]:
    """The answers in words, in the order they were asked, for “check your answers”."""
    places = {area.code: area.full_name for area in areas.named([answers["ward"], *answers["areas"]])}
    borough = areas.borough(answers.get("borough", ""))
    words = {
        "postcode": formats.postcode(answers.get("postcode", "")),
        "borough": borough.name if borough else "",
        "ward": places.get(answers["ward"], ""),
        "areas": [places[code] for code in answers["areas"] if code in places],
        "types": [ALERT_TYPES[slug].name for slug in answers["types"]],
        "concerns": [THEMES[theme] for theme in survey.real_concerns(answers)] or "None of these",
        "rank": [f"{place}. {THEMES[theme]}" for place, theme in enumerate(answers.get("rank", []), 1)],
        "frequency": FREQUENCIES[answers["frequency"]],
        "name": answers["name"],
        "email": answers["email"],
    }
    return [(survey.QUESTIONS[name], words[name]) for name in survey.path(answers)]


def sign_up(answers: Mapping, now: datetime) -> Delivery | None:
    """Store what somebody agreed to, pending until they confirm, and the email that asks them to.

    An address that is confirmed already keeps everything it has, and is sent its preferences link instead.
    None when this address has had as many emails as it may for now.
    """
    if not limits.allows("sign-in mail address", answers["email"], now):
        return None
    with db.handle.atomic():
        Resident.insert(email=answers["email"], created_at=now).on_conflict_ignore().execute()
        resident = Resident.get(Resident.email == answers["email"])
        if resident.is_confirmed:
            return addressing.to_resident(Delivery.KNOWN, resident, now)
        consent = Consent.create(resident=resident, wording=WORDING, answers=dict(answers), created_at=now)
        return addressing.to_resident(Delivery.CONFIRM, resident, now, consent)


def confirm(link: Link, now: datetime) -> Resident:
    """Begin what the consent behind this link says. Pressing the button twice is success."""
    with db.handle.atomic():
        links.use_up(link, now)
        consent = link.consent
        mine = (
            Consent.update(confirmed_at=now, answers=None)
            .where(Consent.id == consent.id, Consent.confirmed_at.is_null())
            .execute()
        )
        if mine:
            _apply(consent.resident, consent.answers, now)
            addressing.to_resident(Delivery.WELCOME, consent.resident, now)
    return Resident.get_by_id(consent.resident_id)


def _apply(resident: Resident, answers: Mapping, now: datetime) -> None:
    Resident.update(
        state=Resident.CONFIRMED, confirmed_at=now, left_at=None, home=answers["ward"], name=answers["name"]
    ).where(Resident.id == resident.id).execute()
    ranks = {theme: place for place, theme in enumerate(answers.get("rank", []), 1)}
    ThemeChoice.delete().where(ThemeChoice.resident == resident).execute()
    for theme in survey.real_concerns(answers):
        ThemeChoice.create(resident=resident, theme=theme, rank=ranks.get(theme))
    wanted = {
        Choice(code, slug, answers["frequency"])
        for code in [answers["ward"], *answers["areas"]]
        for slug in answers["types"]
    }
    subscriptions.change(resident, wanted, "sign-up", now)
    _forget_pending(resident)
    journal.note("confirmed", resident=resident)


def _forget_pending(resident: Resident) -> None:
    """End the other sign-ups of this address: a link that somebody else caused must not undo a choice."""
    Consent.delete().where(Consent.resident == resident, Consent.confirmed_at.is_null()).execute()


def remind_unconfirmed(now: datetime) -> int:
    """Ask once more whoever signed up two days ago and has not confirmed; returns how many, at most REMINDED_AT_ONCE.

    Only for the newest sign-up of an address, and once while it waits, however often somebody signed it up.
    """
    due = [id for (id,) in _to_remind(now).limit(REMINDED_AT_ONCE).tuples()]
    with db.handle.atomic():
        mine = (Consent.id.in_(due), Consent.reminded_at.is_null(), Consent.confirmed_at.is_null())
        reminded = list(Consent.update(reminded_at=now).where(*mine).returning(Consent).execute())
        for consent in reminded:
            addressing.to_resident(Delivery.REMINDER, consent.resident_id, now, consent)
    return len(reminded)


def _to_remind(now: datetime):
    """A query for the sign-ups that nobody has confirmed or was reminded of, and for which it is time."""
    other = Consent.alias()
    has_other = other.select().where(
        other.resident == Consent.resident, other.confirmed_at.is_null(), other.id != Consent.id,
        (other.created_at > Consent.created_at) | other.reminded_at.is_null(False),
    )  # fmt: skip
    waiting = (Consent.confirmed_at.is_null(), Consent.reminded_at.is_null(), Consent.answers.is_null(False))
    is_time = (Consent.created_at > now - UNCONFIRMED_KEPT) & (Consent.created_at <= now - REMINDED_AFTER)
    rows = Consent.select(Consent.id).join(Resident).where(*waiting, is_time, Resident.state != Resident.CONFIRMED)
    return rows.where(~fn.EXISTS(has_other)).order_by(Consent.created_at)


def forget_unconfirmed(now: datetime) -> int:
    """Delete sign-ups that nobody confirmed in seven days, and people who never did; returns how many people."""
    old = now - UNCONFIRMED_KEPT
    with db.handle.atomic():
        Consent.delete().where(Consent.confirmed_at.is_null(), Consent.created_at < old).execute()
        hopeful = Consent.select(Consent.resident).where(Consent.confirmed_at.is_null())
        gone = Resident.select(Resident.id).where(
            Resident.state == Resident.PENDING, Resident.created_at < old, Resident.id.not_in(hopeful)
        )
        deliveries.forget(gone)
        return Resident.delete().where(Resident.id.in_(gone)).execute()


def forget_left(now: datetime) -> int:
    """Erase who left 28 days ago, keeping a row without a person, and old history; returns how many people."""
    with db.handle.atomic():
        gone = [
            row.id
            for row in Resident.select(Resident.id).where(
                Resident.state == Resident.LEFT, Resident.left_at < now - LEFT_KEPT
            )
        ]
        ThemeChoice.delete().where(ThemeChoice.resident.in_(gone)).execute()
        Resident.update(state=Resident.ERASED, email=None, name="", home=None).where(Resident.id.in_(gone)).execute()
        Subscription.delete().where(Subscription.ended_at < now - HISTORY_KEPT).execute()
    return len(gone)


def wait_for(borough: Area, email: str, now: datetime) -> None:
    """Keep an address to write to once, when its borough starts. Twice is once."""
    Waiting.insert(email=email, borough=borough, created_at=now).on_conflict_ignore().execute()


# --- Links ---


def ask_for_link(email: str, now: datetime) -> Delivery | None:
    """Send the magic link to whoever has this address: residents their preferences, newcomers their confirmation.

    None when there is nobody, or too many were asked for; the caller's page is the same in every case.
    """
    allowed = limits.allows("sign-in mail address", email, now)
    resident = Resident.get_or_none(Resident.email == email)
    if not allowed or resident is None:
        return None
    if resident.is_confirmed:
        return addressing.to_resident(Delivery.SIGN_IN, resident, now)
    consent = resident.consents.where(Consent.confirmed_at.is_null()).order_by(Consent.created_at.desc()).first()
    return addressing.to_resident(Delivery.CONFIRM, resident, now, consent) if consent else None


# --- Preferences ---


@dataclass(frozen=True)
class Preferences:
    """What a resident hears about now."""

    areas: list[Area]  # the home ward first
    types: list[str]
    frequency: str


def preferences(resident: Resident) -> Preferences:
    """What this resident is subscribed to now."""
    live = list(resident.subscriptions.where(Subscription.live()).order_by(Subscription.id))
    codes = sorted({row.area_id for row in live}, key=lambda code: (code != resident.home_id, code))
    chosen = {row.alert_type for row in live}
    return Preferences(
        areas=areas.named(codes),
        types=[slug for slug in ALERT_TYPES if slug in chosen],
        frequency=live[-1].frequency if live else "",
    )


def change(
    resident: Resident, types: Iterable[str], codes: Iterable[str], frequency: str, now: datetime
) -> Preferences:
    """Hear about these types in these areas, this often, from now on."""
    with db.handle.atomic():
        wanted = {Choice(code, slug, frequency) for code in codes for slug in types}
        subscriptions.change(resident, wanted, "preferences", now)
        journal.note("changed preferences", resident=resident)
    return preferences(resident)


def in_session(resident_id: int, link_version: int) -> Resident | None:
    """The resident of a session, unless they have left or ended their links since it began."""
    return Resident.get_or_none(
        Resident.id == resident_id, Resident.link_version == link_version, Resident.state == Resident.CONFIRMED
    )
