"""The map of a collection: t-SNE of the graph's own neighbours, by openTSNE.

Every artwork is drawn to those in its neighbour list alike, and pushed away from all others. With 15 exact neighbours
that keeps more of them together than calibrated perplexities do (docs/benchmarks.md), and identical pictures need no
care. The same affinities: Böhm, Berens and Kobak 2022, "Attraction-repulsion spectrum in neighbor embeddings". Bridges
draw too, so that no component drifts away.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from threadpoolctl import threadpool_limits

from loaders.progress import Progress
from loaders.relink import read_vectors
from stores.errors import NOTHING_LOADED, BadInput, Damaged, Mismatch, NotFound, Unavailable
from stores.files import alone
from stores.maps import NAME, Map, Places, read_map, write_map
from stores.placing import place
from stores.ports import GraphStore, VectorStore
from stores.records import Bools, Edges, Floats, Vectors
from stores.words import counted

SEED: Final = 1

EARLY: Final = 250
LATE: Final = 500
"""Iterations of a map that begins anew: with early exaggeration, then without it; openTSNE's own."""

AGAIN: Final = 250
"""Iterations of a map that goes on from the one before."""

EXAGGERATION: Final = 12.0

MOMENTUM: Final = 0.8

EVERY: Final = 10
"""Iterations between two steps of the progress bar."""

FEWEST: Final = 4
"""Artworks below which there is nothing to compute."""

KEPT: Final = 0.5
"""Share of the artworks whose old places make it worth going on from them."""

FLAT: Final = 1e-6
"""Standard deviation, of vectors of length 1, below which they are the same vector."""

HAIR: Final = 1e-4
"""In units of t-SNE, in which neighbours are some 1 apart."""

WHAT_TO_INSTALL: Final = (
    "a map needs openTSNE: run 'make map' in the folder of xdegrees' Makefile, or install the extra xdegrees[map]"
)


@dataclass(frozen=True, slots=True)
class Task:
    """What a map is computed from.

    Attributes:
        edges: of the graph whose digest this is.
        vectors: (n, dimension) of ``edges.ids``, where the map begins anew; else None.
        places: (n, 2) where each artwork lies by the old map, and ``said`` by itself and not by its neighbours.
        side: of the old map.
        removed: artworks of the old map that the graph does not have.
    """

    digest: str
    edges: Edges
    vectors: Vectors | None
    places: Places
    said: Bools
    side: float
    removed: int

    @property
    def anew(self) -> bool:
        """Whether the map is begun anew."""
        return self.vectors is not None


@dataclass(frozen=True, slots=True)
class MapReport:
    """What became of a map.

    Attributes:
        changed: whether there was anything to do.
        anew: whether it was begun anew instead of going on from the old places.
        moved: median way of the artworks that had places, in sides of the square; None where it began anew.
        seconds: stage to seconds.
    """

    artworks: int
    added: int
    removed: int
    changed: bool
    anew: bool
    moved: float | None
    seconds: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        if not self.changed:
            yield f"{counted(self.artworks, 'artwork')} on the map, nothing to do: it follows from the graph"
            return
        yield f"{counted(self.artworks, 'artwork')} on the map: {self.added} new, {self.removed} gone"
        if self.moved is not None:
            yield f"half of the others moved by less than {self.moved:.2%} of its side"
        yield ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())


def read_task(
    vectors: VectorStore, graph: GraphStore, home: Path, progress: Progress, *, anew: bool
) -> Task | MapReport:
    """Read what a map is computed from; a report where the one in the home is that of this graph already."""
    with progress.stage("read"):
        stats, edges = graph.stats(), graph.edges()
        if stats.facts is None or not len(edges.ids):
            raise Unavailable(NOTHING_LOADED)
        old = None if anew else _old(home)
        if old is not None and old.digest == stats.facts.digest and np.array_equal(old.ids, edges.ids):
            return MapReport(len(edges.ids), 0, 0, changed=False, anew=False, moved=None, seconds=progress.seconds)
        if find_spec("openTSNE") is None:
            raise BadInput(WHAT_TO_INSTALL)
        known = old or Map(edges.ids[:0], np.zeros((0, 2), dtype=np.float32), "", 1.0)
        places, said = place(known, edges)
        matrix = None
        if said.sum() < KEPT * len(said) or len(said) < FEWEST:
            ids, matrix = read_vectors(vectors, stats.facts.embedder, vectors.stats().count)
            if not np.array_equal(ids, edges.ids):
                raise NotFound("the graph does not have the artworks that have vectors: run 'xdegrees relink' first")
    removed = len(known.ids) - int(said.sum())
    return Task(stats.facts.digest, edges, matrix, places, said, known.side, removed)


def _old(home: Path) -> Map | None:
    """Read the map to go on from; one that cannot be read is made anew."""
    try:
        return read_map(home)
    except (Damaged, Mismatch):
        return None


def arrange(task: Task, progress: Progress) -> tuple[Map, MapReport]:
    """Compute a map; the same task gives the same map."""
    found = _optimized(task, progress) if len(task.edges.ids) >= FEWEST else _ring(len(task.edges.ids))
    low, high = found.min(axis=0), found.max(axis=0)
    side = float((high - low).max()) or 1.0
    places = ((found - (low + high) / 2) / side + 1 / 2).clip(0, 1).astype(np.float32)
    moved = None
    if task.said.any() and not task.anew:
        moved = float(np.median(np.hypot(*(places - task.places)[task.said].T)))
    report = MapReport(
        artworks=len(places),
        added=int((~task.said).sum()),
        removed=task.removed,
        changed=True,
        anew=task.anew,
        moved=moved,
        seconds=progress.seconds,
    )
    return Map(task.edges.ids, places, task.digest, side), report


def keep(new: Map, graph: GraphStore, home: Path) -> None:
    """Write a map, without what was taken out of the graph while it was computed."""
    with alone(home / NAME):
        write_map(home, new.only(graph.edges().ids.tolist()))


def _ring(count: int) -> Floats:
    """Return (count, 2) places of the very few: on a circle."""
    turn = 2 * np.pi * np.arange(count) / max(count, 1)
    return np.stack([-np.cos(turn), -np.sin(turn)], axis=1)


def _optimized(task: Task, progress: Progress) -> Floats:
    """Return (n, 2) places in units of t-SNE."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin at every barrier take thrice the time
    from openTSNE import TSNEEmbedding  # noqa: PLC0415 -- an extra, and slow to import
    from openTSNE.affinity import PrecomputedAffinities  # noqa: PLC0415

    start = _again(task) if task.vectors is None else _start(task.vectors)
    early, late = (EARLY, LATE) if task.anew else (0, AGAIN)
    with progress.stage("map", early + late) as advance:

        def step(_iteration: int, _error: float, _embedding: object) -> None:
            advance(EVERY)

        embedding = TSNEEmbedding(
            start,
            PrecomputedAffinities(_affinities(task.edges)),
            random_state=SEED,
            momentum=MOMENTUM,
            callbacks=[step],
            callbacks_every_iters=EVERY,
            n_jobs=os.cpu_count() or 1,
        )
        if early:
            embedding.optimize(early, exaggeration=EXAGGERATION, inplace=True)
        embedding.optimize(late, inplace=True)
    return np.asarray(embedding, dtype=np.float64)


def _affinities(edges: Edges) -> Any:
    """Return the symmetric (n, n) matrix of who draws whom: one for each list that names the other, and each bridge."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 -- comes with the extra

    named = (edges.rank_a > 0).astype(np.float64) + (edges.rank_b > 0)
    weight = np.maximum(named, 1.0)
    ends = np.append(edges.a, edges.b), np.append(edges.b, edges.a)
    return csr_matrix((np.append(weight, weight), ends), shape=(len(edges.ids), len(edges.ids)))


def _start(vectors: Vectors) -> Floats:
    """Return (n, 2) first places: principal components, as small as openTSNE wants them; chance where all is one."""
    from openTSNE import initialization  # noqa: PLC0415 -- as above

    if vectors.shape[1] < 2 or np.std(vectors, axis=0).max() < FLAT:  # noqa: PLR2004 -- two coordinates
        return np.asarray(initialization.random(len(vectors), random_state=SEED), dtype=np.float64)
    with threadpool_limits(1, user_api="blas"):  # sums in another order would be another map
        return np.asarray(initialization.pca(vectors, random_state=SEED), dtype=np.float64)


def _again(task: Task) -> Floats:
    """Return (n, 2) places of the old map in units of t-SNE; those on one spot are moved apart by a hair."""
    chance = np.random.default_rng(SEED).normal(size=task.places.shape)
    return np.asarray((task.places - 1 / 2) * task.side + HAIR * chance, dtype=np.float64)
