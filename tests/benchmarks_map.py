"""The map: how long it takes, and how many of an artwork's neighbours lie near it, beside other ways to make one.

``python -m tests.benchmarks_map HOME`` prints these tables alone.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from openTSNE.affinity import PerplexityBasedNN
from openTSNE.nearest_neighbors import PrecomputedNeighbors
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from loaders import layout
from loaders.layout import Task, arrange
from loaders.links import link
from loaders.neighbors import NeighborLists, nearest_neighbors
from loaders.progress import Progress
from loaders.relink import read_vectors
from loaders.standing import read_lists
from stores.angles import unit
from stores.connect import open_stores
from stores.maps import Map, Places
from stores.placing import place
from stores.records import Edges, Ids, Ints, Vectors
from stores.settings import read_settings
from tests.made import made_ids
from tests.memory import forget_peak, peak

K = 15
PERPLEXITY = 15.0
BLOCK = 500
SYNTHETIC = (50_000, 512)
CLUSTERS = 500
NEW = 0.02
"""Share of the artworks that are taken for newcomers."""


def print_map(home: Path) -> None:
    """Compare ways to lay out the artworks of a home, and lay out many made ones."""
    with open_stores(read_settings(home=home)) as stores:
        stats, edges = stores.graph.stats(), stores.graph.edges()
        assert stats.facts is not None
        ids, vectors = read_vectors(stores.vectors, stats.facts.embedder, stats.artworks)
    lists = read_lists(edges, K)
    assert lists is not None
    print(f"\n| map of {len(ids):,} artworks, {vectors.shape[1]:,} numbers | seconds | neighbours kept |")
    print("| --- | --- | --- |")
    for name, way in _ways(edges, vectors, lists).items():
        began = time.perf_counter()
        places = way()
        print(f"| {name} | {time.perf_counter() - began:.1f} | {kept(places, lists.index):.1%} |", flush=True)
    _print_newcomers(ids, edges, vectors, lists)
    _print_synthetic()


def kept(places: Places, index: Ints, rows: Ints | None = None) -> float:
    """Share of the k nearest in (n, 2) places that are among the (n, k) true ones, mean over artworks."""
    chosen = np.arange(len(places)) if rows is None else rows
    found = []
    for at in range(0, len(chosen), BLOCK):
        some = chosen[at : at + BLOCK]
        apart = ((places[some, None].astype(np.float64) - places[None]) ** 2).sum(axis=2)
        apart[np.arange(len(some)), some] = np.inf
        nearest = np.argpartition(apart, K, axis=1)[:, :K]
        found += [len(np.intersect1d(a, b)) / K for a, b in zip(nearest, index[some], strict=True)]
    return float(np.mean(found))


def _anew(edges: Edges, vectors: Vectors) -> Task:
    nowhere, none = np.zeros((len(vectors), 2), dtype=np.float32), np.zeros(len(vectors), dtype=np.bool_)
    return Task("", edges, vectors, nowhere, none, 1.0, 0)


def _ways(edges: Edges, vectors: Vectors, lists: NeighborLists) -> dict[str, Callable[[], Any]]:
    return {
        "`xdegrees map`: 15 exact neighbours, all alike": lambda: _ours(edges, vectors).places,
        "the same, perplexity 5 of those 15": lambda: _calibrated(vectors, lists, 5.0),
        "the same, perplexity 15 of 45": lambda: _calibrated(vectors, nearest_neighbors(vectors, 45), PERPLEXITY),
        "scikit-learn's TSNE, perplexity 15, PCA first": lambda: TSNE(
            perplexity=PERPLEXITY, init="pca", random_state=1, n_jobs=os.cpu_count()
        ).fit_transform(vectors),
        "PCA": lambda: PCA(2, random_state=1).fit_transform(vectors),
    }


def _ours(edges: Edges, vectors: Vectors) -> Map:
    return arrange(_anew(edges, vectors), Progress(quiet=True))[0]


def _calibrated(vectors: Vectors, lists: NeighborLists, perplexity: float) -> Any:
    """As ours, with the usual affinities."""
    from openTSNE import TSNEEmbedding, initialization  # noqa: PLC0415 -- after the module under test was

    chords = 2 * np.sin(lists.angle / 2)
    affinities = PerplexityBasedNN(knn_index=PrecomputedNeighbors(lists.index, chords), perplexity=perplexity)
    start = np.asarray(initialization.pca(vectors, random_state=layout.SEED), dtype=np.float64)
    found = TSNEEmbedding(start, affinities, momentum=layout.MOMENTUM, n_jobs=os.cpu_count() or 1)
    found = found.optimize(layout.EARLY, exaggeration=layout.EXAGGERATION)
    return np.asarray(found.optimize(layout.LATE))


def _print_newcomers(ids: Ids, edges: Edges, vectors: Vectors, lists: NeighborLists) -> None:
    """Take some artworks off a map, place them among their neighbours, and go on from there."""
    whole = _ours(edges, vectors)
    new = np.sort(np.random.default_rng(1).choice(len(ids), int(NEW * len(ids)), replace=False))
    known = whole.only(set(np.delete(ids, new).tolist()))
    began = time.perf_counter()
    places, said = place(known, edges)
    spent = time.perf_counter() - began
    began = time.perf_counter()
    again, report = arrange(Task("", edges, None, places, said, whole.side, 0), Progress(quiet=True))
    print(f"\n| {len(new)} newcomers | seconds | their neighbours kept | others moved by (median) |")
    print("| --- | --- | --- | --- |")
    print(f"| as the map had been computed with them |  | {kept(whole.places, lists.index, new):.1%} |  |")
    print(f"| placed among their neighbours | {spent:.2f} | {kept(places, lists.index, new):.1%} | 0 % |")
    spent = time.perf_counter() - began
    moved = f"{report.moved:.1%}"
    print(f"| `xdegrees map` again | {spent:.1f} | {kept(again.places, lists.index, new):.1%} | {moved} |", flush=True)


def _print_synthetic() -> None:
    count, dimension = SYNTHETIC
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(CLUSTERS, dimension)).astype(np.float32)
    noise = rng.normal(size=SYNTHETIC).astype(np.float32)
    vectors = unit(centres[rng.integers(CLUSTERS, size=count)] + 0.8 * noise)
    del noise
    lists = nearest_neighbors(vectors, K)
    edges = link(made_ids(count), vectors, lists).edges
    held, began = forget_peak(os.getpid()), time.perf_counter()
    found = _ours(edges, vectors)
    spent, memory = time.perf_counter() - began, peak(os.getpid()) - held
    sample = np.sort(rng.choice(count, 2000, replace=False))
    print(f"\n| map of {count:,} made vectors of {dimension} numbers | seconds | memory beside them, MB | kept |")
    print("| --- | --- | --- | --- |")
    print(f"| `xdegrees map` | {spent:.0f} | {memory / 1e6:.0f} | {kept(found.places, lists.index, sample):.1%} |")


if __name__ == "__main__":
    print_map(Path(sys.argv[1]))
