"""The servers that tests share. A server that cannot be started skips its tests, or fails them if it is required."""

import atexit
import functools
import logging
import shutil
import tempfile
from pathlib import Path
from typing import Final, NoReturn

import pytest

from tests.neo4j_server import CannotStartError, LocalNeo4j

missing: Final[set[str]] = set()
"""Why tests were skipped."""

required: Final[list[bool]] = [False]

deprecations: Final[list[str]] = []
"""What Neo4j said about statements of ours that a later release will refuse."""


class _Listener(logging.Handler):
    """Keeps what the driver reports as deprecated."""

    def emit(self, record: logging.LogRecord) -> None:
        if "DEPRECATION" in record.getMessage():
            deprecations.append(record.getMessage())


def neo4j() -> LocalNeo4j:
    """Return the run's Neo4j, with GDS and APOC and without a password."""
    found = _start()
    if not isinstance(found, LocalNeo4j):
        lacking(found)
    return found


def lacking(reason: str) -> NoReturn:
    """Skip, or fail where servers are required, and remember why."""
    if required[0]:
        pytest.fail(reason, pytrace=False)
    missing.add(reason.splitlines()[0])
    pytest.skip(reason.splitlines()[0])


@functools.cache
def _start() -> LocalNeo4j | str:
    home = Path(tempfile.mkdtemp(prefix="xdegrees-neo4j-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # runs after the server is killed: last in, first out
    server = LocalNeo4j(home)
    logging.getLogger("neo4j.notifications").addHandler(_Listener())
    try:
        server.start()
    except CannotStartError as error:
        return str(error)
    return server
