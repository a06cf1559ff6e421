"""Messages as they come back, from the mail servers that residents' addresses are at."""

import re

from metengage import envelopes
from metengage.config import ROOT
from metengage.models import Delivery

FOLDER = ROOT / "tests" / "returned"
NAMES = sorted(path.stem for path in FOLDER.glob("*.eml"))


def letter(name: str, delivery: Delivery, message_id: str | None = None, return_path: str | None = None) -> bytes:
    """This message, about this delivery; tags of others may take the place of its own."""
    if message_id is None:
        message_id = envelopes.of(delivery.id, delivery.kind).message_id
    if return_path is None:
        return_path = envelopes.of(delivery.id, "alert").return_path
    text = (FOLDER / f"{name}.eml").read_text(encoding="utf-8")
    return text.replace("$MESSAGE_ID", message_id).replace("$RETURN_PATH", return_path).encode()


def dsn(delivery: Delivery, status: str, words: str = "", action: str = "failed") -> bytes:
    """A delivery report with this status, in other words."""
    text = letter("postfix", delivery).decode()
    text = text.replace("Action: failed", f"Action: {action}").replace("Status: 5.1.1", f"Status: {status}")
    return re.sub(r"Diagnostic-Code: .*\n.*\n", f"Diagnostic-Code: smtp; {words}\n", text).encode()
