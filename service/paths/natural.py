"""The cheapest walk through the graph, from stop to stop, without two pictures of the same."""

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise

from service.paths.records import Question, Walk
from service.paths.space import Space
from stores.angles import angle
from stores.artwork import Artwork
from stores.errors import NoPath
from stores.records import Path, PathQuery, Vectors


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
    legs: list[Path] = []
    for start, end in pairwise(question.stops):
        passed = {artwork_id for leg in legs for artwork_id in leg.ids}
        kept_out = avoid | passed | set(question.stops)
        query = PathQuery(start, end, question.power, frozenset(kept_out - {start, end}))
        found = space.graph.shortest_paths(query)
        if not found:
            raise NoPath("nothing is left to walk through: avoid fewer artworks, or run 'xdegrees relink'")
        legs.append(found[0])
    return _thinned(space, question, _joined(legs))


def _joined(legs: list[Path]) -> Walk:
    ids = legs[0].ids + tuple(artwork_id for leg in legs[1:] for artwork_id in leg.ids[1:])
    edges = {pair: edge for leg in legs for pair, edge in zip(pairwise(leg.ids), leg.edges, strict=True)}
    artworks = {artwork.id: artwork for leg in legs for artwork in leg.artworks}
    return Walk(ids, edges, artworks, legs[0].engine, legs[0].stats)


def _thinned(space: Space, question: Question, walk: Walk) -> Walk:
    """Drop one of each two that are nearly the same picture, of one object, or kept apart: its step becomes a chord."""
    if len(walk.ids) == 1 or not space.has_vectors or walk.stats.facts is None:
        return walk
    space.enter(walk.stats)
    places = space.places(walk.ids)
    vectors = dict(zip(places.ids.tolist(), places.vectors, strict=True))
    ids, near = list(walk.ids), walk.stats.facts.embedder.near_duplicate
    fixed = set(question.stops)
    for first, second in _clashing(walk, vectors, near, question.apart):
        movable = [one for one in (second, first) if one in ids and one not in fixed]
        if first in ids and second in ids and movable:
            ids.remove(movable[0])
    return Walk(tuple(ids), walk.edges, walk.artworks, walk.engine, walk.stats)


def _clashing(
    walk: Walk, vectors: Mapping[str, Vectors], near: float, apart: frozenset[frozenset[str]]
) -> Iterator[tuple[str, str]]:
    for pair in combinations(walk.ids, 2):
        if not set(pair) <= vectors.keys():
            continue
        one_object = _object(walk.artworks[pair[0]]) & _object(walk.artworks[pair[1]])
        if one_object or frozenset(pair) in apart or angle(vectors[pair[0]], vectors[pair[1]]) < near:
            yield pair


def _object(artwork: Artwork) -> set[str]:
    return {artwork.object_id} - {""}
