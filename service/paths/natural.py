"""The cheapest walk through the graph, from stop to stop, without two pictures of the same."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from service.paths.clashes import angles_between, clashes
from service.paths.guests import guest_walk
from service.paths.records import Question, Walk
from service.paths.space import Space
from stores.errors import NoPath
from stores.records import PathQuery


def natural_walk(space: Space, question: Question) -> list[Walk]:
    """Return the cheapest walk and its alternatives, none sharing an artwork between the stops with another."""
    walks = [_walk(space, question, question.avoid)]
    stops = set(question.stops)
    used = set(question.avoid) | (set(walks[0].ids) - stops)
    while len(walks) <= question.alternatives and len(walks[-1].ids) > len(stops):
        try:
            walks.append(_walk(space, question, frozenset(used)))
        except NoPath:
            break
        used |= set(walks[-1].ids) - stops
    return walks


def _walk(space: Space, question: Question, avoid: frozenset[str]) -> Walk:
    legs: list[Walk] = []
    for start, end in pairwise(question.stops):
        passed = {artwork_id for leg in legs for artwork_id in leg.ids}
        kept_out = avoid | passed | set(question.stops)
        query = PathQuery(start, end, question.power, frozenset(kept_out - {start, end}))
        found = _leg(space, query)
        if found is None:
            raise NoPath("nothing is left to walk through: avoid fewer artworks, or run 'xdegrees relink'")
        legs.append(found)
    return _thinned(space, question, _joined(legs))


def _leg(space: Space, query: PathQuery) -> Walk | None:
    """Return the cheapest walk from stop to stop."""
    if space.guests.keys() & {query.source, *query.targets}:
        return guest_walk(space, replace(query, avoid=query.avoid - space.guests.keys()))
    found = space.graph.shortest_paths(query)
    return Walk.of(found[0]) if found else None


def _joined(legs: list[Walk]) -> Walk:
    ids = legs[0].ids + tuple(artwork_id for leg in legs[1:] for artwork_id in leg.ids[1:])
    edges = {pair: edge for leg in legs for pair, edge in leg.edges.items()}
    artworks = {artwork_id: artwork for leg in legs for artwork_id, artwork in leg.artworks.items()}
    return Walk(ids, edges, artworks, legs[0].engine, legs[0].stats)


def _thinned(space: Space, question: Question, walk: Walk) -> Walk:
    """Drop one of each two that are nearly the same picture, of one object, or kept apart: its step becomes a chord."""
    if len(walk.ids) == 1 or not space.has_vectors or walk.stats.facts is None:
        return walk
    space.enter(walk.stats)
    near = walk.stats.facts.embedder.near_duplicate
    places = space.places(walk.ids)
    clash = clashes(places, angles_between(places, near), near, question.apart)
    ids, fixed = places.ids.tolist(), set(question.stops)
    kept = list(walk.ids)
    for row, other in np.argwhere(np.triu(clash)).tolist():
        movable = [one for one in (ids[other], ids[row]) if one in kept and one not in fixed]
        if ids[row] in kept and ids[other] in kept and movable:
            kept.remove(movable[0])
    return Walk(tuple(kept), walk.edges, walk.artworks, walk.engine, walk.stats)
