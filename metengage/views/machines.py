"""What machines ask: is it alive, is it ready."""

from flask import Blueprint, jsonify
from peewee import PeeweeException

from metengage import jobs
from metengage.models import Area

bp = Blueprint("machines", __name__)


@bp.get("/healthz")
def alive():
    """This process answers."""
    return jsonify(alive=True)


@bp.get("/readyz")
def ready():
    """What it needs is there. Without Redis pages still work and nothing is lost, but emails wait."""
    try:
        has_areas = Area.select().exists()
    except PeeweeException:
        has_areas = False
    checks = {"database": has_areas, "redis": jobs.bell_works()}
    return jsonify(checks), 200 if all(checks.values()) else 503
