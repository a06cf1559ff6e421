"""The pictures of alerts and actions, posters, and officers' portraits: kept as we made them, and found again."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from peewee import JOIN, Expression, fn

from metengage import db, images
from metengage.formats import size
from metengage.models import Action, Alert, Officer, Picture, PictureFile, Writer

EMAIL, WEB, POSTER, PORTRAIT = "email.jpg", "web.jpg", "poster.pdf", "portrait.jpg"
LARGEST = images.LARGEST  # bytes of what is brought; a poster may have fewer
SHOWN = 560  # pixels in an email, on the longer side; there are twice as many in its file, for sharp screens
PORTRAIT_SIDE = 400


class NotADraft(Exception):
    """The alert is on its way, or gone: its pictures stay as they are."""


class Kept(NamedTuple):
    """What is known of a picture or of a poster, apart from its bytes. Whoever asks for one gets the same address."""

    key: str
    words: str  # what is to be seen; what a poster is called
    width: int | None  # of the larger file, in pixels
    height: int | None
    octets: int  # of the largest file

    @property
    def size(self) -> str:
        return size(self.octets)

    @property
    def shown(self) -> tuple[int, int]:
        """(width, height) that it has in an email, in CSS pixels."""
        factor = min(1, SHOWN / max(self.width, self.height))
        return max(1, round(self.width * factor)), max(1, round(self.height * factor))


class Made(NamedTuple):
    """A picture made anew, for emails and for the web."""

    row: dict[str, int]  # its width and height
    files: dict[str, bytes]


class OfAlert(NamedTuple):
    """What goes with an alert's words."""

    picture: Kept | None = None
    poster: Kept | None = None


# --- Look ---


def of(alert: Alert) -> OfAlert:
    """The picture and the poster of an alert, without their bytes."""
    return OfAlert(**{each.kind: kept for each, kept in _found(Picture.alert == alert)})


def of_actions(ids: list[int]) -> dict[int, Kept]:
    """Action's id → its picture, of those that have one."""
    return {each.action_id: kept for each, kept in _found(Picture.action.in_(ids))}


def _found(which: Expression) -> list[tuple[Picture, Kept]]:
    octets = fn.MAX(fn.LENGTH(PictureFile.content)).alias("octets")
    rows = Picture.select(Picture, octets).join(PictureFile).where(which).group_by(Picture)
    return [(each, Kept(each.key, each.words, each.width, each.height, each.octets)) for each in rows]


def file(key: str, name: str) -> PictureFile | None:
    """A file by its public address, with its picture and the alert of that, if it has one.

    Who may see it is the caller's to decide: that of a draft is for its team alone.
    """
    if name not in (EMAIL, WEB, POSTER, PORTRAIT) or not (key.isascii() and key.isalnum()):
        return None
    rows = PictureFile.select(PictureFile, Picture, Alert).join(Picture).join(Alert, JOIN.LEFT_OUTER)
    return rows.where(Picture.key == key, PictureFile.name == name).first()


# --- Put and remove ---


def put(alert: Alert, officer: Officer, content: bytes, words: str, now: datetime) -> Picture:
    """Make a picture anew and give it to a draft, in place of the one before. Raises images.Unusable or NotADraft."""
    new = made(content)
    return _replaced(alert, {"kind": Picture.PICTURE, "officer": officer, "words": words} | new.row, new.files, now)


def made(content: bytes) -> Made:
    """A picture made anew. Raises images.Unusable. It takes up to two seconds: before a transaction, not in it."""
    photo = images.photo(content, 1600)
    web, email = images.jpeg(photo, 1600, 400_000), images.jpeg(photo, 2 * SHOWN, 120_000)
    return Made({"width": web.width, "height": web.height}, {WEB: web.content, EMAIL: email.content})


def put_to_action(action: Action, officer: Officer, new: Made, words: str, now: datetime) -> Picture:
    """Give a picture to an action that has none; anybody may see it."""
    row = {"kind": Picture.PICTURE, "action": action, "officer": officer, "words": words, "created_at": now}
    return _kept(row | new.row, new.files)


def put_poster(alert: Alert, officer: Officer, content: bytes, words: str, now: datetime) -> Picture:
    """Make a PDF anew and give it to a draft, in place of the one before. Raises images.Unusable or NotADraft."""
    from metengage import posters  # noqa: PLC0415  its library takes 13 MB, and no worker needs it

    row = {"kind": Picture.POSTER, "officer": officer, "words": words}
    return _replaced(alert, row, {POSTER: posters.anew(content)}, now)


def copy(before: Alert, draft: Alert, officer: Officer, now: datetime) -> None:
    """Give a draft the picture and the poster of another alert, under addresses of their own."""
    for picture in Picture.select().where(Picture.alert == before):
        files = {file.name: bytes(file.content) for file in picture.files}
        row = {name: getattr(picture, name) for name in ("kind", "words", "width", "height")}
        _replaced(draft, row | {"officer": officer}, files, now)


def reword(alert: Alert, officer: Officer, kind: str, words: str, now: datetime) -> None:
    """Say otherwise what is to be seen, or what a poster is called. Raises NotADraft."""
    mine = (Picture.alert == alert) & (Picture.kind == kind)

    def say() -> None:
        Picture.update(words=words).where(mine).execute()
        Writer.remember(alert, officer)

    _while_a_draft(alert, now, say)


def remove(alert: Alert, kind: str, now: datetime) -> bool:
    """Take the picture or the poster away from a draft; False when there was none. Raises NotADraft."""
    mine = (Picture.alert == alert) & (Picture.kind == kind)
    return bool(_while_a_draft(alert, now, lambda: Picture.delete().where(mine).execute()))


def _replaced(alert: Alert, row: dict, files: dict[str, bytes], now: datetime) -> Picture:
    def replace() -> Picture:
        Picture.delete().where(Picture.alert == alert, Picture.kind == row["kind"]).execute()
        Writer.remember(alert, row["officer"])
        return _kept(row | {"alert": alert, "created_at": now}, files)

    return _while_a_draft(alert, now, replace)


def _while_a_draft(alert: Alert, now: datetime, act: Callable):
    """Do it in a transaction that holds the alert, so that nobody sends it meanwhile, and nobody else does it too.

    The revision stays: who writes at the same time is not disturbed.
    """
    with db.handle.atomic():
        is_draft = (Alert.id == alert.id) & (Alert.state == Alert.DRAFT)
        if not Alert.update(changed_at=now).where(is_draft).execute():
            raise NotADraft
        return act()


def _kept(row: dict, files: dict[str, bytes]) -> Picture:
    picture = Picture.create(key=secrets.token_hex(16), **row)
    for name, content in files.items():
        PictureFile.create(picture=picture, name=name, content=content)
    return picture


# --- Portraits ---


def put_portrait(officer: Officer, content: bytes, now: datetime) -> Picture:
    """Make an officer's portrait anew, square, in place of the one before; anybody may see it.

    Raises images.Unusable.
    """
    square = images.jpeg(images.square(content, PORTRAIT_SIDE), PORTRAIT_SIDE, 60_000)
    row = {"kind": Picture.PORTRAIT, "officer": officer, "words": officer.name, "created_at": now}
    with db.handle.atomic():
        # The row is held, not changed: of two portraits that come at once, the later stays.
        Officer.update(name=Officer.name).where(Officer.id == officer.id).execute()
        remove_portrait(officer)
        return _kept(row | {"width": square.width, "height": square.height}, {PORTRAIT: square.content})


def remove_portrait(officer: Officer) -> bool:
    """Take an officer's portrait away; False when there was none."""
    mine = (Picture.officer == officer) & (Picture.kind == Picture.PORTRAIT)
    return bool(Picture.delete().where(mine).execute())


def portrait_of(officer: Officer) -> Picture | None:
    """An officer's portrait, if there is one; its file is PORTRAIT."""
    return Picture.get_or_none(Picture.officer == officer, Picture.kind == Picture.PORTRAIT)
