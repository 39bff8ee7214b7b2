"""The same questions to SQLite and Edge, and to Neo4j and Qdrant's client: the same answers."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import QdrantClient

from loaders.pipeline import relink
from loaders.progress import Progress
from service.paths.describe import describe_given
from service.paths.find import find_path
from service.paths.records import FoundPath, Guest, Question
from service.paths.space import Space
from stores.angles import unit
from stores.connect import open_stores
from stores.neo4j import Neo4jGraph
from stores.neo4j_driver import Address
from stores.qdrant import QdrantVectors
from stores.records import Where
from stores.settings import read_settings
from tests import servers


@dataclass(frozen=True)
class Both:
    """The drawn gallery, embedded and on servers."""

    embedded: Space
    servers: Space
    ids: list[str]


@pytest.fixture(scope="module")
def both(demo_home: Path) -> Iterator[Both]:
    """Copy every vector as it is; the graph then follows from them."""
    address = Address(servers.neo4j().uri)
    with ExitStack() as stack:
        held = stack.enter_context(open_stores(read_settings(home=demo_home), writing=False))
        graph = stack.enter_context(Neo4jGraph(address, "paths"))
        vectors = stack.enter_context(QdrantVectors(QdrantClient(":memory:"), "paths", ":memory:"))
        facts = held.vectors.stats().facts
        assert facts is not None
        vectors.prepare(facts)
        for batch in held.vectors.scan():
            vectors.upsert(batch.ids.tolist(), batch.vectors, batch.payloads)
        relink(vectors, graph, 15, Progress(quiet=True))
        ids = [str(one) for one in held.graph.edges().ids]
        yield Both(Space(held.graph, held.vectors), Space(graph, vectors), ids)


QUESTIONS: dict[str, dict[str, Any]] = {
    "natural": {},
    "direct": {"pace": "direct"},
    "scenic": {"pace": "scenic", "alternatives": 2},
    "via": {"via": (50, 20)},
    "avoid": {"avoid": (1, 2, 4, 30, 31, 32, 33, 60)},
    "where": {"where": Where(years=((1900, 1960),))},
    **{f"images {images}": {"images": images} for images in (2, 3, 5, 7, 9, 13, 20)},
    "images, via, avoid": {"images": 9, "via": (44,), "avoid": (5, 6, 7, 8), "alternatives": 2},
    "images, where": {"images": 6, "where": Where(years=((1900, 1960),))},
    "apart": {"images": 8, "apart": (10, 11)},
    "a picture": {"guest": True},
    "a picture, images": {"guest": True, "images": 6},
}


@pytest.mark.parametrize("asked", QUESTIONS)
@pytest.mark.parametrize("ends", [(3, 70), (81, 12)])
def test_both_answer_alike(both: Both, asked: str, ends: tuple[int, int]) -> None:
    question = question_of(both, QUESTIONS[asked], ends)
    same(find_path(both.embedded, question), find_path(both.servers, question))


def test_both_describe_a_given_sequence_alike(both: Both) -> None:
    given = [*both.ids[4:9], "00000000-0000-5000-8000-000000000000", *both.ids[40:42]]
    same(describe_given(both.embedded, given), describe_given(both.servers, given))


def question_of(both: Both, asked: dict[str, Any], ends: tuple[int, int]) -> Question:
    """Turn rows into ids."""
    named = {name: value for name, value in asked.items() if name in ("images", "pace", "where", "alternatives")}
    question = Question(
        both.ids[ends[0]],
        both.ids[ends[1]],
        via=tuple(both.ids[row] for row in asked.get("via", ())),
        avoid=frozenset(both.ids[row] for row in asked.get("avoid", ())),
        apart=frozenset({frozenset(both.ids[row] for row in asked["apart"])} if "apart" in asked else ()),
        **named,
    )
    if "guest" not in asked:
        return question
    vectors = both.embedded.places([both.ids[row] for row in (8, 35)]).vectors
    guest = Guest("image:from", "Your picture", unit(vectors.mean(axis=0)[None])[0])
    return replace(question, source=guest.name, guests=(guest,))


def same(ours: FoundPath, theirs: FoundPath) -> None:
    """Hold one answer against another: the artworks, and every number."""
    assert ours.artworks == theirs.artworks
    assert len(ours.alternatives) == len(theirs.alternatives)
    for step, other in zip(ours.steps, theirs.steps, strict=True):
        assert (step.source, step.target, step.kind, step.rank, step.shared) == (
            other.source,
            other.target,
            other.kind,
            other.rank,
            other.shared,
        )
        assert numbers([step.angle, step.weight]) == pytest.approx(numbers([other.angle, other.weight]), rel=1e-12)
    assert ours.cost == pytest.approx(theirs.cost, rel=1e-9)
    assert numbers(astuple(ours.quality)) == pytest.approx(numbers(astuple(theirs.quality)), rel=1e-9)
    for path, also in zip(ours.alternatives, theirs.alternatives, strict=True):
        same(path, also)


def numbers(found: Iterable[float | None]) -> list[float]:
    """What can be compared; -1 where there is none."""
    return [-1.0 if number is None else number for number in found]
