"""Reads what comes back by email: delivery reports, complaints and the odd formats that flufl.bounce knows.

Whose email it was is told by our own tags alone (see envelopes), never by an address in the report.
"""

import email
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from flufl.bounce import all_failures

from metengage import envelopes, verdicts
from metengage.models import Bounce

LONGEST = 256 * 1024  # bytes that are read: the report and our headers come first, what we wrote comes last
LONGEST_LINE = 400  # bytes of a line that may hold an address; flufl.bounce takes a square of it in time
MOST_LEVELS = 50  # of parts within parts: a report has two, and the time to read them is a square of it
BOUNDARY = re.compile(rb"boundary\s*(\*\d*\*?)?\s*=", re.IGNORECASE)
RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-RCPT-To", "To")
AUTOMATIC = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")
NO_COMPLAINTS = {"", "not-spam", "auth-failure", "dmarc"}  # Feedback-Types that say nothing against us
JUNKED = "X-HmXmrOriginalRecipient"  # Outlook.com adds it to a message that somebody called junk
# Where a report in plain text begins to quote what we sent.
QUOTE = re.compile(
    r"(?im)^[^\w\n]*(return-path|received|message-id|from|dkim-signature):|^-{3}.*(below|original|copy|start|returned|header)"
)

# It logs each of its detectors, and what went wrong with a message's content.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Report:
    """What somebody says came of an email of ours."""

    delivery_id: int | None  # none: it bears no tag of ours
    kind: str | None = None  # one of Bounce's; none: the email was not given up and nobody complained
    code: str = ""
    words: str = ""


def read(raw: bytes, return_path: str = "") -> Report:
    """What this message reports; never raises, whatever is in it.

    `return_path` is the address that it was sent to, if the mail server tells; else its headers are looked at.
    """
    raw = raw[:LONGEST]
    if len(BOUNDARY.findall(raw)) > MOST_LEVELS:
        return Report(None)
    try:
        message = email.message_from_bytes(raw)
        delivery_id = _whose(message, return_path)
        if delivery_id is None:
            return Report(None)
        return Report(delivery_id, *_verdict(message, raw))
    except RecursionError:  # parts within parts within parts
        return Report(None)


# --- Whose ---


def whose(texts: list[str]) -> int | None:
    """The delivery that these texts name by a return path of ours, else by a Message-ID."""
    tokens = [token for text in texts for token in re.split(r"[\s<>;,]+", text) if "@" in token]
    for read_tag in (envelopes.read_return_path, envelopes.read_message_id):
        for token in tokens:
            found = read_tag(token)
            if found is not None:
                return found
    return None


def _whose(message: Message, return_path: str) -> int | None:
    recipients = [str(value) for name in RECIPIENTS for value in message.get_all(name, [])]
    return whose([return_path, *recipients]) or whose(list(_texts(message)))


def _texts(message: Message) -> Iterator[str]:
    """Everything readable in a message and in those within it."""
    for part in message.walk():
        yield from (str(value) for value in part.values())
        if not part.is_multipart():
            yield _decoded(part)


def _decoded(part: Message) -> str:
    # Tags are ASCII, and so is what decides; the character set does not matter.
    return (part.get_payload(decode=True) or b"").decode("utf-8", "replace")


# --- What ---


def _verdict(message: Message, raw: bytes) -> tuple[str | None, str, str]:
    """(kind, code, words); no kind when it is neither a bounce nor a complaint."""
    own = list(_own_parts(message))
    for part in own:
        if part.get_content_type() == "message/feedback-report":
            return complaint(str(_within(part).get("Feedback-Type", "")).strip().lower())
        if part.get_content_type() == "message/rfc822" and JUNKED in _within(part):
            return complaint("junk")
    for part in own:
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            return _delivery_status(part.get_payload())
    return _odd(message, raw)


def _own_parts(message: Message) -> Iterator[Message]:
    """The parts of the report itself, not those of the message that it returns."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            yield from _own_parts(part)
    else:
        yield message


def _within(part: Message) -> Message:
    return part.get_payload(0) if part.is_multipart() else Message()


def complaint(feedback: str) -> tuple[str | None, str, str]:
    """The verdict of a Feedback-Type (RFC 5965): not each of them is against us."""
    return (None if feedback in NO_COMPLAINTS else Bounce.COMPLAINT), "", feedback


def _delivery_status(blocks: list[Message]) -> tuple[str | None, str, str]:
    """RFC 3464. If the mailbox hands on to several, the mildest counts: our email reached somebody."""
    found = [_block_verdict(block) for block in blocks if "Action" in block or "Status" in block]
    mildest = (None, Bounce.SOFT, Bounce.HARD)
    return min(found, key=lambda verdict: mildest.index(verdict[0]), default=(None, "", ""))


def _block_verdict(block: Message) -> tuple[str | None, str, str]:
    status = str(block.get("Status", ""))
    words = re.sub(r"^\s*[\w-]+\s*;", "", str(block.get("Diagnostic-Code", "")))
    action = str(block.get("Action", "")).strip().lower() or ("failed" if status.strip().startswith("5") else "")
    if not action.startswith(("fail", "error")):  # OpenSMTPD says error; delayed is not given up yet
        return None, "", ""
    return *verdicts.judge(status, " ".join(words.split())), words


def _odd(message: Message, raw: bytes) -> tuple[str | None, str, str]:
    """A format of its own. That it is a bounce, flufl.bounce knows; what kind, its words say."""
    if _is_automatic_answer(message) or not _fails_for_good(raw):
        return None, "", ""
    text = next((_decoded(part) for part in _own_parts(message) if part.get_content_maintype() == "text"), "")
    text = QUOTE.split(text[:8000], maxsplit=1)[0]
    telling = verdicts.ENHANCED.search(text) or verdicts.GONE_IN_WORDS.search(text) or verdicts.BASIC.search(text)
    words = _line_at(text, telling.start()) if telling else " ".join(text.split())
    return *verdicts.judge("", words), words


def _line_at(text: str, place: int) -> str:
    return text[text.rfind("\n", 0, place) + 1 :].partition("\n")[0].strip()


def _is_automatic_answer(message: Message) -> bool:
    """Somebody is on holiday; but mail servers call their bounces auto-replied too."""
    sender = str(message.get("From", "")).lower()
    if "X-Failed-Recipients" in message or "mailer-daemon" in sender or "postmaster" in sender:
        return False
    submitted = str(message.get("Auto-Submitted", "")).strip().lower()
    return submitted.startswith("auto-replied") or any(name in message for name in AUTOMATIC)


def _fails_for_good(raw: bytes) -> bool:
    short = b"\n".join(line[:LONGEST_LINE] for line in raw.splitlines())
    try:
        _, permanent = all_failures(email.message_from_bytes(short))
    except Exception:  # whatever its heuristics stumble over: then it is no format that it knows
        return False
    return bool(permanent)
