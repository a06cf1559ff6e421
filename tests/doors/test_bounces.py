"""The doors that mail providers report at: each opens to its own proof alone, and to what bears a tag of ours."""

import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest

from metengage import db, envelopes, suppressions
from metengage.models import TABLES, Bounce, Delivery
from tests import cast, services
from tests.outside import AMAZON, CERTIFICATE, TOPIC, Amazon

PASSWORD = "a password for postmark"
KEY = "a key for mailgun"
AMARA = "amara@example.org"


@pytest.fixture(autouse=True)
def _set_up(app, settings, monkeypatch, tmp_path):
    """All three may report."""
    monkeypatch.setattr(settings, "bounces_ses_topic", TOPIC)
    monkeypatch.setattr(settings, "bounces_postmark_password", PASSWORD)
    monkeypatch.setattr(settings, "bounces_mailgun_key", KEY)
    monkeypatch.setattr(settings, "instance", tmp_path)


@pytest.fixture(scope="module")
def started_amazon():
    amazon = Amazon()
    yield amazon
    amazon.stop()


@pytest.fixture
def amazon(started_amazon, monkeypatch, tmp_path):
    """Amazon SNS, for this process the real one."""
    started_amazon.forget()
    started_amazon.trusted(monkeypatch, tmp_path)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{started_amazon.port}")
    monkeypatch.setenv("NO_PROXY", "")
    return started_amazon


@pytest.fixture
def delivery(app) -> Delivery:
    """An email to Amara."""
    facts = {"kind": Delivery.ALERT, "state": Delivery.SENT, "sent_at": db.now()}
    return Delivery.create(resident=cast.resident("Amara"), **facts)


def message_id(delivery: Delivery) -> str:
    return envelopes.of(delivery.id, delivery.kind).message_id


def rows() -> dict[str, list]:
    return {table.__name__: sorted(table.select().tuples(), key=repr) for table in TABLES}


def is_suppressed() -> bool:
    return suppressions.among([AMARA]) != set()


def post_json(visitor, provider: str, event: dict, **kwargs):
    return visitor.ask("POST", f"/bounces/{provider}", data=json.dumps(event), **kwargs)


# --- What each of them says ---


def of_ses(delivery: Delivery, kind: str = "Bounce", **facts) -> dict:
    """SES's event; docs.aws.amazon.com/ses/latest/dg/notification-contents.html."""
    bounced = {"emailAddress": AMARA, "action": "failed", "status": "5.1.1",
               "diagnosticCode": f"smtp; 550 5.1.1 <{AMARA}>... User unknown"}  # fmt: skip
    bounce = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [bounced]}
    complaint = {"complainedRecipients": [{"emailAddress": AMARA}], "complaintFeedbackType": "abuse"}
    mail = {
        "source": envelopes.of(delivery.id, "alert").return_path,
        "destination": [AMARA],
        "messageId": "0102019-000000",
    }
    return {
        "notificationType": kind, "mail": mail | facts.pop("mail", {}),
        "bounce": bounce | facts, "complaint": complaint | facts,
    }  # fmt: skip


def of_postmark(delivery: Delivery, kind: str = "HardBounce", **facts) -> dict:
    """Postmark's; postmarkapp.com/developer/webhooks/bounce-webhook."""
    return {
        "RecordType": "Bounce", "Type": kind, "TypeCode": 1, "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {"delivery": envelopes.of(delivery.id, "alert").mark},
        "Email": AMARA, "From": "alerts@engage.example.org",
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Details": f"smtp;550 5.1.1 <{AMARA}> User unknown",
    } | facts  # fmt: skip


def of_mailgun(delivery: Delivery, event: str = "failed", **facts) -> dict:
    """Mailgun's event-data; documentation.mailgun.com, Webhooks."""
    status = {"code": 550, "message": "5.1.1 The email account that you tried to reach does not exist.",
              "description": "", "enhanced-code": "5.1.1"}  # fmt: skip
    return {
        "event": event, "severity": "permanent", "reason": "bounce", "recipient": AMARA, "delivery-status": status,
        "message": {"headers": {"to": AMARA, "message-id": message_id(delivery).strip("<>")}},
        "envelope": {"sender": "alerts@engage.example.org", "targets": AMARA},
    } | facts  # fmt: skip


def signed(event, when: datetime | None = None, key: str = KEY, token: str = "a1b2c3") -> dict:
    stamp = str(int((when or datetime.now(UTC)).timestamp()))
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": stamp, "token": token, "signature": signature}, "event-data": event}


def by_ses(visitor, amazon: Amazon, event: dict | str, **kwargs):
    return post_json(visitor, "ses", amazon.message(event, **kwargs), content_type="text/plain; charset=UTF-8")


def by_postmark(visitor, event: dict, user: str = "bounces", password: str = PASSWORD):
    return post_json(visitor, "postmark", event, auth=(user, password), content_type="application/json")


def by_mailgun(visitor, event, **kwargs):
    return post_json(visitor, "mailgun", signed(event, **kwargs), content_type="application/json")


SES = [
    ({}, "hard"),
    ({"bounceSubType": "NoEmail", "bouncedRecipients": []}, "hard"),
    ({"bouncedRecipients": [{"emailAddress": AMARA}]}, "hard"),
    ({"bouncedRecipients": [{"emailAddress": AMARA, "status": "5.7.1", "diagnosticCode": "550 5.7.1 spam"}]}, "soft"),
    ({"bounceType": "Transient", "bounceSubType": "MailboxFull"}, "soft"),
    ({"bounceType": "Undetermined", "bounceSubType": "Undetermined", "bouncedRecipients": []}, "soft"),
    ({"bounceType": "Transient", "bouncedRecipients": [{"emailAddress": AMARA}]}, "no bounce"),
    ({"kind": "Complaint"}, "complaint"),
    ({"kind": "Complaint", "complaintFeedbackType": "not-spam"}, "no bounce"),
    ({"kind": "Complaint", "complaintFeedbackType": None}, "complaint"),
    ({"kind": "Delivery"}, "no bounce"),
    ({"kind": "DeliveryDelay"}, "no bounce"),
]
POSTMARK = [
    ({}, "hard"),
    ({"kind": "BadEmailAddress", "Details": ""}, "hard"),
    ({"Details": "smtp;550 5.7.1 blocked"}, "soft"),
    ({"kind": "SoftBounce", "Details": "smtp;552 5.2.2 over quota"}, "soft"),
    ({"kind": "Blocked", "Details": "smtp;550 5.7.1 blocked"}, "soft"),
    ({"kind": "Transient"}, "no bounce"),
    ({"kind": "AutoResponder"}, "no bounce"),
    ({"kind": "SpamComplaint", "RecordType": "SpamComplaint"}, "complaint"),
    ({"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "SpamComplaint"}, "complaint"),
    ({"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "HardBounce"}, "hard"),
    ({"RecordType": "SubscriptionChange", "SuppressSending": False, "SuppressionReason": None}, "no bounce"),
]
MAILGUN = [
    ({}, "hard"),
    ({"reason": "suppress-bounce", "delivery-status": {"code": 605, "message": ""}}, "hard"),
    ({"delivery-status": {"code": 550, "message": "5.7.1 blocked using a DNSBL"}}, "soft"),
    ({"delivery-status": {"code": 550, "message": "No such user"}}, "hard"),
    ({"reason": "old", "delivery-status": {"code": 498, "message": "No MX for example.org"}}, "soft"),
    ({"severity": "temporary"}, "no bounce"),
    ({"event": "complained"}, "complaint"),
    ({"reason": "suppress-complaint"}, "complaint"),
    ({"event": "delivered"}, "no bounce"),
    ({"event": "unsubscribed"}, "no bounce"),
]


@pytest.mark.parametrize(("facts", "outcome"), SES)
def test_ses_reports(visitor, amazon, delivery, facts, outcome):
    reply = by_ses(visitor, amazon, of_ses(delivery, **facts))
    assert (reply.status_code, reply.json) == (200, {"outcome": outcome})
    assert is_suppressed() == (outcome in ("hard", "complaint"))


@pytest.mark.parametrize(("facts", "outcome"), POSTMARK)
def test_postmark_reports(visitor, delivery, facts, outcome):
    reply = by_postmark(visitor, of_postmark(delivery, **facts))
    assert (reply.status_code, reply.json) == (200, {"outcome": outcome})
    assert is_suppressed() == (outcome in ("hard", "complaint"))


@pytest.mark.parametrize(("facts", "outcome"), MAILGUN)
def test_mailgun_reports(visitor, delivery, facts, outcome):
    reply = by_mailgun(visitor, of_mailgun(delivery, **facts))
    assert (reply.status_code, reply.json) == (200, {"outcome": outcome})
    assert is_suppressed() == (outcome in ("hard", "complaint"))


# --- Whose it is ---


def ways(visitor, amazon, delivery) -> dict:
    """Each provider's report about a delivery that is named thus."""
    elsewhere = "bounces@elsewhere.example"
    headers = [{"name": "Subject", "value": "Hello"}, {"name": "Message-ID", "value": message_id(delivery)}]
    return {
        "ses by sender": lambda: by_ses(visitor, amazon, of_ses(delivery)),
        "ses by header": lambda: by_ses(
            visitor, amazon, of_ses(delivery, mail={"source": elsewhere, "headers": headers})
        ),
        "ses by common header": lambda: by_ses(
            visitor, amazon, of_ses(delivery, mail={"source": "", "commonHeaders": {"messageId": message_id(delivery)}})
        ),
        "postmark by mark": lambda: by_postmark(visitor, of_postmark(delivery)),
        "mailgun by id": lambda: by_mailgun(visitor, of_mailgun(delivery)),
        "mailgun by sender": lambda: by_mailgun(
            visitor,
            of_mailgun(delivery, message={}, envelope={"sender": envelopes.of(delivery.id, "alert").return_path}),
        ),
    }


WAYS = [
    "ses by sender",
    "ses by header",
    "ses by common header",
    "postmark by mark",
    "mailgun by id",
    "mailgun by sender",
]


@pytest.mark.parametrize("way", WAYS)
def test_it_is_told_by_our_own_tag(visitor, amazon, delivery, way):
    assert ways(visitor, amazon, delivery)[way]().json == {"outcome": "hard"}
    assert Bounce.get().code == "5.1.1"
    assert is_suppressed()


@pytest.mark.parametrize("way", WAYS)
def test_a_provider_that_tells_of_somebody_elses_changes_nothing(visitor, amazon, delivery, way, monkeypatch, settings):
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(settings, "secret_key", "the key of another service, long enough too")
        event = ways(visitor, amazon, delivery)[way]
        taken = {}
        elsewhere.setattr(visitor, "ask", lambda *args, **kwargs: taken.update(args=args, kwargs=kwargs))
        event()
    before = rows()
    reply = visitor.ask(*taken["args"], **taken["kwargs"])
    assert (reply.status_code, reply.json) == (200, {"outcome": "of no email of ours"})
    assert rows() == before


@pytest.mark.parametrize("way", WAYS)
def test_the_same_report_again_changes_nothing(visitor, amazon, delivery, way):
    ways(visitor, amazon, delivery)[way]()
    before = rows()
    assert ways(visitor, amazon, delivery)[way]().json == {"outcome": "known already"}
    assert rows() == before


def test_postmark_knows_our_emails_by_a_mark_in_a_header(visitor, post, work):
    services.send()
    work()
    mark = post.last_to(AMARA)["X-PM-Metadata-delivery"]
    event = of_postmark(Delivery(id=0)) | {"Metadata": {"delivery": mark}}
    assert by_postmark(visitor, event).json == {"outcome": "hard"}


def test_no_other_mail_server_sees_that_mark(post, work, settings, monkeypatch):
    monkeypatch.setattr(settings, "bounces_postmark_password", "")
    services.send()
    work()
    assert post.last_to(AMARA)["X-PM-Metadata-delivery"] is None


# --- Who may come in ---


@pytest.mark.parametrize("provider", ["ses", "postmark", "mailgun", "sendgrid", "x" * 500])
def test_who_is_not_set_up_is_not_there(visitor, settings, monkeypatch, provider):
    for name in ("bounces_ses_topic", "bounces_postmark_password", "bounces_mailgun_key"):
        monkeypatch.setattr(settings, name, "")
    assert visitor.ask("POST", f"/bounces/{provider}", data="{}").status_code == 404


@pytest.mark.parametrize("provider", ["ses", "postmark", "mailgun"])
def test_a_report_is_posted(visitor, provider):
    assert visitor.ask("GET", f"/bounces/{provider}").status_code == 405


def forged_as_amazon(amazon, delivery) -> dict[str, dict]:
    """What is wrong → a message with that wrong."""
    event = of_ses(delivery)
    good, stranger = amazon.message(event), Amazon("sns.elsewhere.example")
    stranger.stop()
    return {
        "changed message": good | {"Message": good["Message"].replace("5.1.1", "5.1.2")},
        "changed topic": good | {"TopicArn": TOPIC + "2"},
        "another topic": amazon.message(event, TopicArn=TOPIC + "2"),
        "another signer": stranger.message(event),
        "no signature": {name: value for name, value in good.items() if name != "Signature"},
        "a broken signature": good | {"Signature": "***"},
        "another version": good | {"SignatureVersion": "3"},
        "a version it was not signed with": good | {"SignatureVersion": "1"},
        "another type": good | {"Type": "Something"},
        "a type it was not signed for": good | {"Type": "UnsubscribeConfirmation"},
        "numbers": dict.fromkeys(good, 1),
        "nothing": {},
    }


def forged_as_mailgun(delivery) -> dict[str, dict]:
    event, quarter = of_mailgun(delivery), timedelta(minutes=16)
    return {
        "another key": signed(event, key="another"),
        "another token": {"signature": signed(event)["signature"] | {"token": "x"}, "event-data": event},
        "too old": signed(event, when=datetime.now(UTC) - quarter),
        "of the future": signed(event, when=datetime.now(UTC) + quarter),
        "no signature": {"event-data": event},
        "odd letters": {"signature": {"timestamp": "²", "token": "\ud800", "signature": "é"}, "event-data": event},
        "a time that is none": signed_at("²", event),
    }


def signed_at(stamp: str, event: dict) -> dict:
    signature = hmac.new(KEY.encode(), f"{stamp}x".encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": stamp, "token": "x", "signature": signature}, "event-data": event}


@pytest.mark.parametrize("provider", ["ses", "mailgun"])
def test_a_report_that_is_forged_is_refused_and_changes_nothing(visitor, amazon, delivery, provider):
    events = forged_as_amazon(amazon, delivery) if provider == "ses" else forged_as_mailgun(delivery)
    before = rows()
    statuses = {wrong: post_json(visitor, provider, event).status_code for wrong, event in events.items()}
    assert statuses == dict.fromkeys(events, 403)
    assert rows() == before


def test_postmark_without_its_password_is_refused_and_changes_nothing(visitor, delivery):
    logins = [None, ("bounces", "wrong"), ("", PASSWORD), ("bounces", ""), ("é", "é" * 99)]
    before = rows()
    replies = [post_json(visitor, "postmark", of_postmark(delivery), auth=login) for login in logins]
    assert {reply.status_code for reply in replies} == {403}
    assert rows() == before


def test_a_token_instead_of_a_password_is_refused(visitor, delivery):
    headers = {"Authorization": f"Bearer bounces:{PASSWORD}"}
    assert post_json(visitor, "postmark", of_postmark(delivery), headers=headers).status_code == 403


def test_what_was_refused_is_in_the_log_without_addresses(visitor, amazon, delivery, caplog):
    with caplog.at_level(logging.INFO):
        post_json(visitor, "ses", amazon.message(of_ses(delivery)) | {"Signature": "AAAA"})
        by_postmark(visitor, of_postmark(delivery), password="wrong")
        by_mailgun(visitor, of_mailgun(delivery), key="wrong")
    assert caplog.text.count("was refused: a wrong") == 3
    assert AMARA not in caplog.text


def test_what_cannot_be_understood_breaks_nothing(visitor, amazon):
    odd = [
        [],
        {},
        "x",
        None,
        7,
        {"event": {"x": 1}},
        {"message": [], "delivery-status": [1]},
        {"mail": {"headers": [1]}},
    ]
    odd += [{"eventType": "Bounce", "bounce": each} for each in ([], 1, {"bouncedRecipients": {}})]
    before = rows()
    for event in odd:
        statuses = {by_mailgun(visitor, event).status_code, by_postmark(visitor, event).status_code}
        assert statuses | {by_ses(visitor, amazon, json.dumps(event)).status_code} <= {200, 400}
    assert rows() == before


def test_what_is_no_json_is_refused(visitor):
    bodies = [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"1" * 6000]
    login = {"auth": ("bounces", PASSWORD)}
    asked = [(f"/bounces/{name}", body) for name in ("ses", "postmark", "mailgun") for body in bodies]
    assert {visitor.ask("POST", url, data=body, **login).status_code for url, body in asked} == {400}


def test_too_much_is_refused(visitor):
    assert visitor.ask("POST", "/bounces/mailgun", data=b"x" * 600_000).status_code == 413


# --- Amazon's handshake and its certificate ---


@pytest.mark.parametrize("version", ["1", "2"])
def test_either_version_of_signature_is_checked(visitor, amazon, delivery, version):
    assert by_ses(visitor, amazon, of_ses(delivery), version=version, Subject="Amazon SES").json == {"outcome": "hard"}


def test_a_subscription_is_confirmed(visitor, amazon):
    reply = post_json(visitor, "ses", amazon.handshake())
    assert reply.json == {"outcome": "no bounce"}
    assert amazon.asked[-1].startswith("/?Action=ConfirmSubscription")


ELSEWHERE = [
    "https://evil.example/?Action=ConfirmSubscription",
    "http://sns.eu-west-2.amazonaws.com/",
    "https://sns.eu-west-2.amazonaws.com.evil.example/",
    "https://evil.example/sns.eu-west-2.amazonaws.com",
    "https://sns.eu-west-2.amazonaws.com@evil.example/",
    "https://x@sns.eu-west-2.amazonaws.com/",
    "https://sns.eu-west-2.amazonaws.com:8443/",
    "https://sns.eu-west-2xamazonaws.com/",
    "https://sns.s3.eu-west-2.amazonaws.com/",
    "https://169.254.169.254/latest/meta-data",
    "https://[",
    "file:///etc/passwd",
    "",
]


def test_no_certificate_is_fetched_from_anywhere_but_amazon(visitor, amazon, delivery):
    replies = [by_ses(visitor, amazon, of_ses(delivery), SigningCertURL=f"{url}/x.pem") for url in ELSEWHERE]
    assert {reply.status_code for reply in replies} == {403}
    assert amazon.asked == []


def test_no_subscription_is_confirmed_anywhere_but_at_amazon(visitor, amazon):
    replies = [post_json(visitor, "ses", amazon.handshake(SubscribeURL=url)) for url in ELSEWHERE]
    assert {reply.status_code for reply in replies} == {403}
    assert [path for path in amazon.asked if not path.endswith(".pem")] == []


def test_a_certificate_has_an_address_of_its_own(visitor, amazon, delivery):
    for url in (f"https://{AMAZON}/?x=/a.pem", f"{CERTIFICATE}?x", f"https://{AMAZON}/a.txt", f"{CERTIFICATE}#x"):
        assert by_ses(visitor, amazon, of_ses(delivery), SigningCertURL=url).status_code == 403
    assert amazon.asked == []


def test_the_certificate_is_fetched_once(visitor, amazon, delivery):
    for _ in range(3):
        by_ses(visitor, amazon, of_ses(delivery))
    assert len(amazon.asked) == 1


def test_a_certificate_that_is_kept_needs_no_internet(visitor, amazon, delivery):
    by_ses(visitor, amazon, of_ses(delivery, kind="Delivery"))
    amazon.answer = "503 Busy"
    assert by_ses(visitor, amazon, of_ses(delivery)).json == {"outcome": "hard"}


def test_a_certificate_that_is_not_valid_now_is_refused(visitor, amazon, delivery):
    day, now = timedelta(days=1), datetime.now(UTC)
    for number, limits in enumerate(({"not_after": now - day}, {"not_before": now + day})):
        amazon.renew(**limits)
        url = CERTIFICATE.replace("0", str(number))
        assert by_ses(visitor, amazon, of_ses(delivery), SigningCertURL=url).status_code == 403
    amazon.renew()


@pytest.mark.parametrize("answer", ["404 Not Found", "503 Busy", "302 Found", "nonsense"])
def test_when_amazon_does_not_answer_it_is_told_to_come_again(visitor, amazon, delivery, answer):
    amazon.answer = answer
    assert by_ses(visitor, amazon, of_ses(delivery)).status_code == 503
    assert len(amazon.asked) == 1
    amazon.answer = "200 OK"
    assert by_ses(visitor, amazon, of_ses(delivery)).json == {"outcome": "hard"}


def test_an_amazon_that_nobody_vouches_for_is_not_believed(visitor, amazon, delivery, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    assert by_ses(visitor, amazon, of_ses(delivery)).status_code == 503
    assert amazon.asked == []


def test_amazon_may_say_hello_in_plain_words(visitor, amazon):
    before = rows()
    assert (
        by_ses(visitor, amazon, "Successfully validated SNS topic for Amazon SES event publishing.").status_code == 200
    )
    assert rows() == before


# --- Faults ---


@pytest.mark.parametrize("provider", ["postmark", "mailgun"])
def test_while_the_database_is_away_they_are_told_to_come_again(visitor, delivery, database, tmp_path, provider):
    event = of_postmark(delivery) if provider == "postmark" else of_mailgun(delivery)
    send = by_postmark if provider == "postmark" else by_mailgun
    hang_up()
    db.use("postgresql://nobody@127.0.0.1:1/none" if db.is_postgresql() else f"sqlite:///{tmp_path / 'empty.db'}")
    away = send(visitor, event).status_code
    hang_up()
    db.use(database)
    assert (away, send(visitor, event).json) == (503, {"outcome": "hard"})


def hang_up() -> None:
    db.handle.close()
    if db.is_postgresql():
        db.handle.close_all()


def test_a_login_that_is_no_text_is_refused(app):
    reply = app.test_client().post("/bounces/postmark", data="{}", headers={"Authorization": "Basic \xff\xfe"})
    assert reply.status_code in (403, 404)
