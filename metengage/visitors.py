"""People who have something to say and are not signed in: known by an address, once they confirm that it is theirs.

Who says something without ever having signed up is a resident who hears about nothing: their page, their copy and
erasing are then one magic link away too.
"""

from datetime import datetime

from metengage import journal, subscriptions
from metengage.choices import SAY_WORDING
from metengage.models import Area, Consent, Resident


def meet(email: str, ward: Area, now: datetime) -> Resident:
    """Whoever has this address; somebody new is pending, in this ward. For a transaction: their row is taken."""
    newcomer = Resident.insert(email=email, home=ward, created_at=now)
    newcomer.on_conflict(conflict_target=[Resident.email], preserve=[Resident.email]).execute()
    return Resident.get(Resident.email == email)


def let_in(resident: Resident, source: str, now: datetime) -> bool:
    """They confirmed that the address is theirs: from now on we may write to them. Twice is success.

    `source` is what they did: Consent keeps it. What they heard about before they left stays ended, and may still be
    begun anew by the link in their goodbye: so `left_at` stays. False when they are erased. For a transaction.
    """
    if not subscriptions.take_whoever(resident.id):
        return False
    values = {"state": Resident.CONFIRMED, "confirmed_at": now}
    others = (Resident.id == resident.id) & (Resident.state != Resident.CONFIRMED)
    if Resident.update(values).where(others).execute():
        agreed = {"wording": SAY_WORDING, "source": source, "created_at": now, "confirmed_at": now}
        Consent.create(resident=resident, **agreed)
        journal.note("confirmed", resident=resident, detail=source)
    return True
