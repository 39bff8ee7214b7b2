"""One writer at a time within a process, in the order in which they asked."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from stores.errors import Busy
from stores.holder import Holder, Waiting

WAITING: Final = 4
"""Writers that may wait: each waits for all before it, and holds a thread of the service meanwhile."""

PATIENCE: Final = 10.0
"""Seconds that a writer waits for its turn unless it says otherwise."""

_TICK: Final = 0.25
"""Seconds after which a writer that waits looks up."""


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """One writer, writing or waiting."""

    holder: Holder
    thread: int = field(default_factory=threading.get_ident)


class Turns:
    """A lock for writers, served in the order in which they came.

    Attributes:
        clean: whether the last writer ended without an error, so that nothing is left half done. It stays False
            within the turn that follows an unclean one, and is True once a turn ended well: who writes then
            has to finish what was left. An error that was caught within a turn counts, unless one within the same
            turn ended well after it.
    """

    def __init__(self, *, clean: bool = True) -> None:
        self.clean = clean
        self._failed = False
        self._queue: deque[_Turn] = deque()
        self._moved = threading.Condition()

    @property
    def holder(self) -> Holder | None:
        """Who writes now."""
        with self._moved:
            return self._queue[0].holder if self._queue else None

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._moved:
            return max(len(self._queue) - 1, 0)

    @contextmanager
    def take(
        self, holder: Holder | None = None, patience: float = PATIENCE, waiting: Waiting | None = None
    ) -> Iterator[bool]:
        """Hold the lock; within a turn of the same thread, go on with that.

        Args:
            holder: who writes, for those who wait; else this process.
            patience: seconds to wait before Busy says for whom.
            waiting: called while waiting; see :data:`stores.holder.Waiting`.

        Yields:
            Whether this is the outermost turn of the thread.
        """
        turn = _Turn(holder or Holder.own())
        if self._is_within(turn):
            with self._noted():
                yield False
            self._failed = False
            return
        self._join(turn)
        try:
            self._wait(turn, patience, waiting)
            self._failed = False
            with self._noted():
                yield True
            self.clean = not self._failed
        finally:
            self._leave(turn)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Note what ends with an error; within a turn, until something after it ended well."""
        try:
            yield
        except BaseException:
            self.clean, self._failed = False, True
            raise

    def _is_within(self, turn: _Turn) -> bool:
        with self._moved:
            return bool(self._queue) and self._queue[0].thread == turn.thread

    def _join(self, turn: _Turn) -> None:
        with self._moved:
            if len(self._queue) > WAITING:
                raise Busy(f"{self._queue[0].holder} is writing and {WAITING} wait already: try again in a moment")
            self._queue.append(turn)

    def _wait(self, turn: _Turn, patience: float, waiting: Waiting | None) -> None:
        deadline = time.monotonic() + patience
        while (before := self._before(turn, min(_TICK, patience))) is not None:
            if time.monotonic() >= deadline:
                raise Busy(f"{before} is still writing after {patience:g} s: try again when it is done")
            if waiting is not None:
                waiting(before)

    def _before(self, turn: _Turn, seconds: float) -> Holder | None:
        """Wait a little for this turn to come; return who is writing instead, if anybody."""
        with self._moved:
            self._moved.wait_for(lambda: self._queue[0] is turn, seconds)
            return None if self._queue[0] is turn else self._queue[0].holder

    def _leave(self, turn: _Turn) -> None:
        with self._moved:
            self._queue.remove(turn)
            self._moved.notify_all()
