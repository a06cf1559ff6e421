"""The sign-up questions as data; which comes next. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

NONE_OF_THESE = "none"
CHECK = "check"  # where the path ends: check your answers
RANKED = 3  # how many themes are put in order, at most
MOST_AREAS = 30  # other areas in one sign-up: the answers travel in a cookie of 4 KB


@dataclass(frozen=True)
class Question:
    """One page of the survey. `summary` is what the answer is called when it is read back."""

    name: str
    title: str
    summary: str
    hint: str = ""


QUESTIONS = {
    each.name: each
    for each in (
        Question(
            "postcode",
            "What is your postcode?",
            "Postcode",
            "We use it to find your ward, and keep only the ward. For example, SM4 6HH",
        ),
        Question("borough", "Which borough do you live in?", "Borough"),
        Question(
            "ward", "Which ward do you live in?", "Your ward", "A ward is the area your local police team looks after"
        ),
        Question(
            "areas",
            "Do you want to hear about any other areas? (optional)",
            "Other areas",
            "Perhaps where you work, study or have family, or just the next street. These are nearest to you",
        ),
        Question("types", "What do you want to hear about?", "Alerts", "Select all that you want"),
        Question(
            "concerns",
            "What concerns you where you live?",
            "What concerns you",
            "Select all that do. Your team sees how many people chose each, never who",
        ),
        Question("rank", "Which of these matter most to you?", "What matters most", "Put up to three in order"),
        Question("frequency", "How often do you want emails?", "How often"),
        Question("name", "What is your name? (optional)", "Name", "Only so that our emails can greet you"),
        Question(
            "email",
            "What is your email address?",
            "Email address",
            "We use it to send the alerts you chose, and for nothing else",
        ),
    )
}  # fmt: skip

Answers = Mapping[str, object]


def path(answers: Answers) -> list[str]:
    """The questions this person is asked, in order."""
    where = "borough" if "borough" in answers else "postcode"
    ranking = ["rank"] if len(real_concerns(answers)) > 1 else []
    return [where, "ward", "areas", "types", "concerns", *ranking, "frequency", "name", "email"]


def real_concerns(answers: Answers) -> list[str]:
    """The themes chosen, without “none of these”."""
    return [theme for theme in answers.get("concerns", []) if theme != NONE_OF_THESE]


def first_unanswered(answers: Answers) -> str:
    """The first question without an answer, or the check page."""
    return next((name for name in path(answers) if name not in answers), CHECK)


def may_visit(name: str, answers: Answers) -> bool:
    """Whether everything before this question is answered. Choosing from the list is open at any time."""
    if name in ("postcode", "borough"):
        return True
    steps = [*path(answers), CHECK]
    return name in steps and steps.index(name) <= steps.index(first_unanswered(answers))


def before(name: str, answers: Answers) -> str | None:
    """The question before this one; None at the beginning."""
    steps = [*path(answers), CHECK]
    if name not in steps:
        return "postcode" if name == "borough" else None
    return steps[steps.index(name) - 1] if steps.index(name) else ("postcode" if name == "borough" else None)


def after(name: str, answers: Answers, changing: bool) -> str:
    """Where to go when this question has its answer: on, or back to the check page when only this one changed."""
    if changing:
        return first_unanswered(answers)
    steps = [*path(answers), CHECK]
    return steps[steps.index(name) + 1]


def with_answer(answers: Answers, name: str, value: object) -> dict:
    """The answers with one more, less those that it makes stale."""
    fresh = dict(answers) | {name: value}
    if name in ("postcode", "borough"):
        fresh.pop("borough" if name == "postcode" else "postcode", None)
        if answers.get(name) != value:
            fresh.pop("ward", None)
    if name == "ward" and "areas" in fresh:
        fresh["areas"] = [code for code in fresh["areas"] if code != value]
    if name == "concerns" and not set(fresh.get("rank", [])) <= set(real_concerns(fresh)):
        fresh.pop("rank", None)
    return fresh


# --- Addresses ---

TYPOS = {
    "gmial.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gmail.co": "gmail.com",
    "gamil.com": "gmail.com",
    "googlemail.co.uk": "googlemail.com",
    "homtail.com": "hotmail.com",
    "hotmial.com": "hotmail.com",
    "hotmal.com": "hotmail.com",
    "hotmail.con": "hotmail.com",
    "hotmail.co.ik": "hotmail.co.uk",
    "outlok.com": "outlook.com",
    "outloo.com": "outlook.com",
    "yaho.com": "yahoo.com",
    "yahooo.com": "yahoo.com",
    "yahoo.co.ik": "yahoo.co.uk",
    "icoud.com": "icloud.com",
    "iclod.com": "icloud.com",
    "btinernet.com": "btinternet.com",
    "btintenet.com": "btinternet.com",
}


def likely_typo(email: str) -> str:
    """The address that was probably meant, when the domain looks mistyped; empty otherwise."""
    local, _, domain = email.rpartition("@")
    meant = TYPOS.get(domain) or (domain[:-4] + ".com" if domain.endswith((".con", ".cmo", ".vom")) else "")
    return f"{local}@{meant}" if meant else ""
