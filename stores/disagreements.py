"""What two places that must agree do not agree on: the record, every kind there is, and who can find one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

SHOWN: Final = 5
"""How many artworks or files of one disagreement a person is shown."""

_LOAD: Final = "load its folder again"
_RESTORE: Final = "restore a backup, or move the folder 'vectors' aside and load every folder again"

KINDS: Final = {
    # the vectors, which cannot be derived
    "unreadable-vectors": f"the vectors cannot be read, and follow from nothing else: {_RESTORE}",
    "lost-vectors": "the graph knows many artworks whose vectors are gone, and vectors follow from nothing else: "
    f"{_RESTORE}; 'xdegrees relink' goes on without them",
    "lost-embedder": "nothing says any more what made the vectors (vectors/embedder.json); the graph knows it",
    "malformed-payload": f"what stands beside the vector cannot be understood; if the graph does not know it: {_LOAD}",
    "wrong-facets": "the terms that filters ask for do not follow from the metadata",
    "wrong-vector-digest": "the digest kept beside the vector is wrong; the vector is the one that was linked",
    "damaged-vector": f"the vector is not the one that was written: {_LOAD}, which embeds it anew; "
    "until then the edges cannot be compared",
    "bad-vector": f"the vector is not of unit length, or no number: {_LOAD}, which embeds it anew; "
    "until then the edges cannot be compared",
    "withheld": "taken down, and still held",
    # the graph, which follows from the vectors
    "unreadable-graph": "the graph's file is damaged; it follows from the vectors",
    "damaged-facts": "what the graph says of itself cannot be read",
    "damaged-record": "the graph's metadata of it cannot be read",
    "damaged-edges": "edges that cannot be read: cut short, twice there, or to nowhere; until they are mended no edge "
    "is compared",
    "half-node": "one of the two nodes that stand for the artwork is missing",
    "empty-graph": "the graph holds nothing, the vector store does",
    "lost-facts": "the graph does not say what it was made from",
    "orphan-node": "in the graph without a vector",
    "missing-node": "a vector that is not in the graph",
    "stale-metadata": "the graph has other metadata than stands beside the vector",
    "stale-vector": "the graph was made with another vector",
    "stale-list": "the graph has another list of neighbours, or another order",
    "lost-edge": "an edge between neighbours is missing",
    "extra-edge": "an edge between two that are no neighbours",
    "lost-bridge": "a bridge between components is missing",
    "false-bridge": "a bridge where none is needed",
    "wrong-angle": "the angle of an edge is not that between its vectors",
    "wrong-weight": "the weight of an edge does not follow from its angle and the reach of its ends",
    "wrong-reach": "the reach is not the angle to the last neighbour",
    "wrong-components": "the graph says another number of components than it has",
    "wrong-digest": "the graph's digest is not that of the vectors it was made from",
    "wrong-k": "the graph says another number of neighbours than it was made with",
    "wrong-embedder": "the graph names another embedder than the vectors",
    "wrong-metadata-mark": "the fingerprint of the metadata is not that of any metadata here",
    "wrong-version": "the graph has no version",
    "lost-search": "words or filters do not find the artwork as its metadata says",
    "stale-node": "what Neo4j Browser shows is not the metadata",
    "wrong-cost": "what an edge costs at a pace does not follow from its weight",
    "wrong-count": "the numbers of artworks, edges or columns are not those that are there",
    "lost-index": "an index or a constraint is missing on the server",
    "lost-projection": "the graph is not in the server's memory: paths are found some five times slower",
    "old-projection": "an older graph is still in the server's memory",
    # pictures and other files
    "missing-picture": f"a picture that may be shown is not there: {_LOAD}, which writes it",
    "unreadable-picture": f"a picture cannot be read or is cut short; repair takes it out: {_LOAD}, which writes it",
    "orphan-picture": "a picture that nobody shows",
    "unfinished-file": "left over from a write that was interrupted",
    "unreadable-quarantine": "the list of files that could not be loaded cannot be read; the next load makes it anew",
    "unreadable-map": "the map cannot be read; repair takes it out: run 'xdegrees map', which makes it anew",
    "stale-map": "on the map, and not in the collection",
    "unreadable-withheld": "the list of what was taken down cannot be read: restore it from a backup, or remove it if "
    "nothing was taken down",
    "unreadable-steering": "the editor's file cannot be understood, and is not obeyed: correct it",
}
"""Every kind, and what it means for a person."""

BY_HAND: Final = frozenset(
    {
        "unreadable-vectors",
        "lost-vectors",
        "damaged-vector",
        "bad-vector",
        "missing-picture",
        "unreadable-picture",
        "unreadable-withheld",
        "unreadable-steering",
    }
)
"""Kinds that no repair can mend alone."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One kind of disagreement, wherever it was found.

    Attributes:
        kind: one of :data:`KINDS`.
        what: ids, pairs of ids or names of files; empty where it is about everything.
        mendable: whether a repair mends it without anything from outside.
        reason: what was found, where the kind does not say it all.
    """

    kind: str
    what: tuple[str, ...] = ()
    mendable: bool = True
    reason: str = ""

    @property
    def sentence(self) -> str:
        """What it means, for a person."""
        return f"{KINDS[self.kind]} ({self.reason})" if self.reason else KINDS[self.kind]

    @property
    def line(self) -> str:
        """The whole of it in one line."""
        count = f" ({len(self.what):,})" if self.what else ""
        more = f" and {len(self.what) - SHOWN:,} more" if len(self.what) > SHOWN else ""
        named = f": {', '.join(self.what[:SHOWN])}{more}" if self.what else ""
        return f"{self.kind}{count}: {self.sentence}{named}"

    def to_json(self) -> dict[str, Any]:
        """Return plain data; of very many artworks or files only the first."""
        shown = {"kind": self.kind, "count": len(self.what), "what": list(self.what[: 20 * SHOWN])}
        return {**shown, "sentence": self.sentence, "mendable": self.mendable}


@runtime_checkable
class Checked(Protocol):
    """A graph store that keeps more than the port shows, and can tell whether that agrees with itself."""

    def trouble(self) -> tuple[Disagreement, ...]:
        """Find what does not agree within the store; nothing is written."""

    def mend(self) -> None:
        """Mend it. What cannot be read is taken out, for the caller to write again from the vectors."""


def named(kind: str, what: Iterable[str], reason: str = "") -> tuple[Disagreement, ...]:
    """Return one disagreement about these, or none where there are none."""
    found = tuple(sorted(map(str, what)))
    return (Disagreement(kind, found, kind not in BY_HAND, reason),) if found else ()
