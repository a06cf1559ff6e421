"""A draft goes out by the road that its risk asks for: every pair of states, everything twice, two at once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from metengage import alerts, areas, drafts, handover, officers, pictures, readiness, release, stories
from metengage.alerts import AlreadySent, ChangedMeanwhile
from metengage.models import Alert, Area, Decision, Journal, Officer, Picture, Story, Version, Writer
from metengage.release import NeedsApproval, NotReady, NotTheirs, TimeStays
from tests import brought, cast, services
from tests.brought import photo, poster
from tests.cast import MERTON, ST_HELIER
from tests.conftest import NOW

SOON = NOW + timedelta(seconds=60)
LATER = NOW + timedelta(days=2)
STATES = Alert.STATES


@pytest.fixture(autouse=True)
def _undo(app, settings, monkeypatch):
    monkeypatch.setattr(settings, "undo_seconds", 60)


def farah() -> Officer:
    return cast.officer("Farah")


def hana() -> Officer:
    return cast.officer("Hana")


def advice(**instead) -> Alert:
    return services.draft(**({"alert_type": "advice", "theme": None} | instead))


def asked(**instead) -> Alert:
    return release.ask(services.draft(**instead), farah(), NOW)


def now_of(alert: Alert) -> Alert:
    return Alert.get_by_id(alert.id)


# --- Every pair of states ---


def in_state(state: str) -> Alert:
    alert = services.draft()
    fresh = {"state": state, "sender": farah(), "due_at": SOON}
    Alert.update(fresh).where(Alert.id == alert.id).execute()
    return now_of(alert)


ROADS: dict[str, tuple[Callable, dict[str, str]]] = {
    "send first": (lambda each: release.go_first(each, farah(), "Nobody answers", NOW), {"draft": "scheduled"}),
    "ask": (lambda each: release.ask(each, farah(), NOW), {"draft": "awaiting approval"}),
    "approve": (lambda each: release.approve(each, hana(), "", NOW), {"awaiting approval": "scheduled"}),
    "return": (lambda each: release.give_back(each, hana(), "Say when", NOW), {"awaiting approval": "draft"}),
    "take back": (
        lambda each: release.take_back(each, farah(), NOW),
        {"awaiting approval": "draft", "scheduled": "draft"},
    ),
}


@pytest.mark.parametrize("road", ROADS)
def test_each_road_leads_from_its_states_only(road):
    act, expected = ROADS[road]
    found = {}
    for state in STATES:
        alert = in_state(state)
        try:
            act(alert)
        except AlreadySent:
            assert now_of(alert).state == state
        if now_of(alert).state != state:
            found[state] = now_of(alert).state
    assert found == expected


@pytest.mark.parametrize("was", STATES)
@pytest.mark.parametrize("to", STATES)
def test_only_what_may_follow_can_be_moved_to(was, to):
    alert = in_state(was)
    if to in alerts.MOVES[was]:
        assert alerts.move(alert, to)
        assert now_of(alert).state == to
    else:
        with pytest.raises(ValueError, match="does not become"):
            alerts.move(alert, to)


# --- By risk ---


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        ({}, False),
        ({"alert_type": "meetings"}, False),
        ({"alert_type": "priorities"}, False),
        ({"alert_type": "incidents"}, True),
        ({"alert_type": "appeals", "body": "Call 101."}, True),
        ({"alert_type": "results"}, True),
        ({"codes": [MERTON]}, True),
        ({"body": "Ring 07700 900123 and ask for Joan."}, True),
    ],
)
def test_what_is_risky_needs_a_supervisor(words, needs):
    assert bool(readiness.of(advice(**words), farah()).why_approval) is needs


def test_what_needs_approval_cannot_be_sent_without():
    alert = services.draft()
    with pytest.raises(NeedsApproval):
        release.send(alert, farah(), NOW)
    assert now_of(alert).is_draft


# --- The minute to undo, and a time to come ---


def test_it_waits_a_minute_and_then_goes():
    alert = release.send(advice(), farah(), NOW)
    assert (alert.state, alert.due_at, release.due(NOW)) == ("scheduled", SOON, [])
    assert [release.begin(each, SOON) for each in release.due(SOON)] == [True]
    assert now_of(alert).state == "sending"


def test_undone_it_is_a_draft_that_nobody_got():
    alert = release.send(advice(), farah(), NOW)
    assert release.take_back(alert, farah(), NOW)
    assert (now_of(alert).is_draft, now_of(alert).due_at, release.due(LATER)) == (True, None, [])


def test_undone_too_late_it_goes_on():
    alert = release.send(advice(), farah(), NOW)
    release.begin(alert, SOON)
    assert not release.take_back(alert, farah(), SOON)
    assert now_of(alert).state == "sending"


def test_of_undo_and_begin_at_once_one_wins(app):
    alert = release.send(advice(), farah(), NOW)
    back, begun = services.at_once(
        app, lambda: release.take_back(alert, farah(), SOON), lambda: release.begin(alert, SOON)
    )
    assert (back, begun, now_of(alert).state) in ((True, False, "draft"), (False, True, "sending"))


def test_two_clocks_begin_it_once(app):
    alert = release.send(advice(), farah(), NOW)
    assert sorted(services.at_once(app, *[lambda: release.begin(alert, SOON)] * 3)) == [False, False, True]
    assert Journal.select().where(Journal.action == "sent alert").count() == 1


def test_send_pressed_twenty_times_is_once(app):
    alert = advice()
    results = services.at_once(app, *[lambda: release.send(alert, farah(), NOW)] * 20)
    assert sorted(type(each).__name__ for each in results) == ["Alert"] + ["AlreadySent"] * 19


def test_it_goes_at_the_time_that_was_wished():
    assert release.send(advice(), farah(), NOW, LATER).due_at == LATER


def test_its_time_can_be_changed_until_it_begins():
    alert = release.send(advice(), farah(), NOW, LATER)
    assert release.change_time(alert, farah(), LATER + timedelta(days=1), NOW)
    assert not release.change_time(alert, farah(), LATER, NOW), "somebody changed it meanwhile"
    assert now_of(alert).due_at == LATER + timedelta(days=1)


@pytest.mark.parametrize(("name", "may"), [("Farah", False), ("Hana", True), ("Idris", True)])
def test_a_time_that_was_approved_is_changed_by_who_may_decide(name, may):
    approved = release.approve(release.ask(services.draft(), farah(), NOW, LATER), hana(), "", NOW)
    if may:
        assert release.change_time(approved, cast.officer(name), None, NOW)
        assert now_of(approved).due_at == SOON
        assert Journal.select().where(Journal.action == "changed the time").count() == 1
    else:
        with pytest.raises(TimeStays, match="A supervisor approved this time"):
            release.change_time(approved, cast.officer(name), None, NOW)
        assert now_of(approved).due_at == LATER


# --- Approval ---


def test_approved_it_goes_after_the_minute_or_at_its_time():
    alert = release.approve(asked(), hana(), "Good", NOW)
    assert (alert.state, alert.due_at, alert.approver, alert.sender) == ("scheduled", SOON, hana(), farah())
    wished = release.ask(services.draft(), farah(), NOW, LATER)
    assert release.approve(wished, hana(), "", NOW).due_at == LATER


@pytest.mark.parametrize(("name", "may"), [("Farah", False), ("Gus", False), ("Hana", True), ("Idris", True)])
def test_only_a_supervisor_of_the_team_or_an_administrator_decides(name, may):
    alert = asked()
    assert officers.may_decide(cast.officer(name), alert) is may
    if not may:
        with pytest.raises(NotTheirs):
            release.approve(alert, cast.officer(name), "", NOW)
        with pytest.raises(NotTheirs):
            release.give_back(alert, cast.officer(name), "No", NOW)
        assert now_of(alert).state == "awaiting approval"


@pytest.mark.parametrize("whose", ["author", "changed_by", "sender"])
def test_nobody_approves_their_own(whose):
    alert = asked()
    Alert.update({whose: hana()}).where(Alert.id == alert.id).execute()
    with pytest.raises(NotTheirs):
        release.approve(now_of(alert), hana(), "", NOW)


def by_hana() -> Alert:
    """Farah’s draft with all its words by Hana; kept again by Farah as it is, and asked for."""
    draft = services.draft()
    his = drafts.save(draft, draft.revision, [ST_HELIER], NOW, officer=hana(), body="Hana’s words")
    hers = drafts.save(his, his.revision, [ST_HELIER], NOW, officer=farah())
    return release.ask(hers, farah(), NOW)


def test_who_ever_wrote_in_it_does_not_decide_on_it():
    alert = by_hana()
    assert (alert.author, alert.changed_by, alert.sender, alert.body) == (farah(), farah(), farah(), "Hana’s words")
    with pytest.raises(NotTheirs):
        release.approve(alert, hana(), "", NOW)
    with pytest.raises(NotTheirs):
        release.give_back(alert, hana(), "No", NOW)
    assert release.approve(alert, cast.officer("Idris"), "", NOW).state == "scheduled"


def test_who_wrote_in_one_decides_on_another():
    by_hana()
    assert officers.may_decide(hana(), asked())


def bring_back(alert: Alert) -> None:
    version = alerts.keep_version(alert, alerts.REPLACED, farah(), NOW)
    drafts.bring_back(alert, version, hana(), NOW)


WRITES = {
    "save": lambda alert: drafts.save(alert, alert.revision, [ST_HELIER], NOW, officer=hana()),
    "bring back": bring_back,
    "picture": lambda alert: pictures.put(alert, hana(), brought.photo(), "A moped", NOW),
    "words of a picture": lambda alert: pictures.reword(alert, hana(), Picture.PICTURE, "A moped", NOW),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_in_whatever_way_somebody_writes_it_is_remembered_once(write):
    alert = services.draft()
    for _ in range(2):
        write(now_of(alert))
    assert {each.officer for each in Writer.select().where(Writer.alert == alert)} == {farah(), hana()}


def test_a_draft_that_was_handed_over_remembers_who_began_it():
    draft = drafts.begin(hana(), cast.team("St Helier"), NOW)
    assert handover.give_work(cast.officer("Idris"), hana(), farah()) == (1, 0)
    assert now_of(draft).author == farah()
    assert not officers.may_decide(hana(), now_of(draft))


def test_returned_it_is_a_draft_with_the_comment():
    alert = release.give_back(asked(), hana(), "Say when it was", NOW)
    assert alert.is_draft
    assert (release.returned(alert).comment, release.returned(alert).officer) == ("Say when it was", hana())


def test_of_approve_and_return_at_once_one_wins(app):
    alert = asked()
    results = services.at_once(
        app,
        lambda: release.approve(alert, hana(), "", NOW),
        lambda: release.give_back(alert, cast.officer("Idris"), "No", NOW),
    )
    assert sorted(type(each).__name__ for each in results) == ["Alert", "AlreadySent"]
    assert Decision.select().where(Decision.verdict.in_(["approved", "returned"])).count() == 1


def test_each_time_it_is_asked_for_its_words_are_kept():
    first = release.give_back(asked(), hana(), "Say when", NOW)
    again = drafts.save(first, first.revision, [ST_HELIER], NOW, body="Two mopeds were taken on 20 November.")
    release.ask(again, farah(), NOW)
    latest = release.asked_for(again)
    assert latest.words["body"] == "Two mopeds were taken on 20 November."
    assert release.asked_for(again, latest).words["body"] == "Two mopeds were taken on **Friday**."


def test_what_was_changed_since_it_was_looked_at_is_not_asked_for():
    looked_at = services.draft()
    drafts.save(looked_at, looked_at.revision, [ST_HELIER], NOW, title="Changed meanwhile")
    with pytest.raises(ChangedMeanwhile):
        release.ask(looked_at, farah(), NOW)


# --- Before anybody approved ---


def test_what_goes_first_is_reviewed_after_by_somebody_else():
    alert = release.go_first(services.draft(), farah(), "A child is missing, nobody answers", NOW)
    release.begin(alert, SOON)
    assert alerts.to_review(hana()) == [alert]
    assert alerts.to_review(farah()) == []
    with pytest.raises(NotTheirs):
        release.review(now_of(alert), farah(), "", SOON)
    assert release.review(now_of(alert), hana(), "Right", SOON)
    assert not release.review(now_of(alert), cast.officer("Idris"), "", SOON)
    assert (alerts.to_review(hana()), now_of(alert).approver) == ([], hana())


# --- Checks ---


def test_what_a_check_refuses_goes_by_no_road():
    alert = advice(body="Meet us at {place}.")
    for act in (
        lambda: release.send(alert, farah(), NOW),
        lambda: release.ask(alert, farah(), NOW),
        lambda: release.go_first(alert, farah(), "Why", NOW),
    ):
        with pytest.raises(NotReady):
            act()


def test_a_reason_holds_while_the_check_finds_the_same():
    alert = advice(body="Ring 07700 900123 and ask for Joan.")
    (found,) = readiness.of(alert, farah()).unexplained
    release.explain(alert, found.check.name, found.mark, "It is her stall’s, and she agrees", farah(), NOW)
    assert readiness.of(alert, farah()).is_ready
    other = drafts.save(alert, alert.revision, [ST_HELIER], NOW, body="Ring 07700 900456 and ask for Joan.")
    assert [each.check.name for each in readiness.of(other, farah()).unexplained] == [found.check.name]


def test_the_words_of_a_picture_and_a_poster_and_a_new_story_s_title_are_looked_at_too():
    alert = advice(story=stories.Chosen(new_title="JOHN SMITH, 15, arrested: ring 07700 900123 {name}"))
    pictures.put(alert, farah(), photo(), "John Smith, 15, being arrested at 12 High Street, AB12 CDE", NOW)
    pictures.put_poster(alert, farah(), poster(), "Ring 07700 900456", NOW)
    found = {each.check.name: each for each in readiness.of(alert, farah()).findings}
    assert found["child-named"].where == "in the picture’s description and in the story’s title"
    assert (found["house-number"].field, found["number-plate"].field) == ("picture", "picture")
    assert found["phone-number"].found == ("07700 900456", "07700 900123")
    assert found["unfilled-gap"].field == "story_title"


def test_the_team_s_own_number_and_address_need_no_reason():
    team = cast.team("St Helier")
    assert readiness.of(advice(body=f"Ring {team.phone} or write to {team.email}."), farah()).is_ready
    assert not readiness.of(advice(body=f"Ring {cast.team('Surbiton Hill').phone}."), farah()).is_ready


def test_the_title_of_a_story_that_has_begun_holds_nothing_up():
    story = services.story()
    Story.update(title="Ring 07700 900123").execute()
    alert = advice(story=stories.Chosen(story.id))
    assert readiness.of(alert, farah()).is_ready


# --- What changed while it waited ---


def test_a_ward_that_is_gone_when_its_time_comes_sends_it_back_with_the_reason():
    alert = release.send(advice(), farah(), NOW, LATER)
    Area.update(retired_at=NOW).where(Area.code == ST_HELIER).execute()
    assert not release.begin(alert, LATER)
    assert now_of(alert).is_draft
    assert "St Helier" in release.returned(now_of(alert)).comment


def test_a_story_that_has_ended_sends_it_back_with_the_reason():
    story = services.story()
    alert = release.send(advice(story=stories.Chosen(story.id)), farah(), NOW, LATER)
    type(story).update(ended_at=NOW).execute()
    assert not release.begin(alert, LATER)
    assert release.returned(now_of(alert)).comment == stories.HAS_ENDED


def test_an_audience_that_became_too_small_sends_it_back(settings, monkeypatch):
    alert = release.send(advice(), farah(), NOW, LATER)
    monkeypatch.setattr(settings, "smallest_audience", 10)
    assert not release.begin(alert, LATER)
    assert "fewer than 10" in release.returned(now_of(alert)).comment


# --- Versions ---


def test_who_saves_over_newer_words_keeps_both():
    alert = services.draft()
    theirs = drafts.save(alert, alert.revision, [ST_HELIER], NOW, body="Hana’s words", editor="two", officer=hana())
    mine = drafts.save(
        alert,
        alert.revision,
        [ST_HELIER],
        NOW,
        body="Farah’s words",
        editor="one",
        officer=farah(),
        over=theirs.revision,
    )
    (version,) = Version.select()
    assert (mine.body, version.words["body"], version.officer) == ("Farah’s words", "Hana’s words", hana())


def test_earlier_words_can_be_brought_back():
    alert = release.give_back(asked(), hana(), "Shorter", NOW)
    changed = drafts.save(alert, alert.revision, [], NOW, body="Short", title="Mopeds")
    back = drafts.bring_back(changed, release.asked_for(changed), farah(), NOW)
    assert (back.title, back.body) == ("Mopeds stolen in Green Lane", "Two mopeds were taken on **Friday**.")
    assert [area.code for area in alerts.written_to(back)] == [ST_HELIER]
    assert alerts.versions(back)[0].words["body"] == "Short"


def test_a_new_draft_may_begin_as_one_that_was_sent():
    sent = services.begin_sending(services.draft(), farah(), NOW)
    draft = drafts.begin(farah(), cast.team("St Helier"), NOW, like=sent)
    assert (draft.title, draft.state, areas.named([ST_HELIER])) == (sent.title, "draft", alerts.written_to(draft))
    assert (draft.story_id, draft.due_at, draft.sender_id) == (None, None, None)


def test_a_team_with_one_ward_writes_there_and_one_with_two_chooses():
    for name, codes in (("Surbiton Hill", [cast.SURBITON_HILL]), ("St Helier", [])):
        draft = drafts.begin(farah(), cast.team(name), NOW)
        assert [area.code for area in alerts.written_to(draft)] == codes


# --- A test to oneself ---


def test_a_draft_arrives_with_who_tries_it_and_nobody_else(post):
    drafts.try_out(services.draft(), farah(), datetime(2026, 11, 22))
    services.jobs.ring_urgent()
    services.work_off()
    (letter,) = post.letters
    assert (letter["To"], letter["Subject"]) == ("farah@met.example.org", "Mopeds stolen in Green Lane")
    assert "because you asked for incidents and investigations in St Helier, Merton" in " ".join(
        services.text_of(letter).split()
    )


def test_nobody_tries_too_often():
    alert = services.draft()
    for _ in range(5):
        drafts.try_out(alert, farah(), NOW)
    with pytest.raises(drafts.TooManyTrials):
        drafts.try_out(alert, farah(), NOW)
