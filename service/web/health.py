"""Whether the service lives, whether it can answer, and its figures."""

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service.web.context import context
from service.web.timing import REGISTRY
from stores.errors import NOTHING_LOADED, Unavailable

health = Blueprint("health", __name__)


@health.get("/livez")
def livez() -> ResponseReturnValue:
    """Answer while the process lives."""
    return jsonify(status="alive")


@health.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer while paths can be found; say whether the steering file is obeyed as it stands."""
    stats = context().stores.graph.stats()
    if stats.facts is None:
        raise Unavailable(NOTHING_LOADED)
    steering = "not obeyed: the log says why" if context().steering.mistake() else "obeyed"
    return jsonify(status="ready", artworks=stats.artworks, version=stats.version, steering=steering)


@health.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Send the figures of this app, as Prometheus reads them."""
    return Response(generate_latest(current_app.extensions[REGISTRY]), content_type=CONTENT_TYPE_LATEST)
