"""The edges of the graph against those that a rebuild makes: every kind of difference by its own name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stores.disagreements import Disagreement, named
from stores.network import Network
from stores.records import Bools, Edges, Floats, Ids, Ints


@dataclass(frozen=True, slots=True)
class _Common:
    """Edges between artworks that both graphs have, counted in the same ids.

    Attributes:
        code: (m,) one number per pair, ascending.
        edges: the chosen edges, in that order.
        a, b: (m,) their ends, counted in the common ids.
    """

    code: Ints
    edges: Edges
    chosen: Ints
    a: Ints
    b: Ints


def compare_edges(held: Network, wanted: Network) -> Sequence[Disagreement]:
    """Name where a graph is not, to the last bit, the one that follows from the vectors.

    Edges at an artwork that one of the two does not have are left out: it is named itself.
    """
    ids = np.intersect1d(held.edges.ids, wanted.edges.ids)
    old, new = _common(held.edges, ids), _common(wanted.edges, ids)
    _, here, there = np.intersect1d(old.code, new.code, assume_unique=True, return_indices=True)
    return (
        *_one_sided(ids, old, new),
        *_both(ids, old, new, here, there),
        *named(
            "stale-list", ids[_stale_lists(held.edges, wanted.edges, ids) | _other_ranks(ids, old, new, here, there)]
        ),
        *named("wrong-reach", ids[held.reach_of(ids.tolist()) != wanted.reach_of(ids.tolist())]),
    )


def _common(edges: Edges, ids: Ids) -> _Common:
    place = _places(edges.ids, ids)
    chosen = np.flatnonzero((place[edges.a] >= 0) & (place[edges.b] >= 0))
    a, b = place[edges.a[chosen]], place[edges.b[chosen]]
    return _Common(a * max(len(ids), 1) + b, edges, chosen, a, b)


def _places(own: Ids, ids: Ids) -> Ints:
    """Place of each of ``own`` among the ascending ``ids``; -1 where it is not there."""
    if len(ids) == 0:
        return np.full(len(own), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(ids, own), len(ids) - 1)
    return np.where(ids[place] == own, place, -1)


def _one_sided(ids: Ids, old: _Common, new: _Common) -> Iterator[Disagreement]:
    """Edges that only one of the graphs has."""
    lost, extra = ~np.isin(new.code, old.code), ~np.isin(old.code, new.code)
    needed, built = new.edges.bridge[new.chosen], old.edges.bridge[old.chosen]
    yield from named("lost-edge", _pairs(ids, new, lost & ~needed))
    yield from named("extra-edge", _pairs(ids, old, extra & ~built))
    unflagged = needed & np.isin(new.code, old.code[~built])
    overflagged = built & np.isin(old.code, new.code[~needed])
    yield from named("lost-bridge", _pairs(ids, new, (lost & needed) | unflagged))
    yield from named("false-bridge", _pairs(ids, old, (extra & built) | overflagged))


def _both(ids: Ids, old: _Common, new: _Common, here: Ints, there: Ints) -> Iterator[Disagreement]:
    """Edges that both have, with another angle or weight."""
    for name in ("angle", "weight"):
        differs = _column(old, name)[here] != _column(new, name)[there]
        yield from named(f"wrong-{name}", _pairs(ids, old, here[differs]))


def _column(common: _Common, name: str) -> Floats:
    return np.asarray(getattr(common.edges, name)[common.chosen])


def _pairs(ids: Ids, common: _Common, chosen: Bools | Ints) -> list[str]:
    ends = zip(ids[common.a[chosen]].tolist(), ids[common.b[chosen]].tolist(), strict=True)
    return [f"{a} {b}" for a, b in ends]


def _other_ranks(ids: Ids, old: _Common, new: _Common, here: Ints, there: Ints) -> Bools:
    """Flag artworks that rank a neighbour of theirs otherwise."""
    flags = np.zeros(len(ids), dtype=np.bool_)
    for end, name in ((old.a, "rank_a"), (old.b, "rank_b")):
        flags[end[here[_column(old, name)[here] != _column(new, name)[there]]]] = True
    return flags


def _stale_lists(held: Edges, wanted: Edges, ids: Ids) -> Bools:
    """Flag artworks whose lists name another artwork in some place; a place left empty is a lost edge."""
    names = np.union1d(held.ids, wanted.ids)
    flags = np.zeros(len(ids), dtype=np.bool_)
    owner, rank, other = _entries(held, names)
    right = _entries(wanted, names)
    most = int(max(rank.max(initial=0), right[1].max(initial=0))) + 1
    place, known = owner * most + rank, right[0] * most + right[1]
    order = np.argsort(known)
    found = np.minimum(np.searchsorted(known[order], place), max(len(known) - 1, 0))
    same = (known[order][found] == place) & (right[2][order][found] == other) if len(known) else place < 0
    stale = _places(names, ids)[owner[~same]]
    flags[stale[stale >= 0]] = True
    return flags


def _entries(edges: Edges, names: Ids) -> tuple[Ints, Ints, Ints]:
    """Owner, rank and neighbour of every entry of a list, counted in ``names``."""
    place = np.searchsorted(names, edges.ids)
    a, b = edges.rank_a > 0, edges.rank_b > 0
    return (
        place[np.append(edges.a[a], edges.b[b])],
        np.append(edges.rank_a[a], edges.rank_b[b]),
        place[np.append(edges.b[a], edges.a[b])],
    )
