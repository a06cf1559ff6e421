"""Everything can be done with a keyboard alone."""

from playwright.sync_api import expect

from tests.browser.hand import PHONE, answer_survey, is_asked

FURTHEST = 60  # presses of Tab from the top of a page to what is looked for


def tab_to(page, wanted) -> None:
    for _ in range(FURTHEST):
        page.keyboard.press("Tab")
        if wanted.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"{FURTHEST} presses of Tab do not lead to {wanted}")


def test_the_first_questions_need_only_a_keyboard(someone, script):
    page = someone(PHONE, java_script_enabled=script)
    page.goto("/sign-up/postcode")
    tab_to(page, page.get_by_label("What is your postcode?"))
    page.keyboard.type("SM4 6LJ")
    page.keyboard.press("Enter")
    is_asked(page, "ward")
    tab_to(page, page.get_by_label("St Helier, Merton"))
    tab_to(page, page.get_by_role("button", name="Continue"))
    page.keyboard.press("Enter")
    is_asked(page, "areas")
    tab_to(page, page.get_by_label("Ravensbury, Merton"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Continue"))
    page.keyboard.press("Space")
    is_asked(page, "types")
    page.goto("/sign-up/areas")
    expect(page.get_by_label("Ravensbury, Merton")).to_be_checked()


def test_the_skip_link_comes_first(someone, script):
    page = someone(PHONE, java_script_enabled=script)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("button", name="Sign up")).to_be_focused()


def test_the_skip_link_works_after_a_step(someone, script):
    page = someone(PHONE, java_script_enabled=script)
    answer_survey(page, until="ward")
    page.get_by_role("link", name="Skip to main content").press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("St Helier, Merton")).to_be_focused()
