"""Statements to a Neo4j server and what comes back; its errors become ours here and nowhere else."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    Driver,
    GraphDatabase,
    ManagedTransaction,
    NotificationDisabledClassification,
    Query,
    Session,
    Transaction,
)
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    DriverError,
    ForbiddenOnReadOnlyDatabase,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from cypher import statement
from stores.errors import BadInput, Unavailable

T = TypeVar("T")
Rows = list[dict[str, Any]]

TRIES: Final = 3
"""A restarted server is noticed by the connections that were open to it, one a try."""

OLDEST: Final = (5, 13)
"""First release of Neo4j whose Cypher has everything the statements use."""

_QUIET: Final = [
    kind for kind in NotificationDisabledClassification if kind != NotificationDisabledClassification.DEPRECATION
]
"""An empty database has none of the labels yet; what is deprecated is to be heard of."""


_WAITED: Final = (
    "LockClientStopped",
    "LockAcquisitionTimeout",
    "TransactionTimedOut",
    "TransactionTimedOutClientConfiguration",
)
"""What the server calls it when a transaction ends while it waits for a lock."""


class Missing(Exception):
    """A graph in memory, or a procedure, that is not there (any more)."""


class Stale(Exception):
    """The graph moves while it is read: Neo4j shows a change piece by piece while it is committed. Ask again."""


class ReadOnly(Unavailable):
    """Nothing can be written there, or not by this user."""


class Locked(Exception):
    """Another transaction held for too long what this one wanted to write."""


class Writing:
    """A transaction that writes.

    Attributes:
        nodes, edges: how many more there are than at its beginning.
    """

    def __init__(self, transaction: ManagedTransaction | Transaction) -> None:
        self._transaction = transaction
        self.nodes = 0
        self.edges = 0

    def run(self, name: str, **parameters: Any) -> Rows:
        """Run one statement of :mod:`cypher`."""
        result = self._transaction.run(statement(name), parameters)
        rows: Rows = result.data()
        counters = result.consume().counters
        self.nodes += counters.nodes_created - counters.nodes_deleted
        self.edges += counters.relationships_created - counters.relationships_deleted
        return rows


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Neo4j server is, and how to get in.

    Attributes:
        uri: ``bolt://``, ``neo4j://`` (a cluster), or either with ``+s`` for TLS.
        password: empty where the server asks for none.
        timeout: seconds to connect, and for a statement that reads.
    """

    uri: str
    user: str = "neo4j"
    password: str = ""
    database: str = "neo4j"
    timeout: float = 10.0


class Neo4jDriver:
    """A pool of connections to one database; safe to use from several threads. Make it after a fork."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._bookmarks = GraphDatabase.bookmark_manager()
        with self._translated():
            self._driver: Driver = GraphDatabase.driver(
                address.uri,
                auth=(address.user, address.password) if address.password else None,
                connection_timeout=address.timeout,
                connection_acquisition_timeout=address.timeout,
                max_transaction_retry_time=address.timeout,
                notifications_disabled_classifications=_QUIET,
                user_agent="xdegrees",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._driver.close()

    def check(self) -> None:
        """Ask the server who it is; Unavailable where it does not answer or is too old."""
        with self._translated():
            agent = self._driver.get_server_info().agent
        refuse_version(self._address.uri, agent)

    def read(self, name: str, **parameters: Any) -> Rows:
        """Run one reading statement; tried again where a connection turns out to be gone."""
        query = Query(statement(name), timeout=self._address.timeout)
        with self._translated():
            for attempt in range(TRIES):
                try:
                    with self._session(READ_ACCESS) as session:
                        return session.run(query, parameters).data()
                except (ServiceUnavailable, SessionExpired, TransientError):
                    if attempt == TRIES - 1:
                        raise
        raise AssertionError  # pragma: no cover -- the loop returns or raises

    def patiently(self, name: str, **parameters: Any) -> Rows:
        """Run one reading statement that may take as long as it takes."""
        with self._translated(), self._session(READ_ACCESS) as session:
            return session.run(statement(name), parameters).data()

    def write(self, work: Callable[[Writing], T]) -> T:
        """Do all of ``work`` in one transaction; done again as a whole after a deadlock."""
        with self._translated(), self._session(WRITE_ACCESS) as session:
            return session.execute_write(lambda transaction: work(Writing(transaction)))

    @contextmanager
    def holding(self, name: str, seconds: float | None, **parameters: Any) -> Iterator[None]:
        """Run one statement and keep what it locked until the block ends, which undoes it.

        The server ends it after so many seconds, None for never: Locked where it had to wait until then, and where
        it found nothing to lock, as it may while what it looks for is being committed.
        """
        with ExitStack() as stack:
            with self._translated():
                session = stack.enter_context(self._session(WRITE_ACCESS))
                transaction = session.begin_transaction(timeout=seconds or 0.0)
                stack.callback(_undo, transaction)
                try:
                    rows = Writing(transaction).run(name, **parameters)
                except (ClientError, TransientError) as error:
                    if (error.code or "").rpartition(".")[2] in _WAITED:
                        raise Locked(error.message) from error
                    raise
            if not rows:
                raise Locked("there is nothing to lock yet")
            yield

    def _session(self, access: str) -> Session:
        return self._driver.session(
            database=self._address.database, default_access_mode=access, bookmark_manager=self._bookmarks
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the driver's errors into ours: one line that says what happened and what to do."""
        uri = self._address.uri
        try:
            yield
        except AuthError as error:
            raise Unavailable(
                f"Neo4j at {uri} does not let the user {self._address.user!r} in: "
                "check XDEGREES_NEO4J_USER and XDEGREES_NEO4J_PASSWORD (or XDEGREES_NEO4J_PASSWORD_FILE)"
            ) from error
        except ForbiddenOnReadOnlyDatabase as error:
            raise ReadOnly(f"Neo4j at {uri} is a read-only copy: load into the one it was copied from") from error
        except ClientError as error:
            raise _of_client(uri, error) from error
        except Neo4jError as error:
            raise Unavailable(f"Neo4j at {uri} could not do it: {_first_line(error)}") from error
        except ConfigurationError as error:
            raise BadInput(f"XDEGREES_NEO4J_URI={uri}: {_first_line(error)}") from error
        except (DriverError, OSError) as error:
            raise Unavailable(
                f"Neo4j at {uri} does not answer: is it running? XDEGREES_NEO4J_URI says where ({_first_line(error)})"
            ) from error


def _undo(transaction: Transaction) -> None:
    with suppress(DriverError, Neo4jError, OSError):  # a connection that is gone has undone it
        transaction.close()


def refuse_version(uri: str, agent: str) -> None:
    """Unavailable where a server, by what it calls itself, cannot run the statements."""
    name, _, version = agent.partition("/")
    found = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if name != "Neo4j" or found < OLDEST:
        raise Unavailable(f"{uri} is {agent}; this release needs Neo4j {'.'.join(map(str, OLDEST))} or newer")


def _of_client(uri: str, error: ClientError) -> Exception:
    """A statement that cannot be: something is missing on the server, or its database is."""
    message, code = error.message or "", error.code or ""
    if "GraphNotFoundException" in message or code.endswith("ProcedureNotFound") or "Unknown function" in message:
        return Missing(message)
    if "EntityNotFound" in message or code.endswith("EntityNotFound"):
        return Stale(message)  # deleted by somebody else while it was being read
    if code.endswith("WriteOnReadOnlyAccessDatabase"):
        return ReadOnly(f"Neo4j at {uri} is a read-only copy: load into the one it was copied from")
    if code.endswith("Security.Forbidden"):
        return ReadOnly(f"Neo4j at {uri} does not let this user do it: {_first_line(error)}")
    if code.endswith("DatabaseNotFound"):
        return Unavailable(f"Neo4j at {uri}: {message} Set XDEGREES_NEO4J_DATABASE to one that is there")
    return Unavailable(f"Neo4j at {uri} could not do it: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    """What happened, in a few words; of a connection that failed, why it did."""
    text = str(getattr(error, "message", None) or error or type(error).__name__)
    reason = re.search(r"\(reason (.+?)\)?$", text.splitlines()[-1])
    return (reason[1] if reason else text.splitlines()[0])[:300]
