"""Paths of exactly so many artworks: how near the optimum, how even, how quick; and two simpler ways beside them.

``python -m tests.benchmarks_exactly HOME`` prints this table alone.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from service.paths.find import find_path
from service.paths.records import Question
from service.paths.space import Space
from stores.connect import open_stores
from stores.records import Vectors
from stores.settings import read_settings
from tests.optimum import Everything

PAIRS = 100
Way = Callable[[int, int], list[int] | None]
"""From two rows to the rows of a path, where this way finds one."""

IMAGES = (5, 7, 9, 13)
"""4, 6, 8 and 12 steps."""


@dataclass
class Column:
    """What one way of finding paths of one length gave."""

    gaps: list[float] = field(default_factory=list)
    variations: list[float] = field(default_factory=list)
    repeats: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def add(self, everything: Everything, rows: Sequence[int] | None, best: float) -> None:
        """Count a path, or that there was none."""
        if rows is None:
            return
        self.repeats += len(set(rows)) < len(rows)
        steps = [everything.plain[pair] for pair in pairwise(rows)]
        self.gaps.append(100 * (max(steps) / best - 1))
        self.variations.append(statistics.pstdev(steps) / statistics.mean(steps))

    def line(self, steps: int, name: str) -> str:
        """One row of the table."""
        if not self.gaps:
            return f"| {steps} | {name} | 0 % |  |  |  |  |  |  |"
        spread = f"{np.median(self.gaps):.2f} | {np.quantile(self.gaps, 0.9):.2f} | {max(self.gaps):.1f}"
        spent = f"{statistics.median(self.milliseconds):.1f}" if self.milliseconds else ""
        even = f"{statistics.median(self.variations):.3f}"
        return (
            f"| {steps} | {name} | {100 * len(self.gaps) // PAIRS} % | {self.repeats} | {spread} | {even} | {spent} |"
        )


def print_exactly(home: Path) -> None:
    """Ask for the same pairs in three ways, at every length."""
    with open_stores(read_settings(home=home), writing=False) as stores:
        space, facts = Space(stores.graph, stores.vectors), stores.graph.stats().facts
        assert facts is not None
        ids = [str(one) for one in stores.graph.edges().ids]
        vectors = stores.vectors.get(ids).vectors
        everything = Everything.of(np.array(ids), vectors, stores.graph.reach(), facts.embedder.near_duplicate)
        row_of = {artwork_id: row for row, artwork_id in enumerate(ids)}
        rng = np.random.default_rng(11)
        pairs = [tuple(rng.choice(len(ids), 2, replace=False).tolist()) for _ in range(PAIRS)]
        optimum = {pair: everything.smallest_largest(pair[0], pair[1], max(IMAGES)) for pair in pairs}

        def ask(images: int | None, source: int, target: int, pace: str = "gentle") -> list[int]:
            found = find_path(space, Question(ids[source], ids[target], images, pace))
            return [row_of[artwork.id] for artwork in found.artworks]

        for pair in pairs:
            ask(IMAGES[0], *pair)
        print(f"\n| steps | way | pairs with a path | repeats | {HEAD}")
        print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        for images in IMAGES:
            ways: dict[str, Way] = {
                f"`images={images}`": partial(ask, images),
                "every m-th of the scenic path": partial(thinned, partial(ask, None, pace="scenic"), images),
                "nearest unused to points on the line": partial(along_the_line, vectors, images),
            }
            for name, way in ways.items():
                column = Column()
                for pair in pairs:
                    started = time.perf_counter()
                    rows = way(*pair)
                    if name.startswith("`"):
                        column.milliseconds.append(1e3 * (time.perf_counter() - started))
                    column.add(everything, rows, optimum[pair][images])
                print(column.line(images - 1, name))


HEAD = "above the optimum: median % | p90 % | max % | variation | p50 ms |"


def thinned(ask: Callable[[int, int], list[int]], images: int, source: int, target: int) -> list[int] | None:
    """Every m-th artwork of a natural path, ends kept; None where it has too few."""
    rows = ask(source, target)
    if len(rows) < images:
        return None
    return [rows[round(place)] for place in np.linspace(0, len(rows) - 1, images)]


def along_the_line(vectors: Vectors, images: int, source: int, target: int) -> list[int]:
    """The nearest artwork not yet used to each of some even points on the straight line between two vectors."""
    used = [source, target]
    for share in np.linspace(0, 1, images)[1:-1]:
        point = (1 - share) * vectors[source] + share * vectors[target]
        nearest = np.argsort(np.linalg.norm(vectors - point, axis=1), kind="stable")[: images + 2]
        used.append(next(row for row in nearest.tolist() if row not in used))
    return [source, *used[2:], target]


if __name__ == "__main__":
    print_exactly(Path(sys.argv[1]))
