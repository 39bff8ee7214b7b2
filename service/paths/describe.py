"""Everything that is said about a path."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from loaders.links import SHORTEST_REACH
from service.paths.records import FoundPath, Quality, Question, Step, Walk
from service.paths.space import Space
from stores.angles import angle
from stores.artwork import Artwork
from stores.dijkstra import step_cost
from stores.errors import NotFound
from stores.ports import PACES
from stores.records import Edge, Edges
from stores.words import facets, fold

_UNSEEN: Final = frozenset({"source", "rights"})
"""Columns that say nothing of what two artworks look like."""

Known = Mapping[tuple[str, str], Edge]
"""Edges by both their ends, in either order."""


def describe(space: Space, question: Question, walks: Sequence[Walk]) -> FoundPath:
    """Say everything about the best of some walks; the others become its alternatives, best first.

    Of paths of exactly so many artworks the best has the smallest largest step. Else it is the walk that came first;
    the others are told by their cost.
    """
    best, *others = [_describe(space, question, walk) for walk in walks]
    if question.images is None:
        others.sort(key=lambda path: path.cost)
        relative = [other.cost / (best.cost or 1.0) for other in others]
    else:
        best, *others = sorted([best, *others], key=lambda path: path.quality.largest_step)
        relative = [other.quality.largest_step / (best.quality.largest_step or 1.0) for other in others]
    further = (replace(other, relative=ratio) for other, ratio in zip(others, relative, strict=True))
    return replace(best, alternatives=tuple(further))


def describe_given(space: Space, ids: Sequence[str], pace: str = "gentle") -> FoundPath:
    """Describe a sequence that somebody else chose; artworks that are no longer there are titled gaps.

    NotFound where not one of them is there.
    """
    stats = space.graph.stats()
    space.enter(stats)
    known = {str(artwork_id) for artwork_id in space.places(ids).ids}
    if not known:
        raise NotFound("none of these artworks is in the collection")
    artworks = {found.id: found for found in space.graph.artworks(sorted(known))}
    gaps = {one: Artwork(one, one, title="No longer in the collection", display="none") for one in ids}
    walk = Walk(tuple(ids), artworks=gaps | artworks, engine="given", stats=stats)
    return _describe(space, Question(ids[0], ids[-1], pace=pace), walk, missing=frozenset(set(ids) - known))


def _describe(space: Space, question: Question, walk: Walk, missing: frozenset[str] = frozenset()) -> FoundPath:
    known, bound = _guest_edges(space) | dict(walk.edges), None
    if not all(pair in known for pair in pairwise(walk.ids)):
        edges = space.graph.edges(sorted(set(walk.ids) - missing - space.guests.keys()))
        known |= _among(edges, set(walk.ids))
        bound = _lower_bound(space, walk, edges, question.stops) if _is_bounded(space, walk) else None
    artworks = _artworks(space, walk)
    steps = tuple(_step(space, artworks, pair, known, missing) for pair in pairwise(walk.ids))
    if walk.engine == "given":
        steps = tuple(replace(step, kind="given") for step in steps)
    weights = [step.weight for step in steps if step.weight is not None]
    return FoundPath(
        pace=question.pace,
        cost=sum((step_cost(weight, PACES[question.pace]) for weight in weights), 0.0),
        artworks=tuple(artworks[artwork_id] for artwork_id in walk.ids),
        steps=steps,
        quality=_quality(space, walk, steps, missing, bound),
        engine=walk.engine,
        stats=walk.stats,
        even=question.images is not None,
    )


def _artworks(space: Space, walk: Walk) -> dict[str, Artwork]:
    known = {**walk.artworks, **{name: guest.artwork for name, guest in space.guests.items()}}
    wanted = [artwork_id for artwork_id in walk.ids if artwork_id not in known]
    fetched = space.graph.artworks(wanted) if wanted else ()
    return {**known, **{artwork.id: artwork for artwork in fetched}}


def _guest_edges(space: Space) -> dict[tuple[str, str], Edge]:
    """Return the edges of guests, by both their ends in either order."""
    edges = {(name, other): edge for name, guest in space.guests.items() for other, edge in guest.edges.items()}
    return edges | {pair[::-1]: edge for pair, edge in edges.items()}


def _among(edges: Edges, wanted: set[str]) -> dict[tuple[str, str], Edge]:
    """Return those of some edges that join two of the artworks wanted."""
    found = {}
    for row in range(len(edges)):
        ends = str(edges.ids[edges.a[row]]), str(edges.ids[edges.b[row]])
        if wanted.issuperset(ends):
            found[ends] = found[ends[::-1]] = _edge(edges, row)
    return found


def _edge(edges: Edges, row: int) -> Edge:
    ranks = [int(rank) for rank in (edges.rank_a[row], edges.rank_b[row]) if rank]
    angle_, weight = float(edges.angle[row]), float(edges.weight[row])
    return Edge(angle_, weight, min(ranks, default=None), bool(edges.bridge[row]))


def _step(
    space: Space, artworks: Mapping[str, Artwork], pair: tuple[str, str], known: Known, missing: frozenset[str]
) -> Step:
    shared = _shared(artworks[pair[0]], artworks[pair[1]])
    if missing & set(pair):
        return Step(*pair, angle=None, weight=None, kind="given", rank=None, shared=shared)
    if edge := known.get(pair):
        kind = "bridge" if edge.bridge else "neighbor"
        return Step(*pair, angle=edge.angle, weight=edge.weight, kind=kind, rank=edge.rank, shared=shared)
    measured, weight = _measured(space, pair)
    return Step(*pair, angle=measured, weight=weight, kind="chord", rank=None, shared=shared)


def _measured(space: Space, pair: tuple[str, str]) -> tuple[float, float]:
    """Return the angle and the weight between any two."""
    ends = space.places(pair)
    measured = angle(ends.vectors[0], ends.vectors[-1])
    return measured, measured / math.sqrt(float(ends.reach[0] * ends.reach[-1]))


def _shared(first: Artwork, second: Artwork) -> dict[str, str]:
    held = {(column, fold(value)): value for column, value in facets(first)}
    common = {column: held[column, fold(value)] for column, value in facets(second) if (column, fold(value)) in held}
    return {column: common[column] for column in sorted(common) if column not in _UNSEEN}


def _quality(space: Space, walk: Walk, steps: Sequence[Step], missing: frozenset[str], bound: float | None) -> Quality:
    weights = [step.weight for step in steps if step.weight is not None]
    mean = sum(weights) / max(len(weights), 1)
    spread = math.sqrt(sum((weight - mean) ** 2 for weight in weights) / max(len(weights), 1))
    measurable = space.has_vectors and not missing & {walk.ids[0], walk.ids[-1]}
    return Quality(
        largest_step=max(weights, default=0.0),
        step_variation=spread / mean if mean else 0.0,
        total_angle=math.fsum(step.angle for step in steps if step.angle is not None),
        direct_angle=_direct_angle(space, walk) if measurable else None,
        lower_bound=bound,
    )


def _direct_angle(space: Space, walk: Walk) -> float:
    space.enter(walk.stats)
    ends = space.places([walk.ids[0], walk.ids[-1]])
    return angle(ends.vectors[0], ends.vectors[-1])


def _is_bounded(space: Space, walk: Walk) -> bool:
    return walk.engine == "candidates" and not space.guests


def _lower_bound(space: Space, walk: Walk, edges: Edges, stops: Sequence[str]) -> float:
    """Return the smallest step that leads away from each end, of whichever end it is larger.

    Whoever is neither in an artwork's neighbour list nor has it in its own is farther from it than either
    reaches, so such a step weighs at least 1: only edges can be smaller. Where reaches are at their floor it may weigh
    less, as far as near-duplicates are nearer still. Steps between near-duplicates are none, but from stop to stop.
    """
    near = walk.stats.facts.embedder.near_duplicate if walk.stats.facts else 0.0
    bounds = []
    for end, stop in ((stops[0], stops[1]), (stops[-1], stops[-2])):
        at = (edges.ids[edges.a] == end) | (edges.ids[edges.b] == end)
        far = edges.angle >= near
        steps = edges.weight[at & far].min(initial=min(1.0, near / SHORTEST_REACH))
        straight = _measured(space, (end, stop))[1] if stops == walk.ids or len(stops) > 2 else math.inf  # noqa: PLR2004
        bounds.append(min(float(steps), straight))
    return max(bounds)
