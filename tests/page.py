"""A visitor without JavaScript, who looks at every page they open as a reviewer would."""

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from metengage.config import settings
from tests import cast


class Page:
    """A page as it came, with what a person can do on it."""

    def __init__(self, visitor: "Visitor", reply):
        self.visitor, self.reply = visitor, reply
        self.status, self.url = reply.status_code, reply.request.path
        self.html = reply.get_data(as_text=True)
        self.soup = BeautifulSoup(self.html, "html.parser")

    @property
    def h1(self) -> str:
        return " ".join(self.soup.h1.get_text(" ").split())

    @property
    def title(self) -> str:
        return self.soup.title.get_text()

    @property
    def text(self) -> str:
        """The words of the page's main part."""
        return " ".join((self.soup.main or self.soup).get_text(" ").split())

    @property
    def errors(self) -> list[str]:
        """The sentences in “There is a problem”."""
        summary = self.soup.select_one(".govuk-error-summary__list")
        return [item.get_text().strip() for item in summary.find_all("li")] if summary else []

    def form(self, button: str):
        """The form with this button, and the button."""
        for each in self.soup.find_all("button"):
            if button in each.get_text():
                owner = each.get("form")
                return self.soup.find("form", id=owner) if owner else each.find_parent("form"), each
        raise AssertionError(
            f"no button “{button}” on {self.url}: {[b.get_text().strip() for b in self.soup('button')]}"
        )

    def has_button(self, words: str) -> bool:
        return any(words in each.get_text() for each in self.soup.find_all("button"))

    def fields(self, form) -> dict[str, list[str]]:
        """What the form would send as it stands."""
        found: dict[str, list[str]] = {}
        for each in form.find_all(["input", "select", "textarea"]):
            kind = each.get("type", "text")
            if not each.get("name") or (kind in ("checkbox", "radio") and not each.has_attr("checked")):
                continue
            if each.name == "select":
                option = each.find("option", selected=True) or each.find("option")
                value = option["value"] if option else ""
            else:
                value = each.get_text() if each.name == "textarea" else each.get("value", "")
            found.setdefault(each["name"], []).append(value)
        return found

    def submit(self, button: str, **values) -> "Page":
        """Fill in the form and press its button. A list ticks exactly those boxes."""
        form, pressed = self.form(button)
        data = self.fields(form) | {
            name: value if isinstance(value, list) else [value] for name, value in values.items()
        }
        action = pressed.get("formaction") or form["action"]
        if form.get("method", "get") == "get":
            return self.visitor.visit(action, query_string=data)
        return self.visitor.post(action, data)

    def click(self, words: str) -> "Page":
        """Follow the link with these words."""
        for link in self.soup.find_all("a"):
            if words in " ".join(link.get_text(" ").split()):
                return self.visitor.visit(link["href"])
        raise AssertionError(f"no link “{words}” on {self.url}")


class Visitor:
    """Somebody with a browser."""

    def __init__(self, client: FlaskClient):
        self.client = client

    def visit(self, url: str, status: int | None = None, **kwargs) -> Page:
        return self._seen(self._followed(self.ask("GET", url, **kwargs)), status)

    def post(self, url: str, data: dict, status: int | None = None) -> Page:
        return self._seen(self._followed(self.ask("POST", url, data=data)), status)

    def ask(self, method: str, url: str, **kwargs):
        """One request and its answer as it came, in a context of its own: the test's would carry `g` along."""
        with self.client.application.app_context():
            return self.client.open(_path(url), method=method, **kwargs)

    def _followed(self, reply):
        while reply.location:
            reply = self.ask("GET", reply.location)
        return reply

    def _seen(self, reply, status: int | None) -> Page:
        page = Page(self, reply)
        if status is not None:
            assert page.status == status, f"{page.url} answered {page.status}"
        if reply.mimetype == "text/html":
            inspect(page)
        return page


def _path(url: str) -> str:
    return url.removeprefix(settings.public_url)


def inspect(page: Page) -> None:
    """What must be true of every page; walked through once, because thousands are."""
    where, tags = page.url, page.soup.find_all(True)
    assert page.soup.html.get("lang") == "en-GB", f"{where}: lang"
    assert [each.name for each in tags if each.name in ("h1", "title")] == ["title", "h1"], (
        f"{where}: one title, one h1"
    )
    assert not [each for each in tags if each.has_attr("style")], f"{where}: no inline style"
    assert all(each.get("src") for each in tags if each.name == "script"), f"{where}: no inline script"
    ids = [each["id"] for each in tags if each.has_attr("id")]
    assert len(ids) == len(set(ids)), f"{where}: ids twice: {[i for i in ids if ids.count(i) > 1]}"
    if page.soup.select_one("main#main-content"):
        h1 = page.soup.h1
        assert " – " in page.title, f"{where}: title names the service"
        assert page.h1 in page.title or h1.find(class_="govuk-caption-l") or "govuk-panel" in str(h1), where
        assert page.title.startswith("Error: ") == bool(page.errors), f"{where}: title says Error"
    for link in page.soup.select(".govuk-error-summary__list a"):
        assert link["href"][1:] in ids, f"{where}: the error summary leads to {link['href']}, which is not there"
    _inspect_forms(tags, where)


def _inspect_forms(tags: list, where: str) -> None:
    labelled = {each.get("for") for each in tags if each.name == "label"}
    for each in tags:
        if each.name in ("input", "select", "textarea") and each.get("type") not in ("hidden", "submit"):
            assert each.get("id") in labelled or each.get("aria-label"), f"{where}: {each.get('name')} has no label"
        elif each.name == "form":
            assert each.get("action"), f"{where}: a form without action"
            token = each.get("method", "get").lower() == "get" or each.find("input", attrs={"name": "csrf_token"})
            assert token, f"{where}: a form without token"
        if each.has_attr("hx-get"):
            way = each.get("href") or each.get("action") or each.find("a", href=True)
            assert way, f"{where}: hx-get without an ordinary way"
        if each.has_attr("hx-post"):
            form = each.find_parent("form")  # fields that are sent as they change can be sent by its button too
            way = each.get("action") or each.get("formaction") or (form and form.find("button", type="submit"))
            assert way, f"{where}: hx-post without an ordinary way"


# --- Journeys that many tests begin with ---

ANSWERS = {
    "postcode": {"postcode": "SM4 6LJ"},
    "borough": {"borough": cast.MERTON},
    "ward": {"ward": cast.ST_HELIER},
    "areas": {},
    "types": {"types": ["advice", "incidents"]},
    "concerns": {"concerns": ["burglary", "fraud"]},
    "rank": {"first": "fraud"},
    "frequency": {"frequency": "immediately"},
    "name": {"name": "Cleo"},
    "email": {"email": "cleo@example.org"},
}


def answer_survey(page: Page, until: str = "check", **instead: dict) -> Page:
    """Answer the sign-up's questions from this one on, as Cleo would, up to the page `until`."""
    while (question := page.url.rsplit("/")[-1]) != until:
        page = page.submit("Continue", **instead.get(question, ANSWERS[question]))
        assert page.status == 200, page.errors
    return page


def sign_up(visitor: Visitor, **instead: dict) -> Page:
    """Answer everything, agree and submit."""
    return answer_survey(visitor.visit("/sign-up/"), **instead).submit("Agree and sign up", agree="y")


def write_alert(officer: Visitor, **instead) -> Page:
    """Write an alert and save it."""
    words = {
        "title": "Mopeds stolen in Green Lane",
        "alert_type": "incidents",
        "theme": "theft-of-vehicles",
        "areas": [cast.ST_HELIER],
        "body": "Two mopeds were taken on **Friday**.\n\n* Lock yours to something\n* Call 101",
    }
    page = officer.visit("/officers/alerts").submit("Write an alert")
    return page.submit("Save and preview", **(words | instead))


def send_alert(officer: Visitor, **instead) -> Page:
    """Write an alert, check it and let it go, with a supervisor's approval where it needs one."""
    return let_go(write_alert(officer, **instead).submit("Check and send"))


def let_go(page: Page) -> Page:
    """Send what is on this page of checks, by way of a supervisor where it needs one."""
    if not page.has_button("Ask a supervisor"):
        return page.submit("Send to")
    asked = page.submit("Ask a supervisor")
    approve(page.visitor, asked.url)
    return page.visitor.visit(asked.url)


def approve(officer: Visitor, url: str) -> Page:
    """A supervisor who is somebody else looks at what awaits approval there, and approves it."""
    senior = Visitor(officer.client.application.test_client())
    name = "idris" if "PC Hana" in officer.visit("/officers/alerts").html else "hana"
    senior.visit("/officers/sign-in").submit("Sign in", email=f"{name}@met.example.org", password=cast.PASSWORD)
    return senior.visit(url).submit("Approve and send")
