"""The front door: builds the application; `python app.py` runs everything on one machine."""

import hashlib
import importlib
import os
import pkgutil
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from flask import Flask, abort, request
from flask_compress import Compress
from flask_wtf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from htmx_flask import Htmx
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from metengage import choices, commands, config, db, formats, logs, machine, mail, signing, writing
from metengage.config import Settings
from metengage.views import (
    alerts,
    answers,
    areas,
    bounces,
    complaints,
    concerns,
    elsewhere,
    errors,
    events,
    home,
    join,
    machines,
    mailbox,
    officers,
    pictures,
    preferences,
    priorities,
    ratings,
    replies,
    signup,
    stories,
    surveys,
    verify,
)

YEAR = 365 * 24 * 3600  # seconds
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def create_app(settings: Settings | None = None) -> Flask:
    """The application as the settings say; from the environment if none are given."""
    settings = settings or config.load(os.environ)
    signing.check()
    app = Flask(__name__, instance_path=str(settings.instance.absolute()))
    logs.begin(settings.is_local)
    _configure(app, settings)
    db.use(settings.database_url)
    _extend(app)
    _open_doors(app, settings)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    address = urlsplit(settings.public_url)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SERVER_NAME=address.netloc,
        PREFERRED_URL_SCHEME=address.scheme,
        TRUSTED_HOSTS=settings.hosts,
        MAX_CONTENT_LENGTH=512 * 1024,
        SESSION_COOKIE_SECURE=address.scheme == "https",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # A form that was open over night on a phone is still good; the session it belongs to is the limit.
        WTF_CSRF_TIME_LIMIT=None,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        WTF_CSRF_SSL_STRICT=False,  # we send no Referer on purpose
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        MAIL_SERVER=settings.mail_server or "127.0.0.1",
        MAIL_PORT=settings.mail_port,
        MAIL_USERNAME=settings.mail_username or None,
        MAIL_PASSWORD=settings.mail_password or None,
        MAIL_USE_TLS=settings.mail_use_tls,
    )


def _extend(app: Flask) -> None:
    Htmx(app)
    Compress(app)
    WTFormsHelpers(app)
    mail.extension.init_app(app)
    officers.login.init_app(app)
    commands.init_app(app)
    app.jinja_loader = ChoiceLoader(
        [
            app.jinja_loader,
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    dates = ("day", "weekday", "clock", "moment", "soon", "span", "lasting")
    for name in (*dates, "number", "count", "group", "listing", "metres", "postcode", "a_week"):
        app.add_template_filter(getattr(formats, name), name)
    app.add_template_filter(writing.highlighted, "highlighted")
    app.add_template_filter(lambda text: str(writing.html(text)), "shown_as_html")
    app.add_template_global(settings_for_pages, "settings")
    app.add_template_global(lambda: choices.ALERT_TYPES, "alert_types")
    app.add_template_global(lambda: choices.HOW_OFTEN, "how_often")
    app.add_template_global(lambda: choices.QUESTION_KINDS, "question_kinds")


def settings_for_pages() -> Settings:
    return config.settings


def _open_doors(app: Flask, settings: Settings) -> None:
    # Before the check of forms: what is shown instead of a form that is refused says who is signed in, and a form that
    # brings a file has to be read for its token.
    app.before_request(_open_database)
    app.before_request(officers.make_room)
    app.before_request(_take_no_json)
    csrf = CSRFProtect(app)
    public = (home, elsewhere, signup, areas, alerts, pictures, priorities, stories, events, ratings, verify)
    public += (complaints, join, concerns, answers, replies, surveys)
    for door in (preferences, officers):
        _hang_pages_on(door)
    for each in (*public, bounces, machines, preferences, officers):
        app.register_blueprint(each.bp)
    if settings.has_demo_mailbox:
        app.register_blueprint(mailbox.bp)
    # RFC 8058: mailbox providers press it without a cookie; the token says who and is the proof.
    csrf.exempt(f"{preferences.__name__}.leave.unsubscribe_now")
    csrf.exempt(bounces.receive)  # by machines, which bring a signature or a password
    errors.init_app(app)
    app.teardown_request(_close_database)
    app.url_defaults(_static_by_content)
    app.after_request(_guard)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)


def _hang_pages_on(door: ModuleType) -> None:
    """Each file of a room with a door of its own hangs its pages on it as it is read."""
    for file in pkgutil.iter_modules(door.__path__, f"{door.__name__}."):
        importlib.import_module(file.name)


def _open_database() -> None:
    if request.endpoint not in ("static", "machines.alive"):
        db.connect()


def _take_no_json() -> None:
    """Forms would read it as if it were one, with numbers and lists in place of text; only machines send it."""
    if request.is_json and request.blueprint not in (machines.bp.name, bounces.bp.name):
        abort(415)


def _close_database(_error) -> None:
    if not db.handle.is_closed():
        db.handle.close()


@cache
def _content_hash(path: Path, _changed: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _static_by_content(endpoint: str, values: dict) -> None:
    """Give each static file an address that changes with its content, so that it may be kept for a year."""
    if endpoint == "static":
        path = config.ROOT / "static" / values["filename"]
        if path.is_file():
            values["v"] = _content_hash(path, path.stat().st_mtime)


def _guard(reply):
    """What every answer carries."""
    if hasattr(reply.response, "close"):
        # Flask-Compress reads a file through and forgets to close it.
        reply.call_on_close(reply.response.close)
    reply.headers.setdefault("Content-Security-Policy", POLICY)
    reply.headers.setdefault("X-Frame-Options", "DENY")
    reply.headers["X-Content-Type-Options"] = "nosniff"
    reply.headers["Referrer-Policy"] = "no-referrer"
    reply.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.is_secure:
        reply.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    if request.endpoint == "static" and "v" in request.args:
        reply.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    elif request.endpoint != "static":
        reply.headers.setdefault("Cache-Control", "no-store")
    return reply


def main() -> None:
    """Run everything on this machine until Ctrl-C."""
    port = _port()
    os.environ.setdefault("PUBLIC_URL", f"http://localhost:{port}")
    if not os.environ.get("MAIL_SERVER"):
        os.environ.setdefault("MAIL_PORT", str(machine.free_port(1025)))
    create_app()
    machine.run(config.settings, port, os.environ)


def _port() -> int:
    try:
        return int(os.environ.get("PORT") or urlsplit(os.environ.get("PUBLIC_URL", "")).port or 5000)
    except ValueError:
        raise config.SettingWrong("PORT, or the port in PUBLIC_URL, is no port. Set it to a number such as 8000.")


if __name__ == "__main__":
    try:
        main()
    except (config.SettingWrong, machine.CannotRun) as trouble:
        sys.exit(str(trouble))
else:
    try:
        app = create_app()
    except config.SettingWrong as trouble:
        sys.exit(str(trouble))
