"""Which codes and words say that a mailbox is gone, and which only that it is not now."""

import pytest

from metengage.models import Bounce
from metengage.verdicts import judge

# What servers say → the code that it comes down to.
GONE = [
    ("5.1.1", "550 5.1.1 <(address)>: Recipient address rejected: User unknown in virtual mailbox table", "5.1.1"),
    ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "5.1.10"),
    ("5.0.0", "550 5.1.1 User unknown", "5.1.1"),
    ("5.0.0", "550 No such user here", "5.0.0"),
    ("5.0.0", "554 delivery error: dd This user doesn't have a yahoo.com account (x) [0] - mta1", "5.0.0"),
    ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "5.4.1"),
    ("5.4.4", "Host or domain name not found. Name service error for name=gone.example type=A", "5.4.4"),
    ("5.4.310", "550 5.4.310 DNS domain gone.example does not exist", "5.4.310"),
    ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)", "5.5.0"),
    ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled.", "5.2.1"),
    ("", "Unrouteable address", ""),
    ("", "Sorry, no mailbox here by that name. (#5.1.1)", "5.1.1"),
]
NOT_NOW = [
    ("5.7.1", "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent; you are on our block list", "5.7.1"),
    ("5.7.26", "550 5.7.26 This mail has been blocked because the sender is unauthenticated", "5.7.26"),
    ("5.7.1", "550 5.7.1 User unknown", "5.7.1"),
    ("5.0.0", "550 5.7.509 Access denied, sending domain does not pass DMARC verification", "5.7.509"),
    ("5.0.0", "550 Message rejected as spam: no such user", "5.0.0"),
    ("5.0.0", "550 Sender address rejected: Domain not found", "5.0.0"),
    ("5.0.0", "554 Transaction failed", "5.0.0"),
    ("5.2.2", "552 5.2.2 The email account that you tried to reach is over quota and inactive", "5.2.2"),
    ("5.2.1", "550 5.2.1 The user you are trying to contact is receiving mail too quickly", "5.2.1"),
    ("5.1.8", "553 5.1.8 Domain of sender address does not exist", "5.1.8"),
    ("5.3.4", "552 5.3.4 Message size exceeds fixed limit", "5.3.4"),
    ("4.4.1", "connect to mx.example.org[192.0.2.25]:25: Connection timed out", "4.4.1"),
    ("4.4.7", "4.4.7 Message expired: unable to deliver; the host was not found", "4.4.7"),
    ("", "421 Try again later", "4.0.0"),
    ("", "", ""),
    ("garbage", "1.2.3.4 and version 14.5.1.1 or 5.1.1.9", ""),
]  # fmt: skip


@pytest.mark.parametrize(("status", "words", "code"), GONE)
def test_it_is_gone(status, words, code):
    assert judge(status, words) == (Bounce.HARD, code)


@pytest.mark.parametrize(("status", "words", "code"), NOT_NOW)
def test_it_is_not_now(status, words, code):
    assert judge(status, words) == (Bounce.SOFT, code)


def test_a_providers_own_verdict_holds_where_nothing_is_said():
    assert judge("", "", otherwise=Bounce.HARD) == (Bounce.HARD, "")
    assert judge("5.7.1", "", otherwise=Bounce.HARD) == (Bounce.SOFT, "5.7.1")
    assert judge("", "mailbox full", otherwise=Bounce.HARD) == (Bounce.SOFT, "")
