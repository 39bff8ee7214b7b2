"""Files that are whole or not there, whatever ends the process, or the power, while they are written."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes, *, synced: bool = True) -> None:
    """Write a file under another name, then give it its own; ``synced``: it is on the disk when the call returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unwritten = path.with_suffix(f".{os.getpid()}")
    try:
        with unwritten.open("wb") as file:
            file.write(data)
            if synced:
                file.flush()
                os.fsync(file.fileno())
        unwritten.replace(path)
    finally:
        unwritten.unlink(missing_ok=True)
    if synced:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
