"""What a visitor may narrow a path by: the most frequent values of some columns, with counts."""

from collections.abc import Mapping
from threading import Lock, Thread
from typing import Final

from stores.ports import GraphStore
from stores.records import GraphStats, Search

COLUMNS: Final = ("style", "artist", "medium", "collection")
"""Any other column can stand in an address."""

VALUES: Final = 60
"""So many of each are offered."""

Choices = Mapping[str, list[tuple[str, int]]]


class Facets:
    """The choices of one collection. After a change those from before are shown until the new ones are counted.

    Counting goes through all artworks, and nobody who looks at a path is to wait for it twice.
    """

    def __init__(self, graph: GraphStore) -> None:
        self._graph = graph
        self._counting = Lock()
        self._known: tuple[int, Choices] | None = None

    def choices(self) -> Choices:
        """Return column to its most frequent values, each with how many artworks have it."""
        now, known = self._graph.stats(), self._known
        if known is None:
            with self._counting:
                if self._known is None:
                    self._known = self._counted(now)
                return self._known[1]
        if known[0] != now.version and self._counting.acquire(blocking=False):
            Thread(target=self._count, args=(now,), daemon=True).start()
        return known[1]

    def _count(self, now: GraphStats) -> None:
        try:
            self._known = self._counted(now)
        finally:
            self._counting.release()

    def _counted(self, now: GraphStats) -> tuple[int, Choices]:
        columns = tuple(column for column in COLUMNS if column in now.columns)
        found = self._graph.find(Search(limit=1, facets=columns)).facets if columns else {}
        return now.version, {column: list(counts)[:VALUES] for column, counts in found.items() if counts}
