"""What goes into the log: a line of JSON for each record in production, plain text on one's own machine.

It never says whom we wrote to. What we log has no address in it; what others raise may have, and loses it here.
"""

import logging

from pythonjsonlogger.json import JsonFormatter

from metengage.formats import without_addresses

FACTS = {"asctime": "time", "levelname": "level", "name": "logger", "process": "process", "message": "message"}
TALKATIVE = ("rq", "rq.worker", "mail.log")  # RQ and aiosmtpd say each thing that they do, and to whom


def begin(is_local: bool) -> None:
    """Log from now on, unless somebody has taken that in hand already, as tests do."""
    handler = logging.StreamHandler()
    handler.setFormatter(text() if is_local else lines_of_json())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def text() -> logging.Formatter:
    return _Text("%(asctime)s %(levelname)s %(name)s %(message)s")


def lines_of_json() -> logging.Formatter:
    return _Json(list(FACTS), rename_fields=FACTS, datefmt="%Y-%m-%dT%H:%M:%S%z")


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_addresses(super().format(record))


class _Json(JsonFormatter):
    def process_log_record(self, log_data: dict) -> dict:
        return {name: without_addresses(said) if isinstance(said, str) else said for name, said in log_data.items()}
