"""Mending what a look found, and nothing else; in the order of a write, so that it may be interrupted anywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from loaders.checks.files import mend_files
from loaders.checks.look import Look
from loaders.checks.nodes import Nodes, read_nodes
from loaders.checks.payloads import mend_payloads
from loaders.checks.pictures import shown_by
from loaders.links import Linked
from loaders.progress import Progress
from loaders.updates import delta_between
from stores.artwork import Artwork
from stores.disagreements import Checked
from stores.maps import forget
from stores.network import Network
from stores.ports import GraphStore, VectorStore
from stores.records import GraphDelta


def mend(seen: Look, vectors: VectorStore, graph: GraphStore, home: Path, progress: Progress) -> None:
    """Mend what can be mended."""
    if seen.pictures is not None:
        left = seen.without_withheld(progress)
        mend_payloads(vectors, left.kept, left.nodes, left.judged)
        with progress.stage("write graph"):
            _mend_graph(left, graph, progress)
        vectors.delete(sorted(seen.withheld))  # last, so that no reader is led to a vector that is gone
        _mend_pictures(seen, left, home / "images")
        forget(home, seen.off)
    mend_files(home)


def _mend_graph(seen: Look, graph: GraphStore, progress: Progress) -> None:
    if seen.facts is None:
        return
    if seen.trouble and seen.trouble_can_be_mended and isinstance(graph, Checked):
        graph.mend()
        if "damaged-edges" in seen.kinds:
            seen = seen.with_edges_of(graph, progress)
    delta = _relinked(seen, graph, seen.linked) if seen.linked is not None else _described(seen, graph)
    if _changes_something(delta) or delta.facts != graph.stats().facts:
        graph.apply(delta)


def _relinked(seen: Look, graph: GraphStore, linked: Linked) -> GraphDelta:
    """Return the difference between the graph as it is and as it follows from the vectors."""
    before = Network(graph.edges(), graph.reach())
    nodes = read_nodes(graph, before.edges.ids.tolist(), seen.kept) if seen.trouble else seen.nodes
    return delta_between(before, linked, seen.says, _to_write(seen.artworks, nodes))


def _described(seen: Look, graph: GraphStore) -> GraphDelta:
    """Return what can be put right while some vector is not: metadata, what was taken down, what the graph says."""
    held, facts = graph.stats().facts, seen.says
    digest = held.digest if held and "wrong-digest" not in seen.kinds else facts.digest
    stale = [seen.artworks[one] for one in seen.nodes.stale if one in seen.artworks]
    there = seen.withheld & seen.nodes.made_with.keys()
    return GraphDelta(replace(facts, digest=digest) if held else facts, tuple(stale), tuple(sorted(there)))


def _to_write(artworks: Mapping[str, Artwork], nodes: Nodes) -> Iterator[Artwork]:
    """Yield the artworks that the graph lacks, or says something else of."""
    stale = set(nodes.stale)
    for one, artwork in artworks.items():
        if one in stale or nodes.made_with.get(one) != artwork.vector:
            yield artwork


def _changes_something(delta: GraphDelta) -> bool:
    edges = delta.edges
    return bool(delta.artworks or delta.removed or delta.dropped or (edges is not None and len(edges.ids)))


def _mend_pictures(seen: Look, left: Look, images: Path) -> None:
    """Take out what nobody shows any more, what was never finished, and what cannot be read."""
    found = seen.pictures
    if found is None:
        return
    orphans = seen.nodes.orphans
    kept = left.nodes.orphans if left.linked is None else []
    gone = shown_by([*seen.artworks.values(), *orphans]).keys() - shown_by([*left.artworks.values(), *kept]).keys()
    for path in (*found.surplus, *found.unfinished, *found.damaged, *(images / name[:2] / name for name in gone)):
        path.unlink(missing_ok=True)
