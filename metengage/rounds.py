"""A round: claim a batch, write each email, hand it to the mail server, mark what came of it."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from peewee import PeeweeException

from metengage import audience, db, deliveries, emails, envelopes, manners, relays, suppressions, wire
from metengage.config import settings
from metengage.deliveries import Claim, Row
from metengage.envelopes import Envelope
from metengage.models import Alert, Digest, Resident

MOST, LEAST = 2000, 20  # emails in a round
QUICK = 0.25  # seconds that a round should take: others wait so long for their turn
LONGEST = 1.0  # seconds after which no email is begun, however slow the mail server
LOOKED_AGAIN = 200  # emails after which it is looked again who still wants them
REPEATED_AT_MOST = 100  # emails that a killed worker had handed over and not yet marked
SOON = timedelta(minutes=1)

Clock = deliveries.Clock
Write = Callable[[Row, Envelope], bytes]  # → the message; may raise emails.NotNeeded
Writer = Callable[[list[Row]], Write]  # for these rows


class NotNow(Exception):
    """Others have all that the mail server allows at the moment, or connections must be made anew; try again soon."""


# --- To many ---


def to_many(letter: Alert | Digest, writer: Writer, clock: Clock = db.now) -> int:
    """A round of an alert's or a digest's due rows; how many were dealt with. An alert is closed after its last.

    0 when none is due, or when no mail server takes anything. May raise NotNow.
    """
    if manners.is_paused():
        return 0
    share, most = turn(_pace.size, clock)
    if manners.is_paused():  # meanwhile
        return 0
    group = min(deliveries.MARKED_AT_ONCE, REPEATED_AT_MOST - share.connections)
    claim = _claim(letter, most, group, clock)
    try:
        return _go_round(claim, share, writer, clock) if claim.ids else 0
    finally:
        claim.write_down()
        claim.give_back()
        if claim.how_many < most and isinstance(letter, Alert):
            close_if_done(letter, clock())


def _claim(letter: Alert | Digest, most: int, group: int, clock: Clock) -> Claim:
    place = (type(letter).__name__, letter.id)
    wanted = deliveries.of_letter(letter)
    if isinstance(letter, Alert):
        wanted &= Alert.goes_on(letter.id)
    claim = deliveries.claim(wanted, most, clock, group, _reached.pop(place, None))
    if claim.how_many == most:
        _reached[place] = claim.last_row
    return claim


def close_if_done(alert: Alert, now: datetime) -> bool:
    """Call an alert sent once no row of it is pending or under way; True when this call did it."""
    if deliveries.are_open(alert):
        return False
    has_all_rows = Alert.prepared_at.is_null(False) | Alert.stopped_at.is_null(False)
    return (
        Alert.update(state=Alert.SENT, sent_at=now)
        .where(Alert.id == alert.id, Alert.state == Alert.SENDING, has_all_rows)
        .execute()
        == 1
    )


def turn(wanted: int, clock: Clock) -> tuple[manners.Share, int]:
    """(this worker's share, how many of the wanted emails may go), when it is this worker's turn. Raises NotNow."""
    share = manners.share(clock(), relays.trouble())
    relays.hang_up(keep=share.connections)
    most, seconds = manners.allowed(wanted, clock()) if share.connections else (0, 0.0)
    if not most:
        raise NotNow
    time.sleep(seconds)
    return share, most


def _go_round(claim: Claim, share: manners.Share, writer: Writer, clock: Clock) -> int:
    rows = _in_turn(claim, claim.rows(), share, clock())
    try:
        with _lines(min(share.connections, len(claim.ids))) as channels:
            began = time.monotonic()
            for domain, some in rows.items():
                may_use = channels[: _share_of(domain, share)] if domain else channels
                _send(claim, may_use, _parcels(claim, some, writer(some), clock), began + LONGEST, clock)
        claim.write_down()
    except relays.RoadClosed as trouble:
        # Not a failure of these emails: it is not counted, and they say why they wait.
        claim.write_down()
        claim.wait(list(claim.ids), clock() + SOON, str(trouble))
        return 0
    dealt_with = claim.how_many - len(claim.ids)
    _pace.learn(claim.how_many, dealt_with, time.monotonic() - began)
    return dealt_with


def _send(claim: Claim, channels: list[wire.Channel], parcels: Iterator[wire.Parcel], until: float, clock) -> None:
    for receipt in wire.carry(channels, parcels, until, lambda: _meanwhile(claim, clock())):
        row = receipt.parcel.row
        if receipt.fate == wire.TAKEN:
            claim.sent(row)
        elif receipt.fate == wire.REFUSED:
            _refused(claim, row, receipt, clock())
        elif receipt.fate == wire.UNSURE or receipt.is_suspect:
            claim.postponed(row, receipt.words)
        # What else the server cannot have taken is given back with what was not begun.


def _meanwhile(claim: Claim, now: datetime) -> None:
    claim.write_down()
    manners.still_here(now)


def _refused(claim: Claim, row: Row, receipt: wire.Receipt, now: datetime) -> None:
    words = f"{receipt.code} {receipt.words}"
    if receipt.code < 500:
        claim.postponed(row, words)
        return
    claim.failed(row, words)
    if receipt.is_about_recipient:
        suppressions.add_if_gone(Resident.get_by_id(row.resident_id), words, now)


def _parcels(claim: Claim, rows: list[Row], write: Write, clock: Clock) -> Iterator[wire.Parcel]:
    """Each email, written when its turn comes, unless its resident has left or paused since it was claimed."""
    forbidden, away = suppressions.among([row.email for row in rows if row.email]), set()
    for place, row in enumerate(rows if not claim.is_late() else ()):
        if place and place % LOOKED_AGAIN == 0:
            away = audience.away([each.resident_id for each in rows[place : place + LOOKED_AGAIN]], clock())
        envelope = envelopes.of(row.id, row.kind)
        try:
            if row.resident_id in away:
                raise emails.NotNeeded("left or paused meanwhile")
            data = _written(row, write, envelope, forbidden)
        except emails.NotNeeded as reason:
            claim.skipped(row, str(reason))
        except emails.Unwritable as fault:
            claim.postponed(row, str(fault))
        else:
            yield wire.Parcel(row, envelope.return_path, row.email, data)


def _written(row: Row, write: Write, envelope: Envelope, forbidden: set[str]) -> bytes:
    """Looked at anew for each round: who left, or whose address is gone, gets nothing more."""
    if row.email is None:
        raise emails.NotNeeded("the address is gone")
    if row.email in forbidden:
        raise emails.NotNeeded("the address is suppressed")
    if not row.is_confirmed:
        raise emails.NotNeeded("no longer a subscriber")
    if row.is_paused:
        raise emails.NotNeeded("paused by the resident")
    try:
        return write(row, envelope)
    except (emails.NotNeeded, PeeweeException):
        raise
    except Exception as fault:
        raise emails.unwritable(row.id, fault) from fault


# --- Manners ---


def _in_turn(claim: Claim, rows: list[Row], share: manners.Share, now: datetime) -> dict[str, list[Row]]:
    """The rows that may go now, by domain where it has a limit; the others are told when to come back."""
    by_domain = defaultdict(list)
    for row in rows:
        domain = (row.email or "").partition("@")[2] if settings.send_per_domain else ""
        by_domain[domain if domain and manners.limit_of(domain) else ""].append(row)
    waiting = {domain: len(some) if _share_of(domain, share) else 0 for domain, some in by_domain.items() if domain}
    for domain, (go, back, between) in (manners.allowed_to(waiting, now) if waiting else {}).items():
        why = f"{domain} takes {manners.limit_of(domain)[1]} emails a minute from us: it waits for its turn"
        for place, row in enumerate(by_domain[domain][go:]):
            claim.wait([row.id], back + place * between, why)
        by_domain[domain] = by_domain[domain][:go]
    return by_domain


def _share_of(domain: str, share: manners.Share) -> int:
    return share.domains.get(domain, share.domains.get("*", 0))


class _Pace:
    """How many emails make a round that is neither long for those who wait nor short for its own cost."""

    def __init__(self):
        self._best = float(LEAST * 5)

    @property
    def size(self) -> int:
        return min(MOST, max(LEAST, int(self._best)))

    def learn(self, claimed: int, dealt_with: int, seconds: float) -> None:
        if claimed >= self.size or seconds > QUICK:
            self._best = min(2 * self.size, dealt_with * QUICK / max(seconds, 0.001))


_pace = _Pace()
_reached: dict[tuple[str, int], object] = {}  # where the last claim of an alert or digest ended


@contextmanager
def _lines(how_many: int) -> Iterator[list[wire.Channel]]:
    """Connections for this round: one, and more if they come quickly; those that are still good are kept for the next.

    Raises relays.RoadClosed when none can be had, and at the end when none was of any use; but NotNow where they were
    left over from earlier rounds, and only too old.
    """
    lines, until = [relays.take()], time.monotonic() + LONGEST
    try:
        while len(lines) < how_many and time.monotonic() < until:
            lines.append(relays.take())
    except relays.RoadClosed:
        pass  # fewer will do
    channels = [wire.Channel(line.smtp.sock, line.pipelines, line.settled) for line in lines]
    try:
        yield channels
    finally:
        for line, channel in zip(lines, channels, strict=True):
            _put_away(line, channel)
    if all(channel.trouble and channel.settled == line.settled for line, channel in zip(lines, channels, strict=True)):
        raise NotNow if any(line.settled for line in lines) else relays.RoadClosed(channels[0].trouble)


def _put_away(line: relays.Line, channel: wire.Channel) -> None:
    if not channel.trouble and not channel.is_busy:
        line.settled = channel.settled
        relays.give_back(line)
        return
    line.smtp.close()
    if channel.trouble and not channel.settled:
        relays.failed(line.relay, channel.trouble)
