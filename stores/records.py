"""The records that cross the rooms. Bulk data crosses as arrays; records are for the few."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stores.artwork import Artwork, Payload

Ids = NDArray[np.str_]
Vectors = NDArray[np.float32]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class EmbedderFacts:
    """What must be equal for two vectors to be comparable.

    Attributes:
        name: as the user writes it, e.g. ``mobilenet_v2+classic@0.6``.
        dimension: numbers in a vector.
        checkpoint: sha256 of the weights, in hex; empty where there are none.
        preprocessing: a short hash of the recipe from picture to network input.
        licence: licence of the weights, as far as known.
        source: where the weights come from.
        text: whether words can be embedded too.
        near_duplicate: angle in radians below which two pictures are the same picture.
    """

    name: str
    dimension: int
    checkpoint: str = ""
    preprocessing: str = ""
    licence: str = ""
    source: str = ""
    text: bool = False
    near_duplicate: float = 0.15

    @property
    def identity(self) -> tuple[str, int, str, str]:
        """The part that decides whether vectors may stand in one collection."""
        return (self.name, self.dimension, self.checkpoint, self.preprocessing)


@dataclass(frozen=True, slots=True)
class VectorStats:
    """What a vector store holds: ``facts`` is None while it is empty and unprepared."""

    count: int
    facts: EmbedderFacts | None


@dataclass(frozen=True, slots=True)
class VectorBatch:
    """Some artworks of a vector store, row by row.

    Attributes:
        ids: (n,) ascending within a scan.
        vectors: (n, dimension) float32, unit length; (n, 0) where none were asked for.
        payloads: one mapping per row.
    """

    ids: Ids
    vectors: Vectors
    payloads: tuple[Payload, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """Nearest neighbours of some query vectors.

    Attributes:
        ids: (queries, k) by ascending angle, then id; an empty string where there are fewer.
        angles: (queries, k) in radians; infinite where there are fewer.
    """

    ids: Ids
    angles: Floats


@dataclass(frozen=True, slots=True)
class Where:
    """A filter: all columns must match, any value of a column is enough.

    Attributes:
        values: column to folded values.
        years: (first, last) spans; an artwork matches when its own years touch one.
        written: folded value to how it was written, where that is known.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    years: tuple[tuple[int, int], ...] = ()
    written: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __bool__(self) -> bool:
        """Whether anything is asked at all."""
        return bool(self.values or self.years)


@dataclass(frozen=True, slots=True)
class Edges:
    """Undirected edges as parallel arrays; ``ids[a[i]] < ids[b[i]]``.

    Attributes:
        ids: the artworks that ``a`` and ``b`` count in, ascending.
        a, b: positions in ``ids``.
        angle: radians.
        weight: the angle in units of how crowded both ends are.
        rank_a: place of b in a's neighbour list, from 1; 0 where it is not in it.
        rank_b: place of a in b's neighbour list, likewise.
        bridge: whether the edge joins what would otherwise be two components.
    """

    ids: Ids
    a: Ints
    b: Ints
    angle: Floats
    weight: Floats
    rank_a: Ints
    rank_b: Ints
    bridge: Bools

    def __len__(self) -> int:
        """How many edges."""
        return len(self.a)


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """What a graph was made from; moves with every change of its edges.

    Attributes:
        digest: sha256 of ids, vectors, k and the definitions, in hex: equal graphs, equal digests.
        k: neighbours per artwork.
        embedder: facts of the embedder whose vectors were linked.
        components: how many components there were before the bridges.
        metadata_mark: fingerprint of the metadata written with it.
    """

    digest: str
    k: int
    embedder: EmbedderFacts
    components: int = 0
    metadata_mark: str = ""


@dataclass(frozen=True, slots=True)
class GraphDelta:
    """One change of the graph, applied whole or not at all.

    Attributes:
        facts: what holds afterwards.
        artworks: records to write or overwrite.
        removed: ids of artworks that go, with every edge at them.
        reach: (n,) radians, for ``edges.ids``; only read where edges are given.
        edges: edges to set; their ``ids`` are all artworks whose reach is set.
        dropped: (m, 2) ids of edges that go, smaller id first.
        replace: everything that is not named here goes.
    """

    facts: GraphFacts
    artworks: tuple[Artwork, ...] = ()
    removed: tuple[str, ...] = ()
    reach: Floats | None = None
    edges: Edges | None = None
    dropped: tuple[tuple[str, str], ...] = ()
    replace: bool = False


@dataclass(frozen=True, slots=True)
class GraphStats:
    """What a graph store holds.

    Attributes:
        version: moves with every write.
        metadata_version: moves with every write of metadata.
        facts: None while nothing was ever written.
        columns: the columns a filter may name.
        engines: what finds the paths, the preferred one first; see :class:`Path`.
    """

    version: int = 0
    metadata_version: int = 0
    artworks: int = 0
    edges: int = 0
    facts: GraphFacts | None = None
    columns: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """A question for artworks; empty means all of them.

    Attributes:
        text: words, each a prefix of a word of title, artist or key.
        key: the collection's own key, exactly.
        after: rank and id of the last artwork already seen.
        facets: columns whose values are to be counted.
    """

    text: str = ""
    key: str = ""
    where: Where = field(default_factory=Where)
    limit: int = 50
    after: tuple[int, str] | None = None
    facets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Artworks found.

    Attributes:
        after: pass it in the next :class:`Search` to go on; None at the end.
        total: how many there are on all pages.
        facets: column to (value as written, count), most frequent first.
    """

    artworks: tuple[Artwork, ...]
    after: tuple[int, str] | None
    total: int
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PathQuery:
    """A weighted shortest path from one artwork to another.

    Attributes:
        target: where to; of several, each with a cost that is added, the one with the smallest sum.
        power: a step costs ``weight ** power``; see :data:`stores.ports.PACES`.
        avoid: artworks that no path may pass.
    """

    source: str
    target: str | Mapping[str, float]
    power: int
    avoid: frozenset[str] = frozenset()

    @property
    def targets(self) -> Mapping[str, float]:
        """Every target with its further cost."""
        return {self.target: 0.0} if isinstance(self.target, str) else self.target


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge, as a path walks along it.

    Attributes:
        angle: radians.
        weight: the angle in units of how crowded both ends are.
        rank: the better of the places each end has in the other's neighbour list, from 1; None on a bridge.
        bridge: whether it joins what would otherwise be two components.
    """

    angle: float
    weight: float
    rank: int | None
    bridge: bool


@dataclass(frozen=True, slots=True)
class Path:
    """A walk through the graph.

    Attributes:
        artworks: from source to target.
        cost: sum of ``weight ** power`` over the edges, added from the source on; no target's further cost.
        edges: one fewer than artworks, of the same version of the graph.
        engine: what found it: ``memory``, ``gds`` or ``apoc``.
        stats: the graph that it was found in.
    """

    artworks: tuple[Artwork, ...]
    cost: float
    edges: tuple[Edge, ...] = ()
    engine: str = ""
    stats: GraphStats = field(default_factory=GraphStats)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the artworks."""
        return tuple(artwork.id for artwork in self.artworks)
