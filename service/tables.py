"""Paths, artworks and edges as tables, for spreadsheets and Gephi."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from service.everything import batches
from service.paths.records import FoundPath
from service.views import artwork_json
from stores.artwork import Artwork
from stores.ports import GraphStore

_ARTWORK: Final = (
    *("id", "key", "title", "artists", "date", "style", "medium", "credit", "rights", "rights_uri", "attribution"),
    *("advisory", "page_url", "picture"),
)
COLUMNS: Final = ("place", *_ARTWORK, "step_angle", "step_weight", "step_kind")
"""Of a path."""

EDGE_COLUMNS: Final = ("Source", "Target", "Type", "Weight", "distance", "angle", "rank_source", "rank_target", "kind")
"""Of edges; the first four are what Gephi reads, whose weight is how strongly two nodes attract each other."""

_FURTHER: Final = ("year_from", "year_to", "collection", "object_id", "source", "alt_text", "display")
_OWN: Final = frozenset((*_ARTWORK, *_FURTHER))
_FACETS: Final = frozenset(("artist", "year", "style", "medium", "collection", "object_id", "source", "rights"))
"""Columns to filter by that are no metadata."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, the last four of full width (OWASP, "CSV Injection")."""


def path_table(path: FoundPath, base: str) -> str:
    """Return a path as CSV: a row for each artwork, with the step that leads to it; angles are radians.

    ``base`` is what every address in it begins with.
    """
    rows: list[Sequence[object]] = [COLUMNS]
    for place, (artwork, step) in enumerate(zip(path.artworks, (None, *path.steps), strict=True), 1):
        figures = (step.angle, step.weight, step.kind) if step else ("", "", "")
        rows.append([place, *_texts(artwork, base), *figures])
    return _written(rows)


def artwork_table(graph: GraphStore, base: str) -> Iterator[str]:
    """Yield all artworks as CSV, some at a time: what is known of every one, then the columns of the metadata."""
    columns = [name for name in graph.stats().columns if name not in _FACETS]
    headers = (f"{name} (metadata)" if name in _OWN else guarded(name) for name in columns)
    yield _written([(*_ARTWORK, *_FURTHER, *headers)])
    for some in batches(graph):
        yield _written(
            [
                *_texts(one, base),
                *(_guarded(getattr(one, name)) for name in _FURTHER),
                *(guarded(one.metadata.get(name, "")) for name in columns),
            ]
            for one in some
        )


def edge_table(graph: GraphStore) -> Iterator[str]:
    """Yield all edges as CSV, some at a time.

    ``distance`` is what paths add up, the weight of the API; ``Weight`` is 1 / (1 + distance), so that what is near
    attracts. Angles are radians, ranks places in the list of neighbours, from 1; 0 where it is not in it.
    """
    yield _written([EDGE_COLUMNS])
    edges = graph.edges()
    for at in range(0, len(edges), ROWS):
        rows = range(at, min(at + ROWS, len(edges)))
        yield _written(
            (
                *(str(edges.ids[edges.a[n]]), str(edges.ids[edges.b[n]]), "Undirected"),
                *(closeness(float(edges.weight[n])), float(edges.weight[n]), float(edges.angle[n])),
                *(int(edges.rank_a[n]), int(edges.rank_b[n]), "bridge" if edges.bridge[n] else "neighbor"),
            )
            for n in rows
        )


ROWS: Final = 5_000
"""Edges written at once."""


def closeness(distance: float) -> float:
    """Return how close two artworks are, 1 for the same picture, from the weight of the edge between them."""
    return 1.0 / (1.0 + distance)


def guarded(value: str) -> str:
    """Return a text that no spreadsheet runs: a quote before what would begin a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _guarded(value: Any) -> object:
    return guarded(value) if isinstance(value, str) else "" if value is None else value


def _texts(artwork: Artwork, base: str) -> list[str]:
    """Return what every table says of an artwork."""
    one = artwork_json(artwork, base)
    size = one["images"]["medium"] or one["images"]["thumb"]
    values = one | {
        "artists": "; ".join(one["artists"]),
        "date": one["date_text"],
        "rights": one["rights_text"],
        "picture": size.get("url"),
    }
    return [guarded(values[name] or "") for name in _ARTWORK]


def _written(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
