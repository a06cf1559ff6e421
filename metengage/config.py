"""Every setting, read once from the environment; refuses what it does not understand."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
# A mail server: its name or number, perhaps with a port; IPv6 is in brackets where a port follows.
RELAY = re.compile(
    r"(?:\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*))(?::(?P<port>\d{1,5}))?"
    r"|(?P<bare>[0-9a-f.]*:[0-9a-f:.]*:[0-9a-f:.]*)",
    re.IGNORECASE,
)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SettingWrong(Exception):
    """A setting is missing or not understood; the message says what to set."""


@dataclass
class Settings:
    """What the environment says. `load` fills it; every room reads it from here."""

    instance: Path = ROOT / "instance"  # where this machine keeps its own files
    public_url: str = "http://localhost:5000"  # what people type; a loopback host means "trying it out"
    secret_key: str = field(default="", repr=False)  # signs links and sessions, keys the suppression hashes
    database_url: str = field(default="", repr=False)  # may hold a password, as the next may
    redis_url: str = field(default="", repr=False)
    # In order of preference: "smtp1.example.org, smtp2.example.org:587". Empty: the demo mailbox, on loopback only.
    mail_server: str = ""
    mail_port: int = 0
    mail_username: str = ""
    mail_password: str = field(default="", repr=False)
    mail_use_tls: bool = False
    mail_default_sender: str = ""  # alerts come from here
    mail_account_sender: str = ""  # confirmation and sign-in come from here
    mail_bounce_address: str = ""  # what cannot be delivered comes back there, as local+token@domain
    # Where bounces are fetched from: imaps://user:password@host/INBOX, what is odd in it %-encoded. Empty: nowhere.
    bounce_mailbox: str = field(default="", repr=False)
    # Who may report bounces by web, each as long as its setting is there:
    bounces_ses_topic: str = ""  # Amazon SES by this SNS topic: arn:aws:sns:eu-west-2:123456789012:bounces
    bounces_postmark_password: str = field(default="", repr=False)  # Postmark, as user “bounces” with this password
    bounces_mailgun_key: str = field(default="", repr=False)  # Mailgun, by its “HTTP webhook signing key”
    dkim_key: str = ""  # the file with the private key that signs our mail (PEM, RSA); empty: we do not sign
    dkim_selector: str = "metengage"  # under which name the DNS has the public key: metengage._domainkey.…
    send_rate: float = 0.0  # emails a second over all workers together, 0 = no limit
    send_connections: int = 8  # to the mail server, over all workers together
    # What one domain takes at most, "gmail.com=4/600, *=8/1200": connections / emails a minute. "*" is every other.
    send_per_domain: str = ""
    smallest_audience: int = 10  # people: an alert to fewer could point at one of them, and is refused
    undo_seconds: int = 60  # so long an alert waits after Send, for who wants it back
    service_name: str = "Met Engage"
    trusted_proxies: int = 0  # how many proxies in front may set X-Forwarded-For
    metrics_token: str = field(
        default="", repr=False
    )  # who brings it may read /metrics; empty: nobody but on localhost

    @property
    def is_local(self) -> bool:
        """Whether this is somebody trying it out on their own machine."""
        return urlsplit(self.public_url).hostname in LOOPBACK

    @property
    def has_demo_mailbox(self) -> bool:
        return self.is_local and not self.mail_server

    @property
    def mail_domain(self) -> str:
        """The domain that alerts come from, and that signs them."""
        return parseaddr(self.mail_default_sender)[1].partition("@")[2].lower()

    @property
    def relays(self) -> list[tuple[str, int]]:
        """The mail servers, (host, port), the preferred one first."""
        return [_host_and_port(each, self.mail_port) for each in _listed(self.mail_server or LOOPBACK[1])]

    @property
    def domain_limits(self) -> dict[str, tuple[int, int]]:
        """Domain, or "*" for every other → (connections, emails a minute)."""
        return {
            domain: _limits_of(text) for domain, _, text in (e.partition("=") for e in _listed(self.send_per_domain))
        }

    @property
    def hosts(self) -> list[str]:
        """The host names that requests may carry."""
        return list(LOOPBACK[:2]) + ["[::1]"] if self.is_local else [urlsplit(self.public_url).hostname]


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _host_and_port(text: str, port: int) -> tuple[str, int]:
    found = RELAY.fullmatch(text)
    if not found or not 0 < int(found["port"] or port) < 2**16:
        raise SettingWrong(
            f"MAIL_SERVER has “{text}” in it. Write a name, or a name and its port, such as smtp.example.org:587"
        )
    return found["bare"] or found["name"] or found["ipv6"], int(found["port"] or port)


def _limits_of(text: str) -> tuple[int, int]:
    connections, _, emails = text.partition("/")
    if not (connections.isdigit() and emails.isdigit() and int(connections) and int(emails)):
        raise SettingWrong(
            f"SEND_PER_DOMAIN has “{text}” in it. Write connections/emails a minute, such as gmail.com=4/600"
        )
    return int(connections), int(emails)


settings = Settings()


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings into the one `settings` object and return it.

    Raises SettingWrong with a sentence for the operator.
    """
    fresh = Settings()
    for each in fields(Settings):
        text = environ.get(each.name.upper(), "").strip()
        if text:
            setattr(fresh, each.name, _understood(each.name.upper(), text, type(getattr(fresh, each.name))))
    _complete(fresh)
    for each in fields(Settings):
        setattr(settings, each.name, getattr(fresh, each.name))
    return settings


def _understood(name: str, text: str, kind: type):
    if kind is bool:
        if text.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise SettingWrong(f"{name} is “{text}”. Set it to true or false.")
        return text.lower() in ("1", "true", "yes")
    try:
        value = kind(text)
    except ValueError:
        raise SettingWrong(f"{name} is “{text}”. Set it to a number.") from None
    if kind in (int, float) and not 0 <= value < 1_000_000:
        raise SettingWrong(f"{name} is “{text}”. Set it to a number from 0 up.")
    return value


def _complete(settings: Settings) -> None:
    """Fill what may be left out on one's own machine; refuse what may not in production."""
    settings.public_url = settings.public_url.rstrip("/")
    address = urlsplit(settings.public_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise SettingWrong("PUBLIC_URL is not an address. Set it to something like https://engage.example.org")
    if settings.is_local:
        settings.secret_key = settings.secret_key or _kept_secret(settings.instance)
        settings.mail_default_sender = settings.mail_default_sender or "alerts@engage.example.org"
        settings.mail_port = settings.mail_port or (25 if settings.mail_server else 1025)
    _require(
        settings,
        "secret_key",
        "a long random text, the same on every machine: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
    )
    if len(settings.secret_key) < 32:
        raise SettingWrong("SECRET_KEY is too short. Set it to at least 32 random characters.")
    _require(settings, "mail_default_sender", "the address that alerts come from, such as alerts@engage.example.org")
    if not settings.has_demo_mailbox:
        _require(settings, "mail_server", "the name of your mail server")
    _complete_mail(settings)
    settings.database_url = settings.database_url or f"sqlite:///{settings.instance / 'metengage.db'}"
    settings.redis_url = settings.redis_url or f"unix://{settings.instance / 'redis.sock'}"


def _complete_mail(settings: Settings) -> None:
    settings.mail_port = settings.mail_port or 25
    domain = settings.mail_domain
    if not domain:
        raise SettingWrong(
            "MAIL_DEFAULT_SENDER is not an email address. Set it to something like alerts@engage.example.org"
        )
    settings.mail_account_sender = settings.mail_account_sender or f"account@{domain}"
    settings.mail_bounce_address = settings.mail_bounce_address or f"bounces@{domain}"
    if settings.mail_bounce_address.count("@") != 1:
        raise SettingWrong("MAIL_BOUNCE_ADDRESS is not an email address. Set it to something like bounces@example.org")
    _check_mailbox(settings.bounce_mailbox)
    if not settings.send_connections:
        raise SettingWrong("SEND_CONNECTIONS is 0. Set it to how many connections your mail server takes, such as 8.")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", settings.dkim_selector, re.IGNORECASE):
        raise SettingWrong("DKIM_SELECTOR is not a name for the DNS. Set it to letters and digits, such as metengage")
    # Refused here rather than in the middle of sending.
    _ = settings.domain_limits
    if not settings.relays:
        raise SettingWrong("MAIL_SERVER names no server. Write a name, such as smtp.example.org")


def _check_mailbox(text: str) -> None:
    address = urlsplit(text)
    is_safe = address.scheme == "imaps" or (address.scheme == "imap" and address.hostname in LOOPBACK)
    if text and not (is_safe and address.hostname and address.username and address.password):
        raise SettingWrong("BOUNCE_MAILBOX is not a mailbox. Set it to something like imaps://user:password@host/INBOX")


def _require(settings: Settings, name: str, what: str) -> None:
    if not getattr(settings, name):
        raise SettingWrong(
            f"{name.upper()} is not set, and PUBLIC_URL is a public address. Set {name.upper()} to {what}"
        )


def _kept_secret(instance: Path) -> str:
    """This machine's own secret, made once and readable by its owner alone."""
    path = instance / "secret_key"
    instance.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()
