"""An alert for those whom its theme concerns goes to them alone, and says so."""

from metengage.models import Follow, ThemeChoice
from tests import cast, services
from tests.page import send_alert
from tests.services import html_of, text_of

AMARA = "amara@example.org"


def test_only_who_named_the_theme_gets_it_and_reads_why(signed_in, post, work):
    others = services.crowd(2)
    ThemeChoice.create(resident=cast.resident("Amara"), theme="theft-of-vehicles")
    page = send_alert(signed_in("Farah"), only_concerned="concerned")
    work()
    assert "1 of 1 emails sent" in page.visitor.visit(page.url).text
    assert [post.to(each) for each in others] == [[], []]
    for part in (text_of(post.last_to(AMARA)), html_of(post.last_to(AMARA))):
        assert "and named “Theft of vehicles” as a concern." in " ".join(part.split())


def test_who_follows_its_story_gets_it_too_and_is_told_of_no_concern(signed_in, post, work):
    story = services.story()
    Follow.create(resident=cast.resident("Bryn"), story=story)
    send_alert(signed_in("Farah"), only_concerned="concerned", story=str(story.id))
    work()
    words = " ".join(text_of(post.last_to("bryn@example.org")).split())
    assert "You get this email because you follow “Moped thefts”." in words
