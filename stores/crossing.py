"""How records cross a :class:`stores.frames.Wire`: each as a header and arrays, and back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stores.artwork import Payload
from stores.errors import XDegreesError
from stores.frames import Header
from stores.records import EmbedderFacts, Hits, VectorBatch, Vectors, VectorStats, Where

PROTOCOL: Final = 1
"""Moves when two releases would not understand each other."""

ROWS: Final = 1000
PORTION: Final = 8 * 2**20
"""Artworks and bytes a message, so that neither end ever holds much of it."""

FOUND: Final = 50_000
"""Neighbours a message."""

Message = tuple[Header, list[NDArray[Any]]]


def portions(vectors: Vectors, payloads: Sequence[Payload]) -> Iterator[slice]:
    """Cut (n, dimension) vectors and their n payloads into runs of rows, at least one, that make a message each."""
    begin, size = 0, 0
    for row, payload in enumerate(payloads):
        more = len(json.dumps(payload)) + vectors.shape[1] * vectors.itemsize
        if row > begin and (size + more > PORTION or row - begin >= ROWS):
            yield slice(begin, row)
            begin, size = row, 0
        size += more
    yield slice(begin, len(payloads))


def write_batches(batch: VectorBatch) -> Iterator[Message]:
    """Make messages of a batch."""
    for rows in portions(batch.vectors, batch.payloads):
        yield {"ids": batch.ids[rows].tolist(), "payloads": batch.payloads[rows]}, [batch.vectors[rows]]


def read_batch(header: Header, arrays: Sequence[NDArray[Any]]) -> VectorBatch:
    """Return a batch that crossed."""
    (vectors,) = arrays
    return VectorBatch(np.array(header["ids"], dtype="U36"), vectors, tuple(header["payloads"]))


def write_hits(hits: Hits) -> Message:
    """Make a message of hits."""
    return {"ids": hits.ids.tolist()}, [hits.angles]


def read_hits(header: Header, arrays: Sequence[NDArray[Any]]) -> Hits:
    """Return hits that crossed."""
    (angles,) = arrays
    return Hits(np.array(header["ids"], dtype="U36").reshape(angles.shape), angles)


def write_where(where: Where | None) -> dict[str, Any] | None:
    """Return a filter as JSON takes it."""
    return {"values": dict(where.values), "years": where.years} if where else None


def read_where(written: Mapping[str, Any] | None) -> Where | None:
    """Return a filter that crossed."""
    if written is None:
        return None
    values = {str(column): tuple(map(str, some)) for column, some in written["values"].items()}
    return Where(values, tuple((int(first), int(last)) for first, last in written["years"]))


def write_stats(stats: VectorStats) -> Header:
    """Return stats as JSON takes them."""
    return asdict(stats)


def read_stats(header: Header) -> VectorStats:
    """Return stats that crossed."""
    facts = header["facts"]
    return VectorStats(header["count"], EmbedderFacts(**facts) if facts else None)


def write_error(error: XDegreesError) -> Header:
    """Return an error as JSON takes it."""
    return {"error": error.code, "message": str(error)}


def read_error(header: Header) -> XDegreesError:
    """Return an error that crossed, of the class that it had."""
    return _classes(XDegreesError).get(header["error"], XDegreesError)(header["message"])


def _classes(base: type[XDegreesError]) -> dict[str, type[XDegreesError]]:
    found = {base.code: base}
    for kind in base.__subclasses__():
        found |= {code: one for code, one in _classes(kind).items() if code not in found}
    return found
