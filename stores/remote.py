"""VectorStore over the socket of the process that holds a home; see :mod:`stores.handing`."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from socket import socket
from typing import Final, Self

import numpy as np

from stores import doorway
from stores.artwork import Payload
from stores.crossing import (
    FOUND,
    PORTION,
    PROTOCOL,
    ROWS,
    Message,
    portions,
    read_batch,
    read_error,
    read_hits,
    read_stats,
    write_where,
)
from stores.errors import BadInput, Mismatch, Refused, Unavailable, XDegreesError
from stores.frames import Broken, Header, Wire
from stores.holder import Holder, Waiting
from stores.records import EmbedderFacts, Hits, VectorBatch, Vectors, VectorStats, Where

ANSWERS_WITHIN: Final = 300.0
"""Seconds in which a request has to be answered."""

GREETS_WITHIN: Final = 5.0
"""Seconds in which who listens has to say so: a process that was halted does not."""


class RemoteVectors:
    """A VectorStore (see :mod:`stores.ports`) that another process holds. Safe to use from several threads.

    Each question has a connection of its own, so that an answer that is still being read is in nobody's way. What is
    written goes over the one that holds the :meth:`turn`. Unavailable where the other process ends.

    Attributes:
        holder: the process at the other end.
        clean: whether the last who wrote there ended well, as far as this one has heard.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._idle: list[Wire] = []
        self._writer: Wire | None = None
        self._one_at_a_time = threading.RLock()
        wire, greeting = self._connect()
        self._idle.append(wire)
        self.holder, self.clean = Holder.read(greeting["holder"]), bool(greeting["clean"])

    @classmethod
    def open(cls, home: Path) -> Self | None:
        """Connect to the process that serves a home; None where none does, or it was halted."""
        try:
            return cls(home)
        except Broken:
            return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every connection, and with them any turn to write; a question in another thread ends its own."""
        if self._writer is not None:
            self._writer.cut()
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def turn(self, patience: float, waiting: Waiting) -> Iterator[bool]:
        """Be the one writer of the home; yields whether the last one ended well.

        Threads of this process take turns before they get here. Busy says who is writing, at once where too many
        wait, else after ``patience`` seconds, in which ``waiting`` is called with whom is waited for.
        """
        with self._translated(), self._borrowed() as wire:
            self.clean = self._granted(wire, patience, waiting)
            self._write_over(wire)
            try:
                yield self.clean
            except BaseException:
                self.clean = False
                wire.close()  # a message may have been cut short; the turn ends with the connection
                raise
            finally:
                self._write_over(None)
            self.clean = True
            with suppress(Broken):  # the process ended meanwhile, and the turn with it; what was written is written
                list(self._ask(wire, {"do": "release", "clean": True}))

    def prepare(self, facts: EmbedderFacts) -> None:
        """Make the store ready for vectors of this embedder."""
        self._change({"do": "prepare", "facts": asdict(facts)})

    def upsert(self, ids: Sequence[str], vectors: Vectors, payloads: Sequence[Payload]) -> None:
        """Write vectors and payloads, some at a time; durable when the call returns."""
        if len(ids) == 0:
            return
        for rows in portions(vectors, payloads):
            header = {"do": "upsert", "ids": _texts(ids[rows]), "payloads": list(payloads[rows])}
            self._change(header, np.asarray(vectors[rows], dtype=np.float32))

    def get(self, ids: Sequence[str]) -> VectorBatch:
        """Return these artworks in this order."""
        some = (_texts(ids[at : at + ROWS]) for at in range(0, max(len(ids), 1), ROWS))
        batches = [read_batch(*part) for asked in some for part in self._read({"do": "get", "ids": asked})]
        return VectorBatch(
            np.concatenate([batch.ids for batch in batches]),
            np.concatenate([batch.vectors for batch in batches]),
            tuple(payload for batch in batches for payload in batch.payloads),
        )

    def nearest(self, vectors: Vectors, k: int, where: Where | None = None, *, exact: bool = True) -> Hits:
        """Return the k nearest of each row."""
        return self._hits({"do": "nearest", "k": int(k), "where": write_where(where), "exact": exact}, vectors)

    def vicinity(self, vectors: Vectors, k: int, where: Where | None = None) -> Hits:
        """Return the k nearest of each row as the engine has them."""
        return self._hits({"do": "vicinity", "k": int(k), "where": write_where(where)}, vectors)

    def scan(self, *, with_vectors: bool = True) -> Iterator[VectorBatch]:
        """Yield everything once, by ascending id, as it arrives."""
        yield from (read_batch(*part) for part in self._read({"do": "scan", "with_vectors": with_vectors}))

    def delete(self, ids: Sequence[str]) -> None:
        """Take these out."""
        for at in range(0, len(ids), ROWS):
            self._change({"do": "delete", "ids": _texts(ids[at : at + ROWS])})

    def stats(self) -> VectorStats:
        """Say how many there are, and of which embedder."""
        ((header, _),) = self._read({"do": "stats"})
        return read_stats(header)

    def _hits(self, header: Header, vectors: Vectors) -> Hits:
        rows = max(min(FOUND // max(header["k"], 1), PORTION // max(4 * vectors.shape[1], 1)), 1)
        some = (np.asarray(vectors[at : at + rows], np.float32) for at in range(0, max(len(vectors), 1), rows))
        found = [read_hits(*part) for asked in some for part in self._read(header, asked)]
        return Hits(np.concatenate([hits.ids for hits in found]), np.concatenate([hits.angles for hits in found]))

    def _read(self, header: Header, *arrays: Vectors) -> Iterator[Message]:
        """Ask over a connection of its own; one that was not read to the end cannot be used again."""
        with self._translated(), self._borrowed() as wire:
            yield from self._ask(wire, header, *arrays)

    def _change(self, header: Header, *arrays: Vectors) -> None:
        """Ask over the connection that holds the turn to write; BadInput where none does."""
        with self._translated(), self._one_at_a_time:
            if self._writer is None:
                raise BadInput("vectors are only written in one's turn to write")
            list(self._ask(self._writer, header, *arrays))

    def _granted(self, wire: Wire, patience: float, waiting: Waiting) -> bool:
        """Wait for the turn to write; return whether the last writer ended well."""
        for answer, _ in self._ask(wire, {"do": "write", "patience": patience}):
            if "granted" in answer:
                return bool(answer["clean"])
            try:
                waiting(Holder.read(answer["waiting"]) if answer["waiting"] else None)
            except BaseException:
                wire.close()  # which tells the other end that nobody waits any more
                raise
        raise Broken("no turn was given")

    def _write_over(self, wire: Wire | None) -> None:
        with self._one_at_a_time:
            self._writer = wire

    @staticmethod
    def _ask(wire: Wire, header: Header, *arrays: Vectors) -> Iterator[Message]:
        wire.send(header, arrays)
        while True:
            answer, found = wire.receive()
            if "error" in answer:
                raise read_error(answer)
            if "done" in answer:
                return
            yield answer, found

    @contextmanager
    def _borrowed(self) -> Iterator[Wire]:
        """Lend a connection that nobody uses; an error that was answered leaves it as good as new."""
        try:
            wire = self._idle.pop()
        except IndexError:
            wire, _ = self._connect()
        try:
            yield wire
        except XDegreesError:
            self._keep(wire)
            raise
        except BaseException:
            wire.close()
            raise
        self._keep(wire)

    def _keep(self, wire: Wire) -> None:
        if not wire.is_closed:
            self._idle.append(wire)

    def _connect(self) -> tuple[Wire, Header]:
        try:
            link = doorway.knock(self._home)
        except PermissionError as error:
            raise Refused(self._of_another()) from error
        if link is None:
            raise Broken("nobody listens")
        wire = Wire(link, GREETS_WITHIN)
        try:
            greeting = self._greeted(link, wire)
        except BaseException:
            wire.close()
            raise
        wire.answers_within = ANSWERS_WITHIN
        return wire, greeting

    def _greeted(self, link: socket, wire: Wire) -> Header:
        if doorway.peer(link).user != os.geteuid():
            raise Refused(self._of_another())
        greeting, _ = wire.receive()
        if "error" in greeting:
            raise read_error(greeting)
        if greeting.get("protocol") != PROTOCOL:
            raise Mismatch(f"{self._home} is served by another release of xdegrees: start that with this one")
        wire.send(Holder.own().written())
        return greeting

    def _of_another(self) -> str:
        return f"{self._home} is served by a process of another user: run the command as that user"

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Broken as error:
            raise Unavailable(f"the process that serves {self._home} ended meanwhile: run the command again") from error


def _texts(ids: Sequence[str]) -> list[str]:
    return [str(artwork_id) for artwork_id in ids]
