"""What the graph says of itself: digest, number of neighbours, embedder, metadata."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from loaders.checks.nodes import Nodes
from loaders.links import digest
from loaders.relink import DEFAULT_K
from stores.disagreements import Disagreement
from stores.records import Edges, EmbedderFacts, GraphFacts

_HEX: Final = re.compile("[0-9a-f]*")


def wanted_facts(
    held: GraphFacts | None, edges: Edges | None, nodes: Nodes, vectors: Mapping[str, str], embedder: EmbedderFacts
) -> GraphFacts:
    """Return what should be said of a graph of these vectors' digests; components and the mark are for the caller.

    Where the digest does not confirm the number of neighbours, the lists tell how many the graph was made with.
    """
    k = held.k if held else DEFAULT_K
    if held is None or held.digest not in (named_by(vectors, k), named_by(nodes.made_with, k)):
        k = _k_of(edges, k) if edges is not None else k
    return GraphFacts(named_by(vectors, k), k, embedder)


def _k_of(edges: Edges, said: int) -> int:
    """How many neighbours most artworks have; what is said where there are too few artworks to tell."""
    ranks = np.append(edges.rank_a, edges.rank_b)
    full = np.flatnonzero(2 * np.bincount(ranks[ranks > 0]) > len(edges.ids))
    most = int(full.max(initial=0))
    return most if most and (most < len(edges.ids) - 1 or said < most) else said


def compare_facts(held: GraphFacts | None, wanted: GraphFacts, nodes: Nodes) -> Iterator[Disagreement]:
    """Name what the graph says of itself and is not so.

    A graph that lags behind its vectors, after a write that was interrupted, says truly what it was made from.
    """
    if held is None:
        yield Disagreement("lost-facts")
        return
    own = named_by(nodes.made_with, wanted.k)
    if held.k != wanted.k:
        yield Disagreement("wrong-k", reason=f"{held.k} instead of {wanted.k}")
    if held.digest not in (wanted.digest, own):
        yield Disagreement("wrong-digest")
    if held.embedder != wanted.embedder:
        yield Disagreement("wrong-embedder", reason=f"{held.embedder.name} instead of {wanted.embedder.name}")
    if held.metadata_mark not in (wanted.metadata_mark, nodes.mark):
        yield Disagreement("wrong-metadata-mark")
    if held.digest == wanted.digest and held.components != wanted.components:
        yield Disagreement("wrong-components", reason=f"{held.components} instead of {wanted.components}")


def named_by(vectors: Mapping[str, str], k: int) -> str:
    """Return the name of the graph of these digests; none where one is no digest at all."""
    if not all(map(_HEX.fullmatch, vectors.values())):
        return ""
    return digest((vectors[one] for one in sorted(vectors)), len(vectors), k)
