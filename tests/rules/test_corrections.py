"""Correct and withdraw: who is told, once; what stands on the web; every state, twice, two at once."""

from datetime import timedelta

import pytest

from metengage import (
    addressing,
    alerts,
    corrections,
    digests,
    dispatch,
    drafts,
    halts,
    leaving,
    proofs,
    release,
    standing,
)
from metengage.models import Alert, AlertArea, Delivery, Held, Journal, Resident, Story, Subscription
from tests import cast, services
from tests.cast import ST_HELIER
from tests.conftest import NOW

MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
AMARA, BRYN = "amara@example.org", "bryn@example.org"
TITLE, WRONG, RIGHT = "Mopeds stolen in Green Lane", "on Friday", "Two mopeds were taken on Thursday."


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def farah():
    return cast.officer("Farah")


def begin_sending(alert: Alert, now=NOW) -> Alert:
    return services.begin_sending(alert, farah(), now)


def carry(alert: Alert, now=NOW) -> None:
    services.send_all(alert, lambda: now)


@pytest.fixture
def first() -> Alert:
    """An alert that Amara has got."""
    alert = begin_sending(services.draft())
    carry(alert)
    return Alert.get_by_id(alert.id)


def correction(of: Alert, now=NOW + MINUTE, body=RIGHT) -> Alert:
    """A draft that corrects it."""
    draft = corrections.begin(of, farah(), now)
    return corrections.save(draft, draft.revision, now, body=body, title=draft.title, correction_reason="The day")


def correct(of: Alert, now=NOW + MINUTE, body=RIGHT) -> Alert:
    """A correction that is being sent."""
    return begin_sending(correction(of, now, body), now)


def withdraw(of: Alert, now=NOW + MINUTE, who="Hana", **besides) -> Alert:
    return corrections.withdraw(of, cast.officer(who), "Another street", now, **besides)


def told(alert: Alert, now=NOW + MINUTE) -> list[str]:
    """Send it, and say whom it went to."""
    carry(alert, now)
    rows = Delivery.select(Resident.email).join(Resident).where(Delivery.alert == alert)
    return sorted(email for (email,) in rows.where(Delivery.state == Delivery.SENT).tuples())


def weekly(now=NOW + WEEK) -> None:
    """Send the digests that are due."""
    for run in digests.begin_due(now):
        while digests.send_some(run, lambda: now):
            pass


# --- Begin ---


def test_a_correction_begins_with_the_words_and_the_areas_of_what_it_corrects(first):
    draft = corrections.begin(first, farah(), NOW)
    assert (draft.title, draft.body, draft.alert_type, draft.theme) == (
        *(first.title, first.body),
        *(first.alert_type, first.theme),
    )
    assert [area.code for area in alerts.written_to(draft)] == [ST_HELIER]
    assert draft.corrects == first


@pytest.mark.parametrize("state", Alert.STATES)
def test_only_what_was_sent_is_corrected_or_withdrawn(first, state):
    Alert.update(state=state).where(Alert.id == first.id).execute()
    for act in (lambda: corrections.begin(first, farah(), NOW), lambda: withdraw(first)):
        if state in (Alert.SENDING, Alert.SENT):
            assert act().corrects == first
        else:
            with pytest.raises(corrections.NotNow):
                act()


@pytest.mark.parametrize("state", [Alert.DRAFT, Alert.AWAITING, Alert.SCHEDULED])
def test_there_is_one_correction_at_a_time(first, state):
    draft = correction(first)
    Alert.update(state=state).where(Alert.id == draft.id).execute()
    with pytest.raises(corrections.BeingCorrected) as found:
        corrections.begin(first, cast.officer("Hana"), NOW)
    assert found.value.correction == draft


def test_of_two_officers_at_once_one_begins(app, first):
    results = services.at_once(app, *[lambda: corrections.begin(first, farah(), NOW)] * 2)
    assert {type(each) for each in results} == {Alert, corrections.BeingCorrected}
    assert Alert.select().where(Alert.corrects == first).count() == 1


def test_one_that_was_thrown_away_makes_room(first):
    drafts.discard(correction(first), farah(), NOW)
    assert corrections.begin(first, farah(), NOW).corrects == first


def test_a_correction_of_a_correction_corrects_the_newest(first):
    again = corrections.begin(correct(first), farah(), NOW)
    assert (again.corrects, again.body, again.correction_reason) == (first, RIGHT, "")


def test_it_cannot_go_without_a_reason(first):
    draft = correction(first)
    draft = corrections.save(draft, draft.revision, NOW, correction_reason=" ")
    with pytest.raises(release.NotReady, match="Enter what was wrong"):
        release.ask(draft, farah(), NOW)


# --- Who hears of it ---


def test_it_goes_once_to_who_got_what_it_corrects(first, post):
    right = correct(first)
    assert told(right) == [AMARA]
    assert told(right) == [AMARA]
    assert len(post.to(AMARA)) == 2


def test_it_goes_to_nobody_who_subscribed_since(first):
    services.crowd(2)
    assert alerts.reached(correction(first), NOW + MINUTE) == {"immediately": 1, "daily": 0, "weekly": 0}
    assert told(correct_open(first)) == [AMARA]


def correct_open(first: Alert) -> Alert:
    return begin_sending(corrections.open_one(first), NOW + MINUTE)


def test_it_reaches_who_ended_that_subscription_but_not_who_left(first):
    Subscription.update(ended_at=NOW, ended_reason="changed").where(Subscription.alert_type == "incidents").execute()
    assert told(correct(first)) == [AMARA]
    leaving.leave(cast.resident("Amara"), "unsubscribed", NOW + MINUTE)
    assert told(withdrawn_and_begun(first)) == []


def withdrawn_and_begun(of: Alert, now=NOW + 2 * MINUTE, **besides) -> Alert:
    withdrawal = withdraw(of, now, **besides)
    release.begin(withdrawal, now)
    return Alert.get_by_id(withdrawal.id)


def test_a_cap_does_not_keep_it_back(first):
    Resident.update(weekly_cap=1).where(Resident.email == AMARA).execute()
    assert told(correct(first)) == [AMARA]


def test_who_got_it_in_a_digest_is_told_at_once(first):
    weekly()
    assert told(correct(first, NOW + WEEK + MINUTE), NOW + WEEK + MINUTE) == [AMARA, BRYN]


def test_a_digest_after_it_brings_the_right_words_and_no_correction(first, post):
    told(correct(first))
    weekly()
    text = services.text_of(post.last_to(BRYN))
    assert "1 alert since last time" in text
    assert RIGHT in text
    assert WRONG not in text


def test_who_got_the_right_words_in_a_digest_is_told_of_the_next_correction(first):
    told(correct(first))
    weekly()
    later = NOW + WEEK + MINUTE
    assert told(correct(first, later, "Two mopeds were taken on Sunday."), later) == [AMARA, BRYN]


def test_what_was_held_comes_in_the_right_words(first, post):
    Held.create(resident=cast.resident("Amara"), alert=first, frequency="daily", held_at=NOW)
    Delivery.delete().execute()
    right = correct(first)
    assert told(right) == []
    weekly(NOW + DAY)
    assert RIGHT in services.text_of(post.last_to(AMARA))


def test_who_is_paused_hears_of_it_in_the_first_daily_email_afterwards(first, post):
    Resident.update(paused_until=NOW + 3 * DAY).where(Resident.email == AMARA).execute()
    right = correct(first)
    assert alerts.reached(right, NOW + MINUTE)["daily"] == 1
    assert told(right) == []
    weekly(NOW + DAY)
    assert len(post.to(AMARA)) == 1
    weekly(NOW + 4 * DAY)
    text = services.text_of(post.last_to(AMARA))
    assert "WHAT WE WROTE AND GOT WRONG" in text
    assert f"Correction: {TITLE}" in text
    assert "or got what it corrects" in text


def test_of_two_corrections_during_a_pause_the_newest_is_kept(first):
    Resident.update(paused_until=NOW + 3 * DAY).where(Resident.email == AMARA).execute()
    told(correct(first))
    newest = correct(first, NOW + 2 * MINUTE)
    told(newest, NOW + 2 * MINUTE)
    assert [held.alert for held in Held.select()] == [newest]


# --- While it is being sent ---


def test_who_has_not_got_it_yet_gets_the_right_words_and_no_correction(post):
    first = begin_sending(services.draft())
    addressing.prepare_alert(first, NOW)
    right = correct(first)
    assert told(right) == []
    carry(first, NOW + MINUTE)
    text = services.text_of(post.last_to(AMARA))
    assert RIGHT in text
    assert "This corrects" not in text
    assert len(post.to(AMARA)) == 1


def test_a_correction_that_is_being_sent_gives_way_to_the_next(first):
    one = correct(first)
    addressing.prepare_alert(one, NOW + MINUTE)
    two = correct(first, NOW + 2 * MINUTE, "Two mopeds were taken on Sunday.")
    assert Alert.get_by_id(one.id).is_stopped
    carry(one, NOW + 2 * MINUTE)
    assert told(two, NOW + 2 * MINUTE) == [AMARA]
    assert Delivery.select().where(Delivery.alert == one, Delivery.state == Delivery.SENT).count() == 0


def test_a_withdrawal_stops_what_is_being_sent(post):
    first = begin_sending(services.draft())
    addressing.prepare_alert(first, NOW)
    withdrawal = withdrawn_and_begun(first)
    carry(first, NOW + 2 * MINUTE)
    assert told(withdrawal, NOW + 2 * MINUTE) == []
    assert not post.letters


def test_a_batch_in_hand_writes_nothing_of_what_was_withdrawn(post):
    first = begin_sending(services.draft())
    addressing.prepare_alert(first, NOW)
    withdraw(first)
    Alert.update(stopped_at=None).where(Alert.id == first.id).execute()
    dispatch.send_some(Alert.get_by_id(first.id), lambda: NOW + MINUTE)
    assert not post.letters
    assert Delivery.get().reason == "it was withdrawn"


# --- Withdraw ---


def test_it_is_withdrawn_at_once_and_told_after_the_time_to_undo(first, settings, monkeypatch):
    monkeypatch.setattr(settings, "undo_seconds", 60)
    withdrawal = withdraw(first)
    assert (withdrawal.state, withdrawal.due_at) == (Alert.SCHEDULED, NOW + 2 * MINUTE)
    assert standing.of(first).withdrawal == withdrawal


@pytest.mark.parametrize(("who", "is_unreviewed"), [("Farah", True), ("Hana", False), ("Idris", False)])
def test_an_officers_withdrawal_is_reviewed_afterwards(first, who, is_unreviewed):
    withdrawal = withdraw(first, who=who)
    release.begin(withdrawal, NOW + 2 * MINUTE)
    assert Alert.get_by_id(withdrawal.id).is_unreviewed is is_unreviewed
    assert bool(alerts.to_review(cast.officer("Hana"))) is is_unreviewed


def test_it_is_withdrawn_once(app, first):
    results = services.at_once(app, *[lambda: withdraw(first)] * 2)
    assert {type(each) for each in results} == {Alert, corrections.NotNow}
    assert Journal.select().where(Journal.action == "withdrew alert").count() == 1


def test_what_is_withdrawn_is_corrected_no_more(first):
    withdraw(first)
    with pytest.raises(corrections.NotNow, match="withdrawn already"):
        corrections.begin(first, farah(), NOW)


@pytest.mark.parametrize("state", [Alert.DRAFT, Alert.AWAITING, Alert.SCHEDULED])
def test_a_correction_on_its_way_is_put_away(first, state):
    draft = correction(first)
    Alert.update(state=state).where(Alert.id == draft.id).execute()
    withdraw(first)
    assert Alert.get_by_id(draft.id).state == Alert.CANCELLED


def test_of_withdrawing_and_sending_a_correction_at_once_it_stays_withdrawn(app, first):
    right = release.approve(release.ask(correction(first), farah(), NOW), cast.officer("Hana"), "", NOW)
    results = services.at_once(app, lambda: withdraw(first), lambda: release.begin(right, NOW + MINUTE))
    assert [each for each in results if isinstance(each, Exception)] == []
    right = Alert.get_by_id(right.id)
    assert right.state == Alert.CANCELLED or right.is_stopped
    assert standing.is_withdrawn(first.id)


def test_until_it_goes_it_can_be_undone(first):
    withdrawal = withdraw(first)
    assert corrections.undo(withdrawal, farah(), NOW)
    assert standing.of(first).withdrawal is None
    assert not release.begin(withdrawal, NOW + DAY)
    assert withdraw(first).corrects == first


def test_it_is_too_late_to_undo_what_went(first):
    withdrawal = withdrawn_and_begun(first)
    assert not corrections.undo(withdrawal, farah(), NOW + DAY)
    assert standing.is_withdrawn(first.id)


def test_no_digest_brings_what_is_withdrawn(first, post):
    withdraw(first)
    weekly()
    assert not post.to(BRYN)


def test_a_run_that_has_begun_leaves_it_out(first, post):
    for run in digests.begin_due(NOW + WEEK):
        withdraw(first, NOW + WEEK) if not standing.is_withdrawn(first.id) else None
        while digests.send_some(run, lambda: NOW + WEEK):
            pass
    assert not post.to(BRYN)


def test_nothing_says_the_title_that_had_to_go(first):
    withdraw(first, hides_title=True)
    shown = [*alerts.of_area(alerts.written_to(first)[0]), *standing.as_it_is([Alert.get_by_id(first.id)])]
    assert {(each.title, each.body, each.mark) for each in shown} == {
        ("An alert that we sent on 22 November 2026", "", "withdrawn")
    }
    assert "Mopeds" not in proofs._alert(first.id).what


def test_a_story_of_the_same_name_is_called_something_else():
    story = services.story(TITLE)
    first = story.alerts.get()
    withdraw(first, hides_title=True)
    assert Story.get_by_id(story.id).title == "A story of the St Helier team"


@pytest.mark.parametrize("title", [TITLE, "Moped thefts"])
def test_undone_its_story_has_its_title_back(title):
    story = services.story(title)
    withdrawal = withdraw(story.alerts.get(), hides_title=True)
    assert corrections.undo(withdrawal, farah(), NOW + MINUTE)
    assert Story.get_by_id(story.id).title == title


def test_a_reason_that_must_not_be_written_is_refused():
    assert corrections.wrong_in("It was about another street.") == []
    (sentence,) = corrections.wrong_in("It was not [NAME] but somebody else.")
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("reason", "what"),
    [
        (
            "John Smith was arrested at 12 High Street.",
            ["Somebody’s name beside an arrest: “John", "A house number with its street: “12"],
        ),
        ("It was not the car AB12 CDE.", ["A number plate: “AB12 CDE”. Take"]),
        ("Ring 07700 900123 for more.", ["A telephone number: “"]),
        ("The man was charged, not convicted.", []),
    ],
)
def test_a_reason_that_would_want_a_reason_is_refused_too(reason, what):
    found = corrections.wrong_in(reason)
    assert [sentence[: len(start)] for sentence, start in zip(found, what, strict=True)] == what
    assert all("never needs a name, a number, a plate or an address" in sentence for sentence in found)


def test_a_withdrawal_is_paused_but_never_stopped_by_itself(first, post):
    withdrawal = withdrawn_and_begun(first)
    with pytest.raises(halts.HasToBeTold):
        halts.stop(withdrawal, farah(), NOW)
    assert halts.pause(withdrawal, farah(), NOW)
    assert told(withdrawal, NOW + 2 * MINUTE) == []
    assert halts.resume(Alert.get_by_id(withdrawal.id), farah())
    assert told(Alert.get_by_id(withdrawal.id), NOW + 2 * MINUTE) == [AMARA]


def test_when_everything_is_stopped_a_withdrawal_waits_and_then_tells_everybody(first, post):
    withdrawal = withdrawn_and_begun(first)
    assert halts.stop_everything(cast.officer("Idris"), NOW) == 0
    assert told(withdrawal, NOW + MINUTE) == []
    assert halts.resume_everything(cast.officer("Idris"), NOW + MINUTE)
    assert told(Alert.get_by_id(withdrawal.id), NOW + 2 * MINUTE) == [AMARA]


def test_a_withdrawal_keeps_its_time(first, settings, monkeypatch):
    monkeypatch.setattr(settings, "undo_seconds", 60)
    withdrawal = withdraw(first)
    with pytest.raises(release.TimeStays):
        release.change_time(withdrawal, cast.officer("Hana"), NOW + WEEK, NOW + MINUTE)
    assert Alert.get_by_id(withdrawal.id).due_at == withdrawal.due_at


# --- Where it stands ---


def test_a_wards_page_lists_it_once_in_the_words_that_hold(first):
    correct(first)
    (shown,) = alerts.of_area(alerts.written_to(first)[0])
    assert (shown, shown.body, shown.mark) == (first, RIGHT, "corrected")


def test_a_correction_that_is_not_sent_changes_nothing(first):
    correction(first)
    (shown,) = alerts.of_area(alerts.written_to(first)[0])
    assert (shown.body, shown.mark) == (first.body, "")


def test_officers_keep_seeing_what_was_written(first):
    withdraw(first, hides_title=True)
    found = {each.id: (each.title, each.mark) for each in alerts.list_for(farah())}
    assert found[first.id] == (TITLE, "withdrawn")


def test_a_correction_goes_also_where_the_ward_is_gone_and_the_story_has_ended():
    story = services.story()
    first = story.alerts.get()
    draft = correction(first)
    Story.update(ended_at=NOW).where(Story.id == story.id).execute()
    AlertArea.update(area=cast.MERTON).where(AlertArea.alert == draft).execute()
    assert begin_sending(draft, NOW + MINUTE).state == Alert.SENDING


def test_pausing_and_stopping_a_correction_is_as_with_any_alert(first):
    right = correct(first)
    assert halts.pause(right, farah(), NOW)
    assert halts.stop(right, farah(), NOW)
    assert told(right) == []
