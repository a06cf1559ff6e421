"""Officers sign in with a password, are stopped after too many tries, and may write where their teams work."""

import time
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from metengage import areas, gazetteer, limits, officers, passwords
from metengage.models import Attempt, Journal, Membership, Officer
from metengage.officers import NotAdded, NotAllowed, TooManyTries
from tests import cast
from tests.cast import KINGSTON, MERTON, PASSWORD, RAVENSBURY, ST_HELIER, SURBITON_HILL
from tests.conftest import NOW

FARAH, HOME = "farah@met.example.org", "192.0.2.1"
QUARTER = timedelta(minutes=15)
NAMES = ("Farah", "Gus", "Hana", "Idris")


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows, and begins with an empty journal."""
    Journal.delete().execute()


def try_wrong(times: int, email: str = FARAH, network: str = HOME, now=NOW) -> None:
    """So many wrong tries, as they are counted."""
    for _ in range(times):
        limits.allows("officer address", email, now)
        limits.allows("officer network", network, now)


# --- Sign in ---


@pytest.mark.parametrize("typed", [FARAH, "  Farah@MET.example.org "])
def test_the_right_password_signs_in(typed):
    assert officers.sign_in(typed, PASSWORD, HOME, NOW) == cast.officer("Farah")
    assert Journal.get().action == "signed in"


def test_anything_else_does_not_and_is_not_told_why():
    wrong = [
        (FARAH, "correct horse batterz"),
        (FARAH, PASSWORD + " "),
        (FARAH, ""),
        (FARAH, "\0" + PASSWORD),
        ("farah@met.example.org\0", PASSWORD),
        ("nobody@met.example.org", PASSWORD),
        ("amara@example.org", PASSWORD),
        ("", PASSWORD),
        ("x" * 10_000, "x" * 10_000),
    ]
    for email, password in wrong:
        with pytest.raises(NotAllowed) as refusal:
            officers.sign_in(email, password, HOME, NOW)
        assert str(refusal.value) == ""
    assert not Journal.select().exists()


def test_a_suspended_officer_does_not_sign_in():
    Officer.update(suspended_at=NOW).where(Officer.email == FARAH).execute()
    with pytest.raises(NotAllowed):
        officers.sign_in(FARAH, PASSWORD, HOME, NOW)


def test_passwords_are_kept_by_argon2_and_no_two_alike():
    kept = [officer.password_hash for officer in Officer.select()]
    assert all(each.startswith("$argon2id$") for each in kept)
    assert len(set(kept)) == 4


def test_a_password_is_as_dear_to_guess_as_owasp_asks():
    parameters = extract_parameters(passwords.NOBODY)  # made as the product makes them, before tests made theirs cheap
    assert parameters.memory_cost >= 19 * 1024  # KiB
    assert (parameters.time_cost >= 2, parameters.type) == (True, Type.ID)


def test_a_damaged_hash_lets_nobody_in():
    Officer.update(password_hash="correct horse battery").execute()
    with pytest.raises(NotAllowed):
        officers.sign_in(FARAH, PASSWORD, HOME, NOW)


def test_an_unknown_address_takes_about_as_long(monkeypatch):
    dear = PasswordHasher()
    monkeypatch.setattr(passwords, "_hasher", dear)
    monkeypatch.setattr(passwords, "NOBODY", dear.hash("of no officer"))
    Officer.update(password_hash=dear.hash(PASSWORD)).execute()

    def seconds(email: str) -> float:
        started = time.perf_counter()
        with pytest.raises(NotAllowed):
            officers.sign_in(email, "wrong", HOME, NOW)
        return time.perf_counter() - started

    known = min(seconds(FARAH) for _ in range(3))
    unknown = min(seconds("nobody@met.example.org") for _ in range(3))
    assert 0.4 < unknown / known < 2.5


# --- Limits ---


def test_five_wrong_passwords_in_a_quarter_of_an_hour_are_enough():
    for _ in range(5):
        with pytest.raises(NotAllowed):
            officers.sign_in(FARAH, "wrong", HOME, NOW)
    with pytest.raises(TooManyTries):
        officers.sign_in(FARAH, PASSWORD, HOME, NOW)


def test_the_limit_ends_by_itself():
    try_wrong(5)
    assert officers.sign_in(FARAH, PASSWORD, HOME, NOW + QUARTER)


def test_the_right_password_starts_the_count_again():
    try_wrong(4)
    officers.sign_in(FARAH, PASSWORD, HOME, NOW)
    try_wrong(4)
    assert officers.sign_in(FARAH, PASSWORD, HOME, NOW)


def test_the_limit_on_an_unknown_address_is_the_same():
    try_wrong(5, email="nobody@met.example.org")
    with pytest.raises(TooManyTries):
        officers.sign_in("Nobody@met.example.org", PASSWORD, HOME, NOW)


def test_one_officers_tries_do_not_stop_another():
    try_wrong(5)
    assert officers.sign_in("hana@met.example.org", PASSWORD, HOME, NOW)


def test_fifty_wrong_tries_from_one_network_stop_it_for_all():
    for number in range(50):
        try_wrong(1, email=f"{number}@met.example.org")
    with pytest.raises(TooManyTries):
        officers.sign_in(FARAH, PASSWORD, HOME, NOW)
    assert officers.sign_in(FARAH, PASSWORD, "192.0.2.2", NOW)


def test_tries_are_kept_without_an_address_and_not_for_long():
    try_wrong(1)
    assert not [row for row in Attempt.select() if "farah" in row.who_hash or HOME in row.who_hash]
    assert limits.forget_old(NOW + limits.LONGEST) == 0
    assert limits.forget_old(NOW + limits.LONGEST + QUARTER) == 2


# --- Sessions ---


def test_a_session_is_for_as_long_as_its_key():
    farah = cast.officer("Farah")
    assert officers.by_session(farah.id, farah.session_key) == farah
    Officer.update(session_key="another").where(Officer.id == farah.id).execute()
    assert officers.by_session(farah.id, farah.session_key) is None


def test_a_leaver_is_cut_off_at_once():
    farah = cast.officer("Farah")
    Officer.update(suspended_at=NOW).where(Officer.id == farah.id).execute()
    assert officers.by_session(farah.id, farah.session_key) is None


# --- Add ---


def test_an_added_officer_may_sign_in():
    officers.add("New@met.example.org", "PC New", "a long enough one", Officer.OFFICER, [cast.team("St Helier")], NOW)
    new = officers.sign_in("new@met.example.org", "a long enough one", HOME, NOW)
    assert [team.name for team in officers.teams_of(new)] == ["St Helier team"]


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("FARAH@met.example.org", "a long enough one", "There is an officer with the address farah@met.example.org"),
        ("new@met.example.org", "too short", "The password is too short. Use at least 12 characters."),
        ("new", "a long enough one", "“new” is not an email address."),
    ],
)
def test_who_cannot_be_added_is_told_why(email, password, sentence):
    with pytest.raises(NotAdded, match=sentence):
        officers.add(email, "PC New", password, Officer.OFFICER, [], NOW)
    assert Officer.select().count() == 4


# --- Teams and areas ---


def test_an_officer_works_in_their_teams_and_an_administrator_in_all():
    teams = {name: [team.name for team in officers.teams_of(cast.officer(name))] for name in NAMES}
    assert teams == {
        "Farah": ["St Helier team"],
        "Gus": ["Surbiton Hill team"],
        "Hana": ["St Helier team"],
        "Idris": ["St Helier team", "Surbiton Hill team"],
    }


def allowed(name: str, team: str) -> list[str]:
    return [area.code for area in officers.areas_for(cast.officer(name), cast.team(team))]


def test_an_officer_may_write_to_the_wards_of_their_teams_and_no_others():
    assert allowed("Farah", "St Helier") == [RAVENSBURY, ST_HELIER]
    Membership.create(officer=cast.officer("Farah"), team=cast.team("Surbiton Hill"))
    assert allowed("Farah", "St Helier") == [RAVENSBURY, ST_HELIER, SURBITON_HILL]


@pytest.mark.parametrize(
    ("name", "team", "borough"), [("Hana", "St Helier", MERTON), ("Idris", "Surbiton Hill", KINGSTON)]
)
def test_a_supervisor_may_write_to_the_borough_each_of_its_wards_and_the_command_unit(name, team, borough):
    codes = set(allowed(name, team))
    wards = {ward.code for ward in areas.wards_of([areas.borough(borough)])}
    assert codes == wards | set(gazetteer.PILOT)


def test_residents_read_the_names_of_officers_and_not_of_supervisors_or_leavers():
    team = cast.team("St Helier")
    assert [officer.name for officer in officers.people_in(team)] == ["PC Farah"]
    Officer.update(suspended_at=NOW).where(Officer.email == FARAH).execute()
    assert officers.people_in(team) == []
