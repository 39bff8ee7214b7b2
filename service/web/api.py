"""Routes of /api/v1, each: parse, call, serialise."""

import io
from typing import Any, Final

from flask import Response as Answer
from flask import jsonify, redirect, request, send_file
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from werkzeug.wrappers import Response

from service import views
from service.browser import browser_link
from service.chance import random_path
from service.resolve import find_id
from service.strip import render_strip
from service.summary import summarize
from service.tables import path_table
from service.web import queries, schemas
from service.web.asked import ask, parse_filters
from service.web.body import read_body
from service.web.caching import artwork_tag, cache_answers, stats, tag_as
from service.web.context import context
from service.web.urls import address, base
from stores.errors import BadInput, NotFound
from stores.records import Search

ARTWORKS, PATHS, GRAPH = ([Tag(name=name)] for name in ("artworks", "paths", "graph"))
CSV: Final[dict[Any, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
PNG: Final[dict[Any, Any]] = {200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}}

api = APIBlueprint("api", __name__, url_prefix="/api/v1", abp_responses=schemas.PROBLEMS)
cache_answers(api, never={"api.random"}, late={"api.path", "api.path_png", "api.path_csv"})


@api.get("/artworks", tags=ARTWORKS, operation_id="listArtworks", responses={200: schemas.ArtworkList})
def artworks(query: queries.ArtworksQuery) -> Response:
    """Find artworks by words and filters, a page at a time."""
    page = context().stores.graph.find(_search(query))
    answer = jsonify(views.page_json(page, base()))
    if page.after:
        asked = query.model_dump(exclude_defaults=True) | {"cursor": views.write_cursor(page.after)}
        answer.headers["Link"] = f'<{address("/api/v1/artworks", **asked)}>; rel="next"'
    return answer


@api.get("/artworks/<path:artwork>", tags=ARTWORKS, operation_id="getArtwork", responses={200: schemas.Artwork})
def artwork(path: queries.ArtworkPath) -> Response:
    """Get one artwork."""
    graph = context().stores.graph
    found = graph.artworks([find_id(graph, path.artwork)])[0]
    tag_as(artwork_tag(found))
    return jsonify(views.artwork_json(found, base()))


@api.get(
    "/artworks/<path:artwork>/neighbors",
    tags=ARTWORKS,
    operation_id="listNeighbors",
    responses={200: schemas.Neighbors},
)
def neighbors(path: queries.ArtworkPath) -> Response:
    """Get every edge of an artwork, nearest first."""
    graph = context().stores.graph
    own = find_id(graph, path.artwork)
    edges = graph.edges([own])
    ends = sorted({str(edges.ids[row]) for side in (edges.a, edges.b) for row in side})
    by_id = {found.id: found for found in graph.artworks(ends)}
    return jsonify(graph=views.graph_json(stats()), neighbors=views.neighbors_json(own, edges, by_id, base()))


@api.get(
    "/artworks/<path:artwork>/image",
    tags=ARTWORKS,
    operation_id="getImage",
    responses={302: {"description": "The picture's own address"}},
)
def image(path: queries.ArtworkPath, query: queries.ImageQuery) -> Response:
    """Go to the picture of an artwork."""
    graph = context().stores.graph
    found = graph.artworks([find_id(graph, path.artwork)])[0]
    if query.size not in found.images:
        raise NotFound(f"no {query.size} picture of this artwork may be shown")
    return redirect(views.picture_url(base(), found.content_hash, query.size))


@api.get("/path", tags=PATHS, operation_id="findPath", responses={200: schemas.Path})
def path(query: queries.PathQuery) -> Response:
    """Find the path between two artworks."""
    found, again = ask(query)
    settings = context().settings
    shown = settings.neo4j_browser_url and browser_link(settings.neo4j_browser_url, settings.collection, found.artworks)
    return jsonify(views.path_json(found, base(), again, shown or None))


@api.post(
    "/path",
    tags=PATHS,
    operation_id="findPathFromBody",
    responses={200: schemas.Path},
    openapi_extensions={"requestBody": queries.PATH_BODY},
)
def path_from_body() -> Response:
    """Find the path between two artworks, pictures or words; nothing of what is sent is kept."""
    query, pictures = read_body(queries.PathQuery)
    found, again = ask(query, pictures)
    return jsonify(views.path_json(found, base(), again))


@api.get("/path.png", tags=PATHS, operation_id="drawPath", responses=PNG)
def path_png(query: queries.PathQuery) -> Response:
    """Draw the path between two artworks as a strip."""
    found, _ = ask(query)
    drawn = render_strip(views.plates(found, context().settings.images), steps=[step.weight for step in found.steps])
    return send_file(io.BytesIO(drawn), mimetype="image/png", download_name="path.png")


@api.get("/path.csv", tags=PATHS, operation_id="tabulatePath", responses=CSV)
def path_csv(query: queries.PathQuery) -> Response:
    """Tabulate the path between two artworks: a row for each, with the step that leads to it."""
    found, _ = ask(query)
    answer = Answer(path_table(found, base()), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=path.csv"
    return answer


@api.get("/random", tags=PATHS, operation_id="randomPair", responses={200: schemas.Pair})
def random() -> Response:
    """Draw two artworks worth connecting."""
    ends = random_path(context().space, context().steering.current()).artworks
    query = {"from": ends[0].id, "to": ends[-1].id}
    return jsonify(
        artworks=[views.artwork_json(end, base()) for end in (ends[0], ends[-1])],
        links={"path": address("/api/v1/path", **query), "strip": address("/api/v1/path.png", **query)},
    )


@api.get("/graph", tags=GRAPH, operation_id="getGraph", responses={200: schemas.GraphSummary})
def graph() -> Response:
    """Get the graph in figures, and what this service can do."""
    upload, text = context().sight.able(stats())
    able = {"upload": upload, "text": text, "add": upload and bool(context().keys.all()), "map": context().maps.there()}
    figures: dict[str, Any] = summarize(context().stores.graph, stats())
    return jsonify(graph=views.graph_json(stats()), capabilities=able, **figures)


@api.get("/map", tags=GRAPH, operation_id="getMap", responses={200: schemas.Map})
def whole_map() -> Response:
    """Get where every artwork lies on the map, as columns of one order."""
    found = context().maps.answer(stats())
    packed = request.accept_encodings.quality("gzip") > 0
    answer = Answer(found.packed if packed else found.plain, mimetype="application/json")
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    tag_as(f"{found.tag}-gzip" if packed else found.tag)
    return answer


def _search(query: queries.ArtworksQuery) -> Search:
    if unknown := [name for name in query.facets if name not in stats().columns]:
        told = f"cannot be counted; there are {', '.join(stats().columns)}"
        raise BadInput(f"facets: {', '.join(unknown)} {told}", [("facets", f"{name} {told}") for name in unknown])
    return Search(
        text=query.q,
        where=parse_filters(query),
        limit=query.limit,
        after=views.read_cursor(query.cursor),
        facets=tuple(query.facets),
    )
