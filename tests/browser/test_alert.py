"""An officer on a tablet signs in, writes an alert, sends it and watches it go."""

import time

from playwright.sync_api import expect

from tests.browser.hand import PATIENCE, PHONE, TABLET, arrived, heading, press, sign_in, write
from tests.services import html_of, text_of


def test_an_officer_writes_and_sends_an_alert_on_a_tablet(someone, script, worker, post):
    page = someone(TABLET, java_script_enabled=script)
    sign_in(page, "Farah")
    press(page, "Write an alert")
    expect(page.locator("#outlook")).to_contain_text("0 people get this straight away")
    write(page)
    if not script:
        press(page, "Save and preview")
    expect(page.locator("#outlook")).to_contain_text("1 person gets this straight away")
    expect(page.frame_locator("iframe >> nth=0").get_by_role("heading", level=1)).to_have_text(
        "Mopeds stolen in Green Lane"
    )
    press(page, "Check and send")
    expect(heading(page)).to_contain_text("Check and send")
    press(page, "Send to 1 person")
    expect(heading(page)).to_contain_text("Mopeds stolen in Green Lane")
    watch(page, script)
    letter = arrived(post, "amara@example.org")
    assert letter["Subject"] == "Mopeds stolen in Green Lane"
    assert "<strong>Friday</strong>" in html_of(letter)
    assert "because you live in St Helier, Merton and asked for crime prevention advice" in text_of(letter)


def test_who_saves_on_a_phone_without_script_sees_that_and_what_came_of_it(someone):
    page = someone(PHONE, java_script_enabled=False)
    sign_in(page, "Farah")
    press(page, "Write an alert")
    write(page)
    press(page, "Save and preview")
    expect(page.get_by_text("Saved.", exact=True)).to_be_in_viewport()
    expect(page.get_by_role("heading", name="Who gets it")).to_be_in_viewport()


def watch(page, script: bool) -> None:
    """Wait until it is sent: with script the bar moves by itself, without it the page is loaded again."""
    progress, until = page.locator("#progress"), time.monotonic() + PATIENCE
    while not script and "1 of 1" not in progress.inner_text() and time.monotonic() < until:
        page.reload()
    expect(progress).to_contain_text("1 of 1 emails sent")
    expect(progress.get_by_role("progressbar")).to_have_attribute("value", "1")
