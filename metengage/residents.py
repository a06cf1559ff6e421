"""Sign up, be reminded, confirm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import fn

from metengage import addressing, areas, db, formats, journal, limits, links, retention, subscriptions, survey
from metengage.choices import ALERT_TYPES, FREQUENCIES, THEMES, WORDING
from metengage.models import Area, Consent, Delivery, Link, Officer, Resident, ThemeChoice, Waiting
from metengage.subscriptions import Choice

REMINDED_AFTER = timedelta(days=2)  # who has not confirmed by then is asked once more
REMINDED_AT_ONCE = 500  # people
ASKED_AFTER = timedelta(days=90)  # how well informed they feel, and then each year: see surveys


@dataclass(frozen=True)
class Agreeing:
    """How somebody agreed: by themselves, or at their door, and then with whom; and when, if that was before now."""

    source: str = Consent.WEB
    wording: str = WORDING
    officer: Officer | None = None
    at: datetime | None = None


BY_THEMSELVES = Agreeing()


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


def sign_up(answers: Mapping, now: datetime, how: Agreeing = BY_THEMSELVES) -> Delivery | None:
    """Store what somebody agreed to, pending until they confirm, and the email that asks them to.

    An address that is confirmed already keeps everything it has, and is sent its preferences link instead; but not
    one by which somebody only told their team something, and never chose what to hear.
    None when this address has had as many emails as it may for now.
    """
    if not limits.allows("sign-in mail address", answers["email"], now):
        return None
    with db.handle.atomic():
        # Who is there already is taken, so that nobody is erased while they sign up again.
        newcomer = Resident.insert(email=answers["email"], created_at=now)
        newcomer.on_conflict(conflict_target=[Resident.email], preserve=[Resident.email]).execute()
        resident = Resident.get(Resident.email == answers["email"])
        if resident.is_confirmed and subscriptions.ever(resident):
            return addressing.to_resident(Delivery.KNOWN, resident, now)
        agreed = {"source": how.source, "wording": how.wording, "officer": how.officer, "agreed_at": how.at}
        consent = Consent.create(resident=resident, answers=dict(answers), created_at=now, **agreed)
        return addressing.to_resident(Delivery.CONFIRM, resident, now, consent)


def confirm(link: Link, now: datetime) -> Resident:
    """Begin what the consent behind this link says. Pressing the button twice is success.

    Raises links.LinkEnded when they were erased, or confirmed another sign-up, at this very moment.
    """
    with db.handle.atomic():
        if not subscriptions.take_whoever(link.resident_id):
            raise links.LinkEnded
        links.use_up(link, now)
        consent = Consent.get_or_none(Consent.id == link.consent_id)
        if consent is None:  # another sign-up of this address was confirmed at this very moment
            raise links.LinkEnded
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
    whole = {"home": answers["ward"], "name": answers["name"], "paused_until": None, "weekly_cap": None}
    # Who left and comes back is not asked twice in a year.
    ask_at = max(now + ASKED_AFTER, resident.ask_at or now)
    whole |= {"state": Resident.CONFIRMED, "confirmed_at": now, "left_at": None, "ask_at": ask_at}
    Resident.update(whole).where(Resident.id == resident.id).execute()
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
    is_time = (Consent.created_at > now - retention.UNCONFIRMED.time) & (Consent.created_at <= now - REMINDED_AFTER)
    rows = Consent.select(Consent.id).join(Resident).where(*waiting, is_time, Resident.state != Resident.CONFIRMED)
    return rows.where(~fn.EXISTS(has_other)).order_by(Consent.created_at)


def wait_for(borough: Area, email: str, now: datetime) -> None:
    """Keep an address to write to once, when its borough starts. Twice is once."""
    Waiting.insert(email=email, borough=borough, created_at=now).on_conflict_ignore().execute()


# --- Links ---


def ask_for_link(email: str, now: datetime) -> Delivery | None:
    """Send the magic link to whoever has this address: residents their preferences, newcomers their confirmation,
    those who left their goodbye once more, by which they come back or erase themselves.

    None when there is nobody, or too many were asked for; the caller's page is the same in every case.
    """
    allowed = limits.allows("sign-in mail address", email, now)
    resident = Resident.get_or_none(Resident.email == email)
    if not allowed or resident is None:
        return None
    if resident.is_confirmed:
        return addressing.to_resident(Delivery.SIGN_IN, resident, now)
    consent = resident.consents.where(Consent.confirmed_at.is_null()).order_by(Consent.created_at.desc()).first()
    if consent:
        return addressing.to_resident(Delivery.CONFIRM, resident, now, consent)
    if resident.state == Resident.LEFT and resident.left_at > now - retention.LEFT.time:
        return addressing.to_resident(Delivery.GOODBYE, resident, resident.left_at)
    return None


# --- Sessions ---


def in_session(resident_id: int, link_version: int) -> Resident | None:
    """The resident of a session, unless they have left or ended their links since it began."""
    return Resident.get_or_none(
        Resident.id == resident_id, Resident.link_version == link_version, Resident.state == Resident.CONFIRMED
    )
