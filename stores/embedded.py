"""The files of an embedded home, before its stores are opened: a damaged one cannot be asked what is wrong with it."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from stores import sqlite_check
from stores.connect import open_graph
from stores.disagreements import Disagreement
from stores.errors import Busy, Damaged, XDegreesError
from stores.lock import hold
from stores.records import EmbedderFacts
from stores.settings import Settings


class _AsItWas(Exception):
    """Ends a hold so that whoever comes next still learns of a write that was interrupted."""


def examine(settings: Settings) -> tuple[Disagreement, ...]:
    """Find what keeps the stores from being opened, and nothing else; nothing is written.

    Beside another process that holds the home only the graph's file is looked at, and cannot be mended.
    """
    with _holding(settings.home) as held:
        graph = () if settings.neo4j_uri else sqlite_check.examine(_graph(settings))
        if not held:
            return tuple(replace(one, mendable=False, reason=f"{one.reason}; stop what uses it first") for one in graph)
        vectors = () if settings.qdrant_url else _examine_vectors(settings, graph_opens=not graph)
        return (*graph, *vectors)


def mend(settings: Settings, found: Iterable[Disagreement]) -> tuple[str, ...]:
    """Mend what was found and can be mended; return a line for each file that now has another name."""
    kept = []
    with _holding(settings.home):
        for one in found:
            if one.kind == "lost-embedder" and one.mendable:
                _name_points(settings)
            elif one.kind == "damaged-facts" and one.mendable:
                sqlite_check.forget_facts(_graph(settings))
            elif one.kind == "unreadable-graph" and one.mendable:
                kept.append(f"the damaged graph is kept as {sqlite_check.set_aside(_graph(settings))}")
    return tuple(kept)


@contextmanager
def _holding(home: Path) -> Iterator[bool]:
    """Hold a home, unless somebody else does, and leave the word of an interrupted write as it was."""
    with suppress(_AsItWas), ExitStack() as stack:
        try:
            clean = stack.enter_context(hold(home))
        except Busy:
            yield False
            return
        yield True
        if not clean:
            raise _AsItWas


def _examine_vectors(settings: Settings, *, graph_opens: bool) -> tuple[Disagreement, ...]:
    from stores.qdrant_edge import FACTS, EdgeVectors, nameless_points  # noqa: PLC0415 -- the engine is slow to import

    folder = _vectors(settings)
    try:
        if nameless_points(folder):
            return (Disagreement("lost-embedder", mendable=graph_opens and _known_embedder(settings) is not None),)
        EdgeVectors(folder).close()
    except Damaged as error:
        reason = str(error.__cause__).splitlines()[0]
        if FACTS in str(error):
            known = graph_opens and _known_embedder(settings) is not None
            return (Disagreement("lost-embedder", mendable=known, reason=reason),)
        return (Disagreement("unreadable-vectors", mendable=False, reason=reason),)
    return ()


def _known_embedder(settings: Settings) -> EmbedderFacts | None:
    """What the graph says made its vectors."""
    try:
        with open_graph(settings) as graph:
            facts = graph.stats().facts
    except XDegreesError:
        return None
    return facts.embedder if facts else None


def _name_points(settings: Settings) -> None:
    from stores.qdrant_edge import name_points  # noqa: PLC0415 -- the engine is slow to import

    if (facts := _known_embedder(settings)) is not None:
        name_points(_vectors(settings), facts)


def _graph(settings: Settings) -> Path:
    return settings.home / "graph.sqlite"


def _vectors(settings: Settings) -> Path:
    return settings.home / "vectors"
