"""What commands share: settings, logs, how results are shown."""

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from stores.errors import Gone, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stores.ports import GraphStore
    from stores.settings import Settings

home_option = click.option(
    "--home",
    type=click.Path(),
    help="Folder of the embedded stores  [default: XDEGREES_HOME, or xdegrees-data]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def prepare(home: str | None, **flags: Any) -> "Settings":
    """Read the settings and set up the log, which goes to stderr."""
    from stores.settings import read_settings  # noqa: PLC0415 -- pydantic is not needed for --help

    settings = read_settings(home=home, **flags)
    _log_to_stderr(settings)
    return settings


def show_json(body: Any) -> None:
    """Print JSON on stdout."""
    click.echo(json.dumps(body, ensure_ascii=False, indent=1))


@contextmanager
def telling_more(settings: "Settings", graph: "GraphStore", *names: str) -> "Iterator[None]":
    """Say of artworks named so that are not there that they were taken down, or else how to look for them."""
    from service.gone import taken_down  # noqa: PLC0415 -- numpy is slow to import
    from stores.withheld import Withheld  # noqa: PLC0415

    try:
        yield
    except NotFound as error:
        if told := taken_down(names, graph, Withheld(settings.home), settings.collection):
            raise Gone(told) from error
        if error.closest:
            raise
        raise NotFound(f"{error}: 'xdegrees search WORDS' finds artworks by title, artist or key") from error


def _log_to_stderr(settings: "Settings") -> None:
    import logging  # noqa: PLC0415 -- structlog and logging are not needed for --help

    import structlog  # noqa: PLC0415

    last = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
