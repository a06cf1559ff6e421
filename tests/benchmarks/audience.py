"""Whom an alert reaches: counted in this process, and by the composer as Farah types."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

from metengage import areas, audience, db, demo, drafts, fatigue, gazetteer, headcount
from metengage.models import Officer, Team
from tests.benchmarks import crowd
from tests.benchmarks.load import CONNECTIONS, Browser, Request, Timing, hidden, timing
from tests.benchmarks.table import Spread, spread

ST_HELIER, MERTON = "E05013824", "E09000024"
TYPE = "incidents"
SECONDS = 0.5  # for each count
RUNS = 7  # of each count at a million
LIVE, LIVE_AT_MOST = (1, 5, 32, 679), 100  # wards, and ms asked for while an officer types
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
    with db.opened():
        return {million(size): _counted(_around_st_helier(size)) for size in AT_MOST}


def _around_st_helier(how_many: int) -> list[str]:
    wards = [ward["ward_code"] for ward in crowd.wards()]
    here = wards.index(ST_HELIER)
    return (wards[here:] + wards[:here])[:how_many]


def million(wards: int) -> str:
    """What the count of so many wards is called."""
    return f"audience.million.{wards}_ward{'s' if wards > 1 else ''}"


def _counted(codes: list[str]) -> tuple[Spread, int]:
    reached = audience.size(crowd.EVERYBODY, codes, db.now())
    return _timed(lambda: audience.size(crowd.EVERYBODY, codes, db.now())), sum(reached.values())


def _timed(count: Callable[[], object]) -> Spread:
    taken = []
    for _ in range(RUNS):
        at = time.perf_counter()
        count()
        taken.append((time.perf_counter() - at) * 1000)
    return spread(taken)


def while_typing() -> dict[str, tuple[Spread, int]]:
    """How many ms the composer takes in the crowd to count and to look for fatigue; and how many residents that is.

    By the count that is on the page: exact where they are few, else by some of them.
    """
    found = {}
    with db.opened():
        officer, team = Officer.get(), Team.get()
        sent = drafts.begin(officer, team, db.now())
        crowd.wrote(sent, db.now())
        for size in LIVE:
            codes = _around_st_helier(size)
            for theme in (False, True):
                alert = drafts.begin(officer, team, db.now())
                words = {"alert_type": crowd.EVERYBODY, "theme": "burglary", "only_concerned": theme}
                alert = drafts.save(alert, 0, codes, db.now(), **words)
                reach = headcount.of(alert, db.now())
                name = f"composer.{million(size)}{'.with_theme' if theme else ''}"
                found[f"{name}.count"] = _timed(partial(headcount.of, alert, db.now())), reach.everybody
                found[f"{name}.fatigue"] = _timed(partial(fatigue.of, alert, reach, db.now())), reach.everybody
    return found


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
