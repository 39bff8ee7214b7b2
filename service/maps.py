"""The map as it is sent: columns of all artworks, made once for each graph and map, then kept as bytes."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np

from service.everything import BATCH, still_there
from service.views import graph_json
from stores.errors import NotFound
from stores.maps import Map, MapFile
from stores.pictures import picture_name
from stores.placing import place
from stores.ports import GraphStore
from stores.records import GraphStats

SIDE: Final = 65535
"""Side of the square that x and y are counted in: a hundredth of a pixel on any screen."""

LEVEL: Final = 6
"""Of gzip. What is left are ids and digests, which do not shrink further: 9 takes longer and saves nothing."""


@dataclass(frozen=True, slots=True)
class MapAnswer:
    """A map, ready to be sent.

    Attributes:
        plain: JSON, UTF-8.
        packed: the same, by gzip.
        tag: equal where the answer is.
    """

    plain: bytes
    packed: bytes
    tag: str


class Maps:
    """The map of a home, with those artworks that ``graph`` holds and no others."""

    def __init__(self, home: Path, graph: GraphStore) -> None:
        self._file, self._graph, self._making = MapFile(home), graph, Lock()
        self._made: tuple[Any, MapAnswer] | None = None

    def there(self) -> bool:
        """Whether there is a map that can be read."""
        return self._file.there()

    def answer(self, stats: GraphStats) -> MapAnswer:
        """Return the map of the graph as it is now; NotFound where none was computed, Damaged or Mismatch as it is."""
        known, mark = self._file.current(), self._file.mark()
        if known is None:
            raise NotFound("there is no map of this collection yet: run 'xdegrees map', which computes it")
        wanted = (mark, stats.version, stats.metadata_version, stats.facts and stats.facts.digest)
        with self._making:
            if self._made is None or self._made[0] != wanted:
                self._made = (wanted, _answer(known, self._graph, stats))
            return self._made[1]


def _answer(known: Map, graph: GraphStore, stats: GraphStats) -> MapAnswer:
    edges = graph.edges()
    places, said = place(known, edges)
    artworks = _thumbs(graph, edges.ids.tolist())
    there = np.array([one in artworks for one in edges.ids.tolist()], dtype=np.bool_)
    counted = np.rint(places[there] * SIDE).astype(np.int64)
    ids = edges.ids[there].tolist()
    body = {
        "graph": graph_json(stats),
        "side": SIDE,
        "newcomers": int((~said[there]).sum()),
        "ids": ids,
        "x": counted[:, 0].tolist(),
        "y": counted[:, 1].tolist(),
        "thumbs": [artworks[one] for one in ids],
    }
    plain = json.dumps(body, separators=(",", ":")).encode()
    return MapAnswer(plain, gzip.compress(plain, LEVEL, mtime=0), sha256(plain).hexdigest()[:32])


def _thumbs(graph: GraphStore, ids: Sequence[str]) -> dict[str, str]:
    """Return the file name of each artwork's small picture, empty where none may be shown, or not without a word."""
    found: dict[str, str] = {}
    for at in range(0, len(ids), BATCH):
        for artwork in still_there(graph, ids[at : at + BATCH]):
            shown = "thumb" in artwork.images and not artwork.advisory
            found[artwork.id] = picture_name(artwork.content_hash, "thumb") if shown else ""
    return found
