"""All looks in their order: what is found, and what a repair needs to know of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from loaders.checks.edges import compare_edges
from loaders.checks.facts import compare_facts, named_by, wanted_facts
from loaders.checks.files import look_at_files, off_the_graph, withheld_ids
from loaders.checks.kept import Kept
from loaders.checks.nodes import Nodes, compare_nodes, every_id, read_nodes
from loaders.checks.payloads import Judged, compare_payloads, judge
from loaders.checks.pictures import Pictures, compare_pictures, look_at_pictures, shown_by
from loaders.links import Linked, link
from loaders.losses import are_lost
from loaders.marks import mark_of
from loaders.neighbors import nearest_neighbors
from loaders.progress import Progress
from stores.artwork import Artwork
from stores.disagreements import Checked, Disagreement, named
from stores.network import Network
from stores.ports import GraphStore
from stores.records import EmbedderFacts, GraphFacts

NEEDS_LINKING: Final = frozenset(
    {
        *("damaged-edges", "damaged-record", "half-node", "empty-graph", "lost-facts"),
        *("orphan-node", "missing-node", "stale-vector"),
    }
)
"""Kinds that are mended by linking, which waits until every vector is right."""


@dataclass(slots=True)
class Look:
    """What was seen.

    Attributes:
        trouble: what the graph store finds in itself.
        found: everything.
        artworks: as they should be, by id.
        facts: what the graph should say of itself; None where there is nothing to link.
        linked: the graph as it should be; None while some vector is not right.
        pictures: None where they were not looked at.
        withheld: ids that were taken down and are still held.
        off: ids on the map of artworks that are not held, or are to go.
    """

    kept: Kept
    nodes: Nodes = field(default_factory=Nodes)
    judged: Judged = field(default_factory=lambda: Judged({}, (), (), (), ()))
    trouble: tuple[Disagreement, ...] = ()
    found: tuple[Disagreement, ...] = ()
    artworks: dict[str, Artwork] = field(default_factory=dict)
    facts: GraphFacts | None = None
    linked: Linked | None = None
    pictures: Pictures | None = None
    withheld: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()

    @property
    def says(self) -> GraphFacts:
        """What the graph should say of itself, where there is something to link."""
        if self.facts is None:
            raise ValueError("nothing was embedded")
        return self.facts

    @property
    def kinds(self) -> frozenset[str]:
        """Of which kinds something was found."""
        return frozenset(one.kind for one in self.found)

    @property
    def trouble_can_be_mended(self) -> bool:
        """Whether the store may take out what it cannot read: only where that can be written again."""
        return self.linked is not None or not any(one.kind in NEEDS_LINKING for one in self.trouble)

    def without_withheld(self, progress: Progress) -> "Look":
        """Return the same without what was taken down."""
        if not self.withheld or self.facts is None:
            return self
        right = {one: digest for one, digest in self.judged.vectors.items() if one not in self.withheld}
        left = replace(
            self,
            kept=self.kept.without(self.withheld),
            artworks={one: artwork for one, artwork in self.artworks.items() if one not in self.withheld},
            judged=replace(self.judged, vectors=right),
        )
        left.facts = replace(self.facts, digest=named_by(right, self.facts.k))
        _link(left, progress)
        return left

    def with_edges_of(self, graph: GraphStore, progress: Progress) -> "Look":
        """Return the same with what edges tell that could not be read before: how many neighbours there are to be."""
        if self.facts is None or self.linked is None:
            return self
        facts = wanted_facts(graph.stats().facts, graph.edges(), self.nodes, self.judged.vectors, self.facts.embedder)
        if facts.k == self.facts.k:
            return self
        seen = replace(self, facts=facts)
        _link(seen, progress)
        return seen


def look(kept: Kept, embedder: EmbedderFacts | None, graph: GraphStore, home: Path, progress: Progress) -> Look:
    """Look at everything that has to agree with the vectors, which ``embedder`` made; nothing is written."""
    seen = Look(kept)
    if not len(seen.kept.ids) and graph.stats().artworks:
        seen.found = (Disagreement("lost-vectors", mendable=False), *look_at_files(home, ()))
        return seen
    found = _look_at_graph(seen, graph, embedder, progress) if embedder else ()
    withheld = withheld_ids(home) or frozenset()
    gone = {artwork.id for artwork in seen.nodes.orphans} - withheld
    if are_lost(len(gone), len(seen.nodes.made_with)):
        seen.found = (Disagreement("lost-vectors", tuple(sorted(gone)), mendable=False), *look_at_files(home, ()))
        return seen
    seen.withheld = withheld & (seen.kept.digests.keys() | seen.nodes.made_with.keys())
    seen.pictures = _look_at_pictures(seen, home, progress)
    seen.off = off_the_graph(home, seen.kept.digests.keys() - withheld)
    seen.found = (
        *compare_payloads(seen.kept, seen.judged),
        *named("withheld", seen.withheld),
        *(found if seen.linked else _waiting(found, seen)),
        *compare_pictures(seen.pictures, home),
        *look_at_files(home, seen.pictures.unfinished),
        *named("stale-map", seen.off),
    )
    return seen


def _look_at_graph(
    seen: Look, graph: GraphStore, embedder: EmbedderFacts, progress: Progress
) -> tuple[Disagreement, ...]:
    """Read the graph, make the one that it should be, and compare."""
    said = graph.stats().facts
    with progress.stage("read graph"):
        seen.trouble = graph.trouble() if isinstance(graph, Checked) else ()
        amiss = {one.kind: frozenset(one.what) for one in seen.trouble}
        passed = amiss.get("half-node", frozenset()) | amiss.get("damaged-record", frozenset())
        held = None if "damaged-edges" in amiss else Network(graph.edges(), graph.reach())
        unlisted = held is None and "damaged-record" in amiss
        listed = held.edges.ids.tolist() if held else [] if unlisted else list(every_id(graph))
        seen.nodes = read_nodes(graph, (one for one in listed if one not in passed), seen.kept)
    seen.judged = judge(seen.kept, seen.nodes)
    seen.artworks = _as_they_should_be(seen)
    facts = wanted_facts(said, held.edges if held else None, seen.nodes, seen.judged.vectors, embedder)
    seen.facts = replace(facts, components=said.components if said else 0)
    _link(seen, progress)
    if not (said or listed or seen.trouble):
        return (Disagreement("empty-graph"),) if seen.judged.vectors else ()
    nodes = () if unlisted else compare_nodes(seen.nodes, seen.judged.vectors, passed)
    edges = compare_edges(held, Network(seen.linked.edges, seen.linked.reach)) if held and seen.linked else ()
    return (*_without_echo(seen.trouble, edges), *nodes, *edges, *compare_facts(said, seen.facts, seen.nodes))


def _without_echo(trouble: Iterable[Disagreement], edges: Iterable[Disagreement]) -> Iterator[Disagreement]:
    """Leave out costs that do not follow from a weight that is named itself."""
    weights = {pair for one in edges if one.kind == "wrong-weight" for pair in one.what}
    for one in trouble:
        if one.kind == "wrong-cost":
            yield from named("wrong-cost", set(one.what) - weights)
        else:
            yield one


def _link(seen: Look, progress: Progress) -> None:
    """Make the graph as it should be, unless a vector is not right; say in the facts what follows."""
    if seen.facts is None:
        return
    seen.facts = replace(seen.facts, metadata_mark=mark_of(seen.artworks.values()))
    if {*seen.judged.damaged, *seen.judged.unfit} & seen.kept.digests.keys():
        return
    kept = seen.kept.without(set(seen.judged.nameless)) if seen.judged.nameless else seen.kept
    with progress.stage("neighbours"):
        lists = nearest_neighbors(kept.vectors, seen.facts.k)
    with progress.stage("link"):
        seen.linked = link(kept.ids, kept.vectors, lists)
    seen.facts = replace(seen.facts, components=seen.linked.components)


def _as_they_should_be(seen: Look) -> dict[str, Artwork]:
    """Artworks as the payloads say, or the graph where they cannot be understood, with the right digests."""
    return {
        one: replace(artwork, vector=seen.judged.vectors[one])
        for one, artwork in (seen.kept.artworks | seen.nodes.known).items()
    }


def _waiting(found: Iterable[Disagreement], seen: Look) -> Iterator[Disagreement]:
    """Say of what is mended by linking that it is not mended yet."""
    for one in found:
        stuck = one.kind in NEEDS_LINKING or (one in seen.trouble and not seen.trouble_can_be_mended)
        yield replace(one, mendable=False) if stuck else one


def _look_at_pictures(seen: Look, home: Path, progress: Progress) -> Pictures:
    """Look at the pictures; where nobody knows what an artwork shows, no picture is one too many."""
    shown = shown_by([*seen.artworks.values(), *seen.nodes.orphans])
    found = look_at_pictures(home / "images", shown, progress)
    return replace(found, surplus=()) if seen.judged.nameless else found
