"""What others may read beside a resident: neutral words for the sender, the subject and the preview of an email."""

SENDER = "Local updates"
LINK, UPDATE = "Your link", "Your local update"  # subjects
_ARE_LINKS = ("confirm", "reminder", "known", "sign_in", "new_address", "event_book")

# What a mail program shows of an email before it is opened: about 90 letters on most, 255 at most (Outlook). The first
# sentence is for its reader; the others, hidden where that can be, keep the preview from going on to what comes after.
FIRST = "Here is what you asked for."
THEN = (
    "It comes as often as you chose, and you can change that at any time where it ends. It can wait until you "
    "have a moment to read it, and stays where it is until then: nothing in it has to be answered. "
    "The rest of it begins further down, after a little space."
)


def subject(template: str) -> str:
    """A subject that says nothing, for the email that is written by this template."""
    return LINK if template in _ARE_LINKS else UPDATE
