"""Sign up, confirm, change preferences, leave."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from metengage import addressing, areas, db, formats, journal, limits, links, subscriptions, survey
from metengage.choices import ALERT_TYPES, FREQUENCIES, THEMES, WORDING
from metengage.models import Area, Consent, Delivery, Link, Resident, Subscription, ThemeChoice, Waiting
from metengage.subscriptions import Choice

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
        # Who is there already is taken, so that nobody is erased while they sign up again.
        newcomer = Resident.insert(email=answers["email"], created_at=now)
        newcomer.on_conflict(conflict_target=[Resident.email], preserve=[Resident.email]).execute()
        resident = Resident.get(Resident.email == answers["email"])
        if resident.is_confirmed:
            return addressing.to_resident(Delivery.KNOWN, resident, now)
        consent = Consent.create(resident=resident, wording=WORDING, answers=dict(answers), created_at=now)
        return addressing.to_resident(Delivery.CONFIRM, resident, now, consent)


def confirm(link: Link, now: datetime) -> Resident:
    """Begin what the consent behind this link says. Pressing the button twice is success.

    Raises links.LinkEnded when they were erased at this very moment.
    """
    with db.handle.atomic():
        if not subscriptions.take_whoever(link.resident_id):
            raise links.LinkEnded
        links.use_up(link, now)
        consent = link.consent
        mine = (
            Consent.update(confirmed_at=now, answers=None)
            .where(Consent.id == consent.id, Consent.confirmed_at.is_null())
            .execute()
        )
        if mine:
            _apply(consent.resident, consent.answers, now)
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


def leave(resident: Resident, how: str, now: datetime) -> bool:
    """End everything at once, and every link in old emails; False when they had left already."""
    with db.handle.atomic():
        left = (
            Resident.update(state=Resident.LEFT, left_at=now, link_version=Resident.link_version + 1)
            .where(Resident.id == resident.id, Resident.state == Resident.CONFIRMED)
            .execute()
        )
        if left:
            subscriptions.end_all(resident, how, now)
            _forget_pending(resident)
            journal.note("left", resident=resident, detail=how)
    return bool(left)


def in_session(resident_id: int, link_version: int) -> Resident | None:
    """The resident of a session, unless they have left or ended their links since it began."""
    return Resident.get_or_none(
        Resident.id == resident_id, Resident.link_version == link_version, Resident.state == Resident.CONFIRMED
    )
