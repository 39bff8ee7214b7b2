"""What a command does to a whole collection, written down beside what is done to single artworks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from service.audit import COMMAND_LINE, Act, AuditLog
from stores.errors import Mismatch, XDegreesError
from stores.settings import Settings
from stores.withheld import Withheld


@dataclass(slots=True)
class Doing:
    """What a command tells of itself: how many of what, and the version of the graph afterwards."""

    counts: dict[str, int] = field(default_factory=dict)
    version: int | None = None


@contextmanager
def noting(settings: Settings, command: str) -> Iterator[Doing]:
    """Write down a command however it ends, and each artwork that it let come back after a take-down."""
    log, before, doing, outcome = AuditLog(settings.home), _withheld(settings), Doing(), "failed"
    try:
        yield doing
        outcome = "done"
    except XDegreesError as error:
        outcome = error.code
        raise
    finally:
        for one in sorted(before - _withheld(settings)):
            log.note(Act(COMMAND_LINE, command, one, "readmitted"))
        counts = {name: count for name, count in doing.counts.items() if count}
        log.note(Act(COMMAND_LINE, command, "", outcome, doing.version, counts))


def _withheld(settings: Settings) -> frozenset[str]:
    """Return what is withheld; nothing of a damaged list, which the command itself will tell of."""
    try:
        return frozenset(Withheld(settings.home).entries())
    except Mismatch:
        return frozenset()
