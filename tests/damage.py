"""Damage done on purpose, through the ports, so that it is the same whatever stores there are."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from stores.angles import unit
from stores.artwork import Artwork
from stores.network import select
from stores.pictures import picture_path
from stores.ports import GraphStore, VectorStore
from stores.records import Edges, GraphDelta, GraphFacts
from stores.withheld import Withheld
from tests.made import made_id


@dataclass(frozen=True)
class Collection:
    """Opened stores and their home."""

    vectors: VectorStore
    graph: GraphStore
    home: Path

    @property
    def facts(self) -> GraphFacts:
        """What the graph says of itself."""
        facts = self.graph.stats().facts
        assert facts is not None
        return facts

    def artwork(self, row: int) -> Artwork:
        """An artwork, by its place among the ids."""
        return self.graph.artworks([str(self.graph.edges().ids[row])])[0]

    def picture(self, row: int, size: str = "thumb") -> Path:
        """A picture of one."""
        return picture_path(self.home / "images", self.artwork(row).content_hash, size)

    def write_edge(self, row: int, **changes: Any) -> str:
        """Write one edge of the graph otherwise; return its ends."""
        edges = self.graph.edges()
        edge = select(edges, np.arange(len(edges)) == row)
        return self.set_edges(replace(edge, **{name: np.array([value]) for name, value in changes.items()}))

    def set_edges(self, edges: Edges) -> str:
        """Write these edges; return the ends of the first."""
        self.graph.apply(GraphDelta(self.facts, reach=self.graph.reach(), edges=edges))
        return f"{edges.ids[edges.a[0]]} {edges.ids[edges.b[0]]}"

    def set_facts(self, **changes: Any) -> None:
        """Let the graph say something else of itself."""
        self.graph.apply(GraphDelta(replace(self.facts, **changes)))

    def set_payload(self, row: int, **changes: Any) -> str:
        """Write a payload otherwise."""
        artwork_id = self.artwork(row).id
        held = self.vectors.get([artwork_id])
        self.vectors.upsert([artwork_id], held.vectors, [{**held.payloads[0], **changes}])
        return artwork_id

    def set_vector(self, row: int, change: Callable[[Any], Any]) -> str:
        """Write a vector otherwise, and leave what stands beside it."""
        artwork_id = self.artwork(row).id
        held = self.vectors.get([artwork_id])
        self.vectors.upsert([artwork_id], change(held.vectors).astype(np.float32), held.payloads)
        return artwork_id


Seed = Callable[[Collection], str]
"""Does damage and returns what of it is named: an id, the ends of an edge, a file; empty where nothing is."""


def orphan_node(on: Collection) -> str:
    """An artwork in the graph that nobody embedded."""
    stranger = Artwork(made_id(2**32 - 1), "stranger.jpg", "artworks", "0" * 64, "1" * 64)
    on.graph.apply(GraphDelta(on.facts, (stranger,)))
    return stranger.id


def missing_node(on: Collection) -> str:
    """An artwork and its edges are gone from the graph."""
    gone = on.artwork(11).id
    on.graph.apply(GraphDelta(on.facts, removed=(gone,)))
    return gone


def stale_metadata(on: Collection) -> str:
    """The graph has another title."""
    artwork = on.artwork(5)
    on.graph.apply(GraphDelta(on.facts, (replace(artwork, title="Another"),)))
    return artwork.id


def stale_vector(on: Collection) -> str:
    """The graph says it was made with another vector."""
    artwork = on.artwork(5)
    on.graph.apply(GraphDelta(on.facts, (replace(artwork, vector="2" * 64),)))
    return artwork.id


def wrong_weight(on: Collection) -> str:
    """One edge weighs nearly nothing."""
    return on.write_edge(40, weight=0.01)


def wrong_angle(on: Collection) -> str:
    """One edge has another angle, by the last digit."""
    return on.write_edge(40, angle=np.nextafter(on.graph.edges().angle[40], 1))


def wrong_reach(on: Collection) -> str:
    """One artwork reaches further."""
    edges, reach = on.graph.edges(), on.graph.reach().copy()
    reach[9] += 0.5
    one = select(edges, np.zeros(len(edges), dtype=np.bool_))
    on.graph.apply(GraphDelta(on.facts, reach=reach, edges=one))
    return str(edges.ids[9])


def stale_list(on: Collection) -> str:
    """Two neighbours of one artwork stand in each other's place."""
    edges = on.graph.edges()
    first, second, *_ = np.flatnonzero((edges.a == 3) & (edges.rank_a > 0))
    swapped = replace(edges, rank_a=edges.rank_a.copy())
    swapped.rank_a[[first, second]] = edges.rank_a[[second, first]]
    on.set_edges(select(swapped, np.isin(np.arange(len(edges)), [first, second])))
    return str(edges.ids[3])


def lost_edge(on: Collection) -> str:
    """One edge is gone."""
    edges = on.graph.edges()
    ends = str(edges.ids[edges.a[60]]), str(edges.ids[edges.b[60]])
    on.graph.apply(GraphDelta(on.facts, dropped=(ends,)))
    return " ".join(ends)


def extra_edge(on: Collection) -> str:
    """Two that are no neighbours are joined."""
    edges = on.graph.edges()
    strangers = set(range(1, len(edges.ids))) - set(edges.b[edges.a == 0].tolist())
    edge = select(edges, np.arange(len(edges)) == 0)
    none = np.zeros(1, dtype=np.int64)
    return on.set_edges(replace(edge, b=np.array([min(strangers)]), rank_a=none, rank_b=none))


def false_bridge(on: Collection) -> str:
    """An edge between neighbours is called a bridge."""
    return on.write_edge(40, bridge=True)


def lost_bridge(on: Collection) -> str:
    """A bridge is gone."""
    edges = on.graph.edges()
    row = int(np.flatnonzero(edges.bridge)[0])
    ends = str(edges.ids[edges.a[row]]), str(edges.ids[edges.b[row]])
    on.graph.apply(GraphDelta(on.facts, dropped=(ends,)))
    return " ".join(ends)


def wrong_digest(on: Collection) -> str:
    """The graph is called by another name."""
    on.set_facts(digest="3" * 64)
    return ""


def wrong_k(on: Collection) -> str:
    """The graph says that it was made with fewer neighbours."""
    on.set_facts(k=on.facts.k - 1)
    return ""


def wrong_embedder(on: Collection) -> str:
    """The graph names another embedder."""
    on.set_facts(embedder=replace(on.facts.embedder, name="other"))
    return ""


def wrong_components(on: Collection) -> str:
    """The graph says that it was in pieces."""
    on.set_facts(components=on.facts.components + 3)
    return ""


def wrong_mark(on: Collection) -> str:
    """The fingerprint is that of nothing."""
    on.set_facts(metadata_mark="4" * 64)
    return ""


def empty_graph(on: Collection) -> str:
    """Every artwork is gone from the graph."""
    on.graph.apply(GraphDelta(on.facts, removed=tuple(on.graph.edges().ids.tolist())))
    return str(min(str(one) for batch in on.vectors.scan(with_vectors=False) for one in batch.ids))


def wrong_vector_digest(on: Collection) -> str:
    """Another digest stands beside a vector."""
    return on.set_payload(8, vector="5" * 64)


def malformed_payload(on: Collection) -> str:
    """What stands beside a vector has lost its key and most else."""
    artwork_id = on.artwork(8).id
    on.vectors.upsert([artwork_id], on.vectors.get([artwork_id]).vectors, [{"title": 8, "images": "none"}])
    return artwork_id


def wrong_facets(on: Collection) -> str:
    """A filter would find an artwork by another style."""
    return on.set_payload(8, facets=["style=other"])


def damaged_vector(on: Collection) -> str:
    """A vector has become another, of unit length too."""
    return on.set_vector(8, lambda vectors: unit(vectors + 0.01 * np.eye(1, vectors.shape[1])))


def bad_vector(on: Collection) -> str:
    """A vector is too long."""
    return on.set_vector(8, lambda vectors: 1.5 * vectors)


def withheld(on: Collection) -> str:
    """What was taken down was not taken out."""
    artwork_id = on.artwork(20).id
    Withheld(on.home).add([artwork_id], "a test")
    return artwork_id


def missing_picture(on: Collection) -> str:
    """A small picture is gone."""
    on.picture(30).unlink()
    return on.artwork(30).id


def unreadable_picture(on: Collection) -> str:
    """A large picture is cut short."""
    path = on.picture(31, "medium")
    path.write_bytes(path.read_bytes()[:-500])
    return on.artwork(31).id


def orphan_picture(on: Collection) -> str:
    """A picture that nobody shows."""
    path = picture_path(on.home / "images", "ab" * 32, "thumb")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(on.picture(0).read_bytes())
    return str(path.relative_to(on.home))


def unfinished_picture(on: Collection) -> str:
    """A picture that a process was writing when it was killed."""
    path = on.picture(0).with_suffix(".4711")
    path.write_bytes(b"half")
    return str(path.relative_to(on.home))


def unreadable_quarantine(on: Collection) -> str:
    """The quarantine is cut short."""
    (on.home / "quarantine.json").write_text('{"artworks": {"a.jpg": ["no')
    return ""


SEEDS: dict[str, tuple[str, Seed]] = {
    **{seed.__name__: (seed.__name__.replace("_", "-"), seed) for seed in (
        orphan_node, missing_node, stale_metadata, stale_vector, wrong_weight, wrong_angle, wrong_reach, stale_list,
        lost_edge, extra_edge, false_bridge, wrong_digest, wrong_k, wrong_embedder, wrong_components,
        wrong_vector_digest, malformed_payload, wrong_facets, orphan_picture, unreadable_quarantine,
    )},
    "wrong_mark": ("wrong-metadata-mark", wrong_mark),
    "unfinished_picture": ("unfinished-file", unfinished_picture),
}  # fmt: skip
"""Damage that a repair undoes to the last bit, and the kind by which it is named."""

FOR_A_LOAD: dict[str, tuple[str, Seed]] = {
    seed.__name__: (seed.__name__.replace("_", "-"), seed)
    for seed in (damaged_vector, bad_vector, missing_picture, unreadable_picture)
}
"""Damage that only a load of the folder undoes."""
