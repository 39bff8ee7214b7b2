"""From a question to the path that answers it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from service.filters import unmatched
from service.paths.candidates import PER_POINT, WIDER, candidates
from service.paths.describe import describe
from service.paths.guests import receive
from service.paths.lattice import Lattice, build, cheapest_way, even_way
from service.paths.natural import natural_walk
from service.paths.questions import check
from service.paths.records import FoundPath, Question, Walk
from service.paths.space import Places, Space
from stores.errors import NoPath
from stores.records import GraphStats
from stores.words import counted


def find_path(space: Space, question: Question) -> FoundPath:
    """Find the path that a question asks for, and as many alternatives as it asks for and there are.

    From an artwork to itself is a path of that one artwork. Raises NotFound; BadInput for what contradicts
    itself; NoPath where what is asked leaves too little. Where what is avoided takes the graph apart, the way goes
    over steps that are no edges.
    """
    if question.guests:
        space, question = receive(space, question, space.graph.stats())
    check(space, question)
    question = replace(question, avoid=question.avoid | (question.excluded - set(question.stops)))
    if question.source == question.target or (question.images is None and not question.where):
        try:
            walks = natural_walk(space, question)
            return describe(space, question, [*walks, *_further(space, question, walks)])
        except NoPath:
            if not space.has_vectors:
                raise
    stats = space.graph.stats()
    space.enter(stats)
    try:
        ways = _ways(space, question, stats)
    except NoPath as error:
        raise NoPath(unmatched(space.graph, question.where) or str(error)) from error
    return describe(space, question, [Walk(ids, engine="candidates", stats=stats) for ids in ways])


def _further(space: Space, question: Question, walks: Sequence[Walk]) -> list[Walk]:
    """Return the alternatives that the graph has no edges for; no step leads from stop to stop at once."""
    wanted = question.alternatives + 1 - len(walks)
    if wanted <= 0 or question.source == question.target or not space.has_vectors:
        return []
    stats = walks[0].stats
    space.enter(stats)
    stops = [space.place(stop) for stop in question.stops]
    used = frozenset(artwork_id for walk in walks for artwork_id in walk.ids) - set(question.stops)
    between, _ = candidates(space, stops, PER_POINT, question.where, question.avoid | used)
    lattice = build(stops, between, _near_duplicate(stats), question.apart)
    lattice.weights[np.ix_(lattice.fixed, lattice.fixed)] = np.inf
    found = _some(lattice, replace(question, alternatives=wanted - 1))
    return [Walk(ids, engine="candidates", stats=stats) for ids in found]


def _near_duplicate(stats: GraphStats) -> float:
    return stats.facts.embedder.near_duplicate if stats.facts else 0.0


def _ways(space: Space, question: Question, stats: GraphStats) -> list[tuple[str, ...]]:
    """Return the best way over candidates and its alternatives, as ids; wider where the first were too few."""
    stops = [space.place(stop) for stop in question.stops]
    for per_point in (max(PER_POINT, 10 * (question.images or 0)), WIDER):
        between, complete = candidates(space, stops, per_point, question.where, question.avoid)
        if question.images is None and question.where and not any(len(places) for places in between):
            raise NoPath("no artwork between these satisfies where: relax it, or leave it out")
        lattice = build(stops, between, _near_duplicate(stats), question.apart)
        if ways := _some(lattice, question):
            return ways
        if complete:
            break
    raise NoPath(_too_few(question, between, everything=complete))


def _some(lattice: Lattice, question: Question) -> list[tuple[str, ...]]:
    """Return up to as many ways as are asked for; no two share an artwork but for the stops."""
    closed = np.zeros(len(lattice.places), dtype=np.bool_)
    ways: list[tuple[str, ...]] = []
    while len(ways) <= question.alternatives:
        if question.images is None:
            rows = cheapest_way(lattice, question.power, closed)
        else:
            rows = even_way(lattice, question.images, closed)
        ids = tuple(str(lattice.places.ids[row]) for row in rows or ())
        if rows is None or ids in ways:
            break
        ways.append(ids)
        used = np.isin(lattice.places.ids, np.array(ids, dtype="U36")) & ~lattice.fixed
        closed |= used
    return ways


def _too_few(question: Question, between: Sequence[Places], *, everything: bool) -> str:
    left = len({artwork_id for places in between for artwork_id in places.ids.tolist()})
    needed = (question.images or len(question.stops)) - len(question.stops)
    where = "left to walk through" if everything else "near the way"
    return (
        f"{counted(left, 'artwork')} {'is' if left == 1 else 'are'} {where} and the path needs {needed}, "
        "of which no two may be nearly the same picture, views of one object, or kept apart: ask for fewer images or "
        "alternatives, or relax where, via or avoid"
    )
