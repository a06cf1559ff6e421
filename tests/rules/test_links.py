"""Links from emails: each opens one thing for one resident, for a time, and nothing of it is kept."""

import time
from datetime import datetime, timedelta

import pytest

from metengage import leaving, links
from metengage.config import settings
from metengage.links import LIFETIME, PREFERENCES, SIGNED_LIFETIME, UNSUBSCRIBE, LinkEnded
from metengage.models import TABLES, Link, Resident
from tests import cast

NOW = datetime(2026, 11, 22, 12, 0)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def amara(database) -> Resident:
    return cast.resident("Amara")


def everything_kept() -> str:
    """Every value of every row."""
    return "\n".join(str(row) for table in TABLES for row in table.select().tuples())


# --- Used once ---


def test_a_link_is_for_one_resident_and_one_purpose(amara):
    link = links.find(Link.SIGN_IN, links.issue(Link.SIGN_IN, amara, NOW), NOW)
    assert (link.resident, link.purpose, link.used_at) == (amara, Link.SIGN_IN, None)


def test_a_confirmation_carries_what_was_agreed_to(amara):
    consent = amara.consents.get()
    token = links.issue(Link.CONFIRM, amara, NOW, consent)
    assert links.find(Link.CONFIRM, token, NOW).consent == consent


def test_tokens_are_128_random_bits_and_never_the_same(amara):
    tokens = {links.issue(Link.SIGN_IN, amara, NOW) for _ in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {22}  # 128 bits in base64


def test_nothing_of_a_token_is_kept(amara):
    token = links.issue(Link.SIGN_IN, amara, NOW)
    kept = everything_kept()
    assert Link.get().token_hash in kept
    assert [part for part in (token, token[:8], token[-8:]) if part in kept] == []


@pytest.mark.parametrize("purpose", LIFETIME)
def test_a_link_lives_its_time_to_the_second(amara, purpose):
    token, ends = links.issue(purpose, amara, NOW), NOW + LIFETIME[purpose]
    assert links.find(purpose, token, ends - SECOND).resident == amara
    with pytest.raises(LinkEnded):
        links.find(purpose, token, ends)


def test_a_sign_in_link_lives_30_minutes_and_a_confirmation_7_days():
    assert (LIFETIME[Link.SIGN_IN], LIFETIME[Link.CONFIRM]) == (timedelta(minutes=30), 7 * DAY)


@pytest.mark.parametrize(("made", "read"), [(Link.SIGN_IN, Link.CONFIRM), (Link.CONFIRM, Link.SIGN_IN)])
def test_a_link_serves_no_other_purpose(amara, made, read):
    token = links.issue(made, amara, NOW)
    with pytest.raises(LinkEnded):
        links.find(read, token, NOW)


def test_a_forged_or_cut_off_link_opens_nothing(amara):
    token = links.issue(Link.SIGN_IN, amara, NOW)
    forged = [token[:-1], token[1:], token + "A", token.swapcase(), "", " ", "A" * 22, "A" * 10_000, "\x00", "ü", "%"]
    for each in [*forged, Link.get().token_hash]:
        with pytest.raises(LinkEnded):
            links.find(Link.SIGN_IN, each, NOW)


def test_one_resident_s_link_never_opens_another_s(amara):
    hers = links.issue(Link.SIGN_IN, amara, NOW)
    his = links.issue(Link.SIGN_IN, cast.resident("Bryn"), NOW)
    assert [links.find(Link.SIGN_IN, token, NOW).resident.name for token in (hers, his)] == ["Amara", "Bryn"]


def test_a_link_is_used_once(amara):
    link = links.find(Link.SIGN_IN, links.issue(Link.SIGN_IN, amara, NOW), NOW)
    assert [links.use_up(link, NOW), links.use_up(link, NOW + SECOND)] == [True, False]
    assert Link.get().used_at == NOW


def test_of_two_who_press_at_once_one_is_first(amara):
    token = links.issue(Link.SIGN_IN, amara, NOW)
    both = [links.find(Link.SIGN_IN, token, NOW) for _ in range(2)]
    assert sorted(links.use_up(link, NOW) for link in both) == [False, True]


def test_using_one_link_leaves_the_others(amara):
    tokens = [links.issue(Link.SIGN_IN, amara, NOW) for _ in range(2)]
    first, second = (links.find(Link.SIGN_IN, token, NOW) for token in tokens)
    links.use_up(first, NOW)
    assert links.use_up(second, NOW)


def test_links_are_forgotten_a_day_after_their_time(amara):
    links.issue(Link.SIGN_IN, amara, NOW - DAY - LIFETIME[Link.SIGN_IN] - SECOND)
    links.issue(Link.SIGN_IN, amara, NOW - DAY - LIFETIME[Link.SIGN_IN])
    assert (links.forget_expired(NOW), Link.select().count()) == (1, 1)


# --- Signed ---


@pytest.mark.parametrize("purpose", SIGNED_LIFETIME)
@pytest.mark.parametrize("alert_id", [7, None])
def test_a_signed_link_says_for_whom_and_from_which_alert(amara, purpose, alert_id):
    said = links.read(purpose, links.sign(purpose, amara, alert_id))
    assert (said.resident, said.about_id, said.has_ended) == (amara, alert_id, False)


def test_signing_keeps_nothing(amara):
    before = everything_kept()
    links.sign(UNSUBSCRIBE, amara, 7)
    assert everything_kept() == before


@pytest.mark.parametrize(("made", "read"), [(PREFERENCES, UNSUBSCRIBE), (UNSUBSCRIBE, PREFERENCES)])
def test_a_signed_link_serves_no_other_purpose(amara, made, read):
    token = links.sign(made, amara)
    with pytest.raises(LinkEnded):
        links.read(read, token)


def refused(tokens: list[str]) -> list[str]:
    """Those of these that open nothing."""

    def opens(token: str) -> bool:
        try:
            return bool(links.read(UNSUBSCRIBE, token))
        except LinkEnded:
            return False

    return [token for token in tokens if not opens(token)]


def test_a_signed_link_with_one_letter_changed_opens_nothing(amara):
    token = links.sign(UNSUBSCRIBE, amara, 7)
    # The last letter holds two bits that mean nothing.
    forged = [
        f"{token[:place]}{'A' if token[place] != 'A' else 'B'}{token[place + 1 :]}" for place in range(len(token) - 1)
    ]
    assert refused(forged) == forged


def test_a_signed_link_that_is_cut_off_opens_nothing(amara):
    token = links.sign(UNSUBSCRIBE, amara, 7)
    cut = [token[:end] for end in range(len(token))]
    assert refused(cut) == cut


def test_nonsense_opens_nothing(amara):
    nonsense = ["", ".", "..", "a.b.c", "ü.ü.ü", "\x00", "A" * 10_000, links.sign(UNSUBSCRIBE, amara) + ".x"]
    assert refused(nonsense) == nonsense


def test_one_resident_s_signature_does_not_fit_another_s_link(amara):
    hers, his = (links.sign(UNSUBSCRIBE, person) for person in (amara, cast.resident("Bryn")))
    mixed = his.partition(".")[0] + "." + hers.partition(".")[2]
    assert refused([mixed]) == [mixed]


def test_a_link_signed_with_another_secret_opens_nothing(amara, monkeypatch):
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(settings, "secret_key", "somebody else's secret of thirty-two letters")
        token = links.sign(UNSUBSCRIBE, amara)
    assert refused([token]) == [token]


@pytest.mark.parametrize("purpose", SIGNED_LIFETIME)
def test_a_signed_link_lives_its_time(amara, monkeypatch, purpose):
    tokens, now = [], time.time()
    for age in (SIGNED_LIFETIME[purpose] - 60 * SECOND, SIGNED_LIFETIME[purpose] + 60 * SECOND):
        with monkeypatch.context() as then:
            then.setattr(time, "time", lambda age=age: now - age.total_seconds())
            tokens.append(links.sign(purpose, amara))
    assert links.read(purpose, tokens[0]).resident == amara
    with pytest.raises(LinkEnded):
        links.read(purpose, tokens[1])


def test_preferences_live_30_days_and_leaving_a_year():
    assert (SIGNED_LIFETIME[PREFERENCES], SIGNED_LIFETIME[UNSUBSCRIBE]) == (30 * DAY, 365 * DAY)


def test_raising_the_version_ends_every_signed_link(amara):
    tokens = {purpose: links.sign(purpose, amara, 7) for purpose in SIGNED_LIFETIME}
    Resident.update(link_version=Resident.link_version + 1).where(Resident.id == amara.id).execute()
    assert [links.read(purpose, token).has_ended for purpose, token in tokens.items()] == [True] * len(tokens)


def test_leaving_ends_signed_links_and_those_of_others_live_on(amara):
    bryn = cast.resident("Bryn")
    hers, his = links.sign(PREFERENCES, amara), links.sign(PREFERENCES, bryn)
    leaving.leave(amara, "unsubscribed", NOW)
    assert [links.read(PREFERENCES, token).has_ended for token in (hers, his)] == [True, False]


def test_a_link_of_somebody_who_is_gone_opens_nothing():
    cleo = cast.resident("Cleo")
    token = links.sign(UNSUBSCRIBE, cleo)
    cleo.delete_instance(recursive=True)
    assert refused([token]) == [token]


def test_the_two_kinds_of_link_are_told_apart_by_a_dot(amara):
    assert "." in links.sign(PREFERENCES, amara)
    assert not any("." in links.issue(Link.SIGN_IN, amara, NOW) for _ in range(20))
