"""Whom an alert reaches: counted in this process, and by the composer as Farah types."""

import time
from collections.abc import Iterator
from itertools import count

from metengage import areas, audience, db, demo, gazetteer
from tests.benchmarks import crowd
from tests.benchmarks.load import CONNECTIONS, Browser, Request, Timing, hidden, timing
from tests.benchmarks.table import Spread, spread

ST_HELIER, MERTON = "E05013824", "E09000024"
TYPE = "incidents"
SECONDS = 0.5  # for each count
RUNS = 7  # of each count at a million
AT_MOST = {1: 5, 5: 20, 32: 60, 200: 500, 679: 2000}  # wards → ms asked for at a million on SQLite; PostgreSQL: twice
DRAFT = {
    "title": "Sheds broken into on Green Lane",
    "alert_type": TYPE,
    "theme": "burglary",
    "body": "## What happened\n\nThree sheds were broken into overnight.\n\n* Lock yours\n* Call 101\n\n" * 10,
}


def counts() -> dict[str, tuple[Timing, int]]:
    """How long counting takes for one ward, five, a borough and the pilot; and how many residents that is."""
    with db.opened():
        near = areas.neighbours(areas.named([ST_HELIER])[0], limit=4)
        places = {
            "audience.one_ward": [ST_HELIER],
            "audience.five_wards": [ST_HELIER, *(ward.code for ward in near)],
            "audience.borough": [MERTON],
            "audience.four_boroughs": list(gazetteer.PILOT),
        }
        return {name: _count(codes) for name, codes in places.items()}


def _count(codes: list[str]) -> tuple[Timing, int]:
    taken, began = [], time.perf_counter()
    while time.perf_counter() < began + SECONDS:
        at = time.perf_counter()
        reached = audience.size(TYPE, codes, db.now())
        taken.append(time.perf_counter() - at)
    return timing(taken, time.perf_counter() - began), sum(reached.values())


def at_a_million() -> dict[str, tuple[Spread, int]]:
    """How many ms counting takes in the crowd, for neighbours of St Helier and more; and how many residents that is."""
    wards = [ward["ward_code"] for ward in crowd.wards()]
    here = wards.index(ST_HELIER)
    with db.opened():
        return {million(size): _counted((wards[here:] + wards[:here])[:size]) for size in AT_MOST}


def million(wards: int) -> str:
    """What the count of so many wards is called."""
    return f"audience.million.{wards}_ward{'s' if wards > 1 else ''}"


def _counted(codes: list[str]) -> tuple[Spread, int]:
    reached = audience.size(crowd.EVERYBODY, codes, db.now())
    taken = []
    for _ in range(RUNS):
        at = time.perf_counter()
        audience.size(crowd.EVERYBODY, codes, db.now())
        taken.append((time.perf_counter() - at) * 1000)
    return spread(taken), sum(reached.values())


def composer(port: int) -> dict[str, Request | list[Iterator[Request]]]:
    """The composer's pages, its saving by itself, and the preview that it loads after each save."""
    farah = _farah(port)
    drafts = [_begin(farah) for _ in range(CONNECTIONS)]
    return {
        "officers.alerts": Request("/officers/alerts", cookie=farah.cookie),
        "officers.edit": Request(drafts[0], cookie=farah.cookie),
        "officers.autosave": [_autosaves(farah, draft) for draft in drafts],
        "officers.preview": Request(farah.get(drafts[0]).iframe["src"], cookie=farah.cookie),
    }


def _farah(port: int) -> Browser:
    browser = Browser(port)
    email, password, _ = demo.sign_ins()[0]
    form = hidden(browser.get("/officers/sign-in"))
    browser.post("/officers/sign-in", form | {"email": email, "password": password})
    return browser


def _begin(officer: Browser) -> str:
    """The address of a new draft."""
    page = officer.get("/officers/alerts")
    team = page.select_one("[name=team]")["value"]
    return officer.post("/officers/alerts", hidden(page) | {"team": team})


def _autosaves(officer: Browser, draft: str) -> Iterator[Request]:
    """One draft saved over and over, each time from the revision before."""
    page = officer.get(draft)
    form = hidden(page) | DRAFT | {"areas": page.select_one("[name=areas]")["value"]}
    for revision in count(int(form["revision"])):
        yield Request(draft, cookie=officer.cookie, form=form | {"revision": revision}).by_htmx()
