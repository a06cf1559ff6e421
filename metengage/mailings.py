"""The list of emails to many that we can send: alerts and digests."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

import css_inline
from flask import get_template_attribute, render_template, url_for

from metengage import audience, circles, codes, db, discretion, letters, pictures, ties, writing
from metengage.config import settings
from metengage.formats import count, listed, listing
from metengage.letters import Letter
from metengage.models import Alert, Area, Digest, Priority
from metengage.stencils import Value, raw

OWN = ("note", "why", "preferences_url", "unsubscribe_url")  # what is each resident's own
NAMED = 2  # kinds of alerts in a reason
BACK = "Your pause is over, and emails have begun again.\n"


def _seconds(moment: datetime | None) -> float | None:
    return moment.replace(tzinfo=UTC).timestamp() if moment else None


# --- Alerts ---


def alert(alert: Alert, places: list[Area], is_discreet: bool = False, code: str = "") -> Letter:
    """An alert, written once for everybody; `places` are those it is written to. A trial has its own code."""
    code = code or (codes.code(codes.ALERT, alert.id) if alert.id else "")
    marks = letters.marks(*OWN, *_asked_in(alert))
    signature = alert.signature(places)
    subject, text, html = letters.written(
        "alert",
        is_discreet,
        alert=alert,
        signature=signature,
        where=listing([area.full_name for area in places]),
        text_body=writing.plain(alert.body),
        html_body=writing.html(alert.body),
        pictures=pictures.of(alert),
        circle=circles.told(circles.of(alert), places),
        asks_for_votes=asks_for_votes(alert, [area.code for area in places]),
        web_url=url_for("alerts.show", alert_id=alert.corrects_id or alert.id, _external=True),
        code=code,
        **marks,
    )
    name = places[0].name if len(places) == 1 else signature
    feedback = f"{alert.id}:{alert.alert_type}" if alert.id else ""
    headers = letters.list_headers(
        marks["unsubscribe_url"], _named(name, is_discreet), f"{places[0].code.lower()}.alerts", feedback
    )
    sender = letters.sender(settings.mail_default_sender, _named(f"{signature}, {settings.service_name}", is_discreet))
    return Letter(subject, text, html, sender, headers, marks, _seconds(alert.sending_at))


def _asked_in(alert: Alert) -> list[str]:
    """The links by which its reader may do something, besides those that stand in every email."""
    found = ["rate_url", "answer_url"] if can_be_answered(alert) else []
    found += ["survey_url"] if alert.survey_id else []
    return found + (["follow_url"] if can_be_followed(alert) else [])


def _named(name: str, is_discreet: bool) -> str:
    return discretion.SENDER if is_discreet else name


def can_be_answered(alert: Alert) -> bool:
    """Whether residents are asked what they say to it: not to what takes something back."""
    return not alert.is_withdrawal


def asks_for_votes(alert: Alert, codes: Collection[str]) -> bool:
    """Whether something is proposed where an alert about priorities goes."""
    if alert.alert_type != "priorities" or alert.is_withdrawal:
        return False
    mine = db.one_of(Priority.ward, sorted(codes)) & (Priority.state == Priority.PROPOSED)
    return Priority.select().where(mine).exists()


def can_be_followed(alert: Alert) -> bool:
    """Whether there may be more to hear of its story."""
    is_open = bool(alert.story_id) and not alert.ends_story and alert.story.ended_at is None
    return is_open and not alert.is_withdrawal


def links(alert: Alert) -> letters.PersonalLinks:
    """Makes each resident's own links from an alert."""
    return letters.PersonalLinks(alert.id, can_be_followed(alert), can_be_answered(alert), alert.survey_id)


def sample_values(alert: Alert, areas: list[Area]) -> dict[str, str]:
    """What is a resident's own in an alert, for nobody in particular: its links lead nowhere private."""
    nowhere = url_for("preferences.show", _external=True)
    own = {"note": "", "preferences_url": nowhere, "unsubscribe_url": nowhere}
    why = reason_for(alert)(None, [area.full_name for area in areas])
    names = ("rate_url", "answer_url", "survey_url", "follow_url")
    return own | {"why": "".join(why)} | dict.fromkeys(names, nowhere)


def note(alert: Alert, is_back: bool, cap: int | None) -> str:
    """What stands before an alert for this resident only. `cap`: how many a week they want, and have had."""
    urgent = f"Urgent: it comes although you want no more than {count(cap, 'email')} a week.\n" if cap else ""
    return (BACK if is_back else "") + urgent


# --- Why ---


def reason_for(alert: Alert) -> Callable[..., list[str]]:
    """A function (home's full name if it brings it, other areas', ties) → why, in pieces."""
    if alert.corrects_id:
        does = "withdraws" if alert.is_withdrawal else "corrects"
        return lambda *_: [f"You get this email because we sent you the alert that it {does}."]
    what = alert.type.short if alert.type else "these alerts"
    tie = _in_words(alert)
    concern = [f", and named “{alert.theme_name}” as a concern"] if audience.concern(alert) else []

    def reason(home: str | None, others: Iterable[str], tied: Iterable[str] = ()) -> list[str]:
        pieces = because(what, home, sorted(others))
        pieces += concern if pieces else []
        for each in tied:
            pieces += [", and you " if pieces else "you ", *tie[each]]
        return ["You get this email because ", *pieces, "."]

    return reason


def _in_words(alert: Alert) -> dict[str, tuple[str, str]]:
    """Tie → what somebody does, or did: “follow ”, “Moped thefts”."""
    story = f"“{alert.story.title}”" if alert.story_id else ""
    priority = f"“{alert.priority.issue}”" if alert.priority_id else ""
    return {ties.FOLLOWS: ("follow ", story), ties.RAISED: ("raised ", priority), ties.VOTED: ("voted for ", priority)}


def because(what: str, home: str | None, others: list[str]) -> list[str]:
    """Why somebody hears of this, in pieces: “you live in St Helier, Merton and asked for … there and in …”."""
    if home and others:
        return [f"you live in {home} and asked for {what} there and in ", *listed(others)]
    if home:
        return [f"you live in {home} and asked for {what} there"]
    return [f"you asked for {what} in ", *listed(others)] if others else []


# --- Digests ---


def digest(run: Digest, is_discreet: bool = False) -> Letter:
    """A digest, written once for everybody: how many alerts it holds and which is each resident's own."""
    marks = letters.marks(*OWN, "how_many", "contents")
    frequency = run.frequency
    subject, text, html = letters.written(
        "digest",
        is_discreet,
        frequency=frequency,
        code=codes.code(codes.DIGEST, run.id) if run.id else "",
        **marks,
    )
    headers = letters.list_headers(
        marks["unsubscribe_url"],
        _named(f"{frequency} digest", is_discreet),
        f"{frequency}.digest",
        f"{frequency}:digest",
    )
    sender = letters.sender(settings.mail_default_sender, _named(settings.service_name, is_discreet))
    return Letter(subject, text, html, sender, headers, marks, _seconds(run.until))


class Pieces:
    """What digests are put together from, each written once: headings, and alerts with a sentence and a link."""

    def __init__(self):
        self._css = render_template("layouts/email.css")

    def area(self, name: str) -> Value:
        return self._both("area", name=name)

    def type(self, name: str) -> Value:
        return self._both("type", name=name)

    def alert(self, alert: Alert) -> Value:
        url = url_for("alerts.show", alert_id=alert.corrects_id or alert.id, _external=True)
        sentence = alert.correction_reason if alert.corrects_id else writing.opening(alert.body)
        return self._both("item", alert=alert, sentence=sentence, url=url)

    def _both(self, macro: str, **values) -> Value:
        text, html = (get_template_attribute(f"macros/digest.{form}", macro)(**values) for form in ("txt", "html"))
        return raw(f"{text.strip()}\n\n", css_inline.inline_fragment(str(html), self._css))


def reason_for_digest(frequency: str, home: str | None, others: list[str], types: list[str]) -> list[str]:
    """Why somebody gets a digest, in pieces; without areas, only stories that they follow brought it."""
    if not home and not others:
        return ["You get this email because you follow, raised or voted for what is in it, or got what it corrects."]
    what = listing(types) if len(types) <= NAMED else "these kinds of alerts"
    return [f"You get this {frequency} email because ", *because(what, home, others), "."]
