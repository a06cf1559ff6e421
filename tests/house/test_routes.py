"""Every address of the site: it opens, it never acts on GET, it is guarded, and it carries the right headers."""

import re
from datetime import datetime, timedelta

import pytest
from flask import url_for

from metengage import (
    actions,
    bookings,
    codes,
    db,
    drafts,
    links,
    moving,
    passwords,
    pictures,
    release,
    residents,
    survey,
)
from metengage.formats import london
from metengage.models import TABLES, AddressChange, Alert, Attempt, Complaint, Consent, Link, Photo, Resident, Version
from metengage.views.officers import OPEN_TO_ALL
from tests import brought, cast, services
from tests.page import Visitor

ONE_CLICK = "preferences.unsubscribe_now"  # RFC 8058: mailbox providers press it without a cookie
REPORTS = "bounces.receive"  # from mail providers, each with a proof of its own
FOR_ADMINISTRATORS = (
    *("sending", "stop_everything", "complaints_list", "complaint"),
    *("officer_list", "officer", "new_officer", "edit_officer", "suspend", "reset", "hand_over_drafts"),
    *("new_team", "edit_team", "hand_over_story"),
)
OF_A_WARD = ("join.show", "join.begin", "officers.poster_of_ward", "officers.cards_of_ward")
FRAMED = "officers.preview"  # an email by itself, with its own styles
ANSWERS = {
    "postcode": "SM45ZT", "ward": cast.ST_HELIER, "areas": [cast.RAVENSBURY], "types": ["advice"],
    "concerns": ["burglary", "drugs"], "rank": ["drugs"], "frequency": "daily", "name": "Cleo",
    "email": "cleo@example.org",
}  # fmt: skip
IN_SESSION = {
    "answers": ANSWERS,
    "signed_up": "cleo@example.org",
    "asked_for": "amara@example.org",
    "moving_to": "amara.new@example.org",
    "complained": 1,
    "waiting_for": cast.SUTTON,
    "moving": {"borough": cast.MERTON},
    "elsewhere": {"kind": "not-started", "postcode": "SM13EA", "boroughs": [cast.SUTTON], "forces": ""},
}


@pytest.fixture
def arguments(app) -> dict[str, list[dict]]:
    """Endpoint → what its address may hold, for each that needs something; `None` is for all the others."""
    farah, amara, now = cast.officer("Farah"), cast.resident("Amara"), db.now()
    draft, sent = _alert(farah, "Lock your shed"), _alert(farah, "Shed break-ins")
    shown = [
        {"key": pictures.put(each, farah, brought.photo(), "A shed", now).key, "name": "web.jpg"}
        for each in (draft, sent)
    ]
    services.begin_sending(sent, farah, now)
    complaint = {"complaint_id": Complaint.create(email="cleo@example.org", text="You kept my address.").id}
    asked, later = _alert(farah, "Lock your car"), _alert(farah, "Lock your door")
    release.ask(asked, farah, now)
    release.send(later, farah, now, now + timedelta(days=1))
    of_alerts = [{"alert_id": each.id} for each in (draft, sent, asked, later)]
    return {
        "officers.complaint": [complaint], "officers.answer": [complaint],  # of nobody whose record says who looked
        "alerts.show": of_alerts, "pictures.show": shown,
        "areas.show": [{"code": cast.ST_HELIER}, {"code": cast.SUTTON}],
        "areas.feed": [{"code": cast.ST_HELIER}, {"code": cast.SUTTON}],
        **{name: [{"code": cast.ST_HELIER}] for name in OF_A_WARD},
        "verify.show": [{}, {"code": codes.code(codes.ALERT, sent.id)}, {"code": "A1F-7KQ2M9"}],
        **_of_signing_up(now),
        **_of_own_page(amara, sent, now),
        **_of_alerts(of_alerts, asked),
        **_of_story(amara),
        **_of_staff(farah),
        **_of_rating(amara, sent),
        **_of_concern(amara, sent),
        **_of_event(amara),
        **_of_survey(amara),
        **_of_priorities(farah),
    }  # fmt: skip


def _of_signing_up(now: datetime) -> dict[str, list[dict]]:
    residents.sign_up(ANSWERS, now)
    to_confirm = Consent.select().where(Consent.answers.is_null(False)).get()
    token = {"token": links.issue(Link.CONFIRM, cast.resident("Cleo"), now, to_confirm)}
    names = ("confirm", "confirmed", "confirm_now", "say_informed")
    questions = {f"signup.{name}": [{"name": each} for each in survey.QUESTIONS] for name in ("question", "answer")}
    return questions | {f"signup.{name}": [token] for name in names}


def _of_own_page(amara, sent: Alert, now: datetime) -> dict[str, list[dict]]:
    """Her page by each kind of link, a move that waits, and the way back of somebody who has left."""
    Resident.update(left_at=now).where(Resident.name == "Esme").execute()
    back = [{"token": links.sign(links.RETURN, cast.resident("Esme"))}]
    moving.ask(amara, "amara.new@example.org", now)
    new = {"token": links.issue(Link.ADDRESS, amara, now, address_change=AddressChange.get())}
    magic, weak = links.issue(Link.SIGN_IN, amara, now), links.sign(links.PREFERENCES, amara, sent.id)
    whole = {
        "open": [{"token": magic}, {"token": weak}], "open_now": [{"token": magic}],
        "move": [{"name": "postcode"}, {"name": "borough"}], "find": [{"name": "postcode"}, {"name": "borough"}],
        "set_frequency": [{"slug": "advice"}],
        "confirm_address": [new], "confirm_address_now": [new], "address_confirmed": [new],
        "unsubscribe": [{"token": links.sign(links.UNSUBSCRIBE, amara, sent.id)}],
        "come_back": back, "come_back_now": back, "erase_instead": back,
    }  # fmt: skip
    return {f"preferences.{name}": values for name, values in whole.items()}


def _of_alerts(of_alerts: list[dict], asked: Alert) -> dict[str, list[dict]]:
    """For whatever an officer does with an alert; one that was asked for has an earlier version too."""
    return {"officers.bring_back": [{"alert_id": asked.id, "version_id": Version.get(Version.alert == asked).id}]} | {
        f"officers.{name}": of_alerts
        for name in (
            *("watch", "edit", "review", "preview", "save", "to_review", "discard", "send"),
            *("versions", "add_snippet", "explain", "ask", "send_first", "take_back", "change_time", "try_out"),
            *("decide", "approve", "give_back", "reviewed", "pause", "resume", "stop", "stop_now"),
            *("draw", "tick_team", "tick_unit", "search", "find_wards", "tap", "forget_circle"),
            *("correct", "withdraw", "withdraw_now", "follow_up", "end_story"),
            *("pictures_of", "put_picture", "put_poster", "remove_picture", "remove_poster"),
        )
    }  # fmt: skip


def _of_story(amara) -> dict[str, list[dict]]:
    story = services.story()
    token = links.sign(links.FOLLOW, amara, story.alerts.get().id)
    names = ("follow", "follow_now", "unfollow_now")
    by_link = {f"stories.{name}": [{"token": token}] for name in names}
    return by_link | {f"stories.{name}": [{"story_id": story.id}] for name in ("show", "follow_here", "unfollow_here")}


def _of_staff(farah) -> dict[str, list[dict]]:
    team, officer = {"team_id": cast.team("St Helier").id}, {"officer_id": farah.id}
    token = {"token": passwords.link_for(cast.officer("Gus"), db.now())}
    whole = {
        **dict.fromkeys(("team", "name_contact", "put_in", "give_ward", "edit_team", "save_team"), team),
        **dict.fromkeys(("hand_over_story", "hand_over_story_now"), team),
        **dict.fromkeys(("officer", "edit_officer", "save_officer", "let_back"), officer),
        **dict.fromkeys(("suspend", "suspend_now", "reset", "reset_now"), officer),
        **dict.fromkeys(("hand_over_drafts", "hand_over_drafts_now"), officer),
        **dict.fromkeys(("choose_password", "choose_password_now"), token),
        "take_out": team | officer,
    }
    return {f"officers.{name}": [values] for name, values in whole.items()}


def _of_priorities(farah) -> dict[str, list[dict]]:
    priority, proposed, ward = services.priority("Mopeds"), services.proposal("Bikes"), {"code": cast.ST_HELIER}
    action = actions.act(priority, farah, london(db.now()).date(), "We stopped six riders.", db.now())
    both = [{"priority_id": each.id} for each in (priority, proposed)]
    acts = ("change_priority", "set_priority", "count_hands", "act", "review_priority", "close_priority", "tell")
    return {
        **{f"officers.{name}": [ward] for name in ("ward_priorities", "propose", "ask_to_vote")},
        **dict.fromkeys(("officers.priority", *(f"officers.{name}" for name in acts)), both),
        "officers.remove_action": [{"priority_id": priority.id, "action_id": action.id}],
        **dict.fromkeys(("priorities.show", "priorities.vote"), both),
        **{f"priorities.{name}": [ward] for name in ("as_json", "as_csv")},
        **{f"preferences.{name}": both for name in ("withdraw_vote", "mute", "unmute")},
    }


def _of_rating(amara, sent: Alert) -> dict[str, list[dict]]:
    token = {"token": links.sign(links.RATE, amara, sent.id)}
    return {f"ratings.{name}": [token] for name in ("rate", "useful", "not_useful", "thanks", "explain")}


def _of_concern(amara, sent: Alert) -> dict[str, list[dict]]:
    """One that nobody's record says who looked at, with a photo; and one that its writer sees."""
    unknown, hers = services.concern("nobody"), services.concern()
    Photo.create(concern=unknown, width=100, height=100, content=brought.photo())
    names = (
        *("concern", "photo", "take_concern", "give_concern", "sort_concern", "hand_over_concern", "note_concern"),
        *("begin_response", "respond_to_concern", "ask_about_concern", "close_concern", "let_in_concern"),
        *("drop_concern", "limit_resident", "end_limit"),
    )
    seen, raised = links.sign(links.CONCERN, amara, hers.id), links.sign(links.RAISE, amara, hers.id)
    answered = links.sign(links.ANSWER, amara, sent.id)
    return {f"officers.{name}": [{"concern_id": unknown.id}] for name in names} | {
        **{f"replies.{name}": [{"token": seen}] for name in ("show", "reply", "not_solved")},
        **{f"concerns.{name}": [{"token": raised}] for name in ("confirm", "confirm_now")},
        **{f"concerns.{name}": [{"ward": cast.ST_HELIER}] for name in ("new", "raise_")},
        **{f"answers.{name}": [{"token": answered}] for name in ("answer", "send")},
    }


def _of_event(amara) -> dict[str, list[dict]]:
    """An event that nobody books, so that nobody is told who looked; and another, which Amara waits for."""
    event, booked = {"event_id": services.event().id}, services.event(title="Booked")
    booking = bookings.book(amara, booked, "", db.now())
    token, code = {"token": links.sign(links.BOOKING, amara, booking.id)}, {"code": cast.ST_HELIER}
    staff = (
        *("event", "edit_event", "save_event", "announce", "write_about", "call_off", "call_off_now"),
        *("who_comes", "note_who_came", "what_was_said", "say_what_was_said"),
    )
    return {
        **{f"events.{name}": [event] for name in ("show", "file", "ask", "asked", "book")},
        **{f"events.{name}": [token] for name in ("booking", "confirm", "cancel")},
        **{f"officers.{name}": [event] for name in staff},
        "areas.calendar": [code],
        "preferences.give_up": [{"booking_id": booking.id}],
    }


def _of_survey(amara) -> dict[str, list[dict]]:
    survey = {"survey_id": services.survey().id}
    answered = [{"token": links.sign(links.SURVEY, amara, survey["survey_id"])}]
    asked = [{"token": links.sign(links.INFORMED, amara)}]
    names = ("survey", "edit_survey", "save_survey", "put_survey_away", "open_survey", "close_survey")
    names += ("write_about_survey", "door_survey", "take_answers")
    return {f"officers.{name}": [survey] for name in names} | {
        "surveys.mine": [survey],
        **{f"surveys.{name}": answered for name in ("answer", "send", "thanks")},
        **{f"surveys.{name}": asked for name in ("informed", "say", "said", "no_more", "asked_no_more")},
    }


def _alert(officer, title: str) -> Alert:
    team = cast.team("St Helier")
    draft = drafts.begin(officer, team, db.now())
    return drafts.save(draft, 0, [cast.ST_HELIER], db.now(), title=title, body="Lock it.", alert_type="advice")


def addresses(app, arguments: dict, method: str) -> list[tuple[str, str]]:
    """(endpoint, address) of all that this method may be used on, but what machines press, and static files."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in rule.methods and rule.endpoint not in (ONE_CLICK, REPORTS, "static"):
            for values in arguments.get(rule.endpoint, [{}]):
                found.append((rule.endpoint, url_for(rule.endpoint, **values, _external=False)))
    return found


@pytest.fixture
def somebody(visitor, signed_in):
    """Who opens the addresses: a newcomer halfway through, a resident on her own page, an officer."""

    def somebody(who: str) -> Visitor:
        if who in ("Farah", "Idris"):
            return signed_in(who)
        with visitor.client.session_transaction() as session:
            session.update(IN_SESSION)
        if who == "Amara":
            token = links.issue(Link.SIGN_IN, cast.resident("Amara"), db.now())
            page = visitor.visit(f"/preferences/open/{token}")
            form, _ = page.form("Open my preferences")
            visitor.ask("POST", form["action"], data=page.fields(form))
        return visitor

    return somebody


def rows() -> dict[str, list]:
    """Every row of every table, but the counts of tries."""
    return {
        table.__name__: sorted(table.select().tuples(), key=repr) for table in TABLES if table is not Attempt
    }  # fmt: skip


# --- What opens ---


def test_every_plain_address_opens_for_anybody(app, visitor):
    plain = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    assert {address: visitor.visit(address).status for address in plain} == dict.fromkeys(plain, 200)


@pytest.mark.parametrize("who", ["Cleo", "Amara", "Farah", "Idris"])
def test_no_address_breaks_or_changes_a_row_on_get(app, arguments, somebody, who):
    person, before, odd, changed = somebody(who), rows(), set(), []
    for endpoint, address in addresses(app, arguments, "GET"):
        status = person.ask("GET", address).status_code
        odd |= {(endpoint, status)} if status >= 400 else set()
        changed += [(address, table) for table, held in rows().items() if held != before[table]]
    only_for_idris = {(f"officers.{name}", 404) for name in FOR_ADMINISTRATORS}
    # A draft and its picture are its team's to see.
    a_draft = {("alerts.show", 404), ("pictures.show", 404)} if who in ("Cleo", "Amara") else set()
    assert odd == a_draft | (only_for_idris if who == "Farah" else set())
    assert changed == []


@pytest.mark.parametrize("who", ["Amara", "Farah"])
def test_no_strange_address_breaks(app, somebody, who):
    person, rules = somebody(who), [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    rules += ["/preferences/areas?borough=<x>", "/sign-up/areas?borough=<x>&change=<x>"]
    strange = ("%00", "%FF", "9" * 30, "x" * 4000, "%0D%0ASet-Cookie:x", "..%2F..%2Fapp.py", "🏠", "-1")
    addresses = [re.sub("<[^>]*>", each, rule) for rule in rules if "<" in rule for each in strange]
    assert [address[:60] for address in addresses if person.ask("GET", address).status_code >= 500] == []


# --- Who passes ---


def staff(app, arguments: dict, method: str) -> list[str]:
    """The addresses behind the staff's door."""
    found = addresses(app, arguments, method)
    return [address for name, address in found if name.startswith("officers.") and name not in OPEN_TO_ALL]


def test_staff_pages_send_the_unsigned_to_sign_in(app, arguments, visitor):
    replies = {address: visitor.ask("GET", address) for address in staff(app, arguments, "GET")}
    led = {address: reply.location for address, reply in replies.items()}
    assert led == {address: f"/officers/sign-in?next={address}" for address in led}
    assert {reply.status_code for reply in replies.values()} == {303}


def test_what_the_unsigned_send_to_staff_pages_waits_until_they_have_signed_in(app, arguments, visitor):
    before, token = rows(), token_of(visitor)
    found = [address for address in staff(app, arguments, "POST") if address != "/officers/sign-out"]
    replies = {visitor.ask("POST", address, data={"csrf_token": token}) for address in found}
    assert {reply.status_code for reply in replies} == {403}
    assert all("What you sent was not done yet" in reply.text for reply in replies)
    assert rows() == before


def token_of(visitor) -> str:
    form, _ = visitor.visit("/officers/sign-in").form("Sign in")
    return form.find("input", attrs={"name": "csrf_token"})["value"]


def test_nobody_but_staff_pages_live_below_officers(app):
    below = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules() if "/officers" in rule.rule}
    assert below == {"officers"}


@pytest.mark.parametrize("who", ["Amara", "Farah"])
def test_a_form_without_its_token_is_refused(app, arguments, somebody, who):
    person, posts = somebody(who), addresses(app, arguments, "POST")
    statuses = {address: person.ask("POST", address, data={"agree": "y"}).status_code for _, address in posts}
    assert statuses == dict.fromkeys(statuses, 400)


def test_a_form_with_somebody_elses_token_is_refused(visitor, newcomer):
    form, _ = newcomer.visit("/preferences").form("Send me the link")
    token = form.find("input", attrs={"name": "csrf_token"})["value"]
    visitor.visit("/preferences")
    reply = visitor.ask("POST", "/preferences/link", data={"csrf_token": token, "email": "amara@example.org"})
    assert reply.status_code == 400


def test_the_one_click_needs_no_token(visitor):
    token = links.sign(links.UNSUBSCRIBE, cast.resident("Amara"))
    reply = visitor.ask("POST", f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    assert reply.status_code == 200
    assert not cast.resident("Amara").is_confirmed


def test_it_answers_only_to_its_own_name(visitor):
    assert visitor.ask("GET", "/", headers={"Host": "evil.example"}).status_code == 400


# --- What each answer carries ---


@pytest.fixture
def replies(app, arguments, somebody):
    """(endpoint, reply) of everything but static files, as an officer sees it, and of pages that are not there."""
    farah = somebody("Farah")
    found = [(endpoint, farah.ask("GET", url)) for endpoint, url in addresses(app, arguments, "GET")]
    lost = ["/nowhere", "/alerts/999", "/areas/E05999999", "/confirm/cut-off", "/unsubscribe/cut-off"]
    return [*found, *((None, farah.ask("GET", url)) for url in lost)]


def test_nothing_runs_on_any_page_but_our_own_files(replies):
    policies = [(endpoint, reply.headers["Content-Security-Policy"]) for endpoint, reply in replies]
    scripts = {re.search("script-src ([^;]*)", policy + ";script-src ")[1] for _, policy in policies}
    assert scripts == {"'self'", ""}
    assert all(policy.startswith("default-src 'none'") for _, policy in policies)
    assert {endpoint for endpoint, policy in policies if "unsafe" in policy} == {FRAMED}


def test_every_page_is_guarded_and_not_kept(replies):
    names = ("Referrer-Policy", "Cache-Control", "X-Content-Type-Options")
    assert {tuple(reply.headers.get(name) for name in names) for _, reply in replies} == {
        ("no-referrer", "no-store", "nosniff"),
        ("no-referrer", "public, max-age=3600", "nosniff"),
    }
    kept = {endpoint for endpoint, reply in replies if "public" in reply.headers["Cache-Control"]}
    assert kept == {"pictures.show"}
    assert {endpoint for endpoint, reply in replies if reply.headers["X-Frame-Options"] != "DENY"} == {FRAMED}


def test_scripts_and_other_sites_cannot_use_the_session_cookie(visitor):
    cookie = visitor.ask("GET", "/preferences").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


# --- On the wire ---


def static_files(visitor) -> list[str]:
    """The styles, scripts and pictures that every page names."""
    soup = visitor.visit("/").soup
    named = [each.get("href") or each.get("src") for each in soup.find_all(["link", "script"])]
    return [*named, soup.find(id="site")["data-govuk"]]


def test_static_files_are_kept_for_a_year_under_an_address_of_their_content(visitor):
    files = static_files(visitor)
    assert [address for address in files if not re.fullmatch(r"/static/[\w./-]+\?v=[0-9a-f]{12}", address)] == []
    kept = {visitor.ask("GET", address, buffered=True).headers["Cache-Control"] for address in files}
    assert kept == {"public, max-age=31536000, immutable"}


def test_static_files_without_it_are_not(visitor):
    reply = visitor.ask("GET", "/static/css/site.css", buffered=True)
    assert "immutable" not in reply.headers["Cache-Control"]


def encodings(visitor, addresses: list[str], accepted: str) -> dict[str, str | None]:
    """How each of these comes to somebody who takes this encoding."""
    replies = [visitor.ask("GET", each, headers={"Accept-Encoding": accepted}, buffered=True) for each in addresses]
    return {reply.request.path: reply.headers.get("Content-Encoding") for reply in replies}


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_pages_are_compressed(visitor, encoding):
    assert encodings(visitor, ["/", "/sign-up/postcode"], encoding) == {"/": encoding, "/sign-up/postcode": encoding}


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_styles_and_scripts_are_compressed(visitor, encoding):
    texts = [address for address in static_files(visitor) if ".svg" not in address]
    assert set(encodings(visitor, texts, encoding).values()) == {encoding}


def test_who_takes_no_compression_gets_none(visitor):
    assert encodings(visitor, ["/"], "identity") == {"/": None}
