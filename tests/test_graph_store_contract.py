"""What every graph store promises. An adapter joins by one more entry in ADAPTERS."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import fields, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.links import Linked, link
from loaders.neighbors import nearest_neighbors
from stores.artwork import Artwork
from stores.errors import NotFound
from stores.neo4j import Neo4jGraph
from stores.neo4j_driver import Address
from stores.ports import PACES, GraphStore
from stores.records import Edges, EmbedderFacts, GraphDelta, GraphFacts, PathQuery, Search, Where
from stores.sqlite import SqliteGraph
from tests import servers
from tests.made import made_id, made_ids, made_vectors

FACTS = GraphFacts("d" * 64, 4, EmbedderFacts("made", 8, near_duplicate=0.0), components=1, metadata_mark="m")

Open = Callable[[Path], AbstractContextManager[GraphStore]]
ADAPTERS: dict[str, Open] = {
    "sqlite": lambda folder: SqliteGraph(folder / "graph.sqlite"),
    "neo4j": lambda folder: Neo4jGraph(Address(servers.neo4j().uri), str(folder)),
}


@pytest.fixture(scope="module", params=ADAPTERS)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    """One store for the module; hypothesis cannot have one per test."""
    with ADAPTERS[request.param](tmp_path_factory.mktemp("graph")) as store:
        yield store


@pytest.fixture
def store(opened: GraphStore) -> GraphStore:
    """The store, holding the 60 made artworks."""
    opened.apply(whole(60))
    return opened


def artwork(row: int) -> Artwork:
    """Return a made artwork."""
    return Artwork(
        id=made_id(row),
        key=f"key {row}",
        source="made",
        title=f"Große Möwe {row}" if row % 2 else f"Quiet harbour {row}",
        artists=("Albrecht Dürer", "Łukasz Nowak") if row % 3 == 0 else ("北斎",),
        date_text=str(1800 + row),
        year_from=1800 + row,
        year_to=1805 + row,
        style=f"Style {row % 4}",
        images={"thumb": (10, 20)},
        metadata={"Room": f"{row % 5}", "Note": ""},
    )


def linked(rows: int, seed: int = 0) -> Linked:
    """Link made vectors."""
    vectors = made_vectors(rows, 6, seed)
    return link(made_ids(rows), vectors, nearest_neighbors(vectors, 4))


def whole(rows: int, seed: int = 0) -> GraphDelta:
    """Return the change that makes a store hold exactly the first so many made artworks."""
    graph = linked(rows, seed)
    found = tuple(artwork(row) for row in range(rows))
    return GraphDelta(FACTS, found, reach=graph.reach, edges=graph.edges, replace=True)


def same(left: Edges, right: Edges) -> bool:
    """Whether two sets of edges are equal to the last bit."""
    ends = ((e.ids[e.a].tolist(), e.ids[e.b].tolist()) for e in (left, right))
    names = [field.name for field in fields(Edges) if field.name not in ("ids", "a", "b")]
    return next(ends) == next(ends) and all((getattr(left, n) == getattr(right, n)).all() for n in names)


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_store_is_empty_at_start(name: str, tmp_path: Path) -> None:
    with ADAPTERS[name](tmp_path) as store:
        stats = store.stats()
        assert (stats.version, stats.artworks, stats.edges, stats.facts) == (0, 0, 0, None)
        assert store.find(Search()).total == 0
        assert len(store.edges()) == 0
        with pytest.raises(NotFound):
            store.artworks([artwork(0).id])


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_was_written_is_there_after_opening_again(name: str, tmp_path: Path) -> None:
    with ADAPTERS[name](tmp_path) as store:
        store.apply(whole(30))
        before = store.shortest_paths(PathQuery(artwork(0).id, artwork(29).id, 8))
    with ADAPTERS[name](tmp_path) as store:
        assert same(store.edges(), linked(30).edges)
        after = store.shortest_paths(PathQuery(artwork(0).id, artwork(29).id, 8))
        assert [replace(path, engine="") for path in after] == [replace(path, engine="") for path in before]
        assert store.stats().facts == FACTS


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_change_made_elsewhere_is_seen_at_the_next_question(name: str, tmp_path: Path) -> None:
    with ADAPTERS[name](tmp_path) as writer, ADAPTERS[name](tmp_path) as reader:
        writer.apply(whole(10))
        assert len(reader.edges()) == len(linked(10).edges)
        writer.apply(whole(20))
        assert same(reader.edges(), linked(20).edges)
        assert reader.stats().version == 2


def test_records_come_back_as_they_were(store: GraphStore) -> None:
    wanted = [artwork(7), artwork(3)]
    assert store.artworks([one.id for one in wanted]) == tuple(wanted)
    assert store.artworks([]) == ()


def test_a_missing_id_is_named(store: GraphStore) -> None:
    missing = artwork(99).id
    for ask in (
        lambda: store.artworks([artwork(1).id, missing]),
        lambda: store.edges([artwork(1).id, missing]),
        lambda: store.shortest_paths(PathQuery(artwork(1).id, missing, 8)),
        lambda: store.shortest_paths(PathQuery(missing, artwork(1).id, 8)),
    ):
        with pytest.raises(NotFound, match=missing):
            ask()


def test_edges_come_back_to_the_last_bit(store: GraphStore) -> None:
    assert same(store.edges(), linked(60).edges)


def test_edges_at_an_artwork_are_all_of_its_edges(store: GraphStore) -> None:
    everything = store.edges()
    for row in (0, 31, 59):
        own = store.edges([artwork(row).id])
        ends = set(zip(own.ids[own.a].tolist(), own.ids[own.b].tolist(), strict=True))
        pairs = zip(everything.ids[everything.a].tolist(), everything.ids[everything.b].tolist(), strict=True)
        assert ends == {pair for pair in pairs if artwork(row).id in pair}


def test_applying_twice_changes_only_the_version(store: GraphStore) -> None:
    version = store.stats().version
    assert store.apply(whole(60)) == version + 1
    assert same(store.edges(), linked(60).edges)
    assert store.stats().artworks == 60


def test_metadata_alone_leaves_the_edges_and_moves_its_version(store: GraphStore) -> None:
    before = store.stats()
    store.apply(GraphDelta(FACTS, (replace(artwork(5), title="Another title"),)))
    after = store.stats()
    assert (after.version, after.metadata_version) == (before.version + 1, before.metadata_version + 1)
    assert same(store.edges(), linked(60).edges)
    assert [found.id for found in store.find(Search(text="another")).artworks] == [artwork(5).id]
    assert artwork(5).id not in {found.id for found in store.find(Search(text="möwe", limit=100)).artworks}


def test_a_removed_artwork_takes_its_edges_along(store: GraphStore) -> None:
    gone = artwork(11).id
    store.apply(GraphDelta(FACTS, removed=(gone,)))
    edges = store.edges()
    assert gone not in set(edges.ids[edges.a].tolist()) | set(edges.ids[edges.b].tolist())
    assert store.stats().artworks == 59
    assert store.stats().edges == len(edges)
    assert gone not in {found.id for found in store.find(Search(limit=100)).artworks}
    with pytest.raises(NotFound):
        store.artworks([gone])


def test_edges_can_be_set_and_dropped_one_by_one(store: GraphStore) -> None:
    everything = store.edges()
    first = str(everything.ids[everything.a[0]]), str(everything.ids[everything.b[0]])
    ids = np.array(sorted({artwork(0).id, artwork(59).id, *first}), dtype="U36")
    a, b = (np.searchsorted(ids, [one]) for one in (artwork(0).id, artwork(59).id))
    one = np.ones(1)
    new = Edges(ids, a, b, one * 0.5, one * 0.25, one.astype(np.int64), one.astype(np.int64) * 2, one == 0)
    store.apply(GraphDelta(FACTS, reach=np.full(len(ids), 0.7), edges=new, dropped=(first,)))
    after = store.edges()
    pairs = list(zip(after.ids[after.a].tolist(), after.ids[after.b].tolist(), strict=True))
    row = pairs.index((artwork(0).id, artwork(59).id))
    assert (after.angle[row], after.weight[row], after.rank_a[row], after.rank_b[row]) == (0.5, 0.25, 1, 2)
    assert first not in pairs or first == (artwork(0).id, artwork(59).id)
    assert store.stats().edges == len(after)


def test_the_cheapest_path_walks_along_edges_and_adds_up(store: GraphStore) -> None:
    edges = store.edges()
    pairs = zip(edges.ids[edges.a].tolist(), edges.ids[edges.b].tolist(), strict=True)
    weights = dict(zip(pairs, edges.weight.tolist(), strict=True))
    for power in PACES.values():
        (path,) = store.shortest_paths(PathQuery(artwork(0).id, artwork(59).id, power))
        steps = [weights[min(p), max(p)] for p in zip(path.ids, path.ids[1:], strict=False)]
        assert path.cost == pytest.approx(sum(weight**power for weight in steps), rel=1e-12)
        assert (path.ids[0], path.ids[-1]) == (artwork(0).id, artwork(59).id)


def test_an_avoided_artwork_is_not_passed_unless_it_is_an_end(store: GraphStore) -> None:
    ends = artwork(0).id, artwork(59).id
    (path,) = store.shortest_paths(PathQuery(*ends, 16))
    assert len(path.ids) > 2
    (around,) = store.shortest_paths(PathQuery(*ends, 16, avoid=frozenset(path.ids)))
    assert not set(around.ids[1:-1]) & set(path.ids)
    assert around.cost >= path.cost
    everything = frozenset(made_ids(60).tolist())
    direct = store.shortest_paths(PathQuery(*ends, 16, avoid=everything))
    assert all(found.ids == ends for found in direct)


def test_from_an_artwork_to_itself_costs_nothing(store: GraphStore) -> None:
    (path,) = store.shortest_paths(PathQuery(artwork(4).id, artwork(4).id, 8))
    assert (path.ids, path.cost) == ((artwork(4).id,), 0)


def test_of_several_targets_the_path_goes_to_that_with_the_smallest_sum(store: GraphStore) -> None:
    source = artwork(0).id
    for shift, power in product(range(4), PACES.values()):
        further = {artwork(row).id: 0.3 * ((row + shift) % 5) for row in (3 + shift, 17, 29, 44, 59)}
        alone = {end: store.shortest_paths(PathQuery(source, end, power))[0] for end in further}
        sums = {end: path.cost + further[end] for end, path in alone.items()}
        (path,) = store.shortest_paths(PathQuery(source, further, power))
        end = path.ids[-1]
        assert sums[end] == pytest.approx(min(sums.values()), rel=1e-12)
        assert path.cost == pytest.approx(alone[end].cost, rel=1e-12)


def test_a_source_may_be_one_of_the_targets(store: GraphStore) -> None:
    ends = artwork(0).id, artwork(59).id
    (path,) = store.shortest_paths(PathQuery(ends[0], {ends[0]: 0.0, ends[1]: 0.0}, 8))
    assert (path.ids, path.cost) == (ends[:1], 0)
    (path,) = store.shortest_paths(PathQuery(ends[0], {ends[0]: 1e9, ends[1]: 0.0}, 8))
    assert path.ids[-1] == ends[1]


def test_reach_is_that_of_the_graph_and_nan_where_nothing_is(store: GraphStore) -> None:
    graph = linked(60)
    assert store.reach().tolist() == graph.reach.tolist()
    asked = store.reach([artwork(7).id, artwork(99).id, artwork(3).id])
    assert asked[[0, 2]].tolist() == graph.reach[[7, 3]].tolist()
    assert np.isnan(asked[1])
    assert store.reach([]).tolist() == []


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("mowe", range(1, 60, 2)),
        ("GROSSE", range(1, 60, 2)),
        ("möwe 17", [17]),
        ("dur luk", range(0, 60, 3)),
        ("nowak quiet 6", [6]),
        ("北", [r for r in range(60) if r % 3]),
        ("斎", [r for r in range(60) if r % 3]),
        ("北斎 harbour 8", [8]),
        ("key 12", [12]),
        ("owe", []),
        ('"', []),
        ("harbour OR möwe", []),
        ("*", []),
    ],
)
def test_words_are_found(store: GraphStore, text: str, rows: list[int]) -> None:
    found = {one.id for one in store.find(Search(text=text, limit=100)).artworks}
    assert {artwork(row).id for row in rows} <= found if len(rows) == 1 else found == {artwork(r).id for r in rows}


def test_search_puts_key_then_title_then_prefix_first(store: GraphStore) -> None:
    titles = {10: "Quay", 20: "Sea at quay", 30: "Quay in fog"}
    store.apply(GraphDelta(FACTS, tuple(replace(artwork(row), title=title) for row, title in titles.items())))
    store.apply(GraphDelta(FACTS, (replace(artwork(40), key="quay"),)))
    assert [one.key for one in store.find(Search(text="QUAY")).artworks] == ["quay", "key 10", "key 30", "key 20"]


def test_pages_hold_everything_once(store: GraphStore) -> None:
    for text in ("", "möwe"):
        found, after = [], None
        while True:
            page = store.find(Search(text=text, limit=7, after=after))
            found += [one.id for one in page.artworks]
            after = page.after
            if after is None:
                break
        assert found == sorted(found)
        assert len(found) == len(set(found)) == page.total == (30 if text else 60)


def test_a_key_is_found_exactly(store: GraphStore) -> None:
    assert [one.id for one in store.find(Search(key="key 5")).artworks] == [artwork(5).id]
    assert store.find(Search(key="KEY 5")).total == 0


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (Where({"style": ("style 1",)}), range(1, 60, 4)),
        (Where({"style": ("style 1", "style 2")}), [r for r in range(60) if r % 4 in (1, 2)]),
        (Where({"artist": ("albrecht durer",), "Room": ("0",)}), range(0, 60, 15)),
        (Where(years=((1803, 1803),)), [0, 1, 2, 3]),
        (Where(years=((-500, 1800), (1870, 2000))), [0]),
        (Where({"style": ("none",)}), []),
    ],
)
def test_filters_choose(store: GraphStore, where: Where, rows: list[int]) -> None:
    page = store.find(Search(where=where, limit=100))
    assert [one.id for one in page.artworks] == [artwork(row).id for row in rows]
    assert page.total == len(list(rows))


def test_facets_count_what_was_found(store: GraphStore) -> None:
    page = store.find(Search(where=Where({"Room": ("0",)}), facets=("style", "Note"), limit=1))
    assert page.facets["style"] == (("Style 0", 3), ("Style 1", 3), ("Style 2", 3), ("Style 3", 3))
    assert page.facets["Note"] == ()
    assert set(store.stats().columns) == {"artist", "style", "source", "Room"}


@settings(deadline=None, max_examples=25)
@given(steps=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3)), min_size=1, max_size=4))
def test_whatever_came_before_a_whole_graph_is_that_graph(opened: GraphStore, steps: list[tuple[int, int]]) -> None:
    for rows, seed in steps:
        opened.apply(whole(rows, seed))
    rows, seed = steps[-1]
    assert same(opened.edges(), linked(rows, seed).edges)
    assert (opened.stats().artworks, opened.stats().edges) == (rows, len(linked(rows, seed).edges))


@settings(deadline=None, max_examples=25)
@given(gone=st.sets(st.integers(0, 29), max_size=29))
def test_removing_then_putting_back_is_nothing(opened: GraphStore, gone: set[int]) -> None:
    opened.apply(whole(30))
    before = opened.edges()
    opened.apply(GraphDelta(FACTS, removed=tuple(artwork(row).id for row in sorted(gone))))
    opened.apply(replace(whole(30), replace=False))
    assert same(opened.edges(), before)
    assert opened.find(Search(limit=100)).total == 30
    assert opened.stats().edges == len(before)
