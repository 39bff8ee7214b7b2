"""The records of a path: what is asked, what is found, what is said about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from service.likeness.measures import Traits
from stores.artwork import Artwork
from stores.ports import PACES
from stores.records import Edge, GraphStats, Path, Vectors, Where

FEWEST, MOST = 2, 50
"""Artworks that a path may be asked to have."""


@dataclass(frozen=True, slots=True, eq=False)
class Guest:
    """An end that is not in the collection: a picture or words, embedded.

    Attributes:
        name: stands for its id in questions and steps.
        title: what people read.
        vector: (dimension,) unit length.
        traits: what was measured of the picture; None of words.
    """

    name: str
    title: str
    vector: Vectors
    traits: Traits | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked: ends, and how the way between them may be.

    Attributes:
        source, target: ids.
        images: exactly so many different artworks, both ends counted; None for as many as it takes.
        pace: of :data:`stores.ports.PACES`.
        via: ids to pass, in this order.
        avoid: ids not to pass.
        where: every artwork between the ends satisfies it.
        alternatives: how many further paths, none of which shares an artwork between the stops with another.
        apart: pairs of ids of which a path shows at most one.
        excluded: what an editor lets no path pass; they may be ends, and a question with any in ``via`` is refused.
        guests: ends that are not in the collection; ``source`` and ``target`` give their names.
    """

    source: str
    target: str
    images: int | None = None
    pace: str = "gentle"
    via: tuple[str, ...] = ()
    avoid: frozenset[str] = frozenset()
    where: Where = field(default_factory=Where)
    alternatives: int = 0
    apart: frozenset[frozenset[str]] = frozenset()
    excluded: frozenset[str] = frozenset()
    guests: tuple[Guest, ...] = ()

    @property
    def stops(self) -> tuple[str, ...]:
        """Source, what to pass, target."""
        return (self.source, *self.via, self.target)

    @property
    def power(self) -> int:
        """What weights are raised to at this pace."""
        return PACES[self.pace]


@dataclass(frozen=True, slots=True)
class Walk:
    """A way that was found, before anything is said about it.

    Attributes:
        ids: artworks, in walking order.
        edges: the edges already known, by both ids in walking order; other steps are looked up, or measured.
        artworks: the records already known.
        engine: what found it.
        stats: the graph it was found in.
    """

    ids: tuple[str, ...]
    edges: Mapping[tuple[str, str], Edge] = field(default_factory=dict)
    artworks: Mapping[str, Artwork] = field(default_factory=dict)
    engine: str = ""
    stats: GraphStats = field(default_factory=GraphStats)

    @classmethod
    def of(cls, path: Path) -> "Walk":
        """Return what a graph store found."""
        edges = dict(zip(pairwise(path.ids), path.edges, strict=True))
        return cls(path.ids, edges, {artwork.id: artwork for artwork in path.artworks}, path.engine, path.stats)


@dataclass(frozen=True, slots=True)
class Why:
    """Why one artwork comes after another.

    Attributes:
        sentence: for a visitor.
        common: what both pictures visibly have and few others do.
        words: those of a fixed vocabulary closest to both; empty where the embedder knows no words.
        percentile: how many of a hundred pairs of neighbours are closer than these two.
    """

    sentence: str
    common: tuple[str, ...]
    words: tuple[str, ...]
    percentile: float | None


@dataclass(frozen=True, slots=True)
class Step:
    """From one artwork of a path to the next.

    Attributes:
        source, target: ids, in walking order.
        angle: radians; None beside an artwork that is no longer there.
        weight: the angle in units of how crowded both ends are; likewise.
        kind: ``neighbor``; ``bridge`` where only a bridge joins them; ``chord`` where no edge does; ``given``
            where somebody else chose the sequence.
        rank: the better of the places each has in the other's neighbour list, from 1; None where there is none.
        shared: columns in which both have a value in common, and the value as the first has it.
        why: where it was asked for.
    """

    source: str
    target: str
    angle: float | None
    weight: float | None
    kind: str
    rank: int | None
    shared: Mapping[str, str]
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a path is.

    Attributes:
        largest_step: largest weight of a step.
        step_variation: coefficient of variation of the weights: standard deviation over mean.
        total_angle: radians walked.
        direct_angle: radians from end to end; None where the vectors were not at hand.
        lower_bound: no path of as many artworks has a smaller largest step; None where that is not known cheaply.
    """

    largest_step: float
    step_variation: float
    total_angle: float
    direct_angle: float | None
    lower_bound: float | None = None


@dataclass(frozen=True, slots=True)
class FoundPath:
    """A path with everything that is said about it; ``engine`` and ``stats`` as in :class:`stores.records.Path`.

    Attributes:
        cost: sum of ``weight ** power`` over the steps.
        even: whether exactly so many artworks were asked for; pace then had no part in finding them.
        relative: of an alternative: its cost in units of that of the path it stands beside; of so many images, its
            largest step likewise.
        alternatives: further paths, best first.
    """

    pace: str
    cost: float
    artworks: tuple[Artwork, ...]
    steps: tuple[Step, ...]
    quality: Quality
    engine: str = ""
    stats: GraphStats = field(default_factory=GraphStats)
    even: bool = False
    relative: float = 1.0
    alternatives: tuple["FoundPath", ...] = ()
