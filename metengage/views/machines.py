"""What machines ask: is it alive, is it ready, how does sending go."""

import hmac

from flask import Blueprint, Response, abort, jsonify, request
from peewee import PeeweeException
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from metengage import bell, manners, watching
from metengage.bell import Heard
from metengage.config import settings
from metengage.models import Area
from metengage.views import now

bp = Blueprint("machines", __name__)

LOST = 90  # seconds that a worker was not seen: Redis remembers for minutes who was killed


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
    checks = {"database": has_areas, "redis": bell.works()}
    return jsonify(checks), 200 if all(checks.values()) else 503


# --- How sending goes ---


@bp.get("/metrics")
def metrics():
    """What Prometheus gathers: numbers about sending, and nobody's name."""
    if settings.metrics_token:
        brought = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(brought, f"Bearer {settings.metrics_token}".encode()):
            return Response("Bring the token that is set.", 401, {"WWW-Authenticate": "Bearer"}, "text/plain")
    elif not settings.is_local:
        abort(404)
    registry = CollectorRegistry()
    registry.register(_Gathered(bell.hear()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Gathered:
    """The numbers at this moment, in the form that Prometheus' own library writes."""

    def __init__(self, heard: Heard | None):
        self._heard, self._moment = heard, now()

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> list[Metric]:
        return [*self._of_rows(), *self._of_workers(), *(self._of_bell(self._heard) if self._heard else ())]

    def _of_rows(self) -> list[Metric]:
        backlogs = {kind: watching.backlog(kind, self._moment) for kind in watching.KINDS}
        waiting = {kind: backlog.how_many for kind, backlog in backlogs.items()}
        oldest = max(backlog.oldest for backlog in backlogs.values())
        return [
            _by("waiting", "Emails that wait.", "kind", waiting),
            _one("oldest_waiting_seconds", "How long the email that waits longest has been due.", oldest),
            _by("suppressed", "Addresses that we must not write to.", "reason", watching.suppressed()),
            _one("paused", "Whether everything is paused.", manners.is_paused()),
        ]

    def _of_workers(self) -> list[Metric]:
        listed = watching.workers(self._heard, self._moment)
        seen = {worker.name: worker.seen for worker in listed}
        workers = [worker for worker in listed if worker.seen < LOST]
        connections = sum(worker.connections for worker in workers)
        return [
            _one("redis_up", "Whether Redis answers.", self._heard is not None),
            _one("workers", "Workers that are there.", len(workers)),
            _by("worker_seen_seconds", "How long ago a worker was seen.", "worker", seen),
            _one("connections", "Connections to the mail servers in use.", connections),
        ]

    def _of_bell(self, heard: Heard) -> list[Metric]:
        return [
            _by("queue_jobs", "Jobs that wait.", "queue", heard.queues),
            _one("sent_per_second", "Emails sent a second, over the last minute.", heard.last_minute.get(0, 0) / 60),
            *(_counter(name, heard.totals.get(name, 0)) for name in ("sent", "postponed", "failed", "skipped")),
        ]


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"metengage_{name}", words, value=float(value))


def _by(name: str, words: str, label: str, values: dict[str, int] | dict[str, float]) -> Metric:
    family = GaugeMetricFamily(f"metengage_{name}", words, labels=[label])
    for each, value in values.items():
        family.add_metric([each], value)
    return family


def _counter(name: str, value: int) -> Metric:
    return CounterMetricFamily(f"metengage_{name}", f"Emails that were {name}, since Redis was empty.", value=value)
