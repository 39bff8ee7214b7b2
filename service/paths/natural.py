"""The cheapest walk through the graph, from stop to stop, without two pictures of the same."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from service.paths.clashes import angles_between, clashes, kept_apart
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
    """Return the cheapest walk past all stops, without two of the same; avoid grows only where nothing is measured."""
    while True:
        walk = _joined(_legs(space, question, avoid))
        surplus = _surplus(space, question, walk)
        if space.has_vectors or not surplus:
            return replace(walk, ids=tuple(one for one in walk.ids if one not in surplus))
        avoid |= surplus


def _legs(space: Space, question: Question, avoid: frozenset[str]) -> list[Walk]:
    legs: list[Walk] = []
    for start, end in pairwise(question.stops):
        passed = {artwork_id for leg in legs for artwork_id in leg.ids}
        kept_out = avoid | passed | set(question.stops)
        query = PathQuery(start, end, question.power, frozenset(kept_out - {start, end}))
        found = _leg(space, query)
        if found is None:
            raise NoPath(_nothing_left(question))
        legs.append(found)
    return legs


def _nothing_left(question: Question) -> str:
    advice = "avoid fewer artworks, leave out some of via" if question.via else "avoid fewer artworks"
    return f"nothing is left to walk through: {advice}, or run 'xdegrees relink'"


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


def _surplus(space: Space, question: Question, walk: Walk) -> frozenset[str]:
    """Return one of each two that are nearly the same picture, of one object, or kept apart.

    Where they can be left out, the step becomes a chord; without vectors nobody knows how long it is, nor who is
    nearly the same.
    """
    if len(walk.ids) == 1 or walk.stats.facts is None:
        return frozenset()
    if space.has_vectors:
        space.enter(walk.stats)
        near, places = walk.stats.facts.embedder.near_duplicate, space.places(walk.ids)
        ids, clash = places.ids.tolist(), clashes(places, angles_between(places, near), near, question.apart)
    else:
        ids = list(walk.ids)
        clash = kept_apart(ids, [walk.artworks[one].object_id for one in ids], question.apart)
    fixed, surplus = set(question.stops), set[str]()
    for row, other in np.argwhere(np.triu(clash)).tolist():
        pair = ids[other], ids[row]
        movable = [one for one in pair if one not in fixed]
        if movable and not surplus & set(pair):
            surplus.add(movable[0])
    return frozenset(surplus)
