"""What is written back and forth: once each, never past each other, and the clock runs again where a team owes one."""

from datetime import timedelta

import pytest

from metengage import leaving, links, responses, rights
from metengage.models import Concern, Delivery, Message, Notice
from tests import cast, services
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture
def concern(app) -> Concern:
    return services.concern(now=NOW)


def again(concern: Concern) -> Concern:
    return Concern.get_by_id(concern.id)


def respond(concern: Concern, act=responses.respond, who: str = "Farah", now=NOW + DAY, **more) -> None:
    text, seen = more.get("text", "We patrol on Friday."), more.get("seen", again(concern).revision)
    act(cast.officer(who), concern, text, seen, more.get("key") or services.key(), now)


def close(concern: Concern, because: str = "done", text: str = "We have fixed it.", now=NOW + DAY) -> None:
    seen = again(concern).revision
    responses.close(cast.officer("Farah"), concern, because, text, seen, services.key(), now)


def written() -> int:
    """How many emails carry what an officer wrote."""
    return Notice.select().where(Notice.kind == Notice.WRITTEN).count()


# --- Officers ---


def test_an_answer_keeps_the_promise_and_goes_by_email(concern):
    respond(concern)
    assert (again(concern).state, again(concern).answered_at) == (Concern.ANSWERED, NOW + DAY)
    assert (again(concern).due_at, again(concern).officer, written()) == (None, cast.officer("Farah"), 1)


def test_a_second_answer_does_not_change_when_the_first_came(concern):
    respond(concern)
    respond(concern, now=NOW + 2 * DAY)
    assert (again(concern).answered_at, written()) == (NOW + DAY, 2)


def test_the_same_form_twice_is_one_answer(concern):
    key, seen = services.key(), concern.revision
    respond(concern, key=key, seen=seen)
    respond(concern, key=key, seen=seen)
    assert written() == 1


def test_two_officers_never_answer_the_same_unknowingly(concern):
    seen = concern.revision
    respond(concern, seen=seen)
    with pytest.raises(responses.Changed):
        respond(concern, who="Hana", seen=seen, text="We do nothing.")
    assert [each.text for each in concern.messages] == ["We patrol on Friday."]


def test_of_two_who_answer_at_one_moment_one_is_told(app, concern):
    seen = concern.revision

    def answer(who: str):
        def act() -> str:
            try:
                respond(concern, who=who, seen=seen)
            except responses.Changed:
                return "told"
            return "sent"

        return act

    assert sorted(services.at_once(app, answer("Farah"), answer("Hana"))) == ["sent", "told"]
    assert written() == 1


def test_what_a_resident_adds_meanwhile_is_noticed_too(concern):
    seen = concern.revision
    assert responses.reply(concern, "It has got worse.", services.key(), NOW)
    with pytest.raises(responses.Changed):
        respond(concern, seen=seen)


def test_nobody_is_written_to_who_is_anonymous_or_has_left(app, concern):
    unknown = services.concern("nobody", now=NOW)
    leaving.leave(cast.resident("Amara"), leaving.BY_PAGE, NOW)
    for each in (unknown, again(concern)):
        with pytest.raises(responses.NotPossible):
            respond(each)
    assert written() == 0


def test_a_note_is_for_the_team_and_changes_nothing(concern):
    responses.note(cast.officer("Farah"), concern, "Known address.", "k" * 32, NOW)
    responses.note(cast.officer("Farah"), concern, "Known address.", "k" * 32, NOW)
    assert again(concern).revision == concern.revision
    assert [(each.kind, each.text) for each in concern.messages] == [(Message.NOTE, "Known address.")]


def test_closing_needs_a_word_to_who_waits(concern):
    with pytest.raises(responses.NotPossible):
        close(concern, text="")
    close(concern)
    assert (again(concern).state, again(concern).closed_because, written()) == (Concern.CLOSED, "done", 1)


def test_what_is_anonymous_is_closed_without_a_word(app):
    unknown = services.concern("nobody", now=NOW)
    close(unknown, text="")
    assert (again(unknown).state, written()) == (Concern.CLOSED, 0)


def test_what_was_moved_says_when_and_by_whom(concern):
    close(concern, "moved", "We have recorded it as a crime.")
    (line,) = concern.messages
    assert (again(concern).closed_because, again(concern).closed_at) == ("moved", NOW + DAY)
    assert (line.officer, line.at) == (cast.officer("Farah"), NOW + DAY)


def test_what_is_closed_is_answered_no_more(concern):
    close(concern)
    with pytest.raises(responses.Changed):
        respond(concern)


# --- Residents ---


def test_a_question_stops_the_clock_and_the_reply_starts_it_again(concern):
    respond(concern, responses.ask, text="Which evening?")
    assert again(concern).due_at is None
    assert responses.reply(again(concern), "Friday.", services.key(), NOW + 2 * DAY)
    assert (again(concern).state, again(concern).due_at) == (Concern.TRIAGED, NOW + 5 * DAY)


def test_a_reply_before_any_answer_leaves_the_promise_as_it_was(concern):
    assert responses.reply(concern, "And on Fridays.", services.key(), NOW + 2 * DAY)
    assert again(concern).due_at == NOW + 3 * DAY


def test_the_same_reply_twice_is_once(app, concern):
    key = services.key()
    services.at_once(app, *[lambda: responses.reply(concern, "Friday.", key, NOW)] * 4)
    assert responses.reply(concern, "Friday.", key, NOW)
    assert concern.messages.count() == 1


def test_a_closed_one_takes_no_reply_but_may_be_reopened_once(concern):
    close(concern)
    assert not responses.reply(again(concern), "Thanks.", services.key(), NOW + DAY)
    assert responses.not_solved(again(concern), "They are back.", services.key(), NOW + 2 * DAY)
    assert (again(concern).state, again(concern).due_at) == (Concern.REOPENED, NOW + 5 * DAY)
    close(concern, now=NOW + 3 * DAY)
    assert not responses.may_reopen(again(concern))
    assert not responses.not_solved(again(concern), "Still.", services.key(), NOW + 4 * DAY)


def test_what_is_open_cannot_be_reopened(concern):
    assert not responses.not_solved(concern, "Still.", services.key(), NOW)
    assert concern.messages.count() == 0


def test_who_left_meanwhile_says_no_more(concern):
    leaving.leave(cast.resident("Amara"), leaving.BY_PAGE, NOW)
    with pytest.raises(links.LinkEnded):
        responses.reply(concern, "Hello?", services.key(), NOW)


def test_the_copy_has_what_they_read_and_not_what_the_team_noted(concern):
    responses.note(cast.officer("Farah"), concern, "Known address.", services.key(), NOW)
    respond(concern)
    (lines,) = [each for each in rights.everything(cast.resident("Amara")) if each.name == "message"]
    assert [row["text"] for row in lines.as_data()] == ["We patrol on Friday."]


def test_what_was_written_is_not_sent_when_it_was_erased(concern):
    respond(concern)
    rights.erase(cast.resident("Amara"), NOW + DAY)
    assert {row.state for row in Delivery.select().where(Delivery.kind == Delivery.NOTICE)} == {Delivery.SKIPPED}
