"""Vectors to graph: what the vector store holds decides, and the graph is brought to it by the cheaper way."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

import numpy as np

from loaders.links import digest, link
from loaders.marks import mark_of
from loaders.neighbors import nearest_neighbors
from loaders.plan import Held
from loaders.progress import Progress
from loaders.standing import read_standing
from loaders.updates import delta_of, lists_to_redo, update
from stores.artwork import Artwork
from stores.errors import NotFound
from stores.network import Network
from stores.ports import GraphStore, VectorStore
from stores.records import EmbedderFacts, GraphDelta, GraphFacts, Ids, Vectors

DEFAULT_K: Final = 15
"""Neighbours of each artwork, where nobody says otherwise."""

BATCH: Final = 1000
"""Artworks read from the graph at once."""

REBUILD: Final = 0.25
"""Share of the lists above which all of them are worked out anew: a rebuild compares each pair once, and in threads."""


def bring_up_to_date(vectors: VectorStore, graph: GraphStore, held: Held, k: int, progress: Progress) -> bool:
    """Make the graph follow from the vectors; say whether anything had to be done.

    The digest of the vectors, which are kept beside them, tells whether they must be read at all.
    """
    embedder = vectors.stats().facts
    if embedder is None:
        return False
    with progress.stage("compare"):
        artworks = {one: Artwork.from_payload(one, payload) for one, payload in held.items()}
        ordered = sorted(artworks)
        wanted = digest((artworks[one].vector for one in ordered), len(ordered), k)
        facts = GraphFacts(wanted, k, embedder, metadata_mark=mark_of(artworks.values()))
        now = graph.stats().facts
    if now is None or now.digest != wanted:
        _relink(vectors, graph, artworks, facts, progress)
    elif now.metadata_mark != facts.metadata_mark:
        with progress.stage("describe"):
            changed = _differing(graph, artworks)
            graph.apply(GraphDelta(facts=replace(facts, components=now.components), artworks=tuple(changed.values())))
    else:
        return False
    return True


def _relink(
    vectors: VectorStore, graph: GraphStore, artworks: Mapping[str, Artwork], facts: GraphFacts, progress: Progress
) -> None:
    """Update the graph where little has changed, else make it anew."""
    with progress.stage("read vectors"):
        ids, matrix = read_vectors(vectors, facts.embedder, len(artworks))
    delta = _updated(graph, artworks, ids, matrix, facts, progress) or _rebuilt(artworks, ids, matrix, facts, progress)
    with progress.stage("write graph"):
        graph.apply(delta)


def _updated(
    graph: GraphStore,
    artworks: Mapping[str, Artwork],
    ids: Ids,
    matrix: Vectors,
    facts: GraphFacts,
    progress: Progress,
) -> GraphDelta | None:
    """Return an update of the graph; None where it was made otherwise, or a rebuild is cheaper."""
    now = graph.stats().facts
    if now is None or (now.k, now.embedder.identity) != (facts.k, facts.embedder.identity) or len(ids) <= facts.k:
        return None
    with progress.stage("read graph"):
        before = Network(graph.edges(), graph.reach())
        old = {artwork.id: artwork for artwork in _records(graph, before.edges.ids)}
        changed = _changed(old, artworks)
    names = [str(one) for one in before.edges.ids]
    gone = np.array([one not in artworks or _moved(old[one], artworks[one]) for one in names], dtype=np.bool_)
    fresh = np.array([(one := str(i)) not in old or _moved(old[one], artworks[one]) for i in ids], dtype=np.bool_)
    kept = np.zeros((len(names), matrix.shape[1]), dtype=np.float32)
    kept[~gone] = matrix[~fresh]
    standing = read_standing(before, kept, facts.k)
    if standing is None or lists_to_redo(standing, gone) + fresh.sum() > REBUILD * len(ids):
        return None
    with progress.stage("update"):
        change = update(standing, gone, [str(one) for one in ids[fresh]], matrix[fresh])
    return delta_of(change, facts, changed.values(), [one for one in names if one not in artworks])


def _rebuilt(
    artworks: Mapping[str, Artwork], ids: Ids, matrix: Vectors, facts: GraphFacts, progress: Progress
) -> GraphDelta:
    with progress.stage("neighbours"):
        lists = nearest_neighbors(matrix, facts.k)
    with progress.stage("link"):
        linked = link(ids, matrix, lists)
    return GraphDelta(
        facts=replace(facts, components=linked.components),
        artworks=tuple(artworks[str(one)] for one in ids),
        reach=linked.reach,
        edges=linked.edges,
        replace=True,
    )


def _differing(graph: GraphStore, artworks: Mapping[str, Artwork]) -> dict[str, Artwork]:
    """Return those of the artworks that the graph describes otherwise."""
    old = {artwork.id: artwork for artwork in _records(graph, np.array(sorted(artworks), dtype="U36"))}
    return _changed(old, artworks)


def _changed(old: Mapping[str, Artwork], artworks: Mapping[str, Artwork]) -> dict[str, Artwork]:
    """Return the artworks that are new, are described otherwise, or have another vector."""
    return {
        one: new
        for one, new in artworks.items()
        if (before := old.get(one)) is None or before != new or _moved(before, new)
    }


def _moved(old: Artwork, new: Artwork) -> bool:
    """Whether the graph was made with another vector of this artwork."""
    return old.vector != new.vector


def _records(graph: GraphStore, ids: Ids) -> list[Artwork]:
    names = iter([str(one) for one in ids])
    found: list[Artwork] = []
    while some := list(islice(names, BATCH)):
        found += graph.artworks(some)
    return found


def read_vectors(vectors: VectorStore, embedder: EmbedderFacts, count: int) -> tuple[Ids, Vectors]:
    """Read every vector once, into one (count, dimension) matrix, by ascending id; NotFound if they are not so many."""
    ids, matrix = np.empty(count, dtype="U36"), np.empty((count, embedder.dimension), dtype=np.float32)
    at = 0
    for batch in vectors.scan():
        some = len(batch.ids[: count - at])
        ids[at : at + some], matrix[at : at + some] = batch.ids[:some], batch.vectors[:some]
        at += len(batch.ids)
    if at != count:
        raise NotFound(f"{count} vectors were listed and {at} read: another process writes to the same store")
    return ids, matrix
