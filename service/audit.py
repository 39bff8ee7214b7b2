"""Who wrote what, one line each in ``audit.jsonl`` in the home, mode 0600; what was refused is told too.

A line has the time, the key's name, the method, the artwork, what came of it and the version of the graph afterwards;
of whoever asked nothing else. The file is opened for every line, so it may be moved away at any time.
"""

import json
import threading
import time
from dataclasses import asdict, dataclass
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

_LONGEST: Final = 200
"""Characters of what a stranger may write into a line."""


@dataclass(frozen=True, slots=True)
class Act:
    """One attempt to write.

    Attributes:
        key: name of the key; empty where none was known.
        method: of HTTP, or the command.
        artwork: its id, or what stood in its place.
        artwork_key: the collection's own key; not told of what is taken down.
        outcome: ``added``, ``unchanged``, ``replaced``, ``described``, ``removed``, or the code of a problem.
        graph_version: after it; None where nothing was written.
    """

    key: str
    method: str
    artwork: str
    artwork_key: str
    outcome: str
    graph_version: int | None = None


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
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **_bounded(act)}
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


def _bounded(act: Act) -> dict[str, object]:
    """Everything that is known of an act, cut to a length."""
    return {
        name: value[:_LONGEST] if isinstance(value, str) else value
        for name, value in asdict(act).items()
        if value not in ("", None)
    }
