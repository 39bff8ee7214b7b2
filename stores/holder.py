"""Who holds what others wait for, and how those who wait are told."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import structlog


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that writes, or holds a home.

    Attributes:
        command: what a person called it by, such as ``xdegrees load``.
        pid: its number; 0 where it is not known.
        since: when it began, ISO 8601.
        host: the machine it runs on; empty for this one.
    """

    command: str
    pid: int
    since: str
    host: str = ""

    def __str__(self) -> str:
        """As an error or a log line names it."""
        place = f" on {self.host}" if self.host else ""
        return f"'{self.command}' (process {self.pid}{place}, since {self.since})"

    @classmethod
    def own(cls) -> Self:
        """Return this process, as of now."""
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
        return cls(command, os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        """Return what :meth:`written` made; ValueError if it is something else."""
        try:
            return cls(
                str(written["command"]), int(written["pid"]), str(written["since"]), str(written.get("host", ""))
            )
        except (KeyError, TypeError) as error:
            raise ValueError("not a holder") from error

    def written(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return asdict(self)


Waiting = Callable[[Holder | None], object]
"""Called again and again with whom is waited for, None where that is not known; what it raises ends the waiting."""


class Telling:
    """A :data:`Waiting` that logs once whom is waited for, and again when it is somebody else."""

    def __init__(self) -> None:
        self._told: list[Holder | None] = []

    def __call__(self, holder: Holder | None) -> None:
        """Log it, unless that was done."""
        if self._told[-1:] != [holder]:
            self._told.append(holder)
            structlog.get_logger().warning(f"waiting for {holder or 'another process'} to be done")
