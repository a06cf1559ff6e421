"""How dates, numbers and lists are written on the page."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
SMALLEST_GROUP = 10  # people; of fewer no number is shown: it could point at one of them
SPANS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
# From the beginning of a word only, or a long one without an address would be looked at from each of its letters.
ADDRESS = re.compile(r"""(?<![^\s<>()\[\],;:"@])[^\s<>()\[\],;:"@]+(?:@|[=+%]40)[^\s<>()\[\],;:"']+""")


def london(moment: datetime) -> datetime:
    """A moment as the database has it (UTC without a zone), on London's clock."""
    return moment.replace(tzinfo=UTC).astimezone(LONDON)


def day(moment: datetime) -> str:
    """“3 November 2026”, in London."""
    local = london(moment)
    return f"{local.day} {local:%B %Y}"


def weekday(moment: datetime) -> str:
    """“Tuesday 3 November 2026”, in London."""
    return f"{london(moment):%A} {day(moment)}"


def clock(moment: datetime) -> str:
    """“4:05pm”, in London; midnight and midday in words."""
    local = london(moment)
    if local.minute == 0 and local.hour in (0, 12):
        return "midday" if local.hour else "midnight"
    return f"{local.hour % 12 or 12}:{local.minute:02}{'pm' if local.hour >= 12 else 'am'}"


def moment(when: datetime) -> str:
    """“3 November 2026 at 4:05pm”, in London."""
    return f"{day(when)} at {clock(when)}"


def soon(when: datetime) -> str:
    """“Tue 3 Nov, 4:05pm”, in London: where there is little room, of this month or the next."""
    local = london(when)
    return f"{local:%a} {local.day} {local:%b}, {clock(when)}"


def span(begins: datetime, ends: datetime) -> str:
    """“Tuesday 3 November 2026, 7:00pm to 8:30pm”, in London."""
    return f"{weekday(begins)}, {clock(begins)} to {clock(ends)}"


def lasting(seconds: float) -> str:
    """“12 seconds”, “3 minutes”, “2 hours”, “5 days”: the largest that fits, never less than a second."""
    seconds = max(1, int(seconds))
    name, size = next(span for span in SPANS if seconds >= span[1])
    return count(seconds // size, name)


def number(value: int) -> str:
    """“1,204”."""
    return f"{value:,}"


def count(value: int, one: str, many: str | None = None) -> str:
    """“1 person”, “1,204 people”."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def group(value: int) -> str:
    """How many people, where a small number could point at one of them: “1,204”, “fewer than 10”."""
    return number(value) if value >= SMALLEST_GROUP else f"fewer than {SMALLEST_GROUP}"


def size(octets: int) -> str:
    """“210 KB”, “1.4 MB”: never less than 1 KB."""
    return f"{max(1, round(octets / 1024)):,} KB" if octets < 1024 * 1000 else f"{octets / 1024**2:.1f} MB"


def metres(value: int) -> str:
    """“300 metres”, “1 km”, “2.5 km”."""
    return f"{value} metres" if value < 1000 else f"{value / 1000:g} km"


def a_week(emails: int, days: int) -> str:
    """“About 3 emails a week”, of so many emails in so many days."""
    rate = round(emails * 7 / days)
    return f"About {count(rate, 'email')} a week" if rate else "Less than one email a week"


def listing(words: Iterable[str], last: str = "and") -> str:
    """“a”, “a and b”, “a, b and c”."""
    return "".join(listed(list(words), last))


def listed(words: Sequence[str], last: str = "and") -> list[str]:
    """The same in pieces: the words, and what stands between them."""
    pieces = [", "] * (2 * len(words) - 1)
    pieces[::2] = words
    if len(words) > 1:
        pieces[-2] = f" {last} "
    return pieces


def postcode(text: str) -> str:
    """“SM46HH” as people write it: “SM4 6HH”; the first half alone stays as it is."""
    return f"{text[:-3]} {text[-3:]}" if len(text) > 4 else text


def without_addresses(words: str) -> str:
    """What somebody said, without whom: “<(address)>: no such mailbox”."""
    return ADDRESS.sub("(address)", words)


def anonymous(words: str, address: str | None = None) -> str:
    """What a mail server said, in at most 200 characters that name nobody: “<(address)>: no such mailbox”.

    With the address that it is about, not even by what stands before the @. Officers read it, and it is kept.
    """
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in words[:2000]).split())
    words = without_addresses(words)
    if address:
        local = re.escape(address.partition("@")[0])
        words = re.sub(rf"(?<!\w)(?:{re.escape(address)}|{local})(?!\w)", "(address)", words, flags=re.IGNORECASE)
    return words[:200]
