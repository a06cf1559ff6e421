"""Emails to one person: what goes into each, when it is no longer needed, and how discreet it is."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from metengage import addressing, codes, discretion, leaving, links, personal, residents, retention
from metengage.emails import NotNeeded
from metengage.mail import Email
from metengage.models import Delivery, Link, Resident, TeamWard
from tests import cast, services
from tests.cast import BEGAN, MERTON, RAVENSBURY, SURBITON_HILL
from tests.conftest import NOW
from tests.rules.test_residents import ANSWERS, signed_up

DAY = timedelta(days=1)
PREVIEW = 255  # letters that Outlook shows of an email before it is opened; no other shows more
TELLING = ("police", "met", "helier", "merton", "team", "alert", "preferences", "sign", "left", "crime", "link")


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def written(kind: str, name: str = "Amara", now=NOW) -> Email:
    return personal.written(addressing.to_resident(kind, cast.resident(name), now), now)


def send(when, **words) -> None:
    services.begin_sending(services.draft(**words), cast.officer("Farah"), when)


# --- Welcome ---


def test_the_welcome_names_the_team_and_how_to_reach_it():
    words = written(Delivery.WELCOME).text
    for each in ("St Helier team: PC Farah", "Phone: 020 7946 0101", "Email: sthelier@met.example.org"):
        assert f"\n{each}\n" in words
    assert "nobody reads\nreplies. To report a crime call 101, or 999" in words


def test_the_welcome_says_what_they_chose_in_a_line():
    line = "You get crime prevention advice and incidents and investigations for St Helier, Merton, immediately."
    assert line in written(Delivery.WELCOME).text


def test_the_welcome_names_their_own_ward_first():
    cast.change(cast.resident("Amara"), NOW, codes=[cast.ST_HELIER, RAVENSBURY])
    assert "for St Helier, Merton and Ravensbury, Merton, immediately." in written(Delivery.WELCOME).text


def test_the_welcome_only_counts_the_areas_after_the_third():
    codes = [cast.ST_HELIER, RAVENSBURY, SURBITON_HILL, MERTON, cast.KINGSTON]
    cast.change(cast.resident("Amara"), NOW, codes=codes)
    assert "and 2 more areas, immediately." in written(Delivery.WELCOME).text


def test_the_welcome_has_the_latest_three_alerts_of_the_ward():
    for day, title in enumerate(("First", "Second", "Third", "Fourth")):
        send(NOW - (9 - day) * DAY, title=title)
    send(NOW - DAY, title="Elsewhere", codes=[RAVENSBURY])
    words = written(Delivery.WELCOME).text
    assert [title for title in ("Fourth", "Third", "Second") if f"* {title} (" in words] == [
        "Fourth",
        "Third",
        "Second",
    ]
    assert not [title for title in ("First", "Elsewhere", "What the team is working on") if title in words]


def test_the_welcome_has_what_the_team_is_working_on():
    services.priority("Mopeds", now=NOW - 2 * DAY)
    services.priority("Sheds", now=NOW - DAY)
    services.proposal("Bikes", now=NOW)
    send(NOW - DAY, title="What we did")
    working_on, latest = written(Delivery.WELCOME).text.split("What the team is working on")[1].split("The latest")
    assert "* Mopeds (since 20 November 2026)\n  http://localhost:5000/priorities/1\n* Sheds (since" in working_on
    assert ("Bikes" in working_on, "* What we did (" in latest) == (False, True)


def test_a_ward_without_team_and_alerts_is_welcomed_too():
    TeamWard.delete().execute()
    words = written(Delivery.WELCOME).text
    assert "Your ward’s team is not named here yet." in words
    assert "The latest alerts" not in words


def test_the_welcome_is_read_in_half_a_minute():
    services.priority("Mopeds in Green Lane", now=NOW)
    for title in ("One", "Two", "Three"):
        send(NOW - DAY, title=title)
    body = BeautifulSoup(written(Delivery.WELCOME).html, "html.parser").select("td")[2].get_text(" ")
    assert len(body.split()) < 125  # people read about 250 words a minute


@pytest.mark.parametrize("name", ["Esme", "Dov"])
def test_who_left_or_hears_nothing_is_not_welcomed(name):
    with pytest.raises(NotNeeded):
        written(Delivery.WELCOME, name)


# --- Reminder ---


def reminder(link: Link, now) -> Email:
    row = addressing.to_resident(Delivery.REMINDER, link.resident, now, link.consent)
    return personal.written(row, now)


def test_the_reminder_says_until_when_and_its_link_ends_then():
    link = signed_up()
    email = reminder(link, NOW + 5 * DAY)
    newest = Link.select().order_by(Link.id.desc()).get()
    assert newest.expires_at == NOW + retention.UNCONFIRMED.time
    assert "The link works until 29 November 2026 at midday." in email.text


def test_who_has_confirmed_meanwhile_gets_no_reminder():
    link = signed_up()
    residents.confirm(link, NOW)
    with pytest.raises(NotNeeded):
        reminder(Link.get_by_id(link.id), NOW + 2 * DAY)


def test_a_reminder_that_comes_too_late_is_not_sent():
    with pytest.raises(NotNeeded):
        reminder(signed_up(), NOW + 7 * DAY)


# --- The code ---


def test_each_has_its_code_in_both_parts():
    row = addressing.to_resident(Delivery.SIGN_IN, cast.resident("Amara"), NOW)
    email, code = personal.written(row, NOW), codes.code(codes.LETTER, row.id)
    assert f"Enter the code {code} at" in email.text
    assert code in email.html


# --- Discretion ---


def discreet(kind: str) -> Email:
    """This email as Amara gets it, who is discreet."""
    Resident.update(discreet_since=BEGAN).where(Resident.email == "amara@example.org").execute()
    if kind == Delivery.GOODBYE:
        leaving.leave(cast.resident("Amara"), leaving.BY_PAGE, NOW)
        return personal.written(Delivery.get(Delivery.kind == Delivery.GOODBYE), NOW)
    return written(kind)


def seen(email: Email) -> list[str]:
    """What a mail program may show of it before it is opened: sender, subject, and how each part begins."""
    html = BeautifulSoup(email.html, "html.parser").body.get_text(" ")
    sender = email.sender.rpartition("<")[0]
    return [sender, email.subject, *(" ".join(part.split())[:PREVIEW].lower() for part in (email.text, html))]


@pytest.mark.parametrize("kind", ["sign-in", "known", "welcome", "goodbye"])
def test_a_discreet_email_tells_nothing_before_it_is_opened(kind):
    email = discreet(kind)
    assert [word for word in TELLING for shown in seen(email) if word in shown.lower().replace("your link", "")] == []
    assert all(shown.startswith(discretion.FIRST.lower()) for shown in seen(email)[2:])
    assert seen(email)[0].strip(' "') == "Local updates"


def test_a_discreet_email_says_everything_once_it_is_opened():
    email = discreet("welcome")
    assert "St Helier team: PC Farah" in email.text
    assert email.subject == "Your local update"


def test_a_discreet_sign_in_link_is_your_link():
    assert discreet("sign-in").subject == "Your link"


def test_nobody_elses_email_is_discreet():
    discreet("sign-in")
    email = written(Delivery.SIGN_IN, "Bryn")
    assert email.subject == "Your link to your preferences"
    assert discretion.FIRST not in email.text + email.html


def test_what_fills_the_preview_is_longer_than_any_preview():
    assert len(f"{discretion.FIRST} {discretion.THEN}") > PREVIEW


def test_a_discreet_person_who_signs_up_anew_is_asked_discreetly():
    Resident.update(discreet_since=BEGAN).where(Resident.email == "esme@example.org").execute()
    row = residents.sign_up(ANSWERS | {"email": "esme@example.org"}, NOW)
    assert personal.written(row, NOW).subject == "Your link"


def test_the_links_time_is_that_of_the_sign_up():
    assert links.LIFETIME[Link.CONFIRM] == retention.UNCONFIRMED.time
