"""Pictures that strangers send are decoded in a process of their own, so that none can hurt the service.

Whatever it does to that process (a decoder's crash, too much memory, too much time) costs the sender a
:class:`~loaders.images.BadImage`, and nobody else anything.
"""

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from threading import Event, Lock, Timer
from typing import Any, Final
from weakref import finalize

import numpy as np
from PIL import Image

from loaders import wire
from loaders.embedders.base import Prepare, Prepared
from loaders.images import BadImage
from stores.errors import Busy, Unavailable
from stores.pictures import SIZES, sizes_for

MOST_PIXELS: Final = 50_000_000
"""Of a picture that is sent in."""

SECONDS: Final = 20
"""For one picture. Of 50 megapixels, the slowest that is meant well (JPEG 2000) takes 4 on an idle core."""

PATIENCE: Final = 20
"""Seconds that a picture waits for those before it: one is decoded at a time, so that memory stays bounded."""

_START: Final = 60
"""Seconds in which the process has to be ready; on an idle machine it is in 0.3."""

_ANSWER: Final = 32 * 2**20
"""Bytes of the longest answer: two pictures of 3.3 MB together, and what an embedder takes."""

_NO_ANSWER: Final = (OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError)
"""What comes of a pipe that ends, or of an answer that is none."""

_INHERITED: Final = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "TZ")
"""Of the environment, which may hold passwords and keys, the process gets these."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was made of a file.

    Attributes:
        pictures: by name of size, as :func:`loaders.images.shrink` makes them.
        prepared: what the embedder takes.
    """

    pictures: dict[str, Image.Image]
    prepared: Prepared


class Sandbox:
    """A process that decodes, kept and replaced when it ends; it starts at once, and nobody waits for that.

    Args:
        prepare: the embedder's own, so that a full-size picture never comes back.
        most: pixels of the largest picture that is decoded.
        seconds: for one picture.
    """

    def __init__(self, prepare: Prepare, most: int = MOST_PIXELS, seconds: int = SECONDS) -> None:
        self._given, self._seconds = (prepare, most, seconds + 1), seconds
        self._lock = Lock()
        self._worker = _Worker(self._given)

    def look(self, data: bytes, display: str = "full") -> Looked:
        """Decode and prepare a file, and shrink it to the pictures that may be displayed of it.

        BadImage says why it cannot be, Busy that too many wait.
        """
        if not self._lock.acquire(timeout=PATIENCE):
            raise Busy("other pictures are being looked at: try again in a few seconds")
        try:
            if not self._worker.lives():
                self._worker = _Worker(self._given)
            return self._ask(data, display)
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process; it ends with this object anyway."""
        self._worker.end()

    def _ask(self, data: bytes, display: str) -> Looked:
        """Ask the process; one that does not answer as it should is replaced."""
        worker, late = self._worker, Event()
        worker.wait_until_ready()

        def end() -> None:
            late.set()
            worker.kill()

        watch = Timer(self._seconds, end)
        watch.daemon = True
        watch.start()
        try:
            return _looked(worker.ask(data, display), display)
        except _NO_ANSWER as error:
            worker.end()
            took_too_long = f"takes more than {self._seconds} seconds to decode"
            raise BadImage(took_too_long if late.is_set() else "decoding it ended the process that tried") from error
        finally:
            watch.cancel()
            watch.join()
            if late.is_set() or not worker.lives():
                worker.end()
                self._worker = _Worker(self._given)


class _Worker:
    """The process and the pipe to it."""

    def __init__(self, given: tuple[Prepare, int, int]) -> None:
        self._connection, theirs = Pipe()
        with theirs:
            self._process = _start(theirs)
        with suppress(OSError):  # a process that ended already is told of where it is waited for
            self._connection.send_bytes(pickle.dumps(given))
        self._ready = False
        self.end = finalize(self, _end, self._process, self._connection)
        self.kill = self._process.kill

    def lives(self) -> bool:
        return self.end.alive and self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait for a process that was just started."""
        try:
            if not (self._ready or (self._connection.poll(_START) and wire.receive(self._connection, 0) == "ready")):
                raise TimeoutError
        except (OSError, EOFError) as error:
            self.end()
            raise Unavailable("the process that decodes pictures does not start: see the log, try again") from error
        self._ready = True

    def ask(self, data: bytes, display: str) -> Any:
        self._connection.send_bytes(display.encode())
        self._connection.send_bytes(data)
        return wire.receive(self._connection, _ANSWER)


def _start(theirs: Connection) -> "subprocess.Popen[bytes]":
    """Start a fresh interpreter (no fork: this one has threads) that is told nothing but where its pipe is."""
    search = os.pathsep.join(os.path.abspath(place) for place in sys.path)  # noqa: PTH100 -- where links lead is no matter
    told = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        [sys.executable, "-P", "-c", "from loaders.confined import main; main()", str(theirs.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
        process_group=0,  # Ctrl+C is for the service, with which this ends
        env=told | {"PYTHONPATH": search, "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
    )


def _end(process: "subprocess.Popen[bytes]", connection: Connection) -> None:
    connection.close()
    process.kill()
    process.wait()


def _looked(answer: Any, display: str) -> Looked:
    """Read an answer with the suspicion that it deserves; BadImage for a reason, ValueError for what is no answer."""
    if "reason" in answer:
        raise BadImage(str(answer["reason"]))
    pictures = {name: answer["pictures"][name] for name in sizes_for(display)}
    for name, pixels in pictures.items():
        if pixels.dtype != np.uint8 or pixels.shape[2:] != (3,) or max(pixels.shape) > SIZES[name]:
            raise ValueError(f"{name} is no such picture")
    return Looked({name: Image.fromarray(pixels, "RGB") for name, pixels in pictures.items()}, answer["prepared"])
