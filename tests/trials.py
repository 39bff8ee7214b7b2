"""What a decoder that was taken over might try; small, since it is imported where pictures are decoded."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Trying:
    """Prepares by trying something that a decoder which was taken over might; -1 where it could not."""

    what: str

    def __call__(self, image: Image.Image) -> Any:
        """Prepare one picture; the 32 pixels a side while the process is being started do no harm."""
        if image.size == (32, 32):
            return np.array([0])
        try:
            return np.array([TRIALS[self.what]()])
        except (OSError, MemoryError, ImportError):
            return np.array([-1])


def open_socket() -> int:
    """Open a socket."""
    with socket.socket() as opened:
        return opened.fileno()


def limits_that_are_not_nought() -> int:
    """Count limits under which something could be opened, written or started."""
    kinds = (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)
    return sum(resource.getrlimit(kind) != (0, 0) for kind in kinds)


def say(described: bytes, then: bytes = b"") -> None:
    """Answer with something else than a picture."""
    os.write(int(sys.argv[1]), len(described).to_bytes(4, "big") + described + then)
    time.sleep(60)


def of_array(kind: bytes) -> bytes:
    """Return the description of an answer with one array."""
    return b'{"pictures": {"thumb": {"\\u0000array": [' + kind + b']}}, "prepared": []}'


TRIALS: Final[dict[str, Callable[[], Any]]] = {
    "read a file": lambda: len(Path("/proc/self/status").read_bytes()),
    "open a socket": open_socket,
    "start a program": lambda: subprocess.run(["true"], check=True).returncode,
    "take 2 GB": lambda: np.empty(2**28).size,
    "count limits": limits_that_are_not_nought,
    "count what is heavy": lambda: sum(name in sys.modules for name in ("torch", "numba", "flask", "qdrant_client")),
    "count secrets": lambda: sum("SECRET" in name for name in os.environ),
    "crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "exit": lambda: os._exit(0),
    "loop": lambda: next(n for n in iter(int, 1) if n),
    "send garbage": lambda: say(b"hello"),
    "send parts without end": lambda: say(b"[" * 50_000),
    "send 5 GB": lambda: say(of_array(b'"|u1", [40000, 40000, 3]'), b"\x7f\xff\xff\xff"),
    "send objects": lambda: say(of_array(b'"|O", [1]'), (8).to_bytes(4, "big") + bytes(8)),
}
