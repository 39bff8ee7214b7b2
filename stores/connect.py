"""Settings to opened stores. Drivers are imported here, late, and nowhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from stores.errors import Busy, Unavailable
from stores.handing import handing
from stores.holder import Telling, Waiting
from stores.lock import Ending, hold, holder
from stores.ports import GraphStore, VectorStore
from stores.remote import RemoteVectors
from stores.settings import Settings
from stores.turns import PATIENCE, Turns
from stores.unfinished import refuse_unfinished

T = TypeVar("T")

COMMAND: Final = 600.0
"""Seconds that a command waits for another one that writes."""

SERVICE: Final = 3.0
"""Seconds that a service waits for a home: what is left of one that was killed ends within one."""

_TICK: Final = 0.2
"""Seconds after which a process that waits looks again."""

Lock = Callable[[float, Waiting], AbstractContextManager[bool]]
"""Takes seconds of patience and who is told of the waiting; yields whether the last who held it ended well."""


class _More(Exception):
    """Ends a turn after which there is more to do."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Both stores, opened.

    Attributes:
        turns: by which the threads of this process write.
        locks: by which this process writes among others.
        patience: seconds that a writer waits for its turn.
    """

    vectors: VectorStore
    graph: GraphStore
    turns: Turns = field(default_factory=Turns)
    locks: tuple[Lock, ...] = ()
    patience: float = PATIENCE

    @property
    def clean(self) -> bool:
        """Whether the last writer ended without an error; False means that something may be left half done.

        It stays False within the :meth:`writing` that follows, which has to finish what was left, and is True
        once that ended well.
        """
        return self.turns.clean

    @contextmanager
    def writing(self, patience: float | None = None, *, more: bool = False) -> Iterator[None]:
        """Be the one writer; within another ``writing`` of the same thread, go on with that.

        Threads queue. Busy says who is writing, at once where too many wait, else after ``patience`` seconds, which are
        those of these stores unless others are said. With ``more`` to be done in later turns, whoever writes next is
        told that something is left half done.
        """
        seconds = self.patience if patience is None else patience
        with suppress(_More), self.turns.take(patience=seconds) as outermost, ExitStack() as stack:
            for lock in self.locks if outermost else ():
                if not stack.enter_context(lock(seconds, Telling())):
                    self.turns.clean = False
            yield
            if more:
                raise _More


@contextmanager
def open_stores(
    settings: Settings, *, writing: bool = True, turn: bool = True, restoring: bool = False
) -> Iterator[Stores]:
    """Open both stores; with ``writing`` be the one writer of the collection meanwhile, or as often as is asked for.

    Without ``turn`` that is whenever :meth:`Stores.writing` is; others may write between.
    Where another process serves the home, its vectors are asked and written through it. Busy says who writes.
    Unavailable where they are only to be read and nothing was ever loaded, when nothing is created; and where the
    collection is only half restored, unless it is opened for ``restoring``.
    """
    if not restoring:
        refuse_unfinished(settings.home)
    if not writing:
        require_graph(settings)
        if not settings.qdrant_url and not settings.home.is_dir():
            raise Unavailable(f"there are no vectors in {settings.home}: name their --home, or set XDEGREES_QDRANT_URL")
    with ExitStack() as stack:
        vectors, ending, locks = _enter(stack, settings, COMMAND if writing else 0.0)
        graph, lock = stack.enter_context(_open_graph(settings))
        stores = Stores(vectors, graph, Turns(clean=ending.clean), (*locks, *lock), COMMAND)
        stack.callback(_note, stores.turns, ending)
        stack.enter_context(stores.writing() if writing and turn else nullcontext())
        if not restoring:
            refuse_unfinished(settings.home)  # whoever was waited for may have been restoring
        yield stores


@contextmanager
def open_to_serve(settings: Settings) -> Iterator[Stores]:
    """Open both stores for a process that answers others, and lends an embedded home to commands over its socket."""
    refuse_unfinished(settings.home)
    with ExitStack() as stack:
        ending = Ending(clean=True) if settings.qdrant_url else _hold_to_serve(stack, settings.home)
        vectors = stack.enter_context(_open_vectors(settings))
        locks = (partial(held, settings.home),) if settings.qdrant_url else ()
        graph, lock = stack.enter_context(_open_graph(settings))
        stores = Stores(vectors, graph, Turns(clean=ending.clean), (*locks, *lock))
        stack.callback(_note, stores.turns, ending)
        refuse_unfinished(settings.home)  # whoever was waited for may have been restoring
        if not settings.qdrant_url:
            stack.enter_context(handing(settings.home, vectors, stores.turns))
        yield stores


@contextmanager
def open_vectors(settings: Settings) -> Iterator[VectorStore]:
    """Open the vectors to read; Busy where a process that does not serve uses the embedded engine."""
    refuse_unfinished(settings.home)
    with ExitStack() as stack:
        yield _enter(stack, settings, 0.0)[0]


def _enter(stack: ExitStack, settings: Settings, patience: float) -> tuple[VectorStore, Ending, tuple[Lock, ...]]:
    """Open the vectors; say how the last who wrote ended, and what to write by."""
    if settings.qdrant_url:
        return stack.enter_context(_open_vectors(settings)), Ending(clean=True), (partial(held, settings.home),)
    return _patiently(partial(_here_or_there, stack, settings), settings.home, patience, Telling())


def _here_or_there(stack: ExitStack, settings: Settings) -> tuple[VectorStore, Ending, tuple[Lock, ...]]:
    """Open the embedded engine, or ask the process that serves it."""
    try:
        ending = stack.enter_context(hold(settings.home))
    except Busy:
        if (remote := RemoteVectors.open(settings.home)) is None:
            raise
        stack.enter_context(remote)
        return remote, Ending(remote.clean), (remote.turn,)
    return stack.enter_context(_open_vectors(settings)), ending, ()


def _hold_to_serve(stack: ExitStack, home: Path) -> Ending:
    """Hold a home, whoever else would answer for it; a service that was killed takes a moment to let go of it."""
    return _patiently(lambda: stack.enter_context(hold(home)), home, SERVICE, Telling())


def _note(turns: Turns, ending: Ending) -> None:
    ending.clean = turns.clean


@contextmanager
def held(home: Path, patience: float, waiting: Waiting) -> Iterator[bool]:
    """Hold a home for one write."""
    with ExitStack() as stack:
        ending = _patiently(lambda: stack.enter_context(hold(home)), home, patience, waiting)
        clean, ending.clean = ending.clean, False
        yield clean
        ending.clean = True


def _patiently(attempt: Callable[[], T], home: Path, patience: float, waiting: Waiting) -> T:
    """Try until a home is free; Busy after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return attempt()
        except Busy:
            if time.monotonic() >= deadline:
                raise
        waiting(holder(home))
        time.sleep(_TICK)


@contextmanager
def open_graph(settings: Settings) -> Iterator[GraphStore]:
    """Open the graph to read; others may read and write it meanwhile."""
    refuse_unfinished(settings.home)
    with _open_graph(settings) as (graph, _):
        yield graph


@contextmanager
def _open_graph(settings: Settings) -> Iterator[tuple[GraphStore, tuple[Lock, ...]]]:
    """Open the graph; lend what further to write by: on a server, others may write from other machines."""
    if settings.neo4j_uri:
        from stores.neo4j import Neo4jGraph  # noqa: PLC0415 -- drivers are slow to import
        from stores.neo4j_driver import Address  # noqa: PLC0415

        address = Address(
            settings.neo4j_uri,
            settings.neo4j_user,
            settings.neo4j_password.get_secret_value(),
            settings.neo4j_database,
            settings.neo4j_timeout,
        )
        with Neo4jGraph(address, settings.collection, settings.public_url) as server:
            yield server, (server.writing,)
    else:
        from stores.sqlite import SqliteGraph  # noqa: PLC0415 -- it brings numba

        with SqliteGraph(settings.home / "graph.sqlite") as file:
            yield file, ()


def require_graph(settings: Settings) -> None:
    """Raise Unavailable where a home has no graph: opening it, even to read, would make one."""
    if not settings.neo4j_uri and not (settings.home / "graph.sqlite").is_file():
        raise nothing_loaded(settings)


def nothing_loaded(settings: Settings) -> Unavailable:
    """Return the error of a place that holds nothing yet."""
    return Unavailable(
        f"nothing has been loaded in {settings.graph_place} yet: run 'xdegrees load FOLDER', or name another --home"
    )


def check(settings: Settings) -> None:
    """Open what can be opened before a fork, so that what is wrong is said at once, in one line."""
    with ExitStack() as stack:
        if settings.qdrant_url:
            stack.enter_context(_open_vectors(settings))
        else:
            _hold_to_serve(stack, settings.home)
        stack.enter_context(open_graph(settings))


@contextmanager
def _open_vectors(settings: Settings) -> Iterator[VectorStore]:
    if settings.qdrant_url:
        from stores.qdrant import QdrantVectors  # noqa: PLC0415 -- drivers are slow to import

        with QdrantVectors.open(
            settings.qdrant_url,
            settings.collection,
            api_key=settings.qdrant_api_key.get_secret_value() or None,
            timeout=settings.qdrant_timeout,
            grpc=settings.qdrant_grpc,
            shards=settings.qdrant_shards,
            replicas=settings.qdrant_replicas,
            consistency=settings.qdrant_consistency,
        ) as server:
            yield server
    else:
        from stores.qdrant_edge import EdgeVectors  # noqa: PLC0415 -- the engine is slow to import

        with EdgeVectors(settings.home / "vectors") as embedded:
            yield embedded
