"""What others may read beside a resident: neutral words for the sender, the subject and the preview of an email."""

SENDER = "Local updates"
LINK, UPDATE = "Your link", "Your local update"  # subjects
_ARE_LINKS = ("confirm", "reminder", "known", "sign_in", "new_address")

# What a mail program shows of an email before it is opened: about 90 letters on most, 255 at most (Outlook). The first
# sentence is for its reader; the others, hidden where that can be, keep the preview from going on to what comes after.
FIRST = "Open this when you are by yourself."
THEN = (
    "This is what you asked for. It was sent to you and to nobody else. If this is not a good moment, close it and "
    "come back to it later: it stays where it is. There is no hurry, and nothing here is to be paid. "
    "The rest of it begins further down, after a little space."
)


def subject(template: str) -> str:
    """A subject that says nothing, for the email that is written by this template."""
    return LINK if template in _ARE_LINKS else UPDATE
