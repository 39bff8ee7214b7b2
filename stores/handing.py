"""The process that holds a home lends its vectors, and its one turn to write, over the socket in the home."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import structlog

from stores import doorway
from stores.crossing import (
    PROTOCOL,
    Message,
    read_where,
    write_batches,
    write_error,
    write_hits,
    write_stats,
)
from stores.errors import BadInput, Busy, Refused, XDegreesError
from stores.frames import Broken, Wire
from stores.holder import Holder
from stores.ports import VectorStore
from stores.records import EmbedderFacts
from stores.turns import Turns

CONNECTIONS: Final = 32
"""At once; each has a thread."""

LONGEST_WAIT: Final = 86_400.0
"""Seconds that a command may wait for its turn."""

_LEAVES: Final = 10.0
"""Seconds in which a request that is being answered has to be done once the process ends."""

Answer = Callable[[VectorStore, Mapping[str, Any], list[Any]], Iterator[Message]]


class _Unfinished(Exception):
    """A command ended its turn with an error of its own."""


@contextmanager
def handing(home: Path, vectors: VectorStore, turns: Turns, user: int | None = None) -> Iterator[None]:
    """Answer the commands of the same user while the block runs; the home has to be held by this process.

    Args:
        home: folder in which the socket is made.
        vectors: what they read and write; has to be safe to use from several threads.
        turns: what they write by; whoever ends in the middle of a turn, however it ends, gives it back.
        user: whose commands are answered; else the user of this process.
    """
    hand = _Hand(vectors, turns, os.geteuid() if user is None else user)
    door = doorway.listen(home)
    waiter = threading.Thread(target=hand.wait_at, args=(door,), name="hand", daemon=True)
    waiter.start()
    try:
        yield
    finally:
        hand.stop()
        doorway.shut(home, door)
        waiter.join(_LEAVES)
        hand.see_off()


class _Hand:
    """Every connection to a home."""

    def __init__(self, vectors: VectorStore, turns: Turns, user: int) -> None:
        self._vectors, self._turns, self._user = vectors, turns, user
        self._holder = Holder.own()
        self._open: dict[threading.Thread, Wire] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def wait_at(self, door: socket.socket) -> None:
        """Let in who comes, until the door is shut."""
        while not self._stopped:
            try:
                link, _ = door.accept()
            except OSError:  # the door is shut, or there are too many open files for now
                time.sleep(0.1)
                continue
            wire = Wire(link)
            thread = threading.Thread(target=self._receive, args=(link, wire), name="handing", daemon=True)
            with self._lock:
                self._open[thread] = wire
            thread.start()

    def stop(self) -> None:
        """Let nobody else in."""
        self._stopped = True

    def see_off(self) -> None:
        """End every connection, once what is being answered is done."""
        with self._lock:
            there = list(self._open.items())
        for _, wire in there:
            wire.cut()
        for thread, _ in there:
            thread.join(_LEAVES)

    def _receive(self, link: socket.socket, wire: Wire) -> None:
        try:
            with suppress(Broken):  # commands come and go
                self._greet(link, wire)
        except XDegreesError as error:
            with suppress(Broken):
                wire.send(write_error(error))
        except Exception as error:  # noqa: BLE001 -- whatever one command brings about, the others are answered
            structlog.get_logger().error("a command could not be answered", exc_info=error)
        finally:
            wire.close()
            with self._lock:
                del self._open[threading.current_thread()]

    def _greet(self, link: socket.socket, wire: Wire) -> None:
        there = doorway.peer(link)
        if there.user != self._user:
            raise Refused(f"{self._holder} is a process of another user: run the command as that user")
        with self._lock:
            if len(self._open) > CONNECTIONS:
                raise Busy(f"{self._holder} answers {CONNECTIONS} commands already: try again in a moment")
        wire.send({"protocol": PROTOCOL, "holder": self._holder.written(), "clean": self._turns.clean})
        hello, _ = wire.receive()
        visitor = Holder(str(hello.get("command")), there.process, str(hello.get("since")))
        _Visit(wire, self._vectors, self._turns, visitor).last()


class _Visit:
    """One connection: requests, each answered before the next is read."""

    def __init__(self, wire: Wire, vectors: VectorStore, turns: Turns, visitor: Holder) -> None:
        self._wire, self._vectors, self._turns, self._visitor = wire, vectors, turns, visitor

    def last(self) -> None:
        """Answer until the other end goes."""
        while True:
            request, arrays = self._wire.receive()
            if request.get("do") == "write":
                self._write(request)
            else:
                self._answer(request, arrays, _READS)

    def _write(self, request: Mapping[str, Any]) -> None:
        """Wait for the turn to write, saying for whom, and write until the other end gives it back."""
        wanted = request.get("patience")
        patience = min(wanted, LONGEST_WAIT) if isinstance(wanted, int | float) else 0.0
        try:
            with self._turns.take(self._visitor, patience, self._say):
                self._wire.send({"granted": True, "clean": self._turns.clean})
                self._write_on()
        except Busy as error:
            self._wire.send(write_error(error))
            return
        except _Unfinished:
            pass  # the turn knows that it was left unclean
        self._wire.send({"done": True})

    def _write_on(self) -> None:
        while True:
            request, arrays = self._wire.receive()
            if request.get("do") == "release":
                if not request.get("clean"):
                    raise _Unfinished
                return
            self._answer(request, arrays, _READS | _WRITES)

    def _say(self, holder: Holder | None) -> None:
        if not self._wire.is_quiet():
            raise Broken("whoever waited is gone")
        self._wire.send({"waiting": holder.written() if holder else None})

    def _answer(self, request: Mapping[str, Any], arrays: list[Any], known: Mapping[str, Answer]) -> None:
        try:
            for header, found in _ask(known, self._vectors, request, arrays):
                self._wire.send({"part": True, **header}, found)
        except XDegreesError as error:
            self._wire.send(write_error(error))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._wire.send(write_error(BadInput(f"the request is not understood: {error!r}")))
        else:
            self._wire.send({"done": True})


def _ask(
    known: Mapping[str, Answer], vectors: VectorStore, request: Mapping[str, Any], arrays: list[Any]
) -> Iterator[Message]:
    name = str(request.get("do"))
    if name not in known:
        raise BadInput(f"{name!r} is not done here, or only while one's turn to write")
    yield from known[name](vectors, request, arrays)


def _get(vectors: VectorStore, request: Mapping[str, Any], _: list[Any]) -> Iterator[Message]:
    yield from write_batches(vectors.get([str(one) for one in request["ids"]]))


def _nearest(vectors: VectorStore, request: Mapping[str, Any], arrays: list[Any]) -> Iterator[Message]:
    (points,) = arrays
    where = read_where(request["where"])
    yield write_hits(vectors.nearest(points, int(request["k"]), where, exact=bool(request["exact"])))


def _vicinity(vectors: VectorStore, request: Mapping[str, Any], arrays: list[Any]) -> Iterator[Message]:
    (points,) = arrays
    yield write_hits(vectors.vicinity(points, int(request["k"]), read_where(request["where"])))


def _scan(vectors: VectorStore, request: Mapping[str, Any], _: list[Any]) -> Iterator[Message]:
    for batch in vectors.scan(with_vectors=bool(request["with_vectors"])):
        yield from write_batches(batch)


def _stats(vectors: VectorStore, _request: Mapping[str, Any], _: list[Any]) -> Iterator[Message]:
    yield write_stats(vectors.stats()), []


def _prepare(vectors: VectorStore, request: Mapping[str, Any], _: list[Any]) -> Iterator[Message]:
    vectors.prepare(EmbedderFacts(**request["facts"]))
    yield from ()


def _upsert(vectors: VectorStore, request: Mapping[str, Any], arrays: list[Any]) -> Iterator[Message]:
    (rows,), ids, payloads = arrays, [str(one) for one in request["ids"]], request["payloads"]
    if rows.ndim != 2 or not len(ids) == len(payloads) == len(rows):  # noqa: PLR2004 -- rows and columns
        raise ValueError("ids, vectors and payloads do not belong together")
    vectors.upsert(ids, rows, payloads)
    yield from ()


def _delete(vectors: VectorStore, request: Mapping[str, Any], _: list[Any]) -> Iterator[Message]:
    vectors.delete([str(one) for one in request["ids"]])
    yield from ()


_READS: Final[dict[str, Answer]] = {
    "get": _get,
    "nearest": _nearest,
    "vicinity": _vicinity,
    "scan": _scan,
    "stats": _stats,
}

_WRITES: Final[dict[str, Answer]] = {"prepare": _prepare, "upsert": _upsert, "delete": _delete}
