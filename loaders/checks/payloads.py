"""Vectors and their payloads: which of the two is wrong where they do not belong together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from loaders.checks.kept import Kept, restored
from loaders.checks.nodes import Nodes
from loaders.plan import AGAIN
from stores.disagreements import Disagreement, named
from stores.ports import VectorStore
from stores.words import facet_terms

BATCH: Final = 128
"""Payloads rewritten at once."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of every payload.

    Attributes:
        vectors: the digest that each artwork's vector is to have, by id; those nobody knows anything of are left out.
        damaged: ids of vectors that are not what was written; ``unfit`` of no use whatever was written.
        misnamed: ids whose vector is right and the digest beside it is not.
        nameless: ids of payloads that nobody can restore.
    """

    vectors: dict[str, str]
    damaged: tuple[str, ...]
    unfit: tuple[str, ...]
    misnamed: tuple[str, ...]
    nameless: tuple[str, ...]


def judge(kept: Kept, nodes: Nodes) -> Judged:
    """Compare every vector's bytes with the digest beside it, and with the one that the graph was made with.

    Of three digests two that agree are believed: so a damaged vector is told from a damaged payload.
    """
    vectors, damaged, misnamed, unfit = {}, [], [], set(kept.unfit)
    for one, artwork in kept.artworks.items():
        actual = kept.digests[one]
        vectors[one] = artwork.vector
        if one in unfit or actual == artwork.vector:
            continue
        if actual == nodes.made_with.get(one):
            vectors[one] = actual
            misnamed.append(one)
        else:
            damaged.append(one)
    for one in kept.malformed:
        if one in nodes.known:
            vectors[one] = kept.digests[one]
    nameless = (one for one in kept.malformed if one not in nodes.known)
    return Judged(vectors, tuple(damaged), tuple(sorted(unfit)), tuple(misnamed), tuple(nameless))


def compare_payloads(kept: Kept, judged: Judged) -> Sequence[Disagreement]:
    """Name what is wrong with vectors and payloads."""
    known = set(kept.malformed) - set(judged.nameless)
    return (
        *named("malformed-payload", known),
        *(Disagreement("malformed-payload", judged.nameless[:], mendable=False) for _ in judged.nameless[:1]),
        *named("wrong-facets", kept.unlisted),
        *named("wrong-vector-digest", judged.misnamed),
        *named("damaged-vector", judged.damaged),
        *named("bad-vector", judged.unfit),
    )


def mend_payloads(vectors: VectorStore, kept: Kept, nodes: Nodes, judged: Judged) -> None:
    """Rewrite the payloads that are wrong; ask the next load for the vectors that are."""
    wrong = {*kept.malformed, *kept.unlisted, *judged.misnamed, *judged.damaged, *judged.unfit}
    ids = sorted((wrong - set(judged.nameless)) & kept.digests.keys())
    for at in range(0, len(ids), BATCH):
        batch = vectors.get(ids[at : at + BATCH])
        written = [
            (row, one, payload)
            for row, (one, held) in enumerate(zip(batch.ids.tolist(), batch.payloads, strict=True))
            if (payload := _mended(one, dict(held), kept, nodes, judged)) != held
        ]
        if written:
            rows = [row for row, _, _ in written]
            vectors.upsert([one for _, one, _ in written], batch.vectors[rows], [payload for *_, payload in written])


def _mended(one: str, held: dict[str, Any], kept: Kept, nodes: Nodes, judged: Judged) -> dict[str, Any]:
    if one in nodes.known:
        return restored(nodes.known[one], judged.vectors[one])
    payload = {**held, "vector": judged.vectors[one], "facets": facet_terms(kept.artworks[one])}
    return {**payload, AGAIN: True} if one in judged.damaged or one in judged.unfit else payload
