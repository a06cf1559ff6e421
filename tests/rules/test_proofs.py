"""What we sent under a code: told for what was sent, and for nothing else; never to whom."""

import pytest

from metengage import addressing, codes, drafts, proofs
from metengage.choices import WEEKLY
from metengage.models import Alert, Delivery, Digest, DigestAlert, Held
from tests import cast, services
from tests.conftest import NOW


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def sent_alert(**words) -> Alert:
    return services.begin_sending(services.draft(**words), cast.officer("Farah"), NOW)


def letter(kind: str, state: str = Delivery.SENT) -> proofs.Proof | None:
    row = addressing.to_resident(kind, cast.resident("Amara"), NOW)
    Delivery.update(state=state, sent_at=NOW).where(Delivery.id == row.id).execute()
    return proofs.of(codes.code(codes.LETTER, row.id))


def digest(prepared_at=NOW) -> Digest:
    return Digest.create(frequency=WEEKLY, date="2026-11-21", since=NOW, until=NOW, prepared_at=prepared_at)


def kinds() -> set[str]:
    """What an email to one person may be."""
    named = {value for name, value in vars(Delivery).items() if name.isupper() and isinstance(value, str)}
    return named - {Delivery.ALERT, Delivery.DIGEST, *Delivery.STATES}


# --- Alerts ---


def test_an_alert_is_told_by_title_team_and_time():
    alert = sent_alert()
    proof = proofs.of(codes.code(codes.ALERT, alert.id))
    assert (proof.what, proof.by, proof.sent_at, proof.alert) == (
        "The alert “Mopeds stolen in Green Lane”",
        "the St Helier team",
        NOW,
        alert,
    )


def test_the_code_is_said_back_as_we_write_it():
    code = codes.code(codes.ALERT, sent_alert().id)
    assert proofs.of(code.lower().replace("-", " ")).code == code


def test_a_draft_is_unknown_and_so_is_what_was_thrown_away():
    draft = services.draft()
    assert proofs.of(codes.code(codes.ALERT, draft.id)) is None
    drafts.discard(draft, cast.officer("Farah"), NOW)
    assert proofs.of(codes.code(codes.ALERT, draft.id)) is None


# --- Digests ---


def test_a_digest_is_told_by_its_run_and_what_it_may_hold():
    run, gathered, held, other = digest(), sent_alert(title="One"), sent_alert(title="Two"), sent_alert(title="Other")
    DigestAlert.create(digest=run, alert=gathered)
    Held.create(resident=cast.resident("Amara"), alert=held, frequency=WEEKLY, digest=run)
    proof = proofs.of(codes.code(codes.DIGEST, run.id))
    assert proof.what == "The weekly email of 22 November 2026"
    assert {alert.title for alert in proof.may_hold} == {"One", "Two"}
    assert other not in proof.may_hold


def test_a_digest_that_nobody_has_yet_is_unknown():
    assert proofs.of(codes.code(codes.DIGEST, digest(prepared_at=None).id)) is None


# --- Letters ---


@pytest.mark.parametrize("kind", sorted(proofs.LETTERS))
def test_a_letter_is_told_by_its_kind_and_time_and_not_by_whose_it_is(kind):
    proof = letter(kind)
    assert (proof.sent_at, proof.alert, proof.may_hold) == (NOW, None, [])
    assert "amara" not in repr(proof).lower()


def test_every_letter_that_we_can_send_can_be_told():
    assert kinds() == set(proofs.LETTERS)


@pytest.mark.parametrize("state", [state for state in Delivery.STATES if state != Delivery.SENT])
def test_what_was_never_sent_is_unknown(state):
    assert letter(Delivery.SIGN_IN, state) is None


def test_an_alerts_delivery_is_no_letter():
    assert letter(Delivery.ALERT) is None


@pytest.mark.parametrize("kind", codes.KINDS)
def test_what_is_not_there_is_unknown(kind):
    assert proofs.of(codes.code(kind, 999_999)) is None
    assert proofs.of(f"{kind}1F-7KQ2M9") is None
