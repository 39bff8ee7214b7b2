"""The artworks of the graph against those of the vector store: which there are, what is said of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from loaders.checks.kept import Kept
from loaders.marks import moved_mark
from stores.artwork import Artwork
from stores.disagreements import Disagreement, named
from stores.ports import GraphStore
from stores.records import Search

BATCH: Final = 1000
"""Artworks read from the graph at once."""


@dataclass(slots=True)
class Nodes:
    """What the graph says of each artwork, as far as a check needs it.

    Attributes:
        made_with: digest of the vector that each was linked with.
        known: whole records of those whose payloads cannot be understood.
        orphans: those without a vector.
        stale: ids whose metadata differs from what stands beside the vector.
        mark: fingerprint of the metadata as the graph has it.
    """

    made_with: dict[str, str] = field(default_factory=dict)
    known: dict[str, Artwork] = field(default_factory=dict)
    orphans: list[Artwork] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    mark: str = ""


def read_nodes(graph: GraphStore, ids: Iterable[str], kept: Kept) -> Nodes:
    """Read the records of these artworks, a batch at a time, and compare each with what is held."""
    nodes, rest, malformed = Nodes(), iter(ids), set(kept.malformed)
    while some := list(islice(rest, BATCH)):
        records = graph.artworks(some)
        nodes.mark = moved_mark(nodes.mark, (), records)
        for record in records:
            _place(nodes, record, kept.artworks.get(record.id), record.id in malformed)
    return nodes


def every_id(graph: GraphStore) -> Iterator[str]:
    """Yield the id of every artwork that the graph finds, where its edges cannot be read."""
    page = graph.find(Search(limit=BATCH))
    while True:
        yield from (artwork.id for artwork in page.artworks)
        if page.after is None:
            return
        page = graph.find(Search(limit=BATCH, after=page.after))


def compare_nodes(nodes: Nodes, vectors: Mapping[str, str], halves: AbstractSet[str]) -> Sequence[Disagreement]:
    """Name what disagrees; ``vectors`` are the digests that are right, ``halves`` what is named already."""
    there = nodes.made_with.keys() | halves
    missing = [one for one in vectors if one not in there]
    moved = [one for one, digest in nodes.made_with.items() if vectors.get(one, digest) != digest]
    return (
        *named("orphan-node", (artwork.id for artwork in nodes.orphans)),
        *named("missing-node", missing),
        *named("stale-metadata", nodes.stale),
        *named("stale-vector", moved),
    )


def _place(nodes: Nodes, record: Artwork, held: Artwork | None, malformed: bool) -> None:  # noqa: FBT001 -- a row
    nodes.made_with[record.id] = record.vector
    if malformed:
        nodes.known[record.id] = record
    elif held is None:
        nodes.orphans.append(record)
    elif held != record:
        nodes.stale.append(record.id)
