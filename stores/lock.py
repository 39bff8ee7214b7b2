"""One process holds a home at a time, by a lock that dies with its holder."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stores.errors import Busy
from stores.holder import Holder


@dataclass(slots=True)
class Ending:
    """How those who hold a home come to an end.

    Attributes:
        clean: whether the last one ended well; to be set to whether this one does. It stays as it is where this
            one only reads: what the last one left half done is still half done then.
    """

    clean: bool


@contextmanager
def hold(home: Path) -> Iterator[Ending]:
    """Hold a home; Busy says who holds it.

    The file says who, and is empty after an end that was clean: who was killed could not empty it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a+", encoding="utf-8") as file:
        if not _taken(file.fileno()):
            raise Busy(f"{home} is in use by {holder(home) or 'another process'}: wait until it is done, or stop it")
        ending = Ending(not os.pread(file.fileno(), 1, 0))
        file.truncate(0)
        file.write(json.dumps(Holder.own().written()))
        file.flush()
        os.fsync(file.fileno())  # a power cut leaves things half done too
        try:
            yield ending
        finally:
            if ending.clean:
                file.truncate(0)


def holder(home: Path) -> Holder | None:
    """Return who holds a home, as far as it is known."""
    try:
        return Holder.read(json.loads((home / "lock").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
