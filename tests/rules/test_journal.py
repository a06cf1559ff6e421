"""The journal says who did what, when, and never whom or what about."""

import pytest

from metengage import alerts, drafts, journal, keeping, leaving, officers, stories
from metengage.models import Journal, Officer, Story
from tests import cast, services
from tests.cast import PASSWORD
from tests.conftest import NOW


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows, and begins with an empty journal."""
    Journal.delete().execute()


def act(name: str):
    """Do something that belongs in the journal."""
    farah, amara = cast.officer("Farah"), cast.resident("Amara")
    return {
        "signed in": lambda: officers.sign_in("farah@met.example.org", PASSWORD, "192.0.2.1", NOW),
        "sent alert": lambda: services.begin_sending(services.draft(alert_type="advice"), farah, NOW),
        "discarded alert": lambda: drafts.discard(services.draft(), farah, NOW),
        "added officer": lambda: officers.add(
            "new@met.example.org", "PC New", PASSWORD, Officer.OFFICER, [cast.team("St Helier")], NOW
        ),
        "changed preferences": lambda: cast.change(amara, NOW, types=["meetings"]),
        "followed a story": lambda: stories.follow(amara, services.story(), NOW),
        "unfollowed a story": lambda: stories.unfollow(amara, Story.get(), NOW),
        "left": lambda: leaving.leave(amara, "unsubscribed", NOW),
    }[name]()


ACTS = [
    *("signed in", "sent alert", "discarded alert", "added officer", "changed preferences"),
    *("followed a story", "unfollowed a story", "left"),
]


def test_it_says_what_was_done_by_whom_once():
    for name in ACTS:
        act(name)
    farah, amara = cast.officer("Farah"), cast.resident("Amara")
    assert [(row.action, row.officer, row.resident) for row in Journal.select().order_by(Journal.id)] == [
        ("signed in", farah, None),
        ("pressed Send", farah, None),
        ("sent alert", farah, None),
        ("discarded alert", farah, None),
        ("added officer", Officer.get(Officer.name == "PC New"), None),
        ("changed preferences", None, amara),
        ("asked for approval", farah, None),
        ("approved alert", cast.officer("Hana"), None),
        ("sent alert", farah, None),  # with which the story begins
        ("followed a story", None, amara),
        ("unfollowed a story", None, amara),
        ("left", None, amara),
    ]


def test_it_says_which_alert_and_how_many_it_reached():
    alert = act("sent alert")
    line = Journal.get(Journal.action == "sent alert")
    assert (line.alert, line.detail) == (alert, "1 at once")


def test_what_was_refused_is_not_in_it():
    alert = act("sent alert")
    with pytest.raises(alerts.AlreadySent):
        services.begin_sending(alert, cast.officer("Hana"), NOW)
    assert not drafts.discard(alert, cast.officer("Hana"), NOW)
    assert Journal.select().count() == 2


def test_no_line_holds_an_address_or_what_was_written():
    for name in ACTS:
        act(name)
    said = " ".join(f"{row.action} {row.detail}" for row in Journal.select())
    assert "@" not in said
    assert "Mopeds" not in said


def test_a_long_detail_is_cut():
    journal.note("tested", detail="x" * 1000)
    assert len(Journal.get().detail) == 200


def test_a_line_outlives_the_resident_it_is_about():
    journal.note("tested", resident=cast.resident("Cleo"))
    keeping.forget_unconfirmed(NOW)
    assert Journal.get().resident is None
