"""Officers change and go: a leaver is out at once, the last administrator stays, and the journal says who did it."""

import pytest

from metengage import account, alerts, officers, second_factor, staffing, teams
from metengage.models import Alert, Journal, Membership, Officer
from metengage.officers import NotAllowed
from metengage.staffing import NotPossible
from tests import cast, services
from tests.cast import PASSWORD
from tests.conftest import NOW


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def said() -> tuple:
    """What the journal says last."""
    line = Journal.select().order_by(Journal.id.desc()).get()
    return line.action, line.officer, line.detail


def test_suspending_ends_all_sessions_and_lets_in_no_more():
    farah, hana = cast.officer("Farah"), cast.officer("Hana")
    assert staffing.suspend(hana, farah, NOW)
    assert said() == ("suspended officer", hana, f"officer {farah.id}")
    assert officers.by_session(farah.id, farah.session_key) is None
    with pytest.raises(NotAllowed):
        officers.sign_in(farah.email, PASSWORD, "192.0.2.1", NOW)


def test_an_old_session_does_not_come_back_with_the_officer():
    farah, hana = cast.officer("Farah"), cast.officer("Hana")
    staffing.suspend(hana, farah, NOW)
    assert staffing.let_back(hana, farah)
    assert said() == ("let officer back", hana, f"officer {farah.id}")
    assert officers.by_session(farah.id, farah.session_key) is None
    assert officers.sign_in(farah.email, PASSWORD, "192.0.2.1", NOW) == farah


def test_suspending_twice_and_letting_back_twice_change_nothing():
    farah, hana = cast.officer("Farah"), cast.officer("Hana")
    assert [staffing.suspend(hana, farah, NOW) for _ in range(2)] == [True, False]
    assert [staffing.let_back(hana, farah) for _ in range(2)] == [True, False]


def test_the_drafts_of_a_leaver_stay_with_the_team():
    draft = services.draft()
    staffing.suspend(cast.officer("Hana"), cast.officer("Farah"), NOW)
    assert alerts.alert_for(cast.officer("Hana"), draft.id).is_draft


def test_what_a_leaver_scheduled_stays():
    draft = services.draft()
    Alert.update(state=Alert.SCHEDULED, due_at=NOW).execute()
    staffing.suspend(cast.officer("Hana"), cast.officer("Farah"), NOW)
    assert Alert.get_by_id(draft.id).state == Alert.SCHEDULED


def test_a_leaver_is_nobodys_contact_and_cover():
    farah, rani, team = cast.officer("Farah"), services.rani(), cast.team("St Helier")
    teams.name_contact(None, team, rani)
    account.go_away(farah, NOW, rani)
    staffing.suspend(cast.officer("Hana"), rani, NOW)
    assert officers.named_contact(team) is None
    assert cast.officer("Farah").cover is None


def test_the_last_administrator_can_be_neither_suspended_nor_made_another_role():
    idris = cast.officer("Idris")
    with pytest.raises(NotPossible):
        staffing.suspend(None, idris, NOW)
    with pytest.raises(NotPossible):
        staffing.change(None, idris, idris.name, Officer.OFFICER, [])
    assert cast.officer("Idris").is_administrator


def test_of_two_administrators_who_suspend_each_other_at_one_moment_one_stays(app):
    idris, rani = cast.officer("Idris"), services.rani(role=Officer.ADMINISTRATOR)
    found = services.at_once(
        app, lambda: staffing.suspend(idris, rani, NOW), lambda: staffing.suspend(rani, idris, NOW)
    )
    assert sorted(type(each).__name__ for each in found) == ["NotPossible", "bool"]
    able = Officer.select().where(Officer.role == Officer.ADMINISTRATOR, Officer.suspended_at.is_null())
    assert able.count() == 1


def test_a_change_of_role_and_teams_keeps_what_remains():
    farah, team = cast.officer("Farah"), cast.team("St Helier")
    teams.name_contact(None, team, farah)
    both = [team, cast.team("Surbiton Hill")]
    staffing.change(cast.officer("Idris"), farah, "Sergeant Farah", Officer.SUPERVISOR, both)
    assert said()[2] == f"officer {farah.id} from officer to supervisor"
    assert officers.teams_of(farah) == both
    assert officers.named_contact(team).name == "Sergeant Farah"


def test_an_administrator_works_in_no_team():
    farah = cast.officer("Farah")
    staffing.change(cast.officer("Idris"), farah, farah.name, Officer.ADMINISTRATOR, [cast.team("St Helier")])
    assert not Membership.select().where(Membership.officer == farah).exists()


def test_resetting_takes_password_second_factor_and_sessions():
    services.set_up_second_factor("Farah", NOW)
    farah, hana = cast.officer("Farah"), cast.officer("Hana")
    staffing.reset(hana, farah, NOW)
    assert said() == ("reset officer", hana, f"officer {farah.id}")
    assert officers.by_session(farah.id, farah.session_key) is None
    assert not second_factor.is_set_up(cast.officer("Farah"))
    assert second_factor.recovery_codes_left(farah) == 0
    with pytest.raises(NotAllowed):
        officers.sign_in(farah.email, PASSWORD, "192.0.2.1", NOW)


def test_a_suspended_officer_is_not_reset():
    staffing.suspend(None, cast.officer("Farah"), NOW)
    with pytest.raises(NotPossible):
        staffing.reset(None, cast.officer("Farah"), NOW)


def test_of_many_the_first_are_listed_and_the_others_found_by_name(monkeypatch):
    monkeypatch.setattr(staffing, "LISTED", 2)
    idris = cast.officer("Idris")
    listed, more = staffing.list_for(idris)
    assert ([each.name for each in listed], more) == (["PC Farah", "PC Gus"], 1)
    for sought, names in {"HANA": ["PC Hana"], "gus@": ["PC Gus"], "%": []}.items():
        assert [each.name for each in staffing.list_for(idris, sought)[0]] == names


def test_who_manages_whom():
    services.rani()
    names = {who: [each.name for each in staffing.list_for(cast.officer(who))[0]] for who in ("Farah", "Hana", "Idris")}
    assert names == {
        "Farah": [],
        "Hana": ["PC Farah", "PC Rani"],
        "Idris": ["PC Farah", "PC Gus", "PC Hana", "PC Rani"],
    }
