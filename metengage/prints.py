"""Prints of a ward: a poster to put up and cards to hand out, with a code that begins the sign-up there."""

import font_source_sans_pro

from metengage import qr
from metengage.config import ROOT, settings
from metengage.models import Area, Team

LAYOUTS = ROOT / "metengage" / "data" / "prints"
POSTER, CARDS = "poster", "cards"
TITLES = {POSTER: "Poster", CARDS: "Cards"}
HEADING = "Hear from your local police team in"
SENTENCE = "Free emails from the officers who look after your ward, about what you choose and as often as you choose."
WAY = "Scan the code, or go to"
WARNING = "Not for reporting crime.\nCall 999 in an emergency, 101 otherwise."
ACCESSIBLE = "ua-1"  # PDF/UA: tagged, with a title and a language; what would break it is refused


def of_ward(kind: str, ward: Area, team: Team, address: str) -> bytes:
    """A4 as PDF, a poster or cards to cut: of a ward, its team, and the web address where its people sign up."""
    import typst  # noqa: PLC0415  7 MB, and few ever print

    typed = address.partition("://")[2]
    told = {
        "title": f"{TITLES[kind]} for {ward.full_name}",
        "service": settings.service_name,
        "heading": HEADING,
        "ward": ward.name,
        "borough": ward.borough.name,
        "team": f"Your team: {team.name}",
        "sentence": SENTENCE,
        "way": WAY,
        "address": typed,
        "warning": WARNING,
        "code": qr.drawing(address, error="q").svg,
        "leads": f"QR code that leads to {typed}",
    }
    return typst.compile(
        str(LAYOUTS / f"{kind}.typ"),
        root=str(LAYOUTS),
        font_paths=[font_source_sans_pro.font_directory],
        ignore_system_fonts=True,
        sys_inputs=told,
        pdf_standards=ACCESSIBLE,
    )
