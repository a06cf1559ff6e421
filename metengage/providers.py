"""What mail providers report by web: SES (through SNS), Postmark and Mailgun, each with its proof that it is them.

What each gives back of ours, so that we know which email it was:
- SES gives the envelope's sender (mail.source), our return path; and, where the topic is set to include the original
  headers, our Message-ID, although it gives the email itself another.
- Postmark takes neither: it has a return path and a Message-ID of its own. It hands back metadata, so while
  BOUNCES_POSTMARK_PASSWORD is set each email carries our mark in X-PM-Metadata-delivery, which Postmark takes off.
- Mailgun keeps our Message-ID, and gives the envelope's sender.
Like everything that comes back, these count only with our own tag in them.
"""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta

from metengage import envelopes, reports, sns, verdicts
from metengage.config import settings
from metengage.models import Bounce
from metengage.reports import Report
from metengage.sns import Forged

POSTMARK_USER = "bounces"
MAILGUN_OLDEST = timedelta(minutes=15)


class NotHere(Exception):
    """A provider that we do not know, or that is not set up."""


class NotUnderstood(Exception):
    """It is them, but not what they say in their documentation."""


def read(provider: str, body: bytes, login: tuple[str, str], now: datetime) -> Report | None:
    """What a provider reports; none: it only wanted to shake hands.

    `login` is the user and password of the request. Raises NotHere, Forged, NotUnderstood and sns.Unreachable.
    """
    readers = {"ses": _ses, "postmark": _postmark, "mailgun": _mailgun}
    secrets = {
        "ses": settings.bounces_ses_topic,
        "postmark": settings.bounces_postmark_password,
        "mailgun": settings.bounces_mailgun_key,
    }
    if not secrets.get(provider):
        raise NotHere
    return readers[provider](body, login, now)


def _json(body: bytes | str) -> dict:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise NotUnderstood from None
    if not isinstance(found, dict):
        raise NotUnderstood
    return found


def _at(found, *path: str | int) -> str:
    """The text at this place of a JSON document, or "" where there is none."""
    for step in path:
        inside = isinstance(found, dict) and step in found
        if not inside and not (isinstance(found, list) and isinstance(step, int) and step < len(found)):
            return ""
        found = found[step]
    return "" if found is None or isinstance(found, dict | list) else str(found)


# --- Amazon SES, through SNS ---


def _ses(body: bytes, _login, now: datetime) -> Report | None:
    envelope = {name: value for name, value in _json(body).items() if isinstance(value, str)}
    sns.check(envelope, settings.bounces_ses_topic, now)
    if envelope["Type"] == "SubscriptionConfirmation":
        sns.confirm(envelope)
        return None
    if envelope["Type"] != "Notification":
        return None
    try:
        event = _json(envelope.get("Message", ""))
    except NotUnderstood:  # SNS itself says hello in plain words
        return None
    kind = _at(event, "eventType") or _at(event, "notificationType")
    verdict = {"Bounce": _ses_bounce, "Complaint": _ses_complaint}.get(kind, lambda _: (None, "", ""))
    return Report(reports.whose(_ses_names(event)), *verdict(event))


def _ses_names(event: dict) -> list[str]:
    mail = event.get("mail")
    headers = mail.get("headers") if isinstance(mail, dict) else None
    listed = [_at(header, "value") for header in headers] if isinstance(headers, list) else []
    return [_at(mail, "source"), _at(mail, "commonHeaders", "messageId"), *listed]


def _ses_bounce(event: dict) -> tuple[str | None, str, str]:
    kind, detail = _at(event, "bounce", "bounceType"), _at(event, "bounce", "bounceSubType")
    who = ("bounce", "bouncedRecipients", 0)
    status, words = _at(event, *who, "status"), _at(event, *who, "diagnosticCode")
    if kind == "Permanent":
        verdict, code = verdicts.judge(status, words, otherwise=Bounce.HARD)
        is_gone = detail in ("NoEmail", "Suppressed", "OnAccountSuppressionList")
        return (Bounce.HARD if is_gone else verdict), code, words or detail
    # Amazon calls it this, too, when somebody is on holiday; then there is no code.
    if (kind, detail, status, words) == ("Transient", "General", "", ""):
        return None, "", ""
    return Bounce.SOFT, verdicts.code_of(status, words), words or detail


def _ses_complaint(event: dict) -> tuple[str | None, str, str]:
    feedback = _at(event, "complaint", "complaintFeedbackType") or _at(event, "complaint", "complaintSubType")
    return reports.complaint(feedback or "abuse")


# --- Postmark ---

# Bounces by its Type (postmarkapp.com/developer/api/bounce-api), and changes of subscription by their reason.
POSTMARK_HARD = {"HardBounce", "BadEmailAddress"}
POSTMARK_SOFT = {"SoftBounce", "DnsError", "Blocked", "SpamNotification", "VirusNotification", "DMARCPolicy", "Unknown"}


def _postmark(body: bytes, login: tuple[str, str], _now) -> Report | None:
    """It signs nothing: the user and password in the address that it was given are the proof."""
    given, right = ":".join(login), f"{POSTMARK_USER}:{settings.bounces_postmark_password}"
    if not hmac.compare_digest(given.encode("utf-8", "replace"), right.encode()):
        raise Forged("a wrong password")
    event = _json(body)
    delivery_id = envelopes.read_mark(_at(event, "Metadata", "delivery"))
    kind, words = _at(event, "Type"), _at(event, "Details") or _at(event, "Description")
    if _at(event, "RecordType") == "SubscriptionChange":  # how complaints about broadcasts come
        kind, words = _at(event, "SuppressionReason"), ""
    if kind == "SpamComplaint":
        return Report(delivery_id, *reports.complaint("spam complaint"))
    if kind in POSTMARK_HARD:
        verdict, code = verdicts.judge("", words, otherwise=Bounce.HARD)
        return Report(delivery_id, verdict, code, words)
    if kind in POSTMARK_SOFT:
        return Report(delivery_id, Bounce.SOFT, verdicts.code_of("", words), words)
    return Report(delivery_id)  # delays, which it tries again, and automatic answers


# --- Mailgun ---


def _mailgun(body: bytes, _login, now: datetime) -> Report | None:
    """Its signature is of the time and a token, not of what it says; our own tag guards that."""
    message = _json(body)
    stamp, token, signature = (_at(message, "signature", name) for name in ("timestamp", "token", "signature"))
    right = hmac.new(
        settings.bounces_mailgun_key.encode(), f"{stamp}{token}".encode("utf-8", "replace"), hashlib.sha256
    )
    if not hmac.compare_digest(signature.encode("utf-8", "replace"), right.hexdigest().encode()):
        raise Forged("a wrong signature")
    age = now.replace(tzinfo=UTC).timestamp() - int(stamp) if re.fullmatch("[0-9]{1,12}", stamp) else None
    if age is None or abs(age) > MAILGUN_OLDEST.total_seconds():
        raise Forged("an old signature")
    event = message.get("event-data")
    names = [_at(event, "envelope", "sender"), _at(event, "message", "headers", "message-id")]
    return Report(reports.whose(names), *_mailgun_verdict(event))


def _mailgun_verdict(event) -> tuple[str | None, str, str]:
    kind, reason = _at(event, "event"), _at(event, "reason")
    if kind == "complained" or reason == "suppress-complaint":
        return reports.complaint("complained")
    if kind != "failed" or _at(event, "severity") != "permanent":  # the temporary it tries again
        return None, "", ""
    if reason == "suppress-bounce":  # it came back before, says Mailgun's own list
        return Bounce.HARD, "", reason
    status = _at(event, "delivery-status", "enhanced-code")
    words = _at(event, "delivery-status", "message") or _at(event, "delivery-status", "description")
    return *verdicts.judge(status, f"{_at(event, 'delivery-status', 'code')} {words}"), words
