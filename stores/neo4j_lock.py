"""One writer of a collection in Neo4j at a time, whatever machine it is on, by a lock that dies with its holder.

Who writes keeps a transaction open that has locked the node ``(:Writer {part: 'turn'})``; the server ends it with
the connection. Who it is stands on another node, committed before, for those who wait.
"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final

from stores.errors import Busy, Unavailable
from stores.holder import Holder, Waiting
from stores.neo4j_driver import Locked, Neo4jDriver, ReadOnly, Writing

QUEUE: Final = 5.0
TURN: Final = 1.0
"""Seconds that the server lets one wait for the one, and then for the other, before who waits looks up."""


@contextmanager
def turn(driver: Neo4jDriver, collection: str, patience: float, waiting: Waiting) -> Iterator[bool]:
    """Be the one writer of a collection; yields whether the last one ended well.

    Busy says who is writing after ``patience`` seconds, in which ``waiting`` is called with whom is waited for.
    Of a read-only copy anybody may have the turn: there what is written is refused by the server.
    """
    with ExitStack() as stack:
        try:
            _wait(stack, driver, collection, patience, waiting)
        except ReadOnly:
            yield True
            return
        clean = _noted(driver, collection) is None
        _note(driver, collection, replace(Holder.own(), host=socket.gethostname()))
        yield clean
        with suppress(Unavailable):  # what was to be written is written; the next one looks after it in vain
            _note(driver, collection, None)


def _wait(stack: ExitStack, driver: Neo4jDriver, collection: str, patience: float, waiting: Waiting) -> None:
    """Take the turn. Only who has the queue takes it, so that nobody comes between seeing it free and taking it."""
    deadline = time.monotonic() + patience
    _make(driver, collection, deadline)
    while True:
        try:
            with _locked(driver, collection, "queue", QUEUE):
                with _locked(driver, collection, "turn", TURN):
                    pass
                stack.enter_context(_locked(driver, collection, "turn", None))
                return
        except Locked as error:
            before = _noted(driver, collection)
            if time.monotonic() >= deadline:
                raise Busy(
                    f"{before or 'another process'} is still writing to {collection!r} in Neo4j: "
                    "try again when it is done"
                ) from error
            waiting(before)


def _make(driver: Neo4jDriver, collection: str, deadline: float) -> None:
    """Make what is locked; those who do so at the same time for the first time on a server may fail over each other."""
    while not driver.read("read_writer", collection=collection):
        try:
            driver.write(partial(_run, "schema_writer"))
            driver.write(partial(_run, "make_writer", collection=collection))
        except ReadOnly:
            raise
        except Unavailable:
            if time.monotonic() >= deadline:
                raise


def _locked(driver: Neo4jDriver, collection: str, part: str, seconds: float | None) -> AbstractContextManager[None]:
    return driver.holding("lock_writer", seconds, collection=collection, part=part)


def _noted(driver: Neo4jDriver, collection: str) -> Holder | None:
    rows = driver.read("read_writer", collection=collection)
    return Holder.read(json.loads(rows[0]["holder"])) if rows and rows[0]["holder"] else None


def _note(driver: Neo4jDriver, collection: str, holder: Holder | None) -> None:
    text = json.dumps(holder.written()) if holder else None
    driver.write(partial(_run, "note_writer", collection=collection, holder=text))


def _run(name: str, writing: Writing, **parameters: Any) -> None:
    writing.run(name, **parameters)
