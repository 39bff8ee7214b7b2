"""Files to prepared pictures, decoded by worker processes while the network runs in this one.

A file that takes a worker down with it (a decoder's crash, the system's memory) costs only itself.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import Final, Self

from loaders.embedders.base import Prepare, Prepared
from loaders.images import BadImage, read_picture, write_pictures

AHEAD: Final = 16
"""Pictures in flight per worker: enough that none waits, few enough that memory stays small."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read: its path, and how its artwork may be displayed."""

    path: Path
    display: str = "full"


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a worker made of a file.

    Attributes:
        content_hash: sha256 of the file, in hex.
        images: size name to (width, height) in pixels of the pictures written.
        prepared: what the embedder takes.
    """

    content_hash: str
    images: dict[str, tuple[int, int]]
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a file cannot be loaded."""

    reason: str


Result = Ingested | Failed


def ingest(jobs: Iterable[Job], images: Path, prepare: Prepare, workers: int | None = None) -> Iterator[Result]:
    """Yield a result per job, in order; pictures are written into the folder ``images``."""
    workers = workers or os.cpu_count() or 1
    with _Workers(workers, images, prepare) as pool:
        waiting: deque[tuple[Job, Future[Result]]] = deque()
        for job in jobs:
            waiting.append((job, pool.submit(job)))
            if len(waiting) >= workers * AHEAD:
                yield pool.result(*waiting.popleft())
        while waiting:
            yield pool.result(*waiting.popleft())


class _Workers:
    """A process pool that is replaced when it breaks."""

    def __init__(self, workers: int, images: Path, prepare: Prepare) -> None:
        self._workers, self._given = workers, (images, prepare)
        self._pool = self._start(workers)
        self._single: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        if self._single is not None:
            self._single.shutdown(cancel_futures=True)

    def submit(self, job: Job) -> "Future[Result]":
        try:
            return self._pool.submit(_work, job)
        except BrokenProcessPool:
            self._pool = self._start(self._workers)
            return self._pool.submit(_work, job)

    def result(self, job: Job, future: "Future[Result]") -> Result:
        """Wait for a job. When the pool broke, each job that was in it is tried once more, alone."""
        try:
            return future.result()
        except BrokenProcessPool:
            return self._alone(job)

    def _alone(self, job: Job) -> Result:
        self._single = self._single or self._start(1)
        try:
            return self._single.submit(_work, job).result()
        except BrokenProcessPool:
            self._single = None
            return Failed("decoding it ended the process that tried")

    def _start(self, workers: int) -> ProcessPoolExecutor:
        # spawn, not fork: the parent has threads and a network in memory
        return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_settle, initargs=self._given)


_settled: dict[str, tuple[Path, Prepare]] = {}
"""What a worker was given when it started, so that no job carries it again."""


def _settle(images: Path, prepare: Prepare) -> None:
    _settled["given"] = (images, prepare)
    Thread(target=_end_with_parent, daemon=True).start()
    os.nice(1)  # the network, which everything waits for, goes first


def _end_with_parent() -> None:
    """End this worker when the load that started it was killed; it would wait for work for ever."""
    if (parent := parent_process()) is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(job: Job) -> Result:
    images, prepare = _settled["given"]
    try:
        picture = read_picture(job.path)
    except BadImage as error:
        return Failed(str(error))
    # Outside the try: a picture that cannot be written (a full disk) is no fault of the file, and ends the run.
    return Ingested(picture.content_hash, write_pictures(picture, images, job.display), prepare(picture.image))
