"""Somebody else goes on: drafts from officer to officer, stories from team to team."""

from peewee import Case

from metengage import db, journal, officers, stories
from metengage.models import Alert, Membership, Officer, Story, Team


class NotPossible(Exception):
    """It cannot be so; the message says what to do."""


# --- Drafts ---


def drafts_of(manager: Officer, officer: Officer) -> list[Alert]:
    """An officer's drafts in the teams that somebody manages, those changed last first."""
    mine = [team.id for team in _managed(manager)]
    is_theirs = (Alert.author == officer) & (Alert.state == Alert.DRAFT) & Alert.team.in_(mine)
    return list(Alert.select(Alert, Team).join(Team).where(is_theirs).order_by(Alert.changed_at.desc()))


def heirs(manager: Officer, officer: Officer) -> list[Officer]:
    """Who can take over drafts: those in a team that somebody manages and that has drafts of this officer's."""
    teams = {draft.team_id for draft in drafts_of(manager, officer)}
    ids = Membership.select(Membership.officer).where(Membership.team.in_(teams))
    others = Officer.select().where(Officer.id.in_(ids), Officer.id != officer.id, Officer.suspended_at.is_null())
    return list(others.order_by(Officer.name))


def give_drafts(manager: Officer, officer: Officer, heir: Officer) -> int:
    """Make an officer's drafts another's, in the teams that the manager manages and the heir works in; how many.

    Those of other teams stay. Raises NotPossible.
    """
    if heir not in heirs(manager, officer):
        raise NotPossible("Choose who takes over the drafts")
    works_in = Membership.select(Membership.team).where(Membership.officer == heir)
    drafts = [draft.id for draft in drafts_of(manager, officer)]
    theirs = Alert.id.in_(drafts) & (Alert.state == Alert.DRAFT) & Alert.team.in_(works_in)
    changed_by = Case(None, [(Alert.changed_by == officer, heir.id)], Alert.changed_by)
    with db.handle.atomic():
        given = Alert.update(author=heir, changed_by=changed_by).where(theirs).execute()
        said = f"{given} from officer {officer.id} to officer {heir.id}"
        journal.note("handed over drafts", officer=manager, detail=said)
    return given


# --- Stories ---


def other_teams(manager: Officer, team: Team) -> list[Team]:
    """Where somebody may move a story of this team to."""
    return [each for each in _managed(manager) if each != team]


def give_story(manager: Officer, story: Story, team: Team) -> int:
    """Let another team go on with a story; its drafts go with it, and residents who follow it notice nothing.

    What was sent stays with the team that sent it, and so does what waits for approval or for its time. Returns how
    many drafts went along. Raises NotPossible.
    """
    before = story.team
    if story not in stories.open_for(before) or before not in _managed(manager):
        raise NotPossible("Choose a story that has not ended")
    if team not in other_teams(manager, before):
        raise NotPossible("Choose the team that goes on with it")
    with db.handle.atomic():
        Story.update(team=team).where(Story.id == story.id).execute()
        drafts = (Alert.story == story) & (Alert.state == Alert.DRAFT) & (Alert.team == before)
        moved = Alert.update(team=team).where(drafts).execute()
        said = f"story {story.id} from team {before.id} to team {team.id}, drafts: {moved}"
        journal.note("handed over story", officer=manager, detail=said)
    return moved


def _managed(manager: Officer) -> list[Team]:
    return [team for team in officers.teams_of(manager) if officers.may_manage(manager, team)]
