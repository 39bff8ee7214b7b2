"""Vectors to graph: the whole of it, from what the vector store holds and nothing else."""

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from typing import Final

import numpy as np

from loaders.links import digest, link
from loaders.neighbors import nearest_neighbors
from loaders.plan import Held
from loaders.progress import Progress
from loaders.updates import delta_between, update
from stores.artwork import Artwork
from stores.errors import NotFound
from stores.network import Network
from stores.ports import GraphStore, VectorStore
from stores.records import EmbedderFacts, GraphDelta, GraphFacts, Ids, Vectors

BATCH: Final = 2000
"""Artworks compared with the graph's at once."""


def bring_up_to_date(vectors: VectorStore, graph: GraphStore, held: Held, k: int, progress: Progress) -> bool:
    """Make the graph follow from what is held; say whether anything had to be done.

    Whatever was interrupted before is finished here: the digest tells whether the edges follow from the
    vectors, the mark whether the metadata was written.
    """
    embedder = vectors.stats().facts
    if embedder is None:
        return False
    wanted = digest((str(held[artwork_id]["vector"]) for artwork_id in sorted(held)), len(held), k)
    mark = _metadata_mark(held)
    now = graph.stats().facts
    if now is None or now.digest != wanted:
        _relink(vectors, graph, held, GraphFacts(wanted, k, embedder, metadata_mark=mark), progress)
    elif now.metadata_mark != mark:
        with progress.stage("describe"):
            _describe(graph, held, GraphFacts(wanted, k, embedder, now.components, mark))
    else:
        return False
    return True


def _relink(vectors: VectorStore, graph: GraphStore, held: Held, facts: GraphFacts, progress: Progress) -> None:
    """Update the graph where it was made as it will be and little has changed, else make it anew."""
    with progress.stage("read vectors"):
        ids, matrix = _read(vectors, facts.embedder, len(held))
    delta = _updated(graph, held, ids, matrix, facts, progress) or _rebuilt(held, ids, matrix, facts, progress)
    with progress.stage("write graph"):
        graph.apply(delta)


def _updated(
    graph: GraphStore, held: Held, ids: Ids, matrix: Vectors, facts: GraphFacts, progress: Progress
) -> GraphDelta | None:
    now = graph.stats().facts
    if now is None or (now.k, now.embedder.identity) != (facts.k, facts.embedder.identity):
        return None
    with progress.stage("read graph"):
        before = Network(graph.edges(), graph.reach())
        known = _records(graph, [str(one) for one in before.edges.ids])
    wanted = {str(one): Artwork.from_payload(str(one), held[str(one)]) for one in ids}
    fresh = {one for one, new in wanted.items() if one not in known or known[one].vector != new.vector}
    with progress.stage("update"):
        found = update(before, ids, matrix, np.array([str(one) in fresh for one in ids]), facts.k)
    if found is None:
        return None
    written = [new for one, new in wanted.items() if one in fresh or known[one] != new]
    return delta_between(before, found.linked, replace(facts, components=found.linked.components), written)


def _rebuilt(held: Held, ids: Ids, matrix: Vectors, facts: GraphFacts, progress: Progress) -> GraphDelta:
    with progress.stage("neighbours"):
        lists = nearest_neighbors(matrix, facts.k)
    with progress.stage("link"):
        linked = link(ids, matrix, lists)
    return GraphDelta(
        facts=replace(facts, components=linked.components),
        artworks=tuple(Artwork.from_payload(str(i), held[str(i)]) for i in ids),
        reach=linked.reach,
        edges=linked.edges,
        replace=True,
    )


def _records(graph: GraphStore, ids: Sequence[str]) -> dict[str, Artwork]:
    some = (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))
    return {artwork.id: artwork for batch in some for artwork in graph.artworks(batch)}


def _describe(graph: GraphStore, held: Held, facts: GraphFacts) -> None:
    """Write the artworks whose metadata differs; the edges stay."""
    ids = iter(sorted(held))
    changed: list[Artwork] = []
    while some := list(islice(ids, BATCH)):
        wanted = [Artwork.from_payload(artwork_id, held[artwork_id]) for artwork_id in some]
        changed += [new for new, old in zip(wanted, graph.artworks(some), strict=True) if new != old]
    graph.apply(GraphDelta(facts=facts, artworks=tuple(changed)))


def _read(vectors: VectorStore, embedder: EmbedderFacts, count: int) -> tuple[Ids, Vectors]:
    """Read every vector once, into one matrix, by ascending id."""
    ids, matrix = np.empty(count, dtype="U36"), np.empty((count, embedder.dimension), dtype=np.float32)
    at = 0
    for batch in vectors.scan():
        ids[at : at + len(batch.ids)], matrix[at : at + len(batch.ids)] = batch.ids, batch.vectors
        at += len(batch.ids)
    if at != count:
        raise NotFound(f"{count} vectors were listed and {at} read: another process writes to the same store")
    return ids, matrix


def _metadata_mark(held: Held) -> str:
    """Fingerprint of all metadata, whatever order it was loaded in."""
    mark = sha256()
    for artwork_id in sorted(held):
        described = Artwork.from_payload(artwork_id, held[artwork_id]).to_payload()
        mark.update(json.dumps([artwork_id, described], sort_keys=True).encode())
    return mark.hexdigest()
