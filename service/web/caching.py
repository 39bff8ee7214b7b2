"""An unchanged answer is a 304, a changed one never: tags are made of everything an answer follows from."""

from hashlib import sha256
from importlib.metadata import version
from typing import Final

from flask import Blueprint, Response, g, request

from service.web.context import context
from stores.errors import Unavailable
from stores.records import GraphStats

_RELEASE: Final = version("xdegrees")


def cache_answers(blueprint: Blueprint, never: frozenset[str]) -> None:
    """Tag every good answer to a GET of a blueprint, but for the endpoints named in ``never``."""

    @blueprint.before_request
    def answer_unchanged() -> Response | None:
        g.stats = context().stores.graph.stats()
        if g.stats.facts is None:
            raise Unavailable("nothing has been loaded yet: run 'xdegrees load FOLDER', then ask again")
        g.tag = None if request.method not in ("GET", "HEAD") or request.endpoint in never else _tag(g.stats)
        if g.tag and request.if_none_match.contains_weak(g.tag):
            return Response(status=304)
        return None

    @blueprint.after_request
    def tag_answer(response: Response) -> Response:
        if g.get("tag") and response.status_code in (200, 302, 304):
            response.set_etag(g.tag)
            response.headers["Cache-Control"] = "public, no-cache"
        else:
            response.headers["Cache-Control"] = "no-store"
        return response


def stats() -> GraphStats:
    """Return what the graph held when this request came in."""
    found: GraphStats = g.stats
    return found


def _tag(now: GraphStats) -> str:
    """Digest of the graph, the metadata, the release and the question; the path tells the media type."""
    query = sorted(request.args.items(multi=True))
    settings = context().settings
    addresses = settings.public_url, settings.neo4j_browser_url
    asked = (now.facts and now.facts.digest, now.metadata_version, _RELEASE, addresses, request.path, query)
    return sha256(repr(asked).encode()).hexdigest()[:32]
