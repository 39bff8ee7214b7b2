"""One process holds a home at a time, by a lock that dies with its holder."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stores.errors import Busy
from stores.holder import Holder


@contextmanager
def hold(home: Path) -> Iterator[bool]:
    """Hold a home; yields whether the last who held it ended well. Busy says who holds it."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a+", encoding="utf-8") as file:
        if not _taken(file.fileno()):
            raise Busy(f"{home} is in use by {holder(home) or 'another process'}: wait until it is done, or stop it")
        clean = not os.pread(file.fileno(), 1, 0)
        file.truncate(0)
        file.write(json.dumps(Holder.own().written()))
        file.flush()
        yield clean
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
