"""What residents of the demo told their team, and what it answered."""

import csv
from datetime import datetime, timedelta

from metengage import areas, diverter, officers, promises
from metengage.config import ROOT
from metengage.models import Concern, Message, Resident

FILE = ROOT / "metengage" / "data" / "demo" / "concerns.csv"
CONCERNED = "E05013824"  # the ward whose residents have told their team something


def concerns(now: datetime) -> None:
    """Each line of the file: how many hours ago, theme, place, what they wrote, what was answered if it was."""
    ward = areas.named([CONCERNED])[0]
    team, people = officers.team_of(ward), Resident.select().where(Resident.home == ward).order_by(Resident.id)
    officer, people = officers.people_in(team)[0], list(people)
    lines = FILE.read_text(encoding="utf-8").splitlines()
    for number, row in enumerate(csv.DictReader(line for line in lines if not line.startswith("#"))):
        when = now - timedelta(hours=int(row["hours_ago"]))
        concern = Concern.create(
            key=f"demo{number}", resident=people[number % len(people)], wants_answer=True, ward=ward, team=team,
            theme=row["theme"], place=row["place"], how_often=row["how_often"], text=row["text"], created_at=when,
            received_at=when, due_at=promises.due_by(when), danger=diverter.danger_in(row["text"]),
        )  # fmt: skip
        if row["answer"]:
            answered = when + timedelta(hours=20)
            Message.create(concern=concern, kind=Message.RESPONSE, officer=officer, text=row["answer"], at=answered)
            values = {"state": Concern.ANSWERED, "answered_at": answered, "due_at": None, "officer": officer}
            Concern.update(values).where(Concern.id == concern.id).execute()
