"""Follow a story: by the link in one of its emails, or on its own page, for anybody."""

from flask import Blueprint, abort, redirect, session, url_for

from metengage import journal, links, stories
from metengage.models import Resident, Story
from metengage.views import now, page
from metengage.views.preferences import cause, resident_here

bp = Blueprint("stories", __name__)


# --- By the link in an email ---


@bp.get("/follow/<token>")
def follow(token: str):
    resident, story = _named_in(token)
    if not resident.is_confirmed:
        return page("stories/left.html", "You cannot follow this story", status=410, story=story)
    if story.ended_at:
        return page("stories/ended.html", "This story has ended", story=story, outcome=stories.outcome_of(story))
    follows = stories.follows(resident, story)
    title = f"You follow “{story.title}”" if follows else f"Follow “{story.title}”"
    said = session.pop("said", "")
    return page("stories/follow.html", title, token=token, story=story, follows=follows, said=said)


@bp.post("/follow/<token>")
def follow_now(token: str):
    resident, story = _named_in(token)
    stories.follow(resident, story, now())
    return redirect(url_for("stories.follow", token=token), 303)


@bp.post("/unfollow/<token>")
def unfollow_now(token: str):
    resident, story = _named_in(token)
    led = journal.cause(links.read(links.FOLLOW, token).about_id, resident, now())
    stories.unfollow(resident, story, now(), led)
    session["said"] = f"You no longer follow “{story.title}”."
    return redirect(url_for("stories.follow", token=token), 303)


def _named_in(token: str) -> tuple[Resident, Story]:
    """For whom a token is, and the story of the alert that it came with. Raises LinkEnded."""
    signed = links.read(links.FOLLOW, token)
    story = stories.of_alert(signed.about_id)
    if story is None or signed.is_over:
        raise links.LinkEnded
    return signed.resident, story


# --- On its own page ---


@bp.get("/stories/<int(max=2147483647):story_id>")
def show(story_id: int):
    story, resident = _story(story_id), resident_here()
    return page(
        "stories/show.html",
        story.title,
        story=story,
        line=stories.line_of(story),
        resident=resident,
        follows=bool(resident) and stories.follows(resident, story),
        said=session.pop("said", ""),
    )


@bp.post("/stories/<int(max=2147483647):story_id>/follow")
def follow_here(story_id: int):
    """Follow it, where one's page is open; otherwise go and open it, and come back to the story."""
    story, resident = _story(story_id), resident_here()
    if resident is None:
        session["after"] = story.id
        return redirect(url_for("preferences.show"), 303)
    if stories.follow(resident, story, now()):
        session["said"] = f"You follow “{story.title}”. We email you each new alert of it until it ends."
    return redirect(url_for("stories.show", story_id=story.id), 303)


@bp.post("/stories/<int(max=2147483647):story_id>/unfollow")
def unfollow_here(story_id: int):
    story, resident = _story(story_id), resident_here()
    if resident:
        stories.unfollow(resident, story, now(), cause(resident))
        session["said"] = f"You no longer follow “{story.title}”."
    return redirect(url_for("preferences.stories"), 303)


def _story(story_id: int) -> Story:
    story = stories.public(story_id)
    if story is None:
        abort(404)
    return story
