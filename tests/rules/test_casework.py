"""What a team does with what it is told: the queue, the promise, who looks after what, and the figures of a ward."""

from datetime import timedelta

import pytest

from metengage import areas, casework, concerns, db, figures, promises, reminders, responses, urgent
from metengage.formats import moment
from metengage.models import Concern, Journal, Membership, Message, Notice, Officer
from metengage.reminders import QUIET
from tests import cast, services
from tests.conftest import NOW
from tests.services import text_of

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
BREAK_IN = "Someone is breaking into a car outside now"


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def again(concern: Concern) -> Concern:
    return Concern.get_by_id(concern.id)


def farah() -> Officer:
    return cast.officer("Farah")


def answered(concern: Concern, now=NOW) -> Concern:
    responses.respond(farah(), concern, "We patrol.", again(concern).revision, services.key(), now)
    return again(concern)


def queue(part: str = casework.TO_ANSWER, who: str = "Farah") -> list[Concern]:
    return casework.queue(cast.officer(who), part).concerns


# --- The queue ---


def test_the_oldest_due_comes_first_and_the_anonymous_last():
    unknown, later, first = services.concern("nobody"), services.concern(now=NOW + HOUR), services.concern(now=NOW)
    assert queue() == [first, later, unknown]


def test_what_may_be_urgent_comes_first_until_somebody_takes_it_up():
    owed, urgent = services.concern(), services.concern("nobody", BREAK_IN)
    assert (queue(), again(urgent).danger) == ([urgent, owed], Concern.URGENT)
    casework.take(farah(), urgent, NOW)
    assert (queue(), again(urgent).danger) == ([owed, urgent], Concern.SOME)


def test_what_leads_to_101_is_marked_and_keeps_its_place():
    owed, stolen = services.concern(), services.concern("nobody", "My bike was stolen last night from our shed.")
    assert (queue(), again(stolen).danger, again(owed).danger) == ([owed, stolen], Concern.SOME, None)


def test_who_replies_that_it_is_urgent_comes_first_again():
    concern, _ = answered(services.concern()), services.concern()
    responses.reply(concern, "He is here now with a knife.", services.key(), NOW)
    assert queue()[0] == concern
    assert answered(concern).danger == Concern.SOME


def test_another_team_sees_none_of_it():
    concern = services.concern()
    assert (queue(who="Gus"), casework.concern_for(cast.officer("Gus"), concern.id)) == ([], None)
    assert {casework.concern_for(cast.officer(who), concern.id) for who in ("Farah", "Hana", "Idris")} == {concern}


def test_what_is_not_confirmed_is_seen_by_nobody():
    concern = services.concern()
    Concern.update(state=Concern.UNCONFIRMED).execute()
    assert (queue(who="Idris"), casework.concern_for(farah(), concern.id)) == ([], None)


def test_each_part_has_its_own_and_they_are_counted():
    mine, done, held, closed = (
        services.concern(),
        services.concern(),
        services.concern("Bryn"),
        services.concern("Bryn"),
    )
    casework.take(farah(), mine, NOW)
    answered(done)
    Concern.update(held_at=NOW).where(Concern.id == held.id).execute()
    responses.close(farah(), closed, "done", "Fixed.", again(closed).revision, services.key(), NOW)
    found = {part: queue(part) for part in casework.PARTS}
    assert found == {
        casework.TO_ANSWER: [mine], casework.MINE: [mine, done], casework.ANSWERED: [done], casework.HELD: [held],
        casework.CLOSED: [closed],
    }  # fmt: skip
    assert casework.queue(farah(), casework.MINE).counts == {part: len(each) for part, each in found.items()}


def test_a_long_queue_comes_in_pages():
    Concern.insert_many(
        [
            {"key": str(n), "ward": cast.ST_HELIER, "team": cast.team("St Helier"), "wants_answer": False, "text": "x"}
            for n in range(casework.PAGE + 3)
        ]
    ).execute()
    first, rest = (
        casework.queue(farah(), casework.TO_ANSWER),
        casework.queue(farah(), casework.TO_ANSWER, casework.PAGE),
    )
    assert (len(first.concerns), first.has_more, len(rest.concerns), rest.has_more) == (casework.PAGE, True, 3, False)


def looks() -> int:
    """How often somebody looked at what Amara told them, as she sees it."""
    hers = Journal.resident == cast.resident("Amara")
    return Journal.select().where(Journal.action == casework.LOOKED, hers).count()


def test_looking_is_written_down_once_an_hour_for_its_writer_to_see():
    concern = services.concern()
    for _ in range(2):
        casework.look_at(farah(), concern, db.now())
    assert looks() == 1
    casework.look_at(cast.officer("Hana"), concern, db.now())
    Journal.update(at=db.now() - 2 * HOUR).execute()
    casework.look_at(farah(), concern, db.now())
    assert looks() == 3


def test_nobody_is_told_who_looked_at_what_is_anonymous():
    before = Journal.select().count()
    casework.look_at(farah(), services.concern("nobody"), NOW)
    assert Journal.select().count() == before


# --- Who looks after it ---


def test_one_takes_it_and_the_next_is_told():
    concern = services.concern()
    assert casework.take(farah(), concern, NOW)
    assert casework.take(farah(), concern, NOW)
    assert not casework.take(cast.officer("Hana"), concern, NOW)


def test_of_two_who_take_it_at_one_moment_one_has_it(app):
    concern = services.concern()
    farah, hana = cast.officer("Farah"), cast.officer("Hana")
    taken = services.at_once(app, lambda: casework.take(farah, concern, NOW), lambda: casework.take(hana, concern, NOW))
    assert sorted(taken) == [False, True]


def test_it_is_given_to_somebody_of_the_team_or_put_back():
    concern = services.concern()
    assert casework.assign(farah(), concern, cast.officer("Hana"), NOW)
    assert again(concern).officer == cast.officer("Hana")
    assert casework.assign(farah(), concern, None, NOW)
    with pytest.raises(casework.NotPossible):
        casework.assign(farah(), concern, cast.officer("Gus"), NOW)


def test_another_team_takes_it_over_with_its_promise():
    concern = services.concern(now=NOW)
    casework.take(farah(), concern, NOW)
    assert casework.hand_over(farah(), concern, cast.team("Surbiton Hill"), "It is in your ward.", NOW)
    moved = again(concern)
    assert (moved.team.name, moved.ward_id, moved.officer, moved.due_at) == (
        *("Surbiton Hill team", cast.SURBITON_HILL),
        *(None, NOW + 3 * DAY),
    )
    assert queue(who="Gus") == [concern]
    assert not casework.hand_over(farah(), concern, cast.team("Surbiton Hill"), "", NOW)


def test_it_is_sorted_by_theme_ward_story_and_what_it_repeats():
    first, concern, story = services.concern(), services.concern(), services.story()
    ravensbury = areas.named([cast.RAVENSBURY])[0]
    assert casework.sort(farah(), concern, "drugs", ravensbury, story, None, first.id, NOW)
    found = again(concern)
    assert (found.theme, found.ward, found.story, found.duplicate_of) == ("drugs", ravensbury, story, first)
    assert found.state == Concern.TRIAGED


@pytest.mark.parametrize("same_as", ["itself", "nothing", "another team’s"])
def test_it_is_the_same_only_as_another_that_the_team_has(same_as):
    concern, other = services.concern(), services.concern("Bryn")
    Concern.update(team=cast.team("Surbiton Hill")).where(Concern.id == other.id).execute()
    number = {"itself": concern.id, "nothing": 999, "another team’s": other.id}[same_as]
    with pytest.raises(casework.NotPossible):
        casework.sort(farah(), concern, None, concern.ward, None, None, number, NOW)


def same(concern: Concern, other: Concern) -> bool:
    return casework.sort(farah(), again(concern), None, concern.ward, None, None, other.id, NOW)


def test_no_two_are_each_the_same_as_the_other():
    first, second, third = services.concern(), services.concern(), services.concern()
    assert same(second, first)
    assert same(third, second)
    with pytest.raises(casework.NotPossible):
        same(first, third)


def test_of_two_who_say_so_of_each_other_at_one_moment_one_is_refused(app):
    one, two = services.concern(), services.concern()

    def attempt(concern, other):
        def act() -> str:
            try:
                return str(same(concern, other))
            except casework.NotPossible:
                return "refused"

        return act

    assert sorted(services.at_once(app, attempt(one, two), attempt(two, one))) == ["True", "refused"]


def test_what_goes_to_another_team_leaves_what_it_belonged_to():
    first, concern, priority = services.concern(), services.concern(), services.priority()
    casework.sort(farah(), concern, None, concern.ward, services.story(), priority, first.id, NOW)
    assert casework.hand_over(farah(), again(concern), cast.team("Surbiton Hill"), "", NOW)
    moved = again(concern)
    assert (moved.story, moved.priority, moved.duplicate_of) == (None, None, None)


def test_what_is_closed_is_taken_given_and_handed_over_no_more():
    concern = services.concern()
    responses.close(farah(), concern, "done", "Fixed.", concern.revision, services.key(), NOW)
    assert not casework.take(farah(), concern, NOW)
    assert not casework.assign(farah(), concern, cast.officer("Hana"), NOW)
    assert not casework.hand_over(farah(), concern, cast.team("Surbiton Hill"), "", NOW)


def test_what_was_held_back_is_let_in_or_dropped_without_a_word():
    real, spam = services.concern("nobody"), services.concern("nobody")
    Concern.update(held_at=NOW).execute()
    assert casework.let_in(farah(), real, NOW)
    assert casework.drop(farah(), spam, NOW)
    assert (queue(), again(spam).closed_because) == ([real], "spam")
    assert not casework.drop(farah(), services.concern(), NOW)


def test_each_act_is_a_line_that_says_who_did_what():
    concern = services.concern()
    casework.take(farah(), concern, NOW)
    casework.hand_over(farah(), concern, cast.team("Surbiton Hill"), "It is yours.", NOW)
    lines = [(line.kind, line.officer, line.text) for line in casework.history(concern)]
    assert lines == [
        (Message.ACT, farah(), "Taken by PC Farah."),
        (Message.ACT, farah(), "Handed from St Helier team to Surbiton Hill team. It is yours."),
    ]


# --- The promise ---


def told(now) -> list[tuple[str, str]]:
    """(kind, to whom) of what the clock tells at this moment."""
    before = {notice.id for notice in Notice.select()}
    reminders.remind(now)
    return sorted((each.kind, each.officer.name) for each in Notice.select() if each.id not in before)


def test_the_team_is_told_at_48_hours_and_its_supervisor_at_66_once():
    services.concern(now=NOW)
    assert told(NOW + 47 * HOUR) == []
    assert told(NOW + 48 * HOUR) == [(Notice.DUE, "PC Farah")]
    assert told(NOW + 49 * HOUR) == []
    assert told(NOW + 66 * HOUR) == [(Notice.LATE, "PC Hana")]
    assert told(NOW + 80 * HOUR) == []


def test_what_was_held_back_is_owed_an_answer_too():
    Concern.update(held_at=NOW).where(Concern.id == services.concern(now=NOW).id).execute()
    assert told(NOW + 48 * HOUR) == [(Notice.DUE, "PC Farah")]


def test_what_was_held_back_is_in_no_public_figure_until_it_is_let_in():
    ward, concern = areas.named([cast.ST_HELIER])[0], services.concern(now=NOW)
    Concern.update(held_at=NOW).execute()
    shown = []
    for _ in range(2):
        found = figures.of(ward, NOW + 73 * HOUR)
        shown.append((found.said, found.kept.received, found.kept.late))
        casework.let_in(farah(), concern, NOW + 73 * HOUR)
    assert shown == [(0, 0, 0), (1, 1, 1)]


def test_what_was_confirmed_while_it_was_held_is_not_late():
    ward, said = areas.named([cast.ST_HELIER])[0], services.concern(now=NOW)
    Concern.update(held_at=NOW, state=Concern.UNCONFIRMED, received_at=None, due_at=None).execute()
    concerns.confirm(again(said), NOW)
    kept = promises.kept(ward, NOW + 73 * HOUR)
    assert (again(said).due_at, kept.received, kept.late) == (NOW + 72 * HOUR, 0, 0)


def test_who_writes_back_has_let_it_in():
    concern = services.concern(now=NOW)
    Concern.update(held_at=NOW).execute()
    assert answered(concern).held_at is None


def test_who_looks_after_it_is_told_or_who_covers_for_them():
    concern = services.concern(now=NOW)
    rani = services.rani()
    casework.assign(farah(), concern, rani, NOW)
    Officer.update(away_until=NOW + 9 * DAY, cover=farah()).where(Officer.id == rani.id).execute()
    assert told(NOW + 48 * HOUR) == [(Notice.DUE, "PC Farah")]


def test_two_clocks_tell_once(app):
    services.concern(now=NOW), services.concern("nobody", BREAK_IN, now=NOW)
    services.at_once(app, *[lambda: reminders.remind(NOW + 48 * HOUR)] * 3)
    assert sorted(notice.kind for notice in Notice.select() if notice.officer) == [Notice.DUE, Notice.URGENT]


def test_what_was_answered_meanwhile_is_not_told(post):
    concern = services.concern(now=NOW)
    reminders.remind(NOW + 48 * HOUR)
    answered(concern, NOW + 48 * HOUR)
    urgent.send(lambda: NOW + 48 * HOUR)
    assert [letter for letter in post.letters if letter["To"] == "farah@met.example.org"] == []


def test_the_reminder_says_where_and_when_and_no_word_of_it(post):
    services.concern(text="Xyzzy in the park.", now=NOW)
    reminders.remind(NOW + 48 * HOUR)
    urgent.send(lambda: NOW + 48 * HOUR)
    text = text_of(post.last_to("farah@met.example.org"))
    assert "1 answer due soon" in text
    assert "St Helier, Merton" in text
    assert "Xyzzy" not in text


def test_each_officer_is_told_once_that_it_may_be_urgent():
    rani = services.rani()
    services.concern("nobody", BREAK_IN)
    assert told(NOW) == [(Notice.URGENT, "PC Farah"), (Notice.URGENT, rani.name)]
    assert told(NOW + HOUR) == []


def test_many_at_a_time_are_one_email_and_more_is_the_next():
    for _ in range(3):
        services.concern("nobody", BREAK_IN)
    assert told(NOW) == [(Notice.URGENT, "PC Farah")]
    services.concern("nobody", BREAK_IN)
    assert told(NOW + QUIET - SECOND) == []
    assert told(NOW + QUIET) == [(Notice.URGENT, "PC Farah")]


def test_who_is_away_is_not_told_and_a_supervisor_is_where_all_are():
    Officer.update(away_until=NOW + 9 * DAY).where(Officer.id == farah().id).execute()
    services.concern("nobody", BREAK_IN)
    assert told(NOW) == [(Notice.URGENT, "PC Hana")]


@pytest.mark.parametrize("why", [{"danger": "some"}, {"danger": None}, {"state": "unconfirmed"}, {"state": "closed"}])
def test_nobody_is_alarmed_by_what_is_not_urgent_or_not_theirs_yet(why):
    Concern.update(why).where(Concern.id == services.concern("nobody", BREAK_IN).id).execute()
    assert told(NOW) == []


def test_what_was_held_back_is_told_of_too(post):
    """Whoever sends many may share a network with somebody in danger."""
    concern = services.concern("nobody", BREAK_IN)
    Concern.update(held_at=NOW).execute()
    assert told(NOW) == [(Notice.URGENT, "PC Farah")]
    urgent.send(lambda: NOW)
    assert f"Number {concern.id}, St Helier, Merton" in text_of(post.last_to("farah@met.example.org"))


def test_what_is_urgent_again_is_told_again_once_an_officer_has_seen_to_it():
    concern = services.concern()
    for now in (NOW, NOW + HOUR):
        answered(concern)
        for _ in range(3):
            responses.reply(again(concern), BREAK_IN, services.key(), now)
            reminders.remind(now)
        assert Notice.select().where(Notice.kind == Notice.URGENT, Notice.created_at == now).count() == 1


def test_what_goes_to_another_team_is_told_there():
    concern = services.concern("nobody", BREAK_IN)
    assert told(NOW) == [(Notice.URGENT, "PC Farah")]
    casework.hand_over(farah(), concern, cast.team("Surbiton Hill"), "", NOW)
    assert told(NOW) == [(Notice.URGENT, "PC Gus")]


def test_the_alarm_says_which_ones_since_when_whose_and_no_word_of_them(post):
    first, second = services.concern(now=NOW), services.concern("nobody", BREAK_IN, now=NOW)
    answered(first)
    responses.reply(again(first), BREAK_IN, services.key(), NOW + DAY)
    reminders.remind(NOW + DAY)
    urgent.send(lambda: NOW + DAY)
    letter = post.last_to("farah@met.example.org")
    text = " ".join(text_of(letter).split())
    assert letter["Subject"] == f"These may be urgent: number {second.id} and others"
    assert f"Number {first.id}, St Helier, Merton, {moment(NOW + DAY)}. PC Farah looks after it." in text
    assert f"Number {second.id}, St Helier, Merton, {moment(NOW)}. Nobody looks after it yet." in text
    assert f"/officers/concerns/{second.id}" in text
    assert "breaking" not in text


def test_an_alarm_is_not_sent_about_what_was_taken_up_or_went_to_another_team(post):
    taken, handed = services.concern("nobody", BREAK_IN), services.concern("nobody", BREAK_IN)
    reminders.remind(NOW)
    casework.take(farah(), again(taken), NOW)
    casework.hand_over(farah(), again(handed), cast.team("Surbiton Hill"), "", NOW)
    urgent.send(lambda: NOW)
    assert post.letters == []


def test_whoever_is_interrupted_while_telling_has_told_nobody(monkeypatch):
    services.concern("nobody", BREAK_IN)
    with monkeypatch.context() as patch:
        patch.setattr(reminders.addressing, "to_notice", brought_down)
        with pytest.raises(OSError, match="full"):
            reminders.remind(NOW)
    assert told(NOW) == [(Notice.URGENT, "PC Farah")]


def brought_down(*_):
    raise OSError("the disk is full")


def test_what_was_closed_as_spam_is_not_opened_again():
    concern = services.concern()
    Concern.update(held_at=NOW).execute()
    casework.drop(farah(), again(concern), NOW)
    assert not responses.not_solved(again(concern), BREAK_IN, services.key(), NOW)
    assert again(concern).state == Concern.CLOSED


def test_administrators_are_told_where_there_is_no_supervisor():
    Membership.delete().where(Membership.officer == cast.officer("Hana")).execute()
    services.concern(now=NOW)
    assert (Notice.LATE, "PC Idris") in told(NOW + 66 * HOUR)


def test_the_figures_of_a_ward_say_how_the_promise_was_kept():
    ward = areas.named([cast.ST_HELIER])[0]
    answered(services.concern(now=NOW), NOW + DAY)
    answered(services.concern("Bryn", now=NOW), NOW + 4 * DAY)
    services.concern("Bryn", now=NOW)
    services.concern(now=NOW + 4 * DAY)
    services.concern("nobody", now=NOW)
    kept = promises.kept(ward, NOW + 5 * DAY)
    assert (kept.received, kept.in_time, kept.late, kept.waiting) == (4, 1, 2, 1)
    assert (kept.share, kept.typical) == (33, 2.5 * DAY)


def test_a_ward_that_was_told_nothing_has_no_figures():
    kept = promises.kept(areas.named([cast.RAVENSBURY])[0], NOW)
    assert (kept.received, kept.share, kept.typical) == (0, 0, None)


def test_what_is_three_months_old_is_not_counted():
    ward = areas.named([cast.ST_HELIER])[0]
    services.concern(now=NOW)
    assert promises.kept(ward, NOW + 92 * DAY).received == 0
