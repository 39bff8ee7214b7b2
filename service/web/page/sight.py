"""One artwork looked at: everything that is known of it, and what looks like it."""

from dataclasses import dataclass
from typing import Any, Final

from flask import request

from service import views
from service.resolve import label
from service.web.context import context

NEIGHBORS: Final = 12
"""So many are shown, the nearest first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An artwork in the API's shape, in one line, and its neighbours likewise."""

    artwork: dict[str, Any]
    label: str
    neighbors: list[dict[str, Any]]


def look(artwork_id: str) -> Seen:
    """Look an artwork up; NotFound where it is not there."""
    graph = context().stores.graph
    edges = graph.edges([artwork_id])
    ends = sorted({str(edges.ids[row]) for side in (edges.a, edges.b) for row in side})
    by_id = {found.id: found for found in graph.artworks(sorted({artwork_id, *ends}))}
    near = views.neighbors_json(artwork_id, edges, by_id, request.script_root)[:NEIGHBORS]
    named = [{**one, "label": label(by_id[one["id"]])} for one in near]
    return Seen(views.artwork_json(by_id[artwork_id], request.script_root), label(by_id[artwork_id]), named)
