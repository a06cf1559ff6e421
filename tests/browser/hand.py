"""What a person does in a browser, with script or without."""

import time
from email.message import EmailMessage

from playwright.sync_api import ConsoleMessage, Page, expect

from metengage import survey
from tests import cast
from tests.services import Post

PHONE, TABLET = {"width": 360, "height": 740}, {"width": 820, "height": 1180}
PATIENCE = 20  # seconds that something may take on a busy machine


def is_expected(message: ConsoleMessage) -> bool:
    """Whether the console may say so.

    Chromium reports each page that answers 4xx, which ours do on purpose. Without a connection, Chromium and htmx say
    that there is none.
    """
    if message.type not in ("error", "warning"):
        return True
    if "ERR_INTERNET_DISCONNECTED" in message.text or "htmx:error: Failed to fetch" in message.text:
        return True
    return "responded with a status of 4" in message.text and "/static/" not in message.location["url"]


def heading(page: Page):
    return page.get_by_role("heading", level=1)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()


def tick(page: Page, *labels: str) -> None:
    for label in labels:
        page.get_by_label(label).check()


def arrived(post: Post, address: str) -> EmailMessage:
    """The newest email to somebody, once there is one."""
    until = time.monotonic() + PATIENCE
    while not post.to(address) and time.monotonic() < until:
        time.sleep(0.05)
    return post.last_to(address)


# --- The survey ---

ANSWERS = {
    "postcode": lambda page: page.get_by_label("What is your postcode?").fill("sm4 6lj "),
    "ward": lambda page: expect(page.get_by_label("St Helier, Merton")).to_be_checked(),
    "areas": lambda page: tick(page, "Ravensbury, Merton"),
    "types": lambda page: tick(page, "Crime prevention advice", "Incidents and investigations"),
    "concerns": lambda page: tick(page, "Burglary", "Fraud and scams"),
    "rank": lambda page: page.get_by_label("Matters most").select_option("Fraud and scams"),
    "frequency": lambda page: tick(page, "Immediately, as each alert is sent"),
    "name": lambda page: page.get_by_label("What is your name?").fill("Cleo"),
    "email": lambda page: page.get_by_label("What is your email address?").fill("cleo@example.org"),
}


def is_asked(page: Page, question: str) -> None:
    expect(heading(page)).to_have_text(survey.QUESTIONS[question].title)


def answer_survey(page: Page, until: str = survey.CHECK) -> None:
    """Answer every question as Cleo would, from the first up to the page `until`."""
    page.goto("/sign-up/postcode")
    for question, answer in ANSWERS.items():
        if question == until:
            break
        is_asked(page, question)
        answer(page)
        press(page, "Continue")
    if until == survey.CHECK:
        expect(heading(page)).to_have_text("Check your answers")
    else:
        is_asked(page, until)


# --- Officers ---


def sign_in(page: Page, name: str) -> None:
    page.goto("/officers/")
    page.get_by_label("Email address").fill(f"{name.lower()}@met.example.org")
    page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    press(page, "Sign in")
    expect(heading(page)).to_have_text("Alerts")


def write(page: Page) -> None:
    """Fill in Farah's alert to St Helier, which needs nobody's approval."""
    page.get_by_label("Title").fill("Mopeds stolen in Green Lane")
    tick(page, "Crime prevention advice", "St Helier")
    page.get_by_label("Theme").select_option("Theft of vehicles")
    page.get_by_label("Text", exact=True).fill(
        "Two mopeds were taken on **Friday**.\n\n* Lock yours to something\n* Call 101"
    )
