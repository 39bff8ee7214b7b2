"""VectorStore in another process of this machine: the one that holds the home, and serves it."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np

from stores import doorway
from stores.artwork import Payload
from stores.crossing import (
    PROTOCOL,
    portions,
    read_batch,
    read_error,
    read_hits,
    read_stats,
    write_where,
)
from stores.errors import Mismatch, Refused, Unavailable
from stores.frames import Arrays, Broken, Header, Wire
from stores.holder import Holder, Waiting
from stores.records import EmbedderFacts, Hits, VectorBatch, Vectors, VectorStats, Where


class RemoteVectors:
    """A VectorStore (see :mod:`stores.ports`) that asks over a socket. Safe to use from several threads, in turn.

    Writing is only allowed within :meth:`turn`. Unavailable where the other process ends.

    Attributes:
        holder: the process at the other end.
        clean: whether the last who wrote there ended well.
    """

    def __init__(self, wire: Wire, home: Path) -> None:
        self._wire, self._home = wire, home
        self._lock = threading.RLock()
        with self._translated():
            greeting, _ = wire.receive()
            if "error" in greeting:
                raise read_error(greeting)
            if greeting.get("protocol") != PROTOCOL:
                raise Mismatch(f"{home} is served by another release: restart it with this one")
            self.holder, self.clean = Holder.read(greeting["holder"]), bool(greeting["clean"])
            wire.send(Holder.own().written())

    @classmethod
    def open(cls, home: Path) -> Self | None:
        """Connect to the process that serves a home; None where none does."""
        try:
            link = doorway.knock(home)
        except PermissionError as error:
            raise Refused(f"{home} is served by a process of another user: run the command as that user") from error
        if link is None:
            return None
        wire = Wire(link)
        try:
            return cls(wire, home)
        except Unavailable:  # it is ending
            wire.close()
            return None
        except BaseException:
            wire.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection, and with it any turn to write; the store cannot be used afterwards."""
        self._wire.close()

    @contextmanager
    def turn(self, patience: float, waiting: Waiting) -> Iterator[bool]:
        """Be the one writer of the home; yields whether the last one ended well.

        Busy after ``patience`` seconds, in which ``waiting`` is called with whom is waited for.
        """
        with self._lock:
            self._begin(patience, waiting)
            ended_well = False
            try:
                yield self.clean
                ended_well = True
            finally:
                list(self._ask({"do": "release", "clean": ended_well}))
                self.clean = ended_well

    def prepare(self, facts: EmbedderFacts) -> None:
        """Make the store ready for vectors of this embedder."""
        list(self._ask({"do": "prepare", "facts": asdict(facts)}))

    def upsert(self, ids: Sequence[str], vectors: Vectors, payloads: Sequence[Payload]) -> None:
        """Write vectors and payloads; durable when the call returns."""
        plain = [dict(payload) for payload in payloads]
        for rows in portions(vectors, plain):
            request = {"do": "upsert", "ids": [str(one) for one in ids[rows]], "payloads": plain[rows]}
            list(self._ask(request, [vectors[rows]]))

    def get(self, ids: Sequence[str]) -> VectorBatch:
        """Return these artworks in this order."""
        found = [read_batch(*part) for part in self._ask({"do": "get", "ids": [str(one) for one in ids]})]
        if not found:
            facts = self.stats().facts
            empty = np.zeros((0, facts.dimension if facts else 0), dtype=np.float32)
            return VectorBatch(np.array([], dtype="U36"), empty, ())
        return VectorBatch(
            np.concatenate([batch.ids for batch in found]),
            np.concatenate([batch.vectors for batch in found]),
            tuple(payload for batch in found for payload in batch.payloads),
        )

    def nearest(self, vectors: Vectors, k: int, where: Where | None = None, *, exact: bool = True) -> Hits:
        """Return the k nearest of each row."""
        request = {"do": "nearest", "k": k, "where": write_where(where), "exact": exact}
        (found,) = self._ask(request, [vectors])
        return read_hits(*found)

    def vicinity(self, vectors: Vectors, k: int, where: Where | None = None) -> Hits:
        """Return the k nearest of each row as the engine has them."""
        (found,) = self._ask({"do": "vicinity", "k": k, "where": write_where(where)}, [vectors])
        return read_hits(*found)

    def scan(self, *, with_vectors: bool = True) -> Iterator[VectorBatch]:
        """Yield everything once, by ascending id; nothing else can be asked on this connection meanwhile."""
        with self._lock:
            for part in self._ask({"do": "scan", "with_vectors": with_vectors}):
                yield read_batch(*part)

    def delete(self, ids: Sequence[str]) -> None:
        """Take these out."""
        list(self._ask({"do": "delete", "ids": [str(one) for one in ids]}))

    def stats(self) -> VectorStats:
        """Say how many there are, and of which embedder."""
        ((header, _),) = self._ask({"do": "stats"})
        return read_stats(header)

    def _begin(self, patience: float, waiting: Waiting) -> None:
        with self._translated():
            self._wire.send({"do": "write", "patience": patience})
            while True:
                answer, _ = self._wire.receive()
                if "error" in answer:
                    self._wire.receive()  # the end of the answer
                    raise read_error(answer)
                if "done" in answer:
                    self.clean = bool(answer["clean"])
                    return
                waiting(Holder.read(answer["waiting"]) if answer["waiting"] else None)

    def _ask(self, request: Mapping[str, Any], arrays: Arrays = ()) -> Iterator[tuple[Header, list[Any]]]:
        """Yield the parts of an answer; an error that crosses is raised."""
        with self._lock, self._translated():
            self._wire.send(request, arrays)
            try:
                while "part" in (message := self._wire.receive())[0]:
                    yield message
            except GeneratorExit:  # whoever asked has enough: the rest of the answer is still to come
                while "part" in self._wire.receive()[0]:
                    pass
                raise
            if "error" in message[0]:
                raise read_error(message[0])

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Broken as error:
            raise Unavailable(f"the process that serves {self._home} ended meanwhile: run the command again") from error
