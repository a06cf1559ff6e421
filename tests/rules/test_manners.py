"""All workers together keep to what the mail server and each domain allow, whatever their number and their clocks."""

import heapq
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from metengage import addressing, dispatch, manners
from metengage.models import Alert, Pause, Sender
from tests import cast, services
from tests.conftest import NOW

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
EVERY_MINUTE = [NOW + 5 * n * SECOND for n in range(1, 25)]  # beginnings of minutes to look at


@pytest.fixture
def as_worker(app, monkeypatch) -> Callable:
    """as_worker(3, act, …): act as the worker on the third machine would."""
    here = threading.local()
    monkeypatch.setattr(manners.socket, "gethostname", lambda: getattr(here, "name", "machine"))

    def act_as(number: int, act: Callable, *arguments):
        here.name = f"machine{number:02}"
        return act(*arguments)

    return act_as


@pytest.fixture
def eight(settings, monkeypatch):
    monkeypatch.setattr(settings, "send_connections", 8)


def in_all() -> int:
    return sum(sender.connections for sender in Sender.select())


def shares(as_worker: Callable, workers: int, now: datetime) -> list[int]:
    """What each gets when all of them ask in turn; never too many in all."""
    found = []
    for number in range(workers):
        found.append(as_worker(number, manners.share, now).connections)
        assert in_all() <= 8
    return found


# --- Connections ---


def test_who_is_alone_has_all_of_them(eight, as_worker):
    assert shares(as_worker, 1, NOW) == [8]


@pytest.mark.parametrize(("workers", "parts"), [(2, [4, 4]), (3, [3, 3, 2]), (8, [1] * 8), (11, [1] * 8 + [0] * 3)])
def test_workers_share_them_evenly_and_are_never_given_more(eight, as_worker, workers, parts):
    for seconds in range(4):
        found = shares(as_worker, workers, NOW + seconds * SECOND)
    assert found == parts


def test_who_comes_later_gets_its_part_as_soon_as_the_others_have_given_way(eight, as_worker):
    assert shares(as_worker, 1, NOW) == [8]
    assert as_worker(1, manners.share, NOW).connections == 0
    assert shares(as_worker, 2, NOW + SECOND) == [4, 4]


def test_who_was_killed_is_forgotten_after_a_while(eight, as_worker):
    shares(as_worker, 2, NOW)
    shares(as_worker, 2, NOW)
    assert shares(as_worker, 1, NOW + Sender.GONE) == [4]
    assert shares(as_worker, 1, NOW + Sender.GONE + SECOND) == [8]


def test_who_waits_for_a_slow_server_is_not_forgotten(eight, as_worker):
    shares(as_worker, 2, NOW)
    shares(as_worker, 2, NOW)
    as_worker(1, manners.still_here, NOW + Sender.GONE)
    assert shares(as_worker, 1, NOW + Sender.GONE + SECOND) == [4]


def test_who_has_nothing_to_do_leaves_its_part_to_others(eight, as_worker):
    shares(as_worker, 2, NOW)
    as_worker(1, lambda: manners.rest(NOW))
    assert shares(as_worker, 1, NOW) == [8]


def test_one_worker_has_no_more_than_it_may_repeat(settings, monkeypatch, as_worker):
    monkeypatch.setattr(settings, "send_connections", 1000)
    assert as_worker(0, manners.share, NOW).connections == manners.MOST_CONNECTIONS


def test_all_at_once_are_never_given_more(app, eight, as_worker):
    for seconds in range(3):
        now = NOW + seconds * SECOND
        asked = [lambda n=n, now=now: as_worker(n, manners.share, now).connections for n in range(5)]
        found = services.at_once(app, *asked)
        assert sum(found) <= 8
    assert sorted(found) == [1, 1, 2, 2, 2]


def test_when_the_clock_is_put_back_a_killed_worker_does_not_keep_its_part(eight, as_worker):
    shares(as_worker, 2, NOW)
    shares(as_worker, 2, NOW)
    assert shares(as_worker, 1, NOW - HOUR) == [8]


def test_when_the_clock_is_put_back_those_who_live_share_as_before(eight, as_worker):
    for now in (NOW, NOW, NOW - HOUR, NOW - HOUR):
        found = shares(as_worker, 2, now)
    assert found == [4, 4]


def test_a_domains_connections_are_shared_too(settings, monkeypatch, as_worker):
    monkeypatch.setattr(settings, "send_per_domain", "gmail.com=4/600, *=8/1200")
    for _ in range(2):
        found = [as_worker(number, manners.share, NOW).domains for number in range(3)]
    assert [(each["gmail.com"], each["*"]) for each in found] == [(2, 3), (1, 3), (1, 2)]


# --- Emails a second ---


def sent_over(minutes: int, as_worker: Callable, workers: int) -> Iterator[datetime]:
    """When each email goes, if so many workers always have more to send."""
    turns = [(NOW, number) for number in range(workers)]
    while turns[0][0] < NOW + minutes * MINUTE:
        now, number = heapq.heappop(turns)
        many, seconds = as_worker(number, manners.allowed, 100, now)
        began = now + seconds * SECOND
        yield from [began] * many
        heapq.heappush(turns, (began + 0.05 * SECOND if many else now + 0.1 * SECOND, number))


def within(moments: list[datetime], began: datetime, seconds: float = 60) -> int:
    return sum(began <= moment < began + seconds * SECOND for moment in moments)


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("rate", [0.5, 7, 150])
def test_the_rate_is_kept_over_every_minute_within_a_twentieth(settings, monkeypatch, as_worker, rate, workers):
    monkeypatch.setattr(settings, "send_rate", rate)
    moments = list(sent_over(2, as_worker, workers))
    for began in EVERY_MINUTE[:11]:
        assert 0.95 * rate * 60 - 1 <= within(moments, began) <= 1.05 * rate * 60 + 1


def test_without_a_rate_all_may_go_at_once(settings, as_worker):
    assert as_worker(0, manners.allowed, 100, NOW) == (100, 0.0)


def test_what_was_not_used_for_long_is_lost(settings, monkeypatch, as_worker):
    monkeypatch.setattr(settings, "send_rate", 20)
    as_worker(0, manners.allowed, 5, NOW - HOUR)
    many, now = 0, NOW
    for _ in range(100):
        some, seconds = as_worker(0, manners.allowed, 100, now)
        many += some if seconds == 0 else 0
    assert many <= 20 + 5


def test_all_at_once_are_not_given_more_than_the_rate(app, settings, monkeypatch, as_worker):
    monkeypatch.setattr(settings, "send_rate", 20)
    manners.allowed(1, NOW)
    found = services.at_once(app, *[lambda: [manners.allowed(5, NOW) for _ in range(10)]] * 4)
    assert sum(many for each in found for many, _ in each) <= 20 + 5


def test_when_the_clock_is_put_back_sending_goes_on_at_its_rate(settings, monkeypatch, as_worker):
    monkeypatch.setattr(settings, "send_rate", 20)
    list(sent_over(1, as_worker, 2))
    found = [as_worker(0, manners.allowed, 5, NOW - HOUR) for _ in range(10)]
    assert found[0] == (5, 0.0)
    assert sum(many for many, _ in found) <= 20 + 5


# --- Emails a minute to one domain ---


def sent_to(domain: str, rows: int, as_worker: Callable, workers: int) -> tuple[list[datetime], int]:
    """(when each email to it goes, how often one was told to come back), if workers look every quarter of a second."""
    due, moments, told, now = [NOW] * rows, [], 0, NOW
    while due:
        for number in range(workers):
            ready = [moment for moment in due if moment <= now][:50]
            if not ready:
                continue
            due = sorted(due)[len(ready) :]
            go, back, between = as_worker(number, manners.allowed_to, {domain: len(ready)}, now)[domain]
            moments += [now] * go
            due += [back + place * between for place in range(len(ready) - go)]
            told += len(ready) - go
        now += 0.25 * SECOND
    return moments, told


@pytest.mark.parametrize("workers", [1, 3])
def test_a_domain_gets_what_it_takes_and_no_more(settings, monkeypatch, as_worker, workers):
    monkeypatch.setattr(settings, "send_per_domain", "gmail.com=4/120")
    moments, told = sent_to("gmail.com", 400, as_worker, workers)
    assert max(within(moments, began) for began in EVERY_MINUTE) <= 1.05 * 120
    assert min(within(moments, began) for began in EVERY_MINUTE[:20]) >= 0.95 * 120
    assert told <= 400 * 2


def test_domains_do_not_hold_each_other_up(settings, monkeypatch, as_worker):
    monkeypatch.setattr(settings, "send_per_domain", "gmail.com=4/60, *=8/1200")
    found = as_worker(0, manners.allowed_to, {"gmail.com": 50, "example.org": 50, "example.net": 1}, NOW)
    assert [found[name][0] for name in ("gmail.com", "example.org", "example.net")] == [1, 1, 1]
    later = as_worker(0, manners.allowed_to, {"gmail.com": 50, "example.org": 50}, NOW + SECOND)
    assert [later[name][0] for name in ("gmail.com", "example.org")] == [1, 20]


def test_those_that_wait_come_back_one_after_the_other(settings, monkeypatch, as_worker):
    monkeypatch.setattr(settings, "send_per_domain", "*=8/60")
    go, back, between = as_worker(0, manners.allowed_to, {"example.org": 5}, NOW)["example.org"]
    assert (go, back, between) == (1, NOW + 2 * SECOND, SECOND)
    go, back, between = as_worker(1, manners.allowed_to, {"example.org": 5}, NOW)["example.org"]
    assert (go, back) == (0, NOW + 6 * SECOND)


def test_when_the_clock_is_put_back_a_domain_is_not_shut_for_an_hour(settings, monkeypatch, as_worker):
    monkeypatch.setattr(settings, "send_per_domain", "*=8/60")
    as_worker(0, manners.allowed_to, {"example.org": 50}, NOW)
    go, back, _ = as_worker(0, manners.allowed_to, {"example.org": 3}, NOW - HOUR)["example.org"]
    assert go == 1
    assert back < NOW - HOUR + MINUTE


# --- Pause ---


def test_pausing_twice_is_once_and_so_is_going_on(app):
    assert [manners.pause(NOW), manners.pause(NOW), manners.is_paused()] == [True, False, True]
    assert [manners.resume(NOW), manners.resume(NOW), manners.is_paused()] == [True, False, False]
    assert Pause.select().count() == 1


def test_nothing_is_sent_while_it_is_paused(app, post):
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    addressing.prepare_alert(alert, NOW)
    manners.pause(NOW)
    assert dispatch.send_some(Alert.get_by_id(alert.id), lambda: NOW) == 0
    assert (post.letters, dispatch.tally(alert)["pending"]) == ([], 1)
    manners.resume(NOW)
    assert dispatch.send_some(Alert.get_by_id(alert.id), lambda: NOW) == 1
