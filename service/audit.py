"""Who wrote what, one line each in ``audit.jsonl`` in the home, mode 0600; what was refused is told too.

A line has the time, the key's name, the method, the artwork's id, what came of it and the version of the graph
afterwards; of an artwork, which may be taken down later, and of whoever asked nothing else. The file is
opened for every line, so it may be moved away at any time.
"""

import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from stores.files import append_line

NAME: Final = "audit.jsonl"
"""In the home."""

COMMAND_LINE: Final = "command line"
"""Stands for a key's name where a command wrote; no key can have a name with a space in it."""

STRANGERS: Final = 60
"""Lines a minute about requests without a known key. Further ones are counted in the next line: nobody fills a disk."""

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A key or a title in place of an id would stay here after its artwork was taken down."""


@dataclass(frozen=True, slots=True)
class Act:
    """One attempt to write.

    Attributes:
        key: name of the key; empty where none was known.
        method: of HTTP, or the command.
        artwork: its id; anything else that stands in its place is not told.
        outcome: ``added``, ``unchanged``, ``replaced``, ``described``, ``removed``, ``readmitted``, ``done`` of a whole
            collection, ``failed``, or the code of a problem.
        graph_version: after it; None where nothing was written.
        counts: of a whole collection, how many of what.
    """

    key: str
    method: str
    artwork: str
    outcome: str
    graph_version: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


class AuditLog:
    """Appends acts to the file of a home; safe to use from several threads and processes."""

    def __init__(self, home: Path) -> None:
        self._path = home / NAME
        self._lock = threading.Lock()
        self._minute, self._strangers, self._untold = 0, 0, 0

    def note(self, act: Act) -> None:
        """Write down an act. What was done stays done where that fails, so a full disk is only logged."""
        untold = self._count(act)
        if untold is None:
            return
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **_told(act)}
        try:
            told = json.dumps({**line, "untold": untold} if untold else line, ensure_ascii=False)
            append_line(self._path, told, durable=bool(act.key))
        except OSError as error:
            structlog.get_logger().error("an act is not in the audit", reason=error.strerror, **line)

    def _count(self, act: Act) -> int | None:
        """Return how many acts went untold before this one; None where this one does too."""
        with self._lock:
            minute = int(time.monotonic() // 60)
            if minute != self._minute:
                self._minute, self._strangers = minute, 0
            if not act.key:
                self._strangers += 1
                if self._strangers > STRANGERS:
                    self._untold += 1
                    return None
            untold, self._untold = self._untold, 0
            return untold


def _told(act: Act) -> dict[str, object]:
    """Everything that is known of an act."""
    known = act if _ID.fullmatch(act.artwork) else replace(act, artwork="")
    return {name: value for name, value in asdict(known).items() if value not in ("", None, {})}
