"""Residents take what the law gives them, by themselves: a copy, a complaint, an end."""

from tests import services
from tests.page import Visitor, sign_up
from tests.services import link_in, text_of, work_off

AMARA = "amara@example.org"


def my_page(visitor: Visitor, post, address: str = AMARA):
    """Somebody's page, by the link that was sent to them."""
    visitor.visit("/preferences").submit("Send me the link", email=address)
    work_off()
    return visitor.visit(link_in(post.last_to(address), "/preferences/open/")).submit("Open my preferences")


def test_amara_reads_what_we_hold_and_is_erased(visitor, post):
    services.send()
    work_off()
    my_page(visitor, post)
    page = visitor.visit("/preferences/everything")
    assert "Mopeds stolen in Green Lane" in page.text
    copy = visitor.ask("POST", "/preferences/download", data=page.fields(page.form("Download")[0]), buffered=True)
    assert copy.mimetype == "application/zip"
    page = page.click("Erase your record").submit("Erase my record")
    assert page.h1 == "Your record is erased"
    post.forget()
    services.send()
    work_off()
    assert post.to(AMARA) == []


def test_who_was_erased_signs_up_again_as_somebody_new(visitor, post):
    my_page(visitor, post)
    visitor.visit("/preferences/erase").submit("Erase my record")
    sign_up(visitor, email={"email": AMARA})
    work_off()
    page = visitor.visit(link_in(post.last_to(AMARA), "/confirm/")).submit("Yes, send me these")
    assert page.h1 == "You are signed up"


def test_amara_complains_is_answered_and_sees_who_looked(visitor, signed_in, post):
    my_page(visitor, post)
    visitor.visit("/privacy").click("Complain to us").submit("Send my complaint", text="You kept my old address.")
    work_off()
    assert "We have your complaint" in text_of(post.last_to(AMARA))
    page = signed_in("Idris").visit("/officers/complaints").click("Complaint 1")
    page.submit("Keep this answer", answer="We deleted it on Monday.")
    text = visitor.visit("/preferences/everything").text
    assert "PC Idris, administrator, looked at your complaint" in text
    assert "We deleted it on Monday." in text
