"""Whether the service lives, whether it can answer, and its figures."""

import time
from typing import Final

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from service.web.context import context
from stores.errors import Unavailable

REGISTRY: Final = "xdegrees-metrics"

health = Blueprint("health", __name__)

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


@health.get("/livez")
def livez() -> ResponseReturnValue:
    """Answer while the process lives."""
    return jsonify(status="alive")


@health.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer while paths can be found."""
    stats = context().stores.graph.stats()
    if stats.facts is None:
        raise Unavailable("nothing has been loaded yet: run 'xdegrees load FOLDER'")
    return jsonify(status="ready", artworks=stats.artworks, version=stats.version)


@health.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Send the figures of this app, as Prometheus reads them."""
    return Response(generate_latest(current_app.extensions[REGISTRY]), content_type=CONTENT_TYPE_LATEST)


def measure(app: Flask) -> None:
    """Count and time every request of an app, in a registry of its own."""
    registry = app.extensions[REGISTRY] = CollectorRegistry()
    count = Counter("xdegrees_requests", "Requests answered", ["endpoint", "status"], registry=registry)
    seconds = Histogram("xdegrees_seconds", "Seconds to answer", ["endpoint"], buckets=_SECONDS, registry=registry)

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def note(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        count.labels(endpoint, response.status_code).inc()
        if "started" in g:
            seconds.labels(endpoint).observe(time.perf_counter() - g.started)
        return response
