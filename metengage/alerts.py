"""What officers write: who may see which, where each goes and whom it reaches, and how it moves from state to state."""

from collections.abc import Iterable
from datetime import datetime

from peewee import JOIN, Case, fn

from metengage import areas, audience, pictures, standing, ties
from metengage.choices import ALERT_TYPES, DAILY, IMMEDIATELY, THEMES, WEEKLY
from metengage.formats import listing, metres
from metengage.models import Alert, AlertArea, Area, Decision, Membership, Officer, Story, Team, Version

SHOWN_ON_PAGE = 20
# What a version keeps, besides where the alert goes.
WORDS = (
    "title",
    "body",
    "alert_type",
    "theme",
    "is_urgent",
    "only_concerned",
    "centre",
    "latitude",
    "longitude",
    "radius",
)
BROUGHT = ("picture", "poster")  # of these it keeps their words and their key
ASKED, SENT, REPLACED = "asked", "sent", "replaced"  # why a version was kept
# What may become of an alert in each state; anything else is a mistake of ours.
MOVES = {
    Alert.DRAFT: {Alert.AWAITING, Alert.SCHEDULED, Alert.CANCELLED},
    Alert.AWAITING: {Alert.DRAFT, Alert.SCHEDULED},
    Alert.SCHEDULED: {Alert.DRAFT, Alert.SENDING},
    Alert.SENDING: {Alert.SENT},
    Alert.SENT: set(),
    Alert.CANCELLED: set(),
}
# On the officers' list: what waits for somebody comes first.
ORDER = (Alert.AWAITING, Alert.DRAFT, Alert.SCHEDULED, Alert.SENDING, Alert.SENT)


class AlreadySent(Exception):
    """Somebody else was first: it is no longer what it was."""


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
    """The alerts an officer may see: what waits for approval, drafts, what is scheduled, then the newest."""
    place = Case(Alert.state, [(state, number) for number, state in enumerate(ORDER[:3])], 3)
    rows = _visible_to(officer).where(Alert.state != Alert.CANCELLED)
    return standing.marked(rows.order_by(place, Alert.sending_at.desc(), Alert.changed_at.desc()).limit(limit))


def awaiting(officer: Officer) -> list[Alert]:
    """The alerts that await approval; those that were written first come first."""
    return list(_visible_to(officer).where(Alert.state == Alert.AWAITING).order_by(Alert.changed_at))


def drafts_of(officer: Officer) -> list[Alert]:
    """The drafts that an officer began, or asked approval for; those changed last first."""
    mine = (Alert.author == officer) | (Alert.sender == officer)
    return list(_visible_to(officer).where(Alert.state == Alert.DRAFT, mine).order_by(Alert.changed_at.desc()))


def to_review(officer: Officer) -> list[Alert]:
    """The alerts that went before anybody approved them, for who may; the oldest first."""
    rows = _visible_to(officer).where(Alert.is_unreviewed, Alert.state.in_((Alert.SENDING, Alert.SENT)))
    return [] if officer.role == Officer.OFFICER else list(rows.order_by(Alert.sending_at))


def sent_by_teams_of(officer: Officer, limit: int = 10) -> list[Alert]:
    """The alerts that the officer's teams sent most lately, to begin another from; no corrections."""
    rows = _visible_to(officer).where(Alert.state.in_((Alert.SENDING, Alert.SENT)), Alert.corrects.is_null())
    return list(rows.order_by(Alert.sending_at.desc()).limit(limit))


def public(alert_id: int) -> Alert | None:
    """An alert that anybody may read: it has been sent, or is being."""
    alert = Alert.get_or_none(Alert.id == alert_id)
    return alert if alert and alert.is_public else None


def of_area(area: Area, limit: int = SHOWN_ON_PAGE) -> list[Alert]:
    """The latest alerts sent to a ward or to its borough, newest first; for a borough, those to all of it.

    Each once, in the words that hold now.
    """
    here = AlertArea.area.in_([area.code, area.borough.code])
    return standing.as_it_is(
        Alert.select()
        .join(AlertArea)
        .where(here, Alert.state.in_((Alert.SENDING, Alert.SENT)), Alert.corrects.is_null())
        .distinct()
        .order_by(Alert.sending_at.desc())
        .limit(limit)
    )


# --- Where it goes ---


def written_to(alert: Alert) -> list[Area]:
    """The wards and boroughs an alert is written to."""
    return areas.named(audience.area_codes(alert))


def reached(alert: Alert, now: datetime) -> dict[str, int]:
    """How many residents it reaches now, by frequency: immediately, daily, weekly.

    A correction reaches those who got what it corrects: at once, and who is paused in the daily email after that.
    """
    if alert.corrects_id:
        told = [audience.count_told(alert, now, is_paused) for is_paused in (False, True)]
        return {IMMEDIATELY: told[0], DAILY: told[1], WEEKLY: 0}
    theme = audience.concern(alert)
    return audience.size(alert.alert_type, audience.area_codes(alert), now, theme, ties.ids(alert, now))


# --- As it once was ---


def keep_version(alert: Alert, why: str, officer: Officer, now: datetime, **besides: str) -> Version:
    """Keep an alert's words as they are, and what else is to be known later; `officer` is whose they are."""
    return Version.create(alert=alert, why=why, officer=officer, at=now, words=_words(alert) | besides)


def _words(alert: Alert) -> dict:
    found = pictures.of(alert)
    brought = {kind: [each.words, each.key] for kind in BROUGHT if (each := getattr(found, kind))}
    return brought | {
        **{name: getattr(alert, name) for name in WORDS},
        "codes": audience.area_codes(alert),
        "story": alert.story.title if alert.story_id else "",
        "ends_story": alert.ends_story,
        "priority": alert.priority.issue if alert.priority_id else "",
        "correction_reason": alert.correction_reason,
    }


def versions(alert: Alert) -> list[Version]:
    """An alert's words as they once were, the latest first."""
    rows = Version.select(Version, Officer).join(Officer).where(Version.alert == alert)
    return list(rows.order_by(Version.id.desc()))


def facts(alert: Alert) -> dict[str, str]:
    """What an alert says besides its title and its text, in people's words and in the order of the page."""
    return _facts(_words(alert))


def changed(before: Version, after: Version) -> list[tuple[str, str, str]]:
    """What of this is not as it was: (what it is called, what it was, what it is now)."""
    was, now = _facts(before.words), _facts(after.words)
    found = [(name, was.get(name, "none"), now.get(name, "none")) for name in was | now]
    for kind in BROUGHT:
        one, other = before.words.get(kind), after.words.get(kind)
        if one and other and one != other and one[0] == other[0]:
            found.append((kind.capitalize(), one[0], "another with the same words"))
    return [each for each in found if each[1] != each[2]]


def _facts(words: dict) -> dict[str, str]:
    kind, wrong = ALERT_TYPES.get(words["alert_type"]), words.get("correction_reason", "")
    priority = words.get("priority", "")
    everyone = "" if wrong else "Everyone who hears about this kind of alert"  # a correction goes to who got the alert
    story = words.get("story", "")
    told = {
        "What was wrong": wrong,
        "Kind": kind.name if kind else "None",
        "Theme": THEMES.get(words["theme"], "No theme"),
        "Story": f"{story} (this is its outcome)" if words.get("ends_story") else story or "No story",
        "Priority": f"{priority}: everyone who raised it or voted for it gets this too" if priority else "",
        "Urgent": "Yes: it also reaches those who want no more emails this week" if words["is_urgent"] else "No",
        "Who": "Only people who told us that this concerns them" if everyone and words["only_concerned"] else everyone,
        "Where": listing(area.full_name for area in areas.named(words["codes"])),
        "Circle": f"{metres(words['radius'])} around {words['centre']}" if words["centre"] else "",
        **{each.capitalize(): words.get(each, [""])[0] for each in BROUGHT},
        "Goes": words.get("goes", ""),  # known once it is asked for
    }
    return {name: value for name, value in told.items() if value}


# --- Why it came back ---


def came_back(which: Iterable[Alert]) -> dict[int, Decision]:
    """An alert's id → why it came back, of those where that was the last that was decided on it."""
    latest = Decision.select(fn.MAX(Decision.id)).where(Decision.alert.in_([each.id for each in which]))
    rows = (
        Decision.select(Decision, Officer)
        .left_outer_join(Officer)
        .where(Decision.id.in_(latest.group_by(Decision.alert)))
    )
    return {row.alert_id: row for row in rows.where(Decision.verdict.in_((Decision.RETURNED, Decision.FELL_BACK)))}


# --- From state to state ---


def move(alert: Alert, to: str, **values) -> bool:
    """Let an alert be in another state, with these values, if it is still as this row has it; False when it is not.

    Raises ValueError for a state that cannot follow. For the transaction that does what else belongs to it.
    """
    if to not in MOVES[alert.state]:
        raise ValueError(f"{alert.state} does not become {to}")
    same = (Alert.id == alert.id) & (Alert.state == alert.state) & (Alert.revision == alert.revision)
    return Alert.update(state=to, **values).where(same).execute() == 1


def not_moved(alert: Alert) -> Exception:
    """Why it could not be moved or saved: somebody saved it meanwhile, or it is no longer what it was."""
    is_same = alert.is_draft and Alert.get_by_id(alert.id).is_draft
    return ChangedMeanwhile() if is_same else AlreadySent()
