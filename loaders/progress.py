"""What a person sees of long work: a bar on a terminal, a line now and then elsewhere; and how long each stage took."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from tqdm import tqdm

EVERY: Final = 15.0
"""Seconds between log lines where there is no terminal."""

Advance = Callable[[int], object]


class Progress:
    """Stages in a row, each timed.

    Attributes:
        seconds: stage to seconds it took.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.seconds: dict[str, float] = {}
        self._quiet = quiet

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Time a stage; call what is lent with the number of things done."""
        started = time.perf_counter()
        try:
            if self._quiet or total is None:
                yield _nothing
            elif sys.stderr.isatty():
                with tqdm(total=total, desc=name, unit="", file=sys.stderr, leave=False) as bar:
                    yield bar.update
            else:
                yield _log_lines(name, total)
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


def _nothing(_done: int) -> None:
    pass


def _log_lines(name: str, total: int) -> Advance:
    log = structlog.get_logger()
    done, last = 0, time.monotonic()

    def advance(more: int) -> None:
        nonlocal done, last
        done += more
        if time.monotonic() - last > EVERY:
            last = time.monotonic()
            log.info(name, done=done, total=total)

    return advance
