"""From a question to the path that answers it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from service.filters import unmatched
from service.paths.candidates import candidates
from service.paths.describe import describe
from service.paths.guests import receive
from service.paths.lattice import Lattice, build, cheapest_way, even_way
from service.paths.natural import natural_walk
from service.paths.questions import check
from service.paths.records import FoundPath, Question, Walk
from service.paths.space import Space
from stores.errors import NoPath
from stores.ports import PACES
from stores.records import GraphStats
from stores.words import counted

Ids = tuple[str, ...]


def find_path(space: Space, question: Question) -> FoundPath:
    """Find the path that a question asks for, and as many alternatives as it asks for and there are.

    From an artwork to itself is a path of that one artwork. Raises NotFound; BadInput for what contradicts
    itself; NoPath where what is asked leaves too little. Where what is avoided takes the graph apart, or the graph has
    fewer alternatives than are asked for, the way goes over steps that are no edges.
    """
    if question.guests:
        space, question = receive(space, question, space.graph.stats())
    check(space, question)
    question = replace(question, avoid=question.avoid | (question.excluded - {question.source, question.target}))
    walks = _natural(space, question)
    enough = question.source == question.target or len(walks) > question.alternatives
    if not enough and (space.has_vectors or not walks):
        stats = space.graph.stats()
        space.enter(stats)
        try:
            ways = _ways(space, question, stats, [walk.ids for walk in walks])
        except NoPath as error:
            raise NoPath(unmatched(space.graph, question.where) or str(error)) from error
        walks += [Walk(ids, engine="candidates", stats=stats) for ids in ways]
    return describe(space, question, walks)


def _natural(space: Space, question: Question) -> list[Walk]:
    """Return the walks through the graph, where one is asked for and there is any, or nothing else can be asked."""
    if question.source != question.target and (question.images is not None or question.where):
        return []
    try:
        return natural_walk(space, question)
    except NoPath:
        if not space.has_vectors:
            raise
        return []


def _ways(space: Space, question: Question, stats: GraphStats, known: Sequence[Ids]) -> list[Ids]:
    """Return the best ways over candidates beside those known, wider where the first were too few.

    NoPath where none is known either.
    """
    stops = [space.place(stop) for stop in question.stops]
    near_duplicate = stats.facts.embedder.near_duplicate if stats.facts else 0.0
    left = 0
    for found in candidates(space, question, stops, near_duplicate):
        left = found.left
        if question.images is None and question.where and not left:
            raise NoPath("no artwork between these satisfies where: relax it, or leave it out")
        if ways := _some(build(stops, found.between, near_duplicate, question.apart), question, known):
            return ways
    if known:
        return []
    raise NoPath(_too_few(question, left))


def _some(lattice: Lattice, question: Question, known: Sequence[Ids]) -> list[Ids]:
    """Return as many ways as are still wanted; no two of all share an artwork but for the stops.

    Beside walks through the graph the way is gentle at least: over steps that are no edges a hurried one would leap.
    """
    ways = list(known)
    power = max(question.power, PACES["gentle"]) if known else question.power
    while len(ways) <= question.alternatives:
        closed = np.isin(lattice.places.ids, np.array(sorted(set().union(*ways)), dtype="U36")) & ~lattice.fixed
        if question.images is None:
            rows = cheapest_way(lattice.without_leaps() if ways else lattice, power, closed)
        else:
            rows = even_way(lattice, question.images, closed)
        ids = tuple(str(lattice.places.ids[row]) for row in rows or ())
        if rows is None or ids in ways:
            break
        ways.append(ids)
    return ways[len(known) :]


def _too_few(question: Question, left: int) -> str:
    needed = (question.images or len(question.stops)) - len(question.stops)
    given = (("relax where", question.where), ("avoid fewer", question.avoid), ("leave out some of via", question.via))
    *others, last = ["ask for fewer images", *(told for told, asked in given if asked)]
    return (
        f"{counted(left, 'artwork')} {'is' if left == 1 else 'are'} left to walk through and the path needs {needed}, "
        "of which no two may be nearly the same picture, views of one object, or kept apart: "
        f"{', '.join(others)}{' or ' if others else ''}{last}"
    )
