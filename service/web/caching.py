"""An unchanged answer is a 304, a changed one never: tags are made of everything an answer follows from."""

import json
from collections.abc import Set as AbstractSet
from hashlib import sha256
from http import HTTPStatus
from importlib.metadata import version
from typing import Final

from flask import Blueprint, Response, g, request

from service.web.context import context
from service.web.urls import base
from stores.artwork import Artwork
from stores.errors import NOTHING_LOADED, Unavailable
from stores.records import GraphStats

_RELEASE: Final = version("xdegrees")


def cache_answers(blueprint: Blueprint, never: AbstractSet[str], late: AbstractSet[str]) -> None:
    """Tag every good answer to a GET of a blueprint, but for the endpoints named in ``never``.

    Those in ``late`` say by themselves what graph they were found in, see :func:`found_in`; nothing is asked before.
    """

    @blueprint.before_request
    def answer_unchanged() -> Response | None:
        g.tagged = request.method in ("GET", "HEAD") and request.endpoint not in never
        if request.endpoint in late and "If-None-Match" not in request.headers:
            return None
        now = stats()
        if g.tagged and request.if_none_match.contains_weak(_tag(now)):
            return Response(status=304)
        return None

    @blueprint.after_request
    def tag_answer(response: Response) -> Response:
        if g.get("tagged") and "stats" in g and response.status_code in (200, 302, 304):
            tag = g.get("tag") or _tag(g.stats)
            if response.status_code == HTTPStatus.OK and request.if_none_match.contains_weak(tag):
                response = _unchanged(response)
            response.set_etag(tag)
            response.headers["Cache-Control"] = "public, no-cache"
        else:
            response.headers["Cache-Control"] = "no-store"
        return response


def _unchanged(response: Response) -> Response:
    """Say that an answer is the one that the client has; what it varies by is said again (RFC 9110, section 15.4.5)."""
    answer = Response(status=HTTPStatus.NOT_MODIFIED)
    answer.vary.update(response.vary)
    return answer


def stats() -> GraphStats:
    """Return what the graph holds, read once a request; Unavailable while that is nothing."""
    if "stats" not in g:
        g.stats = context().stores.graph.stats()
    found: GraphStats = g.stats
    if found.facts is None:
        raise Unavailable(NOTHING_LOADED)
    return found


def artwork_tag(artwork: Artwork) -> str:
    """Return the tag of an answer that is one artwork: it moves when that does, whatever becomes of the others."""
    record = {name: value for name, value in artwork.to_payload().items() if name != "vector"}
    asked = artwork.id, json.dumps(record, sort_keys=True), _RELEASE, base()
    return sha256(repr(asked).encode()).hexdigest()[:32]


def tag_as(tag: str) -> None:
    """Say what tag an answer has, instead of that of the whole graph."""
    g.tag = tag


def found_in(graph: GraphStats) -> None:
    """Say which graph an answer was found in."""
    g.stats = graph


def _tag(now: GraphStats) -> str:
    """Digest of the graph, the metadata, the release and the question; the path tells the media type."""
    query = sorted(request.args.items(multi=True))
    settings = context().settings
    addresses = settings.public_url, settings.neo4j_browser_url
    steering = context().steering.current().digest
    graph = now.facts and now.facts.digest, now.metadata_version
    able = bool(context().keys.all()), context().maps.there()
    asked = (graph, steering, able, _RELEASE, addresses, request.path, query)
    return sha256(repr(asked).encode()).hexdigest()[:32]
