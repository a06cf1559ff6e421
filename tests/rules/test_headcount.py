"""How many an alert reaches and how tired they are: exact where few, by some of them where many, nothing of too few."""

import pytest

from metengage import addressing, alerts, audience, digests, editions, fatigue, headcount, readiness, release, stories
from metengage.choices import IMMEDIATELY, WEEKLY
from metengage.headcount import Place
from metengage.models import Alert, Delivery, Follow, Resident, Subscription, ThemeChoice
from tests import cast, services
from tests.cast import MERTON, RAVENSBURY, ST_HELIER
from tests.conftest import NOW

THEME = "theft-of-vehicles"  # of the draft that the cast writes
MERTON_WHOLE = "Merton (whole borough)"


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def names(name: str) -> None:
    ThemeChoice.create(resident=cast.resident(name), theme=THEME)


def hears(name: str, area: str) -> None:
    Subscription.create(
        resident=cast.resident(name), area=area, alert_type="incidents", frequency=IMMEDIATELY, source="sign-up"
    )


def concerned(**words) -> Alert:
    return services.draft(only_concerned=True, **words)


@pytest.fixture
def crowded(monkeypatch):
    """Three hundred people, of whom one in four is looked at."""
    services.crowd(300)
    monkeypatch.setattr(headcount, "PARTS", {0: 1, float("inf"): 4})


# --- Only those who named the theme ---


def test_only_those_who_named_the_theme_are_reached_at_once_or_by_digest():
    alert = concerned()
    assert alerts.reached(alert, NOW) == {"immediately": 0, "daily": 0, "weekly": 0}
    names("Amara")
    names("Bryn")
    assert alerts.reached(alert, NOW) == {"immediately": 1, "daily": 0, "weekly": 1}


def test_it_is_sent_to_nobody_else(post, work):
    names("Amara")
    services.crowd(3)
    services.send_all(services.begin_sending(concerned(), cast.officer("Farah"), NOW), lambda: NOW)
    assert [letter["To"] for letter in post.letters] == ["amara@example.org"]


def test_who_takes_the_concern_back_meanwhile_gets_nothing(post):
    names("Amara")
    alert = services.begin_sending(concerned(), cast.officer("Farah"), NOW)
    addressing.prepare_alert(alert, NOW)
    ThemeChoice.delete().execute()
    services.send_all(alert, lambda: NOW)
    assert post.letters == []


def test_a_follower_of_its_story_hears_whatever_they_named():
    story = services.story()
    Follow.create(resident=cast.resident("Bryn"), story=story)
    alert = concerned(story=stories.Chosen(story.id))
    assert alerts.reached(alert, NOW)[IMMEDIATELY] == headcount.of(alert, NOW).immediately == 1


def test_a_digest_brings_it_to_those_who_named_the_theme_and_leaves_it_out_for_others():
    names("Amara")
    alert = services.begin_sending(concerned(), cast.officer("Farah"), NOW)
    digest = digests.Digest(id=1, frequency=WEEKLY, until=NOW)
    bryn = cast.resident("Bryn")
    assert editions.Editions(digest, (alert.id,))._found({bryn.id: ST_HELIER}) == {}
    names("Bryn")
    assert list(editions.Editions(digest, (alert.id,))._found({bryn.id: ST_HELIER})) == [bryn.id]


# --- The number ---


@pytest.mark.parametrize("codes", [[ST_HELIER], [MERTON], [MERTON, ST_HELIER], [ST_HELIER, RAVENSBURY]])
@pytest.mark.parametrize("only_concerned", [False, True])
def test_few_are_counted_each(codes, only_concerned):
    names("Amara")
    alert = services.draft(codes=codes, only_concerned=only_concerned)
    reach = headcount.of(alert, NOW)
    assert {each: getattr(reach, each) for each in ("immediately", "daily", "weekly")} == alerts.reached(alert, NOW)
    assert not reach.is_about


def test_who_hears_through_two_places_is_in_both_and_one_person():
    hears("Amara", MERTON)
    hears("Amara", RAVENSBURY)
    reach = headcount.of(services.draft(codes=[ST_HELIER, RAVENSBURY]), NOW)
    assert reach.places == [
        Place(MERTON_WHOLE, 1, 0), Place("Ravensbury, Merton", 1, 0), Place("St Helier, Merton", 1, 1),
    ]  # fmt: skip
    assert (reach.immediately, reach.digest) == (1, 1)


def test_a_whole_borough_is_one_place():
    hears("Amara", RAVENSBURY)
    assert headcount.of(services.draft(codes=[MERTON, ST_HELIER]), NOW).places == [Place(MERTON_WHOLE, 1, 1)]


def test_many_are_counted_by_some_of_them_and_that_is_said(crowded):
    reach = headcount.of(services.draft(), NOW)
    assert (reach.is_about, 0 < reach.within < 40) == (True, True)
    assert abs(reach.immediately - 301) <= 301 * reach.within / 100


def test_a_story_s_followers_are_counted_beside_those_looked_at(crowded):
    story = services.story()
    Follow.create(resident=cast.resident("Amara"), story=story)
    reach = headcount.of(services.draft(story=stories.Chosen(story.id)), NOW)
    assert abs(reach.immediately - 301) <= 301 * reach.within / 100


def test_what_is_kept_when_sending_begins_is_exact(crowded):
    assert services.begin_sending(services.draft(), cast.officer("Farah"), NOW).audience_size == 301


def test_nothing_is_reached_without_a_type_or_an_area():
    empty = (services.draft(alert_type=""), services.draft(codes=[]))
    assert [headcount.of(alert, NOW).everybody for alert in empty] == [0, 0]


# --- Too few ---


@pytest.mark.parametrize(("others", "refused"), [(7, True), (8, False)])
def test_fewer_than_ten_are_refused_with_the_reason(settings, monkeypatch, others, refused):
    monkeypatch.setattr(settings, "smallest_audience", 10)
    services.crowd(others)  # and Amara, and Bryn in his digest
    wrong = dict(readiness.of(services.draft(), cast.officer("Farah")).missing).get("areas", "")
    assert ("this reaches 9 people" in wrong and "could point at one of them" in wrong) == refused


def test_too_few_are_refused_when_it_is_sent_too(settings, monkeypatch):
    monkeypatch.setattr(settings, "smallest_audience", 10)
    with pytest.raises(release.NotReady, match="fewer than 10"):
        services.begin_sending(services.draft(), cast.officer("Farah"), NOW)


# --- Fatigue ---


def had(name: str, emails: int, kind: str = "alert") -> None:
    for number in range(1, emails + 1):
        Delivery.create(
            kind=kind, resident=cast.resident(name), state=Delivery.SENT, sent_at=NOW, **{kind: 1000 + number}
        )


def tired() -> fatigue.Fatigue | None:
    alert = services.draft()
    return fatigue.of(alert, headcount.of(alert, NOW), NOW)


@pytest.mark.parametrize(("alerts_had", "digests_had", "many"), [(2, 0, 0), (3, 0, 1), (2, 1, 1), (0, 3, 1)])
def test_who_had_three_emails_in_a_week_is_counted(alerts_had, digests_had, many):
    had("Amara", alerts_had)
    had("Amara", digests_had, "digest")
    assert tired().had_many == many


def test_emails_of_an_earlier_week_are_not():
    had("Amara", 5)
    Delivery.update(sent_at=NOW - fatigue.LATELY).execute()
    assert tired().had_many == 0


def test_who_wants_no_more_this_week_is_counted_unless_it_is_urgent():
    had("Amara", 3)
    Resident.update(weekly_cap=3).where(Resident.name == "Amara").execute()
    assert tired().had_enough == 1
    urgent = services.draft(is_urgent=True)
    assert fatigue.of(urgent, headcount.of(urgent, NOW), NOW).had_enough == 0


def test_of_too_few_nothing_is_said(settings, monkeypatch):
    monkeypatch.setattr(settings, "smallest_audience", 10)
    had("Amara", 5)
    assert tired() is None


def test_many_are_judged_by_some_of_them_and_that_is_said(monkeypatch):
    monkeypatch.setattr(fatigue, "LOOKED_AT", 50)
    services.crowd(300)
    assert (tired().is_about, tired().had_many) == (True, 0)


def test_the_theme_counts_here_too():
    assert audience.concerned(THEME, [cast.resident("Amara").id]) == set()
    names("Amara")
    assert audience.concerned(THEME, [cast.resident("Amara").id]) == {cast.resident("Amara").id}
