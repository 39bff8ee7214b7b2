"""Routes of /api/v1 whose answers are files to keep: a path with its pictures, a manifest, the whole collection."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import Any, Final

from flask import Response, json, send_file
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from service import views
from service.bundle import write_bundle
from service.graphml import graphml
from service.iiif import MEDIA_TYPE, path_manifest
from service.tables import artwork_table, edge_table
from service.web import queries, schemas
from service.web.asked import ask
from service.web.caching import cache_answers, stats
from service.web.context import context
from service.web.urls import base, whole_base
from stores.errors import Busy

PATHS, GRAPH = ([Tag(name=name)] for name in ("paths", "graph"))

_AT_ONCE: Final = 2
"""Whole collections sent at once: who reads one slowly keeps a thread."""

_IN_MEMORY: Final = 2**20
"""Bytes of a ZIP before it goes to a file that nobody else sees."""

_sending: Final = BoundedSemaphore(_AT_ONCE)


def _file(kind: str, form: str = "string") -> dict[Any, Any]:
    """Say of an answer that it is a file."""
    schema = {"type": "string", "format": "binary"} if form == "binary" else {"type": form}
    return {200: {"content": {kind: {"schema": schema}}}}


exports = APIBlueprint("exports", __name__, url_prefix="/api/v1", abp_responses=schemas.PROBLEMS)
cache_answers(exports, never=frozenset(), late={"exports.path_zip", "exports.path_iiif"})


@exports.get("/path.zip", tags=PATHS, operation_id="packPath", responses=_file("application/zip", "binary"))
def path_zip(query: queries.PathQuery) -> Response:
    """Pack the path between two artworks: pictures, strip, JSON, table, and the credit of every picture."""
    found, again = ask(query)
    images, whole = context().settings.images, whole_base()
    out = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 -- closed with the answer
    write_bundle(out, found, views.path_json(found, whole, again), views.plates(found, images), images, whole)
    out.seek(0)
    answer = send_file(out, mimetype="application/zip", as_attachment=True, download_name="path.zip")
    answer.call_on_close(out.close)
    return answer


@exports.get("/path.iiif", tags=PATHS, operation_id="presentPath", responses=_file("application/ld+json", "object"))
def path_iiif(query: queries.PathQuery) -> Response:
    """Get the path between two artworks as a IIIF manifest (Presentation 3): a canvas for each."""
    found, again = ask(query)
    return Response(json.dumps(path_manifest(found, whole_base(), again)), content_type=MEDIA_TYPE)


@exports.get("/artworks.csv", tags=GRAPH, operation_id="tabulateArtworks", responses=_file("text/csv"))
def artworks_csv() -> Response:
    """Get all artworks as a table, with credit and rights."""
    stats()
    return _sent(artwork_table(context().stores.graph, base()), "text/csv", "artworks.csv")


@exports.get("/edges.csv", tags=GRAPH, operation_id="tabulateEdges", responses=_file("text/csv"))
def edges_csv() -> Response:
    """Get all edges as a table that Gephi reads; `distance` is the weight that paths add up."""
    stats()
    return _sent(edge_table(context().stores.graph), "text/csv", "edges.csv")


@exports.get("/graph.graphml", tags=GRAPH, operation_id="exportGraph", responses=_file("application/graphml+xml"))
def graph_graphml() -> Response:
    """Get the whole graph as GraphML: artworks with credit and rights, and edges."""
    stats()
    return _sent(graphml(context().stores.graph, base()), "application/graphml+xml", "graph.graphml")


def _sent(parts: Iterator[str], kind: str, name: str) -> Response:
    """Send a file as it is made; Busy while others are sent."""
    if not _sending.acquire(blocking=False):
        raise Busy(f"{_AT_ONCE} whole collections are being sent already: ask again in a minute")
    end = _once(_sending.release)

    def sent() -> Iterator[bytes]:
        try:
            yield from (part.encode() for part in parts)
        finally:
            end()

    answer = Response(sent(), mimetype=kind)
    answer.call_on_close(end)  # also where nothing of it is read, as of an answer to HEAD
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _once(act: Callable[[], object]) -> Callable[[], None]:
    """Return what acts the first time it is called, and no more."""
    left = [act]

    def first() -> None:
        with suppress(IndexError):
            left.pop()()

    return first
