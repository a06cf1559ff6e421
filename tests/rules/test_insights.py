"""What came of an alert: each number, where few are no share, and the team's usual."""

from datetime import datetime, timedelta

import pytest

from metengage import db, insights, leaving, links, preferences, ratings, stories
from metengage.models import Alert, Bounce, Delivery, Journal, Rating, Resident
from metengage.stories import Chosen
from tests import cast, services
from tests.conftest import NOW

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def sent(at: datetime = NOW, size: int = 100, **instead) -> Alert:
    """An alert to so many, all of whose emails have gone."""
    alert = services.draft(**instead)
    about = {"state": Alert.SENT, "sending_at": at, "prepared_at": at, "sent_at": at, "audience_size": size}
    Alert.update(sender=alert.author, **about).where(Alert.id == alert.id).execute()
    return Alert.get_by_id(alert.id)


def emails(alert: Alert, state: str, how_many: int, at: datetime = NOW) -> list[Delivery]:
    """So many of an alert's emails in this state."""
    about = {"kind": Delivery.ALERT, "alert": alert, "state": state, "reason": "no mailbox", "created_at": at}
    return [Delivery.create(**about) for _ in range(how_many)]


def rated(alert: Alert, yes: int, no: int = 0, why: str = "") -> None:
    Rating.insert_many([{"alert": alert, "is_useful": True}] * yes).execute()
    Rating.insert_many([{"alert": alert, "is_useful": False, "why": why}] * no).execute()


def left(alert: Alert, how_many: int) -> None:
    Journal.insert_many([{"action": "left", "alert": alert}] * how_many).execute()


# --- What came of it ---


def test_sent_failed_and_what_came_back():
    alert, other = sent(), sent()
    emails(alert, Delivery.FAILED, 3)
    emails(alert, Delivery.SKIPPED, 2)
    for kind, many in ((Bounce.HARD, 2), (Bounce.SOFT, 1), (Bounce.COMPLAINT, 1)):
        for each in emails(alert, Delivery.SENT, many):
            Bounce.create(delivery=each, kind=kind)
    Bounce.create(delivery=emails(other, Delivery.SENT, 1)[0], kind=Bounce.HARD)
    after = insights.after(alert, NOW)
    assert (after.sent, after.failed) == (95, 3)
    assert after.bounced == {"hard": 2, "soft": 1, "complaint": 1}
    assert after.rates.failed == 1000 * 3 / 98


def test_an_answer_that_is_held_back_is_counted_when_it_is_let_in():
    alert = sent()
    services.raised("Amara", alert=alert, held_at=NOW)
    services.raised("Bryn", alert=alert)
    assert insights.after(alert, NOW).said == 1


def test_what_came_back_is_found_among_any_others():
    for hour in range(10):
        emails(sent(), Delivery.SENT, 3, NOW + hour * HOUR)
    alert = sent(NOW + 5 * HOUR)
    Delivery.delete().where(Delivery.id.in_([1, 8, 9])).execute()
    made = emails(alert, Delivery.SENT, 1, NOW + 12 * HOUR)
    assert [insights._first_made(NOW + hour * HOUR) for hour in (0, 1, 9, 12, 13)] == [0, 4, 28, 31, made[0].id + 1]


def test_an_alert_whose_rows_took_hours_has_all_that_came_back():
    alert = sent()
    Alert.update(prepared_at=NOW + 9 * HOUR).where(Alert.id == alert.id).execute()
    for hour in (0, 4, 9):
        Bounce.create(delivery=emails(alert, Delivery.SENT, 1, NOW + hour * HOUR)[0], kind=Bounce.HARD)
    assert insights.after(Alert.get_by_id(alert.id), NOW + DAY).bounced["hard"] == 3


def test_useful_or_not_with_reasons():
    alert = sent()
    rated(alert, 15, 3, "too-late")
    rated(alert, 0, 2, "not-near")
    after = insights.after(alert, NOW)
    assert (after.answers, after.rates.useful) == (20, 75)
    assert after.why_not == [("It came too late", 3), ("It was not about anywhere near me", 2)]


@pytest.mark.parametrize(("yes", "no", "answers"), [(0, 0, None), (5, 4, None), (0, 10, 10), (10, 0, 10)])
def test_fewer_than_ten_answers_are_no_share_and_no_reasons(yes, no, answers):
    alert = sent()
    rated(alert, yes, no, "unclear")
    after = insights.after(alert, NOW)
    assert (after.answers, after.rates.useful is None, after.why_not == []) == (answers, not answers, no < 10)


def test_of_an_alert_that_nobody_got_nothing_can_be_told():
    assert insights.after(sent(size=0), NOW).rates == insights.Rates(None, None, None)


def test_after_a_year_nothing_is_said_of_its_emails():
    alert = sent()
    assert [insights.after(alert, NOW + days * DAY).knows_emails for days in (364, 365)] == [True, False]


# --- What residents did by its links ---


def got(at: datetime, **instead) -> Alert:
    """An alert that Amara got as an email of its own."""
    alert = sent(at, **instead)
    Delivery.create(kind=Delivery.ALERT, alert=alert, resident=cast.resident("Amara"), state=Delivery.SENT)
    return alert


def acts(alert: Alert, now: datetime = NOW) -> tuple[int, int, int]:
    after = insights.after(Alert.get_by_id(alert.id), now)
    return after.unfollowed, after.left, after.ended


def test_leaving_is_counted_for_a_year_and_more_after_they_are_erased(visitor):
    alert = got(db.now())
    visitor.visit(f"/unsubscribe/{links.sign(links.UNSUBSCRIBE, cast.resident('Amara'), alert.id)}").submit("Stop all")
    assert acts(alert) == (0, 1, 0)
    Journal.update(resident=None).execute()
    assert acts(alert) == (0, 1, 0)


def test_the_mail_programs_button_counts_too_and_twice_is_once(visitor):
    alert = got(db.now())
    token = links.sign(links.UNSUBSCRIBE, cast.resident("Amara"), alert.id)
    for _ in range(2):
        visitor.ask("POST", f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    assert acts(alert) == (0, 1, 0)


@pytest.mark.parametrize(("age", "counted"), [(7 * DAY - HOUR, 1), (7 * DAY + HOUR, 0)])
def test_only_what_is_done_within_seven_days_is_counted(visitor, age, counted):
    alert = got(db.now() - age)
    visitor.visit(f"/unsubscribe/{links.sign(links.UNSUBSCRIBE, cast.resident('Amara'), alert.id)}").submit("Stop all")
    assert acts(alert) == (0, counted, 0)
    assert cast.resident("Amara").state == Resident.LEFT


def test_unfollowing_by_its_link_is_counted(visitor):
    story, amara = services.story(), cast.resident("Amara")
    alert = got(db.now(), story=Chosen(story.id))
    stories.follow(amara, story, NOW)
    visitor.visit(f"/follow/{links.sign(links.FOLLOW, amara, alert.id)}").submit("Unfollow")
    assert acts(alert) == (1, 0, 0)


def opened(visitor, alert: Alert):
    """Amara's page, by the link of an alert's email."""
    url = f"/preferences/open/{links.sign(links.PREFERENCES, cast.resident('Amara'), alert.id)}"
    return visitor.visit(url).submit("Open my preferences")


def test_what_is_stopped_on_the_page_that_its_link_opened_is_counted(visitor):
    alert = got(db.now())
    opened(visitor, alert)
    visitor.visit("/preferences/alerts").submit("Save", advice="none")
    visitor.visit("/preferences").submit("Stop all emails")
    assert acts(alert) == (0, 1, 1)


def test_changing_how_often_or_hearing_more_is_not(visitor):
    alert = got(db.now())
    opened(visitor, alert)
    visitor.visit("/preferences/alerts").submit("Save", advice="daily", meetings="weekly")
    assert Journal.get(Journal.action == "changed preferences").alert is None


def test_an_area_that_is_stopped_is_counted_only_by_an_alerts_link():
    alert, amara = sent(), cast.resident("Amara")
    for code, cause in ((cast.RAVENSBURY, alert), (cast.MERTON, None)):
        preferences.add_areas(amara, [code], NOW)
        preferences.remove_area(amara, code, NOW, cause)
    assert acts(alert) == (0, 0, 1)


def test_leaving_by_no_alerts_email_is_counted_nowhere(visitor):
    alert = got(db.now())
    visitor.visit(f"/unsubscribe/{links.sign(links.UNSUBSCRIBE, cast.resident('Amara'))}").submit("Stop all emails")
    leaving.leave(cast.resident("Bryn"), leaving.BY_PAGE, NOW)
    assert acts(alert) == (0, 0, 0)


def test_what_a_digests_link_led_to_is_counted_for_none_of_its_alerts(visitor):
    alert = sent(db.now())
    opened(visitor, alert)
    visitor.visit("/preferences/alerts").submit("Save", advice="none")
    visitor.visit(f"/unsubscribe/{links.sign(links.UNSUBSCRIBE, cast.resident('Amara'), alert.id)}").submit("Stop all")
    assert acts(alert) == (0, 0, 0)


# --- The usual ---


def test_the_usual_is_the_median_of_the_others():
    for share in (1, 2, 3, 4, 10):
        each = sent(NOW - DAY)
        rated(each, share, 10 - share)
        left(each, share)
        emails(each, Delivery.FAILED, share)
    usual = insights.usual(sent(), NOW)
    assert (usual.useful, usual.failed) == (30, 30)
    assert usual.left == pytest.approx(1000 * 3 / 97)


def test_four_others_are_too_few():
    for _ in range(4):
        rated(sent(NOW - DAY), 10)
    assert insights.usual(sent(), NOW) == insights.Rates(None, None, None)


def test_alerts_with_few_answers_say_nothing_of_usefulness():
    for answers in (9, 9, 10, 10, 10, 10):
        rated(sent(NOW - DAY), answers)
    usual = insights.usual(sent(), NOW)
    assert (usual.useful, usual.left) == (None, 0)


def test_the_last_twenty_count():
    for day in range(25):
        left(sent(NOW - (day + 1) * DAY), 100 if day >= 20 else 1)
    assert insights.usual(sent(), NOW).left == 10


def test_alerts_of_a_year_ago_of_other_teams_and_corrections_do_not_count():
    for _ in range(5):
        sent(NOW - 366 * DAY)
        elsewhere, correction = sent(NOW - DAY), sent(NOW - DAY)
        Alert.update(team=cast.team("Surbiton Hill")).where(Alert.id == elsewhere.id).execute()
        Alert.update(corrects=elsewhere).where(Alert.id == correction.id).execute()
    assert insights.usual(sent(), NOW).left is None


def test_what_is_sent_is_compared_with_others_and_not_with_itself():
    alerts = [sent(NOW - DAY) for _ in range(5)]
    assert insights.usual(alerts[0], NOW).left is None


def test_somebody_who_changes_their_mind_is_counted_once():
    alert, amara = sent(), cast.resident("Amara")
    rated(alert, 9)
    ratings.rate(amara, alert, True, NOW)
    ratings.rate(amara, alert, False, NOW)
    assert insights.after(alert, NOW).rates.useful == 90
