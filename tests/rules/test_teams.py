"""Teams have wards, members, a contact and cover; drafts and stories are handed over. All of it is in the journal."""

from datetime import timedelta

import pytest

from metengage import account, areas, handover, officers, teams
from metengage.models import Alert, Concern, Journal, Officer, Story
from tests import cast, services
from tests.cast import RAVENSBURY, SURBITON_HILL, WANDLE_IN_MERTON
from tests.conftest import NOW

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def said() -> tuple:
    line = Journal.select().order_by(Journal.id.desc()).get()
    return line.action, line.officer


def ward(code: str):
    return areas.named([code])[0]


# --- Contact and cover ---


def test_a_team_has_one_contact_who_is_named_first():
    team, hana, rani = cast.team("St Helier"), cast.officer("Hana"), services.rani()
    teams.name_contact(hana, team, cast.officer("Farah"))
    teams.name_contact(hana, team, rani)
    assert said() == ("named contact", hana)
    assert officers.contact_of(team, NOW) == rani
    assert [each.name for each in officers.people_in(team)] == ["PC Rani", "PC Farah"]
    teams.name_contact(hana, team, None)
    assert officers.contact_of(team, NOW) is None


def test_nobody_from_elsewhere_is_a_contact():
    with pytest.raises(teams.NotPossible):
        teams.name_contact(None, cast.team("St Helier"), cast.officer("Gus"))


def test_who_covers_is_the_contact_meanwhile():
    team, farah, rani = cast.team("St Helier"), cast.officer("Farah"), services.rani()
    teams.name_contact(None, team, farah)
    account.go_away(farah, TOMORROW, rani)
    assert said() == ("went away", farah)
    assert [officers.contact_of(team, when) for when in (NOW, TOMORROW)] == [rani, farah]
    assert officers.covered_by(rani, NOW) == [farah]
    account.come_back(cast.officer("Farah"))
    assert said() == ("came back", farah)
    assert officers.covered_by(rani, NOW) == []


def test_only_a_colleague_covers():
    for other in ("Gus", "Idris", "Farah"):
        with pytest.raises(account.NotPossible):
            account.go_away(cast.officer("Farah"), TOMORROW, cast.officer(other))


def test_who_covers_from_a_team_they_have_left_is_no_contact():
    team, farah, rani = cast.team("St Helier"), cast.officer("Farah"), services.rani()
    teams.name_contact(None, team, farah)
    account.go_away(farah, TOMORROW, rani)
    teams.take_out(None, team, rani)
    assert officers.contact_of(team, NOW) == farah


# --- Members and wards ---


def test_somebody_joins_and_leaves_a_team():
    team, gus, hana = cast.team("St Helier"), cast.officer("Gus"), cast.officer("Hana")
    teams.put_in(hana, team, gus)
    assert said() == ("put officer into team", hana)
    assert team in officers.teams_of(gus)
    teams.take_out(hana, team, gus)
    assert said() == ("took officer out of team", hana)
    assert team not in officers.teams_of(gus)


def test_a_supervisor_puts_in_only_officers_of_their_own_teams():
    team = cast.team("St Helier")
    assert teams.could_join(cast.officer("Hana"), team) == []
    assert teams.could_join(cast.officer("Idris"), team) == [cast.officer("Gus")]


def test_a_ward_moves_from_one_team_to_the_other():
    st_helier, surbiton, idris = cast.team("St Helier"), cast.team("Surbiton Hill"), cast.officer("Idris")
    assert teams.give_ward(idris, surbiton, ward(RAVENSBURY)) == st_helier
    assert said() == ("moved ward", idris)
    assert officers.team_of(ward(RAVENSBURY)) == surbiton
    assert teams.give_ward(idris, surbiton, ward(RAVENSBURY)) is None
    assert teams.give_ward(idris, surbiton, ward(WANDLE_IN_MERTON)) is None


def test_a_supervisor_moves_wards_among_their_own_teams_only():
    codes = {each.code for each, _ in teams.wards_with_teams(cast.officer("Hana"))}
    assert RAVENSBURY in codes
    assert SURBITON_HILL not in codes
    assert SURBITON_HILL in {each.code for each, _ in teams.wards_with_teams(cast.officer("Idris"))}


def test_no_two_teams_have_one_name():
    idris = cast.officer("Idris")
    team = teams.add(idris, "Cannon Hill team", "101", "")
    assert said() == ("added team", idris)
    with pytest.raises(teams.NotPossible):
        teams.add(idris, "St Helier team", "", "")
    with pytest.raises(teams.NotPossible):
        teams.change(idris, team, "St Helier team", "", "")
    teams.change(idris, team, "Abbey team", "", "")
    assert said() == ("changed team", idris)


# --- Hand-over ---


def test_drafts_become_another_officers_and_what_was_sent_does_not():
    draft, rani, farah = services.draft(), services.rani(), cast.officer("Farah")
    sent = services.draft(title="Sent")
    Alert.update(state=Alert.SENT).where(Alert.id == sent.id).execute()
    Alert.update(changed_by=farah).execute()
    assert handover.give_work(cast.officer("Hana"), farah, rani) == (1, 0)
    assert said() == ("handed over work", cast.officer("Hana"))
    given, kept = Alert.get_by_id(draft.id), Alert.get_by_id(sent.id)
    assert (given.author, given.changed_by) == (rani, rani)
    assert (kept.author, kept.changed_by) == (farah, farah)


def test_open_concerns_become_another_officers_and_say_who_gave_them():
    mine, closed, others = services.concern(), services.concern(), services.concern("Bryn")
    rani, farah, hana = services.rani(), cast.officer("Farah"), cast.officer("Hana")
    Concern.update(officer=farah).where(Concern.id.in_([mine.id, closed.id])).execute()
    Concern.update(state=Concern.CLOSED, closed_at=NOW).where(Concern.id == closed.id).execute()
    assert handover.give_work(hana, farah, rani) == (0, 1)
    assert {each.id: each.officer for each in Concern.select()} == {mine.id: rani, closed.id: farah, others.id: None}
    assert [(line.officer, line.text) for line in mine.messages] == [(hana, "Given by PC Farah to PC Rani.")]


def test_drafts_go_to_nobody_who_could_not_see_them():
    services.draft()
    with pytest.raises(handover.NotPossible):
        handover.give_work(cast.officer("Idris"), cast.officer("Farah"), cast.officer("Gus"))
    assert Alert.get().author == cast.officer("Farah")


def test_a_story_moves_with_its_drafts_and_what_was_sent_stays():
    story, idris, surbiton = services.story(), cast.officer("Idris"), cast.team("Surbiton Hill")
    draft = services.draft()
    Alert.update(story=story).where(Alert.id == draft.id).execute()
    assert handover.give_story(idris, story, surbiton) == 1
    assert said() == ("handed over story", idris)
    assert Story.get().team == Alert.get_by_id(draft.id).team == surbiton
    assert Alert.get(Alert.state == Alert.SENDING).team == cast.team("St Helier")


def test_a_supervisor_moves_a_story_to_no_team_of_others():
    story = services.story()
    with pytest.raises(handover.NotPossible):
        handover.give_story(cast.officer("Hana"), story, cast.team("Surbiton Hill"))


# --- What officers set for themselves ---


def test_a_changed_name_is_in_the_journal_once():
    farah = cast.officer("Farah")
    account.rename(farah, "Sergeant Farah")
    account.rename(farah, "Sergeant Farah")
    assert Journal.select().where(Journal.action == "changed name").count() == 1
    assert Officer.get_by_id(farah.id).name == "Sergeant Farah"


def test_a_changed_password_ends_every_other_session():
    farah = cast.officer("Farah")
    changed = account.change_password(farah, "three blue lamps")
    assert said() == ("changed password", farah)
    assert officers.by_session(farah.id, farah.session_key) is None
    assert officers.by_session(farah.id, changed.session_key) == farah
