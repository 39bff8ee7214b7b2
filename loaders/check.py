"""Whether everything in a collection agrees: vectors, payloads, graph, pictures, lists; and mending what does not.

What is right is decided by what cannot be derived: the vectors and what stands beside them. The graph must be the one
that a rebuild makes of them, to the last bit. Memory: one copy of the vectors and two graphs.

Nobody may write meanwhile, pictures included: whoever calls holds the home.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.checks.files import look_at_files, mend_files
from loaders.checks.kept import read_kept
from loaders.checks.look import look
from loaders.checks.mend import mend
from loaders.progress import Progress
from stores.disagreements import Disagreement
from stores.errors import Damaged
from stores.ports import GraphStore, VectorStore


@dataclass(frozen=True, slots=True)
class Checkup:
    """What a check found.

    Attributes:
        found: every disagreement, causes before what follows from them.
        repaired: whether what can be mended was.
        pictures: how many picture files there are.
        version: of the graph, after a repair.
        seconds: stage to seconds.
    """

    found: tuple[Disagreement, ...]
    repaired: bool
    artworks: int = 0
    edges: int = 0
    pictures: int = 0
    version: int = 0
    seconds: Mapping[str, float] | None = None

    @property
    def left(self) -> tuple[Disagreement, ...]:
        """What still does not agree."""
        return tuple(one for one in self.found if not (self.repaired and one.mendable))

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "artworks": self.artworks,
            "edges": self.edges,
            "pictures": self.pictures,
            "graph_version": self.version,
            "disagreements": [{**one.to_json(), "repaired": one not in self.left} for one in self.found],
            "left": len(self.left),
            "seconds": dict(self.seconds or {}),
        }

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        for one in self.found:
            yield f"{'left' if one in self.left else 'repaired'}: {one.line}" if self.repaired else one.line
        if not self.found:
            yield f"{self.artworks:,} artworks, {self.edges:,} edges, {self.pictures:,} pictures: everything agrees"
        elif not self.repaired and (mendable := sum(one.mendable for one in self.found)):
            yield f"'xdegrees check --repair' mends {mendable} of {len(self.found)}"


def check(vectors: VectorStore, graph: GraphStore, home: Path, progress: Progress, *, repair: bool = False) -> Checkup:
    """Look at everything, mend it where asked to, and say what was found."""
    try:
        kept = read_kept(vectors, progress)
    except Damaged as error:
        unreadable = Disagreement("unreadable-vectors", mendable=False, reason=str(error))
        found = (unreadable, *look_at_files(home, ()))
        if repair:
            mend_files(home)
        return Checkup(found, repair)
    seen = look(kept, vectors.stats().facts, graph, home, progress)
    if repair and seen.found:
        mend(seen, vectors, graph, home, progress)
    stats = graph.stats()
    pictures = seen.pictures.there if seen.pictures else 0
    return Checkup(seen.found, repair, stats.artworks, stats.edges, pictures, stats.version, dict(progress.seconds))
