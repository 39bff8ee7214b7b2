"""The question answered: a path between two artworks, described step by step. No Flask, no store of its own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from stores.angles import angle
from stores.artwork import Artwork
from stores.errors import BadInput, NoPath
from stores.ports import PACES, GraphStore, VectorStore
from stores.records import Edge, GraphStats, Path, PathQuery
from stores.words import facets, fold


@dataclass(frozen=True, slots=True)
class Step:
    """From one artwork of a path to the next.

    Attributes:
        source, target: ids, in walking order.
        angle: radians.
        weight: the angle in units of how crowded both ends are.
        kind: ``neighbor``, or ``bridge`` where only a bridge joins them.
        rank: the better of the places each has in the other's neighbour list, from 1; None on a bridge.
        shared: columns in which both have a value in common.
    """

    source: str
    target: str
    angle: float
    weight: float
    kind: str
    rank: int | None
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a path is.

    Attributes:
        largest_step: largest weight of a step.
        step_variation: standard deviation of the weights over their mean.
        total_angle: radians walked.
        direct_angle: radians from end to end; None where the vectors were not at hand.
    """

    largest_step: float
    step_variation: float
    total_angle: float
    direct_angle: float | None


@dataclass(frozen=True, slots=True)
class FoundPath:
    """A path with everything that is said about it; ``engine`` and ``stats`` as in :class:`stores.records.Path`."""

    pace: str
    cost: float
    artworks: tuple[Artwork, ...]
    steps: tuple[Step, ...]
    quality: Quality
    engine: str = ""
    stats: GraphStats = field(default_factory=GraphStats)


def find_path(
    graph: GraphStore, source: str, target: str, pace: str = "gentle", vectors: VectorStore | None = None
) -> FoundPath:
    """Find the cheapest path between two artworks, by id, at a pace of :data:`stores.ports.PACES`.

    From an artwork to itself is a path of that one artwork. Raises NotFound, NoPath, or BadInput for the pace.
    """
    if pace not in PACES:
        raise BadInput(f"there is no pace {pace!r}; there are {', '.join(PACES)}", [("pace", "unknown")])
    paths = graph.shortest_paths(PathQuery(source, target, PACES[pace]))
    if not paths:
        raise NoPath("there is no way between these two artworks: run 'xdegrees relink' to join what fell apart")
    return describe(paths[0], pace, vectors)


def describe(path: Path, pace: str, vectors: VectorStore | None = None) -> FoundPath:
    """Say everything about a path that is known to walk along edges."""
    steps = tuple(_step(*ends, edge) for ends, edge in zip(pairwise(path.artworks), path.edges, strict=True))
    direct = _direct_angle(vectors, path.ids) if vectors is not None else None
    return FoundPath(pace, path.cost, path.artworks, steps, _quality(steps, direct), path.engine, path.stats)


def _step(source: Artwork, target: Artwork, edge: Edge) -> Step:
    return Step(
        source=source.id,
        target=target.id,
        angle=edge.angle,
        weight=edge.weight,
        kind="bridge" if edge.bridge else "neighbor",
        rank=edge.rank,
        shared=_shared(source, target),
    )


def _shared(first: Artwork, second: Artwork) -> tuple[str, ...]:
    held = {(column, fold(value)) for column, value in facets(first)}
    return tuple(sorted({column for column, value in facets(second) if (column, fold(value)) in held} - {"source"}))


def _quality(steps: Sequence[Step], direct_angle: float | None) -> Quality:
    weights = [step.weight for step in steps]
    mean = sum(weights) / max(len(weights), 1)
    spread = math.sqrt(sum((weight - mean) ** 2 for weight in weights) / max(len(weights), 1))
    return Quality(
        largest_step=max(weights, default=0.0),
        step_variation=spread / mean if mean else 0.0,
        total_angle=math.fsum(step.angle for step in steps),
        direct_angle=direct_angle,
    )


def _direct_angle(vectors: VectorStore, ids: Sequence[str]) -> float:
    ends = vectors.get([ids[0], ids[-1]]).vectors
    return angle(ends[0], ends[1])
