"""Commands that keep a collection in order: check."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from service.cli.common import home_option, json_option, prepare, show_json
from stores.errors import BadInput

if TYPE_CHECKING:
    from loaders.check import Checkup
    from stores.disagreements import Disagreement
    from stores.ports import GraphStore
    from stores.settings import Settings

_LEFT = 1
"""Exit code where something still does not agree."""


@click.command()
@click.option("--repair", is_flag=True, help="Mend what disagrees, and touch nothing else.")
@home_option
@json_option
def check(repair: bool, home: str | None, as_json: bool) -> None:
    """Check that vectors, graph, pictures and lists agree, and name whatever does not.

    The graph is compared with a rebuild, edge by edge. Exit code 1 where something is left that disagrees.
    """
    settings = prepare(home)
    checkup = _repair(settings) if repair else _check(settings, repair=False)
    if as_json:
        show_json(checkup.to_json())
    else:
        click.echo("\n".join(checkup.lines()))
    if checkup.left:
        sys.exit(_LEFT)


def _repair(settings: "Settings") -> "Checkup":
    """Check and mend, which is written down."""
    from service.cli.noting import noting  # noqa: PLC0415 -- structlog is not needed for --help

    with noting(settings, "check --repair") as doing:
        checkup = _check(settings, repair=True)
        doing.counts, doing.version = {"repaired": len(checkup.found) - len(checkup.left)}, checkup.version or None
    return checkup


def _check(settings: "Settings", *, repair: bool) -> "Checkup":
    from loaders.check import Checkup  # noqa: PLC0415 -- numba and the engine are slow to import
    from stores.connect import nothing_loaded  # noqa: PLC0415
    from stores.embedded import examine, mend  # noqa: PLC0415
    from stores.unfinished import refuse_unfinished  # noqa: PLC0415

    embedded = [] if settings.neo4j_uri else [settings.home / "graph.sqlite"]
    embedded += [] if settings.qdrant_url else [settings.home / "vectors"]
    if embedded and not any(path.exists() for path in embedded):
        raise nothing_loaded(settings)
    refuse_unfinished(settings.home)
    first = examine(settings)
    for line in mend(settings, first) if repair else ():
        click.echo(line, err=True)
    if any(not (repair and one.mendable) for one in first):
        return Checkup(first, repair)
    checkup = _check_opened(settings, repair=repair)
    made = {"unreadable-graph": "empty-graph", "damaged-facts": "lost-facts"}
    follows = {made.get(one.kind) for one in first}
    return replace(checkup, found=(*first, *(one for one in checkup.found if one.kind not in follows)))


def _check_opened(settings: "Settings", *, repair: bool) -> "Checkup":
    """Check what can be opened. Without a repair the word of an interrupted write stays for whoever can finish it."""
    from loaders.check import check as run  # noqa: PLC0415 -- numba and the engine are slow to import
    from loaders.progress import Progress  # noqa: PLC0415
    from stores.connect import open_stores  # noqa: PLC0415

    try:
        with open_stores(settings) as stores:
            checkup = run(stores.vectors, stores.graph, settings.home, Progress(), repair=repair)
            checkup = replace(checkup, found=(*checkup.found, *_steering(settings, stores.graph)))
            if not (repair or stores.clean):
                _stay_unfinished(checkup)
    except _StillUnfinishedError as told:
        checkup = told.checkup
    return checkup


def _stay_unfinished(checkup: "Checkup") -> None:
    if checkup.left:
        raise _StillUnfinishedError(checkup)


class _StillUnfinishedError(Exception):
    """Ends a look as a write that failed, so that the next one who writes finishes what was left before."""

    def __init__(self, checkup: "Checkup") -> None:
        super().__init__()
        self.checkup = checkup


def _steering(settings: "Settings", graph: "GraphStore") -> "tuple[Disagreement, ...]":
    from service.steering import SteeringFile  # noqa: PLC0415 -- pydantic is not needed for --help
    from stores.disagreements import Disagreement  # noqa: PLC0415

    try:
        SteeringFile(settings, graph).check()
    except BadInput as error:
        return (Disagreement("unreadable-steering", mendable=False, reason=str(error)),)
    return ()
