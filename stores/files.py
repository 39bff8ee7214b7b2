"""Files in a home: written whole or not at all, by one at a time, and some read by nobody else."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600
"""Mode of a file that only its owner may read."""


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep every other process out of reading and rewriting a file; the lock dies with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _private(path.with_suffix(".lock"), os.O_RDWR) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, data: bytes, *, synced: bool = True, private: bool = False) -> None:
    """Write a file under another name, then give it its own: whatever ends the process, it is the old one or the new.

    ``synced``: it is on the disk when the call returns. ``private``: with mode 0600.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            if private:
                os.fchmod(file.fileno(), PRIVATE)
            file.write(data)
            if synced:
                file.flush()
                os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    if synced:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append_line(path: Path, line: str, *, durable: bool) -> None:
    """Append one line, mode 0600, in one piece however many append; on the disk on return if ``durable``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _private(path, os.O_WRONLY | os.O_APPEND) as file:
        os.write(file, f"{line}\n".encode())
        if durable:
            os.fsync(file)


@contextmanager
def _private(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    try:
        os.fchmod(descriptor, PRIVATE)
        yield descriptor
    finally:
        os.close(descriptor)
