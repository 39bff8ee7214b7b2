"""The graph in figures, worked out once per version."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from service.filters import YEAR
from stores.errors import NOTHING_LOADED, Unavailable
from stores.ports import GraphStore
from stores.records import Floats, GraphStats, Ints


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure is spread over the graph."""

    min: float
    p10: float
    median: float
    p90: float
    max: float
    mean: float


def summarize(graph: GraphStore, stats: GraphStats) -> dict[str, Any]:
    """Return counts, embedder, and how degrees and angles are spread."""
    if stats.facts is None:
        raise Unavailable(NOTHING_LOADED)
    degree, angle, bridges = _spreads(graph, stats.version)  # type: ignore[arg-type]  # stores hash by identity
    return {
        "artworks": stats.artworks,
        "edges": stats.edges,
        "components": 1 if stats.artworks else 0,
        "bridges": bridges,
        "k": stats.facts.k,
        "degree": asdict(degree),
        "angle": asdict(angle),
        "embedder": asdict(stats.facts.embedder),
        "columns": [*stats.columns, YEAR],
        "metadata_version": stats.metadata_version,
    }


@lru_cache(maxsize=4)
def _spreads(graph: Any, _version: int) -> tuple[Spread, Spread, int]:
    edges = graph.edges()
    degree = np.bincount(np.append(edges.a, edges.b), minlength=len(edges.ids))
    return _spread(degree), _spread(edges.angle), int(edges.bridge.sum())


def _spread(values: Ints | Floats) -> Spread:
    if len(values) == 0:
        return Spread(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    low, p10, median, p90, high = np.quantile(values, [0, 0.1, 0.5, 0.9, 1]).tolist()
    return Spread(low, p10, median, p90, high, float(values.mean()))
