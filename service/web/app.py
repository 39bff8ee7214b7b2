"""The app, handed its stores and settings; nothing happens on import."""

from importlib.metadata import version
from typing import Final

from flask import Request, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from loaders.writing import Writer
from service.audit import AuditLog
from service.intake import Intake
from service.keys import Keyring
from service.likeness.why import Explainer
from service.maps import Maps
from service.paths.space import Space
from service.sight import Sight
from service.steering import SteeringFile
from service.web import problems, urls
from service.web.admission import FIELDS, Json, admit_bodies
from service.web.api import api
from service.web.context import KEY, Context
from service.web.exports import exports
from service.web.guard import guard_writes
from service.web.health import health
from service.web.page.facets import Facets
from service.web.page.routes import page
from service.web.pages import pages
from service.web.schemas import Problem
from service.web.timing import measure
from service.web.writes import SCHEMES, writes
from stores.connect import Stores
from stores.settings import Settings

DESCRIPTION: Final = "A chain of artworks between any two, in which each one looks like the next."

UPLOADS: Final = 4
"""Requests with bodies at once: half of the threads that are usual."""

OPEN_TO_ALL: Final = ("GET", "HEAD", "OPTIONS")
"""Methods whose answers any page may read, as well as those of a path asked for by POST."""

OPEN_POST: Final = "/api/v1/path"
"""Where a path is asked for by POST."""


def create_app(stores: Stores, settings: Settings, uploads: int = UPLOADS) -> OpenAPI:
    """Make the WSGI app that answers from these stores, and takes so many requests with bodies at once."""
    app = OpenAPI(
        __name__,
        info=Info(title="xdegrees", version=version("xdegrees"), description=DESCRIPTION),
        validation_error_callback=problems.refuse_invalid,
        validation_error_model=Problem,
        security_schemes=SCHEMES,
        doc_ui=False,
    )
    app.extensions[KEY] = _context(stores, settings)
    app.config["MAX_CONTENT_LENGTH"] = int(2 * 1e6 * settings.max_upload_mb) + FIELDS
    app.config["MAX_FORM_MEMORY_SIZE"] = FIELDS
    app.json = Json(app)
    problems.register(app)
    _share_paths(api, writes)
    app.register_api(api)
    app.register_api(exports)
    app.register_api(writes)
    app.register_blueprint(page)
    app.register_blueprint(pages)
    app.register_blueprint(health)
    measure(app)
    _limit(app, settings.rate_limit)
    guard_writes(app, writes.name)
    admit_bodies(app, uploads)
    app.context_processor(lambda: {"address": urls.address, "here": urls.here})
    app.after_request(lambda response: _headers(response, settings))
    urls.mount(app, settings)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _context(stores: Stores, settings: Settings) -> Context:
    """Put together what answers; what a person wrote (steering, keys) is looked at before anybody asks."""
    steering = SteeringFile(settings, stores.graph)
    steering.check()
    keys = Keyring(settings)
    keys.check()
    space, sight = Space(stores.graph, stores.vectors), Sight(settings)
    writer = Writer(stores, settings.home)
    return Context(
        stores=stores,
        settings=settings,
        space=space,
        sight=sight,
        explainer=Explainer(space, settings.images, sight),
        steering=steering,
        keys=keys,
        audit=AuditLog(settings.home),
        writer=writer,
        intake=Intake(stores, settings, sight, writer),
        maps=Maps(settings.home, stores.graph),
        facets=Facets(stores.graph),
    )


def _share_paths(one: APIBlueprint, other: APIBlueprint) -> None:
    """Document addresses that two blueprints answer at with the methods of both: the library keeps the last alone."""
    for path in one.paths.keys() & other.paths.keys():
        for method in ("get", "put", "post", "patch", "delete"):
            if both := getattr(one.paths[path], method) or getattr(other.paths[path], method):
                for blueprint in (one, other):
                    setattr(blueprint.paths[path], method, both)


def _limit(app: OpenAPI, rate: str) -> None:
    """Limit each client's requests to the API; pictures and health checks cost next to nothing."""
    if not rate:
        return
    limiter = Limiter(get_remote_address, storage_uri="memory://")
    limiter.init_app(app)
    for blueprint in (api, exports, writes, page):
        limiter.limit(rate)(blueprint)


def _is_open(asked: Request) -> bool:
    """Whether any page may read the answer; what is asked before a write says no, as the write itself would."""
    method = asked.headers.get("Access-Control-Request-Method", "GET") if asked.method == "OPTIONS" else asked.method
    path = asked.url_rule.rule if asked.url_rule else ""
    return method in OPEN_TO_ALL or (method == "POST" and path == OPEN_POST)


def _headers(response: Response, settings: Settings) -> Response:
    """Say who may read an answer, and what a page may load."""
    origins = [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]
    if origins and _is_open(request):
        asked = request.headers.get("Origin", "")
        allowed = "*" if "*" in origins else asked if asked in origins else None
        if allowed:
            response.headers["Access-Control-Allow-Origin"] = allowed
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After, Server-Timing"
        if "*" not in origins:
            response.vary.add("Origin")
    pictures = " ".join(origin.strip() for origin in settings.image_origins.split(",") if origin.strip())
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; img-src 'self' data: blob: {pictures}; object-src 'none'; base-uri 'none'; "
        f"form-action 'self'; frame-ancestors {settings.frame_ancestors}",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response
