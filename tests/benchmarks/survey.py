"""The sign-up survey, walked as a resident of St Helier walks it."""

from dataclasses import dataclass

from tests.benchmarks.load import Browser, Request, hidden

ANSWERS = {
    "postcode": {"postcode": "SM4 6HH"},
    "ward": {"ward": "E05013824"},
    "areas": {"areas": ["E05013822", "E05013826", "E09000024"]},
    "types": {"types": ["advice", "incidents", "meetings"]},
    "concerns": {"concerns": ["burglary", "fraud", "anti-social-behaviour", "road-safety"]},
    "rank": {"first": "burglary", "second": "fraud", "third": "road-safety"},
    "frequency": {"frequency": "daily"},
    "name": {"name": "Amara"},
    "email": {"email": "amara@example.org"},
}
BY_HALF = {"postcode": {"postcode": "SM4"}, "ward": {"ward": "E05013824"}}
FROM_LIST = {"borough": {"borough": "E09000024"}, "ward": {"ward": "E05013824"}}


@dataclass(frozen=True)
class Step:
    """A question with the cookie that it needs, and the answer to it."""

    page: Request
    answer: Request


def walk(port: int, answers: dict[str, dict] = ANSWERS) -> dict[str, Step]:
    """Answer these questions in order, and remember how each was asked and answered."""
    browser, steps = Browser(port), {}
    for name, fields in answers.items():
        path, cookie = f"/sign-up/{name}", browser.cookie
        form = hidden(browser.get(path)) | fields
        steps[name] = Step(Request(path, cookie=cookie), Request(path, 303, browser.cookie, form))
        browser.post(path, form)
    check = Request("/sign-up/check", cookie=browser.cookie)
    return steps | ({"check": Step(check, check)} if answers is ANSWERS else {})


def requests(port: int) -> dict[str, Request]:
    """What is timed: each page, each way to the ward, and the answers that look something up."""
    steps, by_half, from_list = walk(port), walk(port, BY_HALF), walk(port, FROM_LIST)
    return {
        **{f"survey.{name}": step.page for name, step in steps.items()},
        "survey.borough": from_list["borough"].page,
        "survey.ward_by_half_postcode": by_half["ward"].page,
        "survey.ward_from_list": from_list["ward"].page,
        "survey.postcode.answer": steps["postcode"].answer,
        "survey.half_postcode.answer": by_half["postcode"].answer,
        "survey.types.answer": steps["types"].answer,
    }
