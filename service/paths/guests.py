"""Ends that are not in the collection: linked to it for one question. Nothing else changes, nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from loaders.links import SHORTEST_REACH
from service.paths.records import Guest, Question, Walk
from service.paths.space import Linked, Place, Space
from stores.angles import angle
from stores.artwork import Artwork
from stores.dijkstra import step_cost
from stores.errors import Unavailable
from stores.records import Edge, GraphStats, PathQuery

SAME: Final = 0.01
"""Radians within which a picture is the artwork itself: embedding the same file again moves a vector by 1e-6."""


def receive(space: Space, question: Question, stats: GraphStats) -> tuple[Space, Question]:
    """Link the guests of a question; a guest that is an artwork of the collection becomes that artwork."""
    space.enter(stats)
    linked = {guest.name: link(space, guest, stats) for guest in question.guests}
    nearest = {name: next(iter(guest.edges.items())) for name, guest in linked.items()}
    same = {name: artwork_id for name, (artwork_id, edge) in nearest.items() if edge.angle < SAME}
    same |= _twins(question.guests, same)
    hosting = space.hosting({name: guest for name, guest in linked.items() if name not in same})
    source, target = (same.get(end, end) for end in (question.source, question.target))
    return hosting, replace(question, source=source, target=target)


def _twins(guests: Sequence[Guest], same: Mapping[str, str]) -> dict[str, str]:
    """Let two guests that are the same picture be one: the artwork that either is, else the first of them."""
    found: dict[str, str] = {}
    for first, other in pairwise(guests):
        if not same.keys() >= {first.name, other.name} and angle(first.vector, other.vector) < SAME:
            one = same.get(first.name) or same.get(other.name) or first.name
            found |= {name: one for name in (first.name, other.name) if name != one}
    return found


def link(space: Space, guest: Guest, stats: GraphStats) -> Linked:
    """Link a guest to its k nearest artworks and to all that reach it, nearest first, with reaches as they stand."""
    k = stats.facts.k if stats.facts else 1
    places, measured = space.within(guest.vector, k)
    if not len(places):
        raise Unavailable("there is no artwork at all: run 'xdegrees load FOLDER' first")
    reach = max(float(measured[:k][-1]), SHORTEST_REACH)
    weights = measured / np.sqrt(reach * places.reach)
    edges = {
        str(places.ids[row]): Edge(
            angle=float(measured[row]), weight=float(weights[row]), rank=row + 1 if row < k else None, bridge=False
        )
        for row in range(len(places))
        if row < k or measured[row] < places.reach[row]
    }
    artwork = Artwork(id=guest.name, key="", title=guest.title, display="none")
    return Linked(artwork, Place(guest.vector, reach, ""), edges)


def guest_walk(space: Space, query: PathQuery) -> Walk | None:
    """Return the cheapest walk of which at least one end is a guest; ``query`` has one target."""
    source, target = query.source, *query.targets
    if target not in space.guests:
        back = _to_guest(space, replace(query, source=target, target=source))
        return _turned(back) if back else None
    if source not in space.guests:
        return _to_guest(space, query)
    return _between_guests(space, query)


def _between_guests(space: Space, query: PathQuery) -> Walk | None:
    """Try the links of one guest from the cheapest on, until a link alone costs more than the best walk."""
    guest, best, least = space.guests[query.source], None, np.inf
    for artwork_id, edge in sorted(guest.edges.items(), key=lambda item: (item[1].weight, item[0])):
        first = step_cost(edge.weight, query.power)
        if first >= least:
            break
        if artwork_id in query.avoid:
            continue
        walk = _to_guest(space, replace(query, source=artwork_id))
        if walk and first + _cost(walk, query.power) < least:
            least, best = first + _cost(walk, query.power), _begun(walk, guest, edge)
    return best


def _to_guest(space: Space, query: PathQuery) -> Walk | None:
    """Walk from an artwork to a guest: over that of its links with the best sum, or at once where one leads here."""
    guest = space.guests[next(iter(query.targets))]
    further = {
        artwork_id: step_cost(edge.weight, query.power)
        for artwork_id, edge in guest.edges.items()
        if artwork_id not in query.avoid
    }
    direct = further.pop(query.source, None)
    found = space.graph.shortest_paths(replace(query, target=further)) if further else ()
    if found and (direct is None or found[0].cost + further[found[0].ids[-1]] < direct):
        return _ended(Walk.of(found[0]), guest)
    if direct is None:
        return None
    artworks = {artwork.id: artwork for artwork in space.graph.artworks([query.source])}
    stats = space.graph.stats()
    return _ended(Walk((query.source,), artworks=artworks, engine=stats.engines[0], stats=stats), guest)


def _ended(walk: Walk, guest: Linked) -> Walk:
    last, name = walk.ids[-1], guest.artwork.id
    return replace(
        walk,
        ids=(*walk.ids, name),
        edges={**walk.edges, (last, name): guest.edges[last]},
        artworks={**walk.artworks, name: guest.artwork},
    )


def _begun(walk: Walk, guest: Linked, edge: Edge) -> Walk:
    name = guest.artwork.id
    return replace(
        walk,
        ids=(name, *walk.ids),
        edges={**walk.edges, (name, walk.ids[0]): edge},
        artworks={**walk.artworks, name: guest.artwork},
    )


def _turned(walk: Walk) -> Walk:
    return replace(walk, ids=walk.ids[::-1], edges={pair[::-1]: edge for pair, edge in walk.edges.items()})


def _cost(walk: Walk, power: int) -> float:
    return sum(step_cost(edge.weight, power) for edge in walk.edges.values())
