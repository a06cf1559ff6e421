"""Somebody else goes on: drafts and concerns from officer to officer, stories from team to team."""

from peewee import Case

from metengage import db, journal, officers, stories
from metengage.models import Alert, Concern, Membership, Message, Officer, Story, Team


class NotPossible(Exception):
    """It cannot be so; the message says what to do."""


# --- Drafts ---


def drafts_of(manager: Officer, officer: Officer) -> list[Alert]:
    """An officer's drafts in the teams that somebody manages, those changed last first."""
    mine = [team.id for team in _managed(manager)]
    is_theirs = (Alert.author == officer) & (Alert.state == Alert.DRAFT) & Alert.team.in_(mine)
    return list(Alert.select(Alert, Team).join(Team).where(is_theirs).order_by(Alert.changed_at.desc()))


def concerns_of(manager: Officer, officer: Officer) -> list[Concern]:
    """The open concerns that an officer looks after in the teams that somebody manages, the oldest due first."""
    mine = [team.id for team in _managed(manager)]
    theirs = (Concern.officer == officer) & Concern.is_open_row() & Concern.team.in_(mine)
    return list(Concern.select().where(theirs).order_by(Concern.due_at.is_null(), Concern.due_at, Concern.id))


def heirs(manager: Officer, officer: Officer) -> list[Officer]:
    """Who can take over an officer's work: those in a team that somebody manages, and in which there is some."""
    teams = {each.team_id for each in (*drafts_of(manager, officer), *concerns_of(manager, officer))}
    ids = Membership.select(Membership.officer).where(Membership.team.in_(teams))
    others = Officer.select().where(Officer.id.in_(ids), Officer.id != officer.id, Officer.suspended_at.is_null())
    return list(others.order_by(Officer.name))


def give_work(manager: Officer, officer: Officer, heir: Officer) -> tuple[int, int]:
    """Make an officer's drafts and open concerns another's, in the teams that one manages and the other works in.

    Those of other teams stay. Returns how many drafts, and how many concerns. Raises NotPossible.
    """
    if heir not in heirs(manager, officer):
        raise NotPossible("Choose who takes over")
    works_in = Membership.select(Membership.team).where(Membership.officer == heir)
    with db.handle.atomic():
        drafts = _give_drafts(drafts_of(manager, officer), officer, heir, works_in)
        concerns = _give_concerns(concerns_of(manager, officer), manager, officer, heir, works_in)
        said = f"{drafts} drafts, {concerns} concerns from officer {officer.id} to officer {heir.id}"
        journal.note("handed over work", officer=manager, detail=said)
    return drafts, concerns


def _give_drafts(drafts: list[Alert], officer: Officer, heir: Officer, works_in) -> int:
    ids = [draft.id for draft in drafts]
    theirs = Alert.id.in_(ids) & (Alert.state == Alert.DRAFT) & Alert.team.in_(works_in)
    changed_by = Case(None, [(Alert.changed_by == officer, heir.id)], Alert.changed_by)
    return Alert.update(author=heir, changed_by=changed_by).where(theirs).execute()


def _give_concerns(concerns: list[Concern], manager: Officer, officer: Officer, heir: Officer, works_in) -> int:
    """Each says in its history who gave it."""
    theirs = (Concern.officer == officer) & Concern.is_open_row() & Concern.team.in_(works_in)
    words, given = f"Given by {officer.name} to {heir.name}.", 0
    for concern in concerns:
        taken = Concern.update(officer=heir, revision=Concern.revision + 1).where(Concern.id == concern.id, theirs)
        if taken.execute():
            Message.create(concern=concern, kind=Message.ACT, officer=manager, text=words)
            given += 1
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
