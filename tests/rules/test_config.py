"""Settings: read once, understood or refused, and nothing secret by default."""

from dataclasses import fields, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app import create_app
from metengage import config, signing
from metengage.config import SettingWrong, load, settings

PRODUCTION = {
    "PUBLIC_URL": "https://engage.example.org/",
    "SECRET_KEY": "a secret of more than thirty-two characters",
    "MAIL_SERVER": "mail.example.org",
    "MAIL_DEFAULT_SENDER": "alerts@engage.example.org",
}


@pytest.fixture(autouse=True)
def _as_they_were():
    """Loading fills the one object that every room reads: put back what it held."""
    before = replace(config.settings)
    yield
    for each in fields(before):
        setattr(config.settings, each.name, getattr(before, each.name))


def test_it_takes_what_the_environment_says():
    loaded = load(PRODUCTION | {"SEND_RATE": "2.5", "MAIL_PORT": "587", "SERVICE_NAME": " Engage Here "})
    assert (loaded.send_rate, loaded.mail_port, loaded.service_name) == (2.5, 587, "Engage Here")
    assert loaded is config.settings


def test_what_is_not_set_is_as_documented():
    loaded = load(PRODUCTION)
    assert (loaded.service_name, loaded.send_rate, loaded.trusted_proxies) == ("Met Engage", 0, 0)
    assert (loaded.mail_port, loaded.mail_use_tls) == (25, False)


def test_loading_again_forgets_what_was_loaded_before():
    load(PRODUCTION | {"MAIL_USERNAME": "amara"})
    assert load(PRODUCTION).mail_username == ""


def test_the_public_address_has_no_slash_at_its_end():
    assert load(PRODUCTION).public_url == "https://engage.example.org"


@pytest.mark.parametrize(
    ("text", "meant"),
    [("true", True), ("YES", True), ("1", True), ("False", False), ("no", False), ("0", False)],
)
def test_yes_and_no_are_understood(text, meant):
    assert load(PRODUCTION | {"MAIL_USE_TLS": text}).mail_use_tls is meant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_USE_TLS", "perhaps"),
        ("MAIL_PORT", "smtp"),
        ("MAIL_PORT", "-25"),
        ("MAIL_PORT", "25.5"),
        ("SEND_RATE", "fast"),
        ("SEND_RATE", "nan"),
        ("SEND_RATE", "inf"),
        ("SEND_RATE", "-1"),
        ("TRUSTED_PROXIES", "10.0.0.1"),
        ("PUBLIC_URL", "engage.example.org"),
        ("PUBLIC_URL", "ftp://engage.example.org"),
        ("PUBLIC_URL", "https://"),
        ("SECRET_KEY", "too short"),
        ("MAIL_DEFAULT_SENDER", "nobody"),
        ("BOUNCE_MAILBOX", "imap://bounces:secret@mail.example.org/INBOX"),  # the password would be readable on the way
        ("BOUNCE_MAILBOX", "imaps://mail.example.org/INBOX"),
        ("BOUNCE_MAILBOX", "imaps://bounces:secret@/INBOX"),
        ("BOUNCE_MAILBOX", "bounces@mail.example.org"),
    ],
)
def test_what_it_does_not_understand_stops_the_start(name, value):
    with pytest.raises(SettingWrong, match=name):
        load(PRODUCTION | {name: value})


@pytest.mark.parametrize("name", ["SECRET_KEY", "MAIL_SERVER", "MAIL_DEFAULT_SENDER"])
def test_a_missing_setting_stops_a_production_start_and_says_what_to_set(name):
    with pytest.raises(SettingWrong, match=f"Set {name} to "):
        load({key: value for key, value in PRODUCTION.items() if key != name})


def test_a_setting_of_spaces_is_a_missing_one():
    with pytest.raises(SettingWrong, match="Set SECRET_KEY to "):
        load(PRODUCTION | {"SECRET_KEY": "   "})


@pytest.mark.parametrize("url", ["imaps://bounces:p%40ss@mail.example.org", "imap://bounces:x@127.0.0.1:1143/INBOX"])
def test_a_mailbox_of_bounces_is_reached_by_tls_or_is_on_this_machine(url):
    assert load(PRODUCTION | {"BOUNCE_MAILBOX": url}).bounce_mailbox == url


def test_a_refused_start_leaves_the_settings_as_they_were():
    load(PRODUCTION)
    with pytest.raises(SettingWrong):
        load(PRODUCTION | {"SERVICE_NAME": "Elsewhere", "MAIL_PORT": "smtp"})
    assert config.settings.service_name == "Met Engage"


def test_no_secret_is_in_the_code():
    assert config.Settings().secret_key == ""
    assert config.Settings().mail_password == ""


def test_secrets_do_not_show_when_settings_are_printed():
    secret = {"MAIL_PASSWORD": "hush", "DATABASE_URL": "postgresql://us:hush@db/x", "REDIS_URL": "redis://:hush@r"}
    secret |= {
        "METRICS_TOKEN": "hush",
        "BOUNCE_MAILBOX": "imaps://us:hush@mail",
        "BOUNCES_POSTMARK_PASSWORD": "hush",
        "BOUNCES_MAILGUN_KEY": "hush",
    }
    shown = repr(load(PRODUCTION | secret))
    assert "hush" not in shown
    assert PRODUCTION["SECRET_KEY"] not in shown


# --- Trying it out on one's own machine ---


@pytest.mark.parametrize("url", ["http://localhost:5000", "http://127.0.0.1:8000", "http://[::1]:5000"])
def test_one_s_own_machine_needs_no_settings(tmp_path, url):
    loaded = load({"INSTANCE": str(tmp_path), "PUBLIC_URL": url})
    assert loaded.has_demo_mailbox
    assert len(loaded.secret_key) >= 32


def test_its_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    first, second = (load({"INSTANCE": str(tmp_path)}).secret_key for _ in range(2))
    assert first == second
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_two_machines_have_different_secrets(tmp_path):
    one, other = (load({"INSTANCE": str(tmp_path / name)}).secret_key for name in ("one", "other"))
    assert one != other


def test_its_files_are_in_its_instance_folder(tmp_path):
    loaded = load({"INSTANCE": str(tmp_path)})
    assert loaded.database_url == f"sqlite:///{tmp_path}/metengage.db"
    assert loaded.redis_url == f"unix://{tmp_path}/redis.sock"


def test_a_mail_server_of_one_s_own_takes_the_place_of_the_demo_mailbox(tmp_path):
    assert not load({"INSTANCE": str(tmp_path), "MAIL_SERVER": "mail.example.org"}).has_demo_mailbox


# --- In production ---


def test_production_has_no_demo_mailbox():
    assert not load(PRODUCTION).has_demo_mailbox


def test_production_answers_only_to_its_own_name():
    assert load(PRODUCTION).hosts == ["engage.example.org"]


def test_one_s_own_machine_answers_to_every_name_of_loopback(tmp_path):
    assert load({"INSTANCE": str(tmp_path)}).hosts == ["localhost", "127.0.0.1", "[::1]"]


def test_sign_in_mail_comes_from_another_address_than_alerts():
    loaded = load(PRODUCTION)
    assert loaded.mail_account_sender == "account@engage.example.org"
    assert loaded.mail_account_sender != loaded.mail_default_sender


def test_a_sender_may_have_a_name():
    loaded = load(PRODUCTION | {"MAIL_DEFAULT_SENDER": "Met Engage <alerts@police.example.org>"})
    assert loaded.mail_account_sender == "account@police.example.org"


@pytest.mark.parametrize(
    ("text", "relays"),
    [
        ("one.example.org, two.example.org:2525", [("one.example.org", 25), ("two.example.org", 2525)]),
        ("::1", [("::1", 25)]),
        ("[::1]:2525, [2001:db8::25]", [("::1", 2525), ("2001:db8::25", 25)]),
        ("192.0.2.1:587", [("192.0.2.1", 587)]),
    ],
)
def test_mail_servers_are_named_in_order_with_or_without_their_port(text, relays):
    assert load(PRODUCTION | {"MAIL_SERVER": text}).relays == relays


@pytest.mark.parametrize(
    "text",
    [", ,", "smtp..example.org", "127.0.0.1:70000", "host:0", "[::1]:99999", "a b", "a:port", "smtp://a:25", "a" * 64],
)
def test_a_mail_server_that_cannot_be_one_stops_the_start(text):
    with pytest.raises(SettingWrong, match="MAIL_SERVER"):
        load(PRODUCTION | {"MAIL_SERVER": text})


# --- The key that signs our mail ---


def start_with(key) -> None:
    load(PRODUCTION | {"DKIM_KEY": str(key)})
    signing.check()


def test_production_starts_with_a_key(dkim_key):
    start_with(dkim_key)
    assert settings.dkim_key == str(dkim_key)


def test_the_application_looks_at_the_key_before_it_starts(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "dkim_key", str(tmp_path / "nowhere.pem"))
    with pytest.raises(SettingWrong, match="cannot be read"):
        create_app(settings)


def ed25519() -> str:
    """A good key, but of a kind that not every receiver reads."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("text", ["", "a password", "-----BEGIN PRIVATE KEY-----", ed25519()])
def test_a_file_without_a_key_of_use_stops_the_start_with_a_sentence(tmp_path, text):
    path = tmp_path / "dkim.pem"
    path.write_text(text)
    with pytest.raises(SettingWrong, match=rf"DKIM_KEY is “{path}”.*\.$"):
        start_with(path)


@pytest.mark.parametrize("name", ["", "nowhere.pem"])
def test_a_key_that_cannot_be_read_stops_the_start(tmp_path, name):
    with pytest.raises(SettingWrong, match="cannot be read"):
        start_with(tmp_path / name)


@pytest.mark.parametrize("selector", ["a b", "-a", "é", "a;b", "a" * 64])
def test_a_selector_that_the_dns_cannot_have_stops_the_start(selector):
    with pytest.raises(SettingWrong, match="DKIM_SELECTOR"):
        load(PRODUCTION | {"DKIM_SELECTOR": selector})
