"""The demo's priorities: what is set and what was done, and what residents may vote for."""

import json
from datetime import datetime, timedelta

from metengage import actions, areas, officers, votes
from metengage.config import ROOT
from metengage.formats import london
from metengage.models import Resident, Vote
from metengage.priorities import propose, review, set_now

FACTS = ROOT / "metengage" / "data" / "demo" / "priorities.json"


def priorities(now: datetime) -> None:
    """Make all of them, in a demo that has its residents."""
    for facts in json.loads(FACTS.read_text(encoding="utf-8")):
        _priority(facts, now)


def _priority(facts: dict, now: datetime) -> None:
    """What is proposed, with votes; and set with what was done, where the facts say so."""
    (ward,) = areas.named([facts["ward"]])
    officer, today = officers.people_in(officers.team_of(ward))[0], london(now).date()
    began = now - timedelta(days=facts.get("set", 5))
    one = propose(officer, ward, facts["issue"], facts["theme"], began - timedelta(days=9))
    votes.count_hands(one, officer, Vote.MEETING, facts["hands"], london(began).date(), now)
    here = Resident.select(Resident.id).where(Resident.home == ward).order_by(Resident.id).limit(facts["votes"])
    Vote.insert_many([{"priority": one, "resident": number, "at": began} for (number,) in here.tuples()]).execute()
    if "set" not in facts:
        return
    one = set_now(one, officer, london(began).date() + timedelta(days=30), began, plan=facts["plan"])
    review(one, officer, today + timedelta(days=facts["review_in"]), now - timedelta(days=1))
    for deed in facts["actions"]:
        at = now - timedelta(days=deed["days_ago"])
        actions.act(one, officer, london(at).date(), deed["text"], at)
