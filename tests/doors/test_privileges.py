"""Least privilege: of every address behind the staff's door, who may open it and who finds nothing there."""

import pytest
from flask import url_for

from metengage import actions, alerts, db
from metengage.formats import london
from metengage.models import Complaint, Photo
from metengage.views.officers import OPEN_TO_ALL
from tests import cast, services

# Farah is an officer of the team, Gus of another; Hana is the team's supervisor, Idris an administrator.
EVERYBODY, THE_TEAM = {"Farah", "Gus", "Hana", "Idris"}, {"Farah", "Hana", "Idris"}
MANAGERS, ADMINISTRATORS = {"Hana", "Idris"}, {"Idris"}
MAY = {
    # Their own account; what is found there is theirs alone.
    "my_account": EVERYBODY,
    "rename": EVERYBODY,
    "put_portrait": EVERYBODY,
    "remove_portrait": EVERYBODY,
    "password": EVERYBODY,
    "password_now": EVERYBODY,
    "second_factor_page": EVERYBODY,
    "second_factor_now": EVERYBODY,
    "recovery_codes": EVERYBODY,
    "recovery_codes_now": EVERYBODY,
    "cover": EVERYBODY,
    "cover_now": EVERYBODY,
    "come_back": EVERYBODY,
    "sign_out": EVERYBODY,
    # Lists, which show each what is theirs.
    "alerts_list": EVERYBODY,
    "begin": EVERYBODY,
    "team_list": EVERYBODY,
    "door": EVERYBODY,
    "sign_up": EVERYBODY,
    "door_worker": EVERYBODY,
    "door_survey": THE_TEAM,
    "take_answers": THE_TEAM,
    "priorities_list": EVERYBODY,
    "concerns_list": EVERYBODY,
    "drop_concerns": EVERYBODY,
    "surveys_list": EVERYBODY,
    "new_survey": EVERYBODY,
    "add_survey": EVERYBODY,
    # What St Helier’s team asks.
    "survey": THE_TEAM,
    "edit_survey": THE_TEAM,
    "save_survey": THE_TEAM,
    "put_survey_away": THE_TEAM,
    "open_survey": THE_TEAM,
    "close_survey": THE_TEAM,
    "write_about_survey": THE_TEAM,
    # What somebody told St Helier's team.
    "concern": THE_TEAM,
    "photo": THE_TEAM,
    "take_concern": THE_TEAM,
    "give_concern": THE_TEAM,
    "sort_concern": THE_TEAM,
    "hand_over_concern": THE_TEAM,
    "note_concern": THE_TEAM,
    "begin_response": THE_TEAM,
    "respond_to_concern": THE_TEAM,
    "ask_about_concern": THE_TEAM,
    "close_concern": THE_TEAM,
    "let_in_concern": THE_TEAM,
    "drop_concern": THE_TEAM,
    "events_list": EVERYBODY,
    "new_event": EVERYBODY,
    # Idris says of which team; that nobody plans for another is in tests/doors/test_events.py.
    "add_event": {"Farah", "Gus", "Hana"},
    # St Helier's draft.
    "edit": THE_TEAM,
    "save": THE_TEAM,
    "review": THE_TEAM,
    "to_review": THE_TEAM,
    "preview": THE_TEAM,
    "correct": THE_TEAM,
    "withdraw": THE_TEAM,
    "withdraw_now": THE_TEAM,
    "follow_up": THE_TEAM,
    "end_story": THE_TEAM,
    "draw": THE_TEAM,
    "tick_team": THE_TEAM,
    "tick_unit": THE_TEAM,
    "search": THE_TEAM,
    "find_wards": THE_TEAM,
    "tap": THE_TEAM,
    "forget_circle": THE_TEAM,
    "add_snippet": THE_TEAM,
    "versions": THE_TEAM,
    "bring_back": THE_TEAM,
    "explain": THE_TEAM,
    "try_out": THE_TEAM,
    "send": THE_TEAM,
    "ask": THE_TEAM,
    "send_first": THE_TEAM,
    "take_back": THE_TEAM,
    "change_time": THE_TEAM,
    "pictures_of": THE_TEAM,
    "put_picture": THE_TEAM,
    "put_poster": THE_TEAM,
    "remove_picture": THE_TEAM,
    "remove_poster": THE_TEAM,
    # Whether somebody may decide on it, and not only look, is in tests/rules/test_release.py.
    "decide": THE_TEAM,
    "approve": THE_TEAM,
    "give_back": THE_TEAM,
    "reviewed": THE_TEAM,
    "watch": THE_TEAM,
    "pause": THE_TEAM,
    "resume": THE_TEAM,
    "stop": THE_TEAM,
    "stop_now": THE_TEAM,
    "discard": THE_TEAM,
    # St Helier's event.
    "event": THE_TEAM,
    "edit_event": THE_TEAM,
    "save_event": THE_TEAM,
    "announce": THE_TEAM,
    "write_about": THE_TEAM,
    "call_off": THE_TEAM,
    "call_off_now": THE_TEAM,
    "who_comes": THE_TEAM,
    "note_who_came": THE_TEAM,
    "what_was_said": THE_TEAM,
    "say_what_was_said": THE_TEAM,
    # What St Helier's team works on.
    "ward_priorities": THE_TEAM,
    "propose": THE_TEAM,
    "ask_to_vote": THE_TEAM,
    "priority": THE_TEAM,
    "change_priority": THE_TEAM,
    "set_priority": THE_TEAM,
    "count_hands": THE_TEAM,
    "act": THE_TEAM,
    "remove_action": THE_TEAM,
    "review_priority": THE_TEAM,
    "close_priority": THE_TEAM,
    "tell": THE_TEAM,
    # St Helier's team, and Rani, an officer in it.
    "team": THE_TEAM,
    "poster_of_ward": THE_TEAM,
    "cards_of_ward": THE_TEAM,
    "name_contact": MANAGERS,
    "put_in": MANAGERS,
    "give_ward": MANAGERS,
    "hand_over_story": MANAGERS,
    "hand_over_story_now": MANAGERS,
    "officer_list": MANAGERS,
    "officer": MANAGERS,
    "hand_over_drafts": MANAGERS,
    "hand_over_drafts_now": MANAGERS,
    "reset": MANAGERS,
    "reset_now": MANAGERS,
    "suspend": MANAGERS,
    "suspend_now": MANAGERS,
    "let_back": MANAGERS,
    "limit_resident": MANAGERS,
    "end_limit": MANAGERS,
    # Everything.
    "new_team": ADMINISTRATORS,
    "add_team": ADMINISTRATORS,
    "edit_team": ADMINISTRATORS,
    "save_team": ADMINISTRATORS,
    "new_officer": ADMINISTRATORS,
    "add_officer": ADMINISTRATORS,
    "edit_officer": ADMINISTRATORS,
    "save_officer": ADMINISTRATORS,
    "sending": ADMINISTRATORS,
    "pause_everything": ADMINISTRATORS,
    "resume_everything": ADMINISTRATORS,
    "stop_everything": ADMINISTRATORS,
    "stop_everything_now": ADMINISTRATORS,
    "complaints_list": ADMINISTRATORS,
    "complaint": ADMINISTRATORS,
    "answer": ADMINISTRATORS,
    # What ends what the others need comes last.
    "take_out": MANAGERS,
}
LAST = ("take_out", "sign_out")


@pytest.fixture
def places(app) -> dict[str, int]:
    """What the addresses hold: all of St Helier's team, but the complaint."""
    rani = services.rani()
    complaint = Complaint.create(email="cleo@example.org", text="You kept my address.")
    team, alert, concern = cast.team("St Helier"), services.draft(), services.concern()
    Photo.create(concern=concern, width=100, height=100, content=b"a picture")
    priority, today = services.priority(), london(db.now()).date()
    return {"team_id": team.id, "officer_id": rani.id, "alert_id": alert.id, "complaint_id": complaint.id} | {
        "concern_id": concern.id,
        "event_id": services.event().id,
        "code": cast.ST_HELIER,
        "survey_id": services.survey().id,
        "version_id": alerts.keep_version(alert, alerts.REPLACED, rani, cast.BEGAN).id,
        "priority_id": priority.id,
        "action_id": actions.act(priority, rani, today, "We stopped six riders.", db.now()).id,
    }


def behind_the_door(app) -> list:
    """The rules of the staff's pages, those that end something last."""
    found = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("officers.")]
    inside = [rule for rule in found if rule.endpoint not in OPEN_TO_ALL]
    return sorted(inside, key=lambda rule: LAST.index(name_of(rule)) if name_of(rule) in LAST else -1)


def name_of(rule) -> str:
    return rule.endpoint.partition(".")[2]


def test_every_address_behind_the_staffs_door_is_in_the_table(app):
    assert {name_of(rule) for rule in behind_the_door(app)} == set(MAY)


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_everybody_may_do_what_the_table_says_and_nothing_else(app, places, signed_in, who):
    officer, found = signed_in(who), {}
    token = officer.visit("/officers/account").soup.find("input", attrs={"name": "csrf_token"})["value"]
    for rule in behind_the_door(app):
        method = "POST" if "POST" in rule.methods else "GET"
        address = url_for(rule.endpoint, **{name: places[name] for name in rule.arguments}, _external=False)
        found[name_of(rule)] = officer.ask(method, address, data={"csrf_token": token}).status_code
    assert {name for name, status in found.items() if status in (403, 404)} == {n for n in MAY if who not in MAY[n]}
    assert set(found.values()) <= {200, 302, 303, 404, 422}


def test_nobody_manages_themselves(app, signed_in):
    for who in ("Hana", "Idris"):
        mine = cast.officer(who).id
        visitor = signed_in(who)
        addresses = [f"/officers/team/officers/{mine}{more}" for more in ("", "/edit", "/suspend", "/reset", "/drafts")]
        assert {visitor.ask("GET", address).status_code for address in addresses} == {404}


def test_a_supervisor_manages_no_supervisor_and_nobody_of_another_team(app, signed_in):
    hana = signed_in("Hana")
    for other in (cast.officer("Gus"), cast.officer("Idris"), services.rani(role="supervisor")):
        assert hana.ask("GET", f"/officers/team/officers/{other.id}").status_code == 404


def test_a_supervisor_does_not_reach_another_team(app, signed_in):
    surbiton = cast.team("Surbiton Hill").id
    hana = signed_in("Hana")
    addresses = [f"/officers/team/{surbiton}{more}" for more in ("", "/stories")]
    assert {hana.ask("GET", address).status_code for address in addresses} == {404}
