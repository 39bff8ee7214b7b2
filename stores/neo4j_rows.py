"""Artworks and edges as rows that go to Neo4j, and as they come back.

An artwork is two nodes: an ``Artwork`` with what people want to see and ask, and a ``Record`` that the
service reads and searches, so that neither has to look like the other.
"""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final

import numpy as np

from stores.artwork import Artwork
from stores.dijkstra import step_cost
from stores.neo4j_driver import Stale
from stores.pictures import largest_size, picture_name
from stores.ports import PACES
from stores.records import Edges, Ids
from stores.rights import rights_said
from stores.words import facet_term, facet_terms, facets, fold, searched

Row = list[Any]

NOWHERE: Final = "http://127.0.0.1:8000"
"""Where ``xdegrees serve`` answers as long as no PUBLIC_URL says otherwise."""


def artwork_row(collection: str, artwork: Artwork, base: str) -> dict[str, Any]:
    """Return what is written of an artwork."""
    own = {"collection": collection, "id": artwork.id}
    return {
        "id": artwork.id,
        "artwork": {**_shown(artwork, base or NOWHERE), **own},
        "record": {**_kept(artwork, collection), **own},
    }


def read_artwork(artwork_id: str, record: str) -> Artwork:
    """Rebuild an artwork from its record."""
    return Artwork.from_payload(artwork_id, json.loads(record))


def _shown(artwork: Artwork, base: str) -> dict[str, Any]:
    """What Neo4j Browser shows and a researcher asks for; a column of the metadata never hides one of ours."""
    size = largest_size(artwork)
    properties = {
        **artwork.metadata,
        "title": artwork.title or artwork.key,
        "artist": " & ".join(artwork.artists),
        "artists": list(artwork.artists),
        "date": artwork.date_text,
        "year": artwork.year_from,
        "year_from": artwork.year_from,
        "year_to": artwork.year_to,
        "style": artwork.style,
        "medium": artwork.medium,
        "museum": artwork.collection,
        "object_id": artwork.object_id,
        "key": artwork.key,
        "source": artwork.source,
        "page_url": artwork.page_url,
        "image_url": f"{base}/images/{picture_name(artwork.content_hash, size)}" if size else "",
        "rights": rights_said(artwork),
        "credit": artwork.credit,
        "advisory": artwork.advisory,
    }
    return {name: value for name, value in properties.items() if name.strip() and value not in ("", None, [])}


def _kept(artwork: Artwork, collection: str) -> dict[str, Any]:
    """What the service reads: the artwork as it is, and what it is found by."""
    values = list(facets(artwork))
    return {
        "record": json.dumps(artwork.to_payload(), ensure_ascii=False),
        "key": artwork.key,
        "folded_key": fold(artwork.key),
        "folded_title": fold(artwork.title),
        "year_from": artwork.year_from,
        "year_to": artwork.year_to,
        "words": searched(artwork),
        "terms": " ".join([collection_term(collection), *map(hashed, facet_terms(artwork))]),
        "facet_columns": [column for column, _ in values],
        "facet_values": [value for _, value in values],
    }


def collection_term(collection: str) -> str:
    """Return the word that every record of a collection, and of no other, is found by."""
    return hashed(facet_term("", collection))


def hashed(term: str) -> str:
    """Make one word of letters and digits of any term: an index of words takes no long ones, and no spaces."""
    return sha256(term.encode()).hexdigest()[:32]


def edge_rows(edges: Edges) -> list[Row]:
    """Return what is written of every edge; each pace has its cost, which procedures cannot work out."""
    a, b = edges.ids[edges.a].tolist(), edges.ids[edges.b].tolist()
    columns = (edges.angle, edges.weight, edges.rank_a, edges.rank_b, edges.bridge)
    values = zip(a, b, *(column.tolist() for column in columns), strict=True)
    powers = [power for power in PACES.values() if power > 1]
    return [[*row, f"{row[3]:.2f}", *(step_cost(row[3], power) for power in powers)] for row in values]


def read_edges(ids: Ids, rows: Sequence[dict[str, Any]]) -> Edges:
    """Rebuild edges, ordered by both ends, counted in these ids and those of their own ends; Stale of a half edge."""
    found = [edge for row in rows for edge in row["edges"]]
    if any(None in edge for edge in found):
        raise Stale
    b, *values = zip(*found, strict=True) if found else [()] * 6
    begin = np.array([row["a"] for row in rows], dtype="U36")
    a = np.repeat(begin, [len(row["edges"]) for row in rows])
    end = np.array(b, dtype="U36")
    ids = np.unique(np.concatenate([ids, begin, end]))
    first, second = np.searchsorted(ids, a), np.searchsorted(ids, end)
    order = np.lexsort((second, first))
    kinds = {"angle": np.float64, "weight": np.float64, "rank_a": np.int64, "rank_b": np.int64, "bridge": np.bool_}
    columns: dict[str, Any] = {
        name: np.array(value, dtype=kind)[order] for (name, kind), value in zip(kinds.items(), values, strict=True)
    }
    return Edges(ids=ids, a=first[order], b=second[order], **columns)


def no_ids() -> Ids:
    """Return the ids of nothing."""
    return np.array([], dtype="U36")


def columns_of(artworks: Iterable[Artwork]) -> set[str]:
    """Columns that some of these have a value in."""
    return {column for artwork in artworks for column, _ in facets(artwork)}
