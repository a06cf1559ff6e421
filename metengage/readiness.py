"""Whether an alert may go: what must be mended first, what the checks found, and why it has to be approved."""

from dataclasses import dataclass
from hashlib import blake2s

from metengage import alerts, checks, db, headcount, officers, pictures, stories
from metengage.checks import REFUSES, WANTS_REASON, Finding, Words
from metengage.choices import ALERT_TYPES
from metengage.config import settings
from metengage.formats import listing
from metengage.models import Alert, Area, Officer, Picture, Reason

# Kinds that may name people, or disturb an investigation.
RISKY = ("incidents", "appeals", "results")
SURVEY_CLOSED = "Put this draft away: its survey has closed, and nobody could answer it"


@dataclass(frozen=True)
class Readiness:
    """How far a draft is, for one officer at one moment."""

    lacking: list[tuple[str, str]]  # what is missing: the form's field, a sentence that says what to do
    findings: list[Finding]  # what the checks found, refusing first
    reasons: dict[str, Reason]  # check's name → why it may go all the same
    why_approval: list[str]  # sentences; empty when it may go at once
    reach: headcount.Reach  # how many it reaches now; 0 of a correction, which may go to fewer

    @property
    def refused(self) -> list[Finding]:
        return [each for each in self.findings if each.check.severity == REFUSES]

    @property
    def unexplained(self) -> list[Finding]:
        """What wants a reason, and has none."""
        wanting = [each for each in self.findings if each.check.severity == WANTS_REASON]
        return [each for each in wanting if each.check.name not in self.reasons]

    @property
    def missing(self) -> list[tuple[str, str]]:
        """All that must be mended before it may go anywhere; of a field that is not there, nothing else is said."""
        not_there = {field for field, _ in self.lacking}
        refused = [each for each in self.refused if each.field not in not_there]
        return self.lacking + [(each.field, f"{each.label}. {each.mend}") for each in refused]

    @property
    def is_ready(self) -> bool:
        return not self.missing and not self.unexplained


def of(alert: Alert, officer: Officer) -> Readiness:
    """How far an alert is, if this officer is to send it or to ask for it."""
    if alert.is_withdrawal:  # its words are ours, and nothing may hold it up
        return Readiness([], [], {}, [], headcount.Reach())
    places = alerts.written_to(alert)
    reach = headcount.Reach() if alert.corrects_id else headcount.of(alert, db.now())
    lacking, found = _lacking(alert, officer, places, reach), checks.findings(_words(alert))
    return Readiness(lacking, found, _reasons(alert, found), _why(alert, places, found), reach)


def _lacking(alert: Alert, officer: Officer, places: list[Area], reach: headcount.Reach) -> list[tuple[str, str]]:
    allowed = officers.areas_for(officer, alert.team)
    # A correction goes to who got what it corrects, wherever that was written to.
    beyond = [place.full_name for place in places if place not in allowed and not alert.corrects_id]
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
        ("title", SURVEY_CLOSED, alert.survey is None or alert.survey.is_open or alert.corrects_id),
        ("correction_reason", "Enter what was wrong", alert.correction_reason.strip() or not alert.corrects_id),
    ]
    found = [(field, sentence) for field, sentence, is_there in lines if not is_there]
    # To whom a correction goes was decided when they got what it corrects.
    if places and alert.alert_type in ALERT_TYPES and reach.too_few and not alert.corrects_id:
        found.append(("areas", reach.too_few))
    return found + stories.lacking(alert)


def _words(alert: Alert) -> Words:
    brought = {row.kind: row.words for row in Picture.select().where(Picture.alert == alert)}
    same = (Alert.title == alert.title) & (Alert.body == alert.body) & (Alert.id != alert.id)
    went = Alert.select().where(same, Alert.state.in_((Alert.SENDING, Alert.SENT)))
    # A correction may well repeat what was sent, but for what it corrects.
    is_again = bool(alert.body) and not alert.corrects_id and went.exists()
    return Words(
        alert.title,
        _all_words(alert),
        alert.alert_type,
        has_picture=Picture.PICTURE in brought,
        picture_alt=brought.get(Picture.PICTURE, ""),
        poster_name=brought.get(Picture.POSTER, ""),
        story_title="" if alert.corrects_id else stories.chosen_in(alert).new_title or "",
        site=settings.public_url,
        own=tuple(filter(None, (alert.team.phone, alert.team.email))),
        was_sent_before=is_again,
    )


def _all_words(alert: Alert) -> str:
    """What residents read below the title: in a correction, also what was wrong."""
    return "\n\n".join(filter(None, (alert.correction_reason, alert.body)))


def _reasons(alert: Alert, found: list[Finding]) -> dict[str, Reason]:
    """The reasons given for what is found now; for what was found before, they do not hold."""
    marks = {finding.check.name: finding.mark for finding in found}
    rows = Reason.select(Reason, Officer).join(Officer).where(Reason.alert == alert)
    return {row.rule: row for row in rows if marks.get(row.rule) == row.mark}


def _why(alert: Alert, places: list[Area], found: list[Finding]) -> list[str]:
    boroughs = [place.name for place in places if not place.is_ward]
    flagged = [each.check.label for each in found if each.check.severity == WANTS_REASON]
    lines = []
    if alert.alert_type in RISKY:
        lines.append(f"Alerts about {alert.type.short} may name people or disturb an investigation.")
    if boroughs:
        lines.append(f"It goes to all of {listing(boroughs)}.")
    if flagged:
        lines.append(f"A check found something: {listing(flagged)}.")
    return lines


def looked_at(alert: Alert) -> str:
    """What somebody has before them who sends it or decides on it.

    Another save, another picture, other words of a picture, another reason or another time that is asked for makes it
    another.
    """
    brought = [each for each in pictures.of(alert) if each]
    given = Reason.select(Reason.rule, Reason.mark, Reason.words).where(Reason.alert == alert).order_by(Reason.rule)
    shown = [*((each.key, each.words) for each in brought), *given.tuples(), alert.due_at]
    return f"{alert.revision}-{blake2s(repr(shown).encode(), digest_size=8).hexdigest()}"
