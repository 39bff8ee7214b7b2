"""One writer of a home at a time, by a lock that dies with its holder."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from stores.errors import Busy


@contextmanager
def hold(home: Path) -> Iterator[None]:
    """Hold a home; Busy says which process holds it already."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"{home} is in use by {_holder(file.fileno())}; stop it, or wait until it is done") from error
        file.truncate(0)
        file.write(json.dumps(_self()))
        file.flush()
        yield
        file.truncate(0)


def _self() -> dict[str, str | int]:
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
    return {"pid": os.getpid(), "command": command, "since": datetime.now(UTC).isoformat(timespec="seconds")}


def _holder(descriptor: int) -> str:
    try:
        held = json.loads(os.pread(descriptor, 4096, 0))
        return f"'{held['command']}' (process {held['pid']}, since {held['since']})"
    except (ValueError, KeyError):
        return "another process"
