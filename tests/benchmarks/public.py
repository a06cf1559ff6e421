"""What anybody reads: the front page, a ward, an alert."""

from tests.benchmarks.load import Browser, Request

WARD = "/areas/E05013824"


def requests(port: int) -> dict[str, Request]:
    """What is timed; /healthz does nothing, and so shows what server and load cost by themselves."""
    ward = Browser(port).get(WARD)
    return {
        "public.nothing": Request("/healthz"),
        "public.front": Request("/"),
        "public.find_ward": Request("/areas/"),
        "public.ward": Request(WARD),
        "public.alert": Request(ward.select_one("a[href^='/alerts/']")["href"]),
        "public.stylesheet": Request(ward.select_one("link[rel=stylesheet]")["href"]),
    }
