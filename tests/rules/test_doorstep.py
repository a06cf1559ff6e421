"""What an officer brings from a door is taken once, is pending until the resident confirms, and says who was there."""

from datetime import timedelta

import pytest

from metengage import areas, doorstep, keeping, limits, links, personal, residents, rights, surveys, teams
from metengage.choices import WORDING
from metengage.models import Answer, Area, Consent, Delivery, Doorstep, Journal, Link, Resident, Subscription, Survey
from tests import cast, services
from tests.cast import MERTON, RAVENSBURY, ST_HELIER, SURBITON_HILL
from tests.conftest import NOW

ANSWERS = {
    "borough": MERTON, "ward": ST_HELIER, "areas": [], "types": ["advice"], "concerns": [], "frequency": "weekly",
    "name": "", "email": "cleo@example.org",
}  # fmt: skip
KEY, OTHER = "5d0f2c1e-random", "77aa31b2-random"


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def bring(key=KEY, now=NOW, name="Farah", agreed_at=None, **instead) -> bool:
    return doorstep.sign_up(cast.officer(name), key, ANSWERS | instead, now, at=agreed_at)


def emails() -> list[tuple[str, str]]:
    return [(row.kind, row.resident.email) for row in Delivery.select().order_by(Delivery.id)]


# --- Pending, with who was there ---


def test_it_is_pending_like_a_sign_up_on_the_web():
    assert bring(email="nobody@example.org")
    assert emails() == [(Delivery.CONFIRM, "nobody@example.org")]
    assert Resident.get(Resident.email == "nobody@example.org").state == Resident.PENDING
    assert not Subscription.select().join(Resident).where(Resident.email == "nobody@example.org").exists()


def test_the_consent_says_how_with_whom_when_and_to_which_words():
    bring(agreed_at=NOW - timedelta(hours=3))
    consent = Consent.select().order_by(Consent.id.desc()).first()
    assert (consent.source, consent.officer, consent.wording) == ("doorstep", cast.officer("Farah"), WORDING)
    assert (consent.agreed_at, consent.created_at, consent.answers) == (NOW - timedelta(hours=3), NOW, ANSWERS)


def test_the_resident_confirms_it_and_reads_with_whom_they_agreed():
    bring()
    consent = Consent.select().order_by(Consent.id.desc()).first()
    token = links.issue(Link.CONFIRM, consent.resident, NOW, consent)
    cleo = residents.confirm(links.find(Link.CONFIRM, token, NOW), NOW)
    (agreed,) = [section for section in rights.everything(cleo) if section.name == "consent"]
    assert {"How": "at the door", "With": "PC Farah, officer"}.items() <= dict(next(agreed.in_words())).items()
    assert [(who, what) for _, who, what in rights.who_looked(cleo)] == [
        ("PC Farah, officer", "signed you up at the door")
    ]


def test_who_is_signed_up_already_keeps_what_they_have_and_gets_their_link_once():
    assert [bring(email="amara@example.org") for _ in range(2)] == [True, False]
    assert emails() == [(Delivery.KNOWN, "amara@example.org")]


def test_it_is_in_the_journal_without_an_address():
    bring()
    line = Journal.get(Journal.action == "signed up at a door")
    assert (line.officer, line.resident, line.detail) == (cast.officer("Farah"), cast.resident("Cleo"), ST_HELIER)


def test_who_has_not_confirmed_is_reminded_of_with_whom_they_agreed():
    bring()
    residents.remind_unconfirmed(NOW + timedelta(days=3))
    row = Delivery.get(Delivery.kind == Delivery.REMINDER)
    written = personal.written(row, NOW + timedelta(days=3))
    for words in (written.text, written.html):
        assert "with PC Farah" in " ".join(words.split())


# --- Once ---


def test_the_same_again_is_taken_once():
    assert [bring() for _ in range(3)] == [True, False, False]
    assert len(emails()) == 1


def test_the_same_at_one_moment_is_taken_once(app):
    assert sorted(services.at_once(app, *[bring] * 4)) == [False, False, False, True]
    assert len(emails()) == 1


def test_two_at_one_moment_are_both_taken(app):
    acts = [lambda key=key: bring(key, email=f"{key}@example.org") for key in "abcd"]
    assert services.at_once(app, *acts) == [True] * 4
    assert len(emails()) == 4


def test_the_same_after_they_confirmed_is_nothing_new():
    bring()
    consent = Consent.select().order_by(Consent.id.desc()).first()
    token = links.issue(Link.CONFIRM, consent.resident, NOW, consent)
    residents.confirm(links.find(Link.CONFIRM, token, NOW), NOW)
    before = emails()
    assert not bring()
    assert emails() == before


def test_another_key_is_another_sign_up():
    assert [bring(), bring(OTHER)] == [True, True]


# --- Too often ---


def test_an_address_that_had_several_emails_waits_and_nothing_is_lost():
    for number in range(4):
        bring(str(number))
    with pytest.raises(doorstep.NotNow, match="Wait an hour"):
        bring()
    assert bring(now=NOW + timedelta(minutes=1))
    assert len(emails()) == 5


def test_an_officer_signs_up_thirty_a_minute_and_the_rest_waits():
    for number in range(30):
        bring(str(number), email=f"resident{number}@example.org")
    with pytest.raises(doorstep.NotNow, match="Wait some minutes"):
        bring()
    assert bring(name="Hana")
    assert not bring("0", email="resident0@example.org")  # what was taken needs no second try
    assert bring(OTHER, now=NOW + limits.MINUTE)


# --- Where ---


def codes(name: str) -> list[str]:
    return [ward.code for ward in doorstep.wards_for(cast.officer(name))]


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("Farah", [RAVENSBURY, ST_HELIER]),
        ("Gus", [SURBITON_HILL]),
        ("Hana", [RAVENSBURY, ST_HELIER]),
        ("Idris", [SURBITON_HILL, RAVENSBURY, ST_HELIER]),
    ],
)
def test_they_sign_up_in_the_wards_of_their_teams(name, theirs):
    assert codes(name) == theirs


def test_the_ward_of_the_last_one_comes_first():
    bring()
    assert (codes("Farah"), codes("Hana")) == ([ST_HELIER, RAVENSBURY], [RAVENSBURY, ST_HELIER])


def test_not_where_it_has_not_started_or_in_a_ward_that_is_gone():
    Area.update(started_at=None).where(Area.code == MERTON).execute()
    assert codes("Farah") == []
    Area.update(retired_at=NOW).where(Area.code == SURBITON_HILL).execute()
    assert codes("Idris") == []


def test_a_ward_is_found_only_by_those_who_look_after_it():
    st_helier = areas.named([ST_HELIER])[0]
    assert teams.ward_for(cast.officer("Farah"), ST_HELIER) == (st_helier, cast.team("St Helier"))
    assert teams.ward_for(cast.officer("Gus"), ST_HELIER) is None


# --- Forgotten ---


def test_it_is_forgotten_when_nobody_can_send_it_again():
    bring()
    assert keeping.forget_doorsteps(NOW + timedelta(days=28)) == 0
    assert keeping.forget_doorsteps(NOW + timedelta(days=28, seconds=1)) == 1
    assert not Doorstep.select().exists()


# --- What they answer to a survey ---

SAID = {"Do you feel safe here?": "Yes"}


def ask(survey: Survey, key=KEY, ward=ST_HELIER, texts=(), now=NOW, **said) -> bool:
    return doorstep.take_answers(cast.officer("Farah"), key, survey, ward, said or SAID, dict(texts), now)


def answers() -> list[tuple]:
    assert all(row.at_door for row in Answer.select())
    return [(row.resident, row.ward_id, row.choices, row.texts) for row in Answer.select().order_by(Answer.id)]


def test_what_they_answer_is_kept_with_their_ward_and_without_who_they_are():
    assert ask(services.survey(), ward=RAVENSBURY, texts={"Anything else?": "Light"})
    assert answers() == [(None, RAVENSBURY, SAID, {"Anything else?": "Light"})]


def test_the_same_answers_twice_are_taken_once_and_others_beside_them():
    survey = services.survey()
    assert [ask(survey), ask(survey), ask(survey, key=OTHER)] == [True, False, True]
    assert len(answers()) == 2


def test_answers_sent_twice_at_one_moment_are_taken_once(app):
    survey = services.survey()
    services.at_once(app, *[lambda: ask(survey)] * 4)
    assert len(answers()) == 1


def test_what_comes_after_a_survey_has_closed_is_refused_and_may_not_be_taken_later():
    survey = services.survey()
    surveys.close(survey, cast.officer("Farah"), NOW)
    with pytest.raises(surveys.Closed):
        ask(survey)
    assert (answers(), Doorstep.select().count()) == ([], 0)


def test_answers_are_in_the_journal_with_who_brought_them():
    survey = services.survey()
    ask(survey)
    line = Journal.get(Journal.action == "took answers at a door")
    assert (line.officer, line.resident, line.detail) == (cast.officer("Farah"), None, f"survey {survey.id}")


def test_an_officer_brings_only_so_many_answers_in_a_short_time():
    survey, farah = services.survey(), str(cast.officer("Farah").id)
    while limits.allows("officer doorstep", farah, NOW):
        pass
    with pytest.raises(doorstep.NotNow, match="Wait some minutes"):
        ask(survey)


def test_ten_at_doors_are_counted_by_themselves():
    survey = services.survey()
    for number in range(10):
        ask(survey, key=f"{KEY}{number}")
    surveys.close(survey, cast.officer("Farah"), NOW)
    (group,) = surveys.results(Survey.get_by_id(survey.id))[surveys.AT_DOORS].groups
    assert (group.name, group.how_many) == ("St Helier, Merton", 10)
