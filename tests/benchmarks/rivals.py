"""How others send: what the product’s own sender is held against."""

from collections.abc import Callable, Iterator

from flask import Flask
from flask_mail import Mail, Message
from itsdangerous import URLSafeTimedSerializer

from tests.benchmarks import postfix, race

SITE = "https://engage.example.org"
PARAGRAPH = "Three sheds were broken into overnight. Lock yours, and call 101 if you saw anything in Green Lane. "
TEXT = PARAGRAPH * 40
HTML = f"<html><body><h1>Sheds broken into</h1>{f'<p>{PARAGRAPH}</p>' * 55}</body></html>"  # 10 KB with the text


def contenders(port: int, length: int = postfix.LENGTH) -> dict[str, Callable[[], race.Run]]:
    """Who takes turns: smtp-source first, with messages of this length, against which all are held."""
    return {
        "delivery.smtp_source": lambda: postfix.source(port, how_many=30_000, length=length),
        "delivery.flask_mail": lambda: race.alone(flask_mail, port, 1000),
    }


def flask_mail(port: int, how_many: int) -> int:
    """Flask-Mail as its manual shows it: one connection, and a Message for each person; returns how many."""
    app = Flask("rival")
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_DEFAULT_SENDER="alerts@engage.example.org")
    mail = Mail(app)
    with app.app_context(), mail.connect() as connection:
        for message in _messages(how_many):
            connection.send(message)
    return how_many


def _messages(how_many: int) -> Iterator[Message]:
    signer = URLSafeTimedSerializer("only for a benchmark", salt="link")
    for number in range(1, how_many + 1):
        name = f"Resident {number}"
        change, stop = (f"{SITE}/{path}/{signer.dumps([number, 1, 7])}" for path in ("preferences", "unsubscribe"))
        yield Message(
            "Sheds broken into on Green Lane",
            recipients=[f"resident{number:07}@example.org"],
            body=f"Dear {name}\n\n{TEXT}\n\nChange: {change}\nStop: {stop}\n",
            html=f'<p>Dear {name}</p>{HTML}<a href="{change}">Change</a> or <a href="{stop}">stop</a>',
            extra_headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )
