"""Commands that change single artworks: add and remove."""

from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.common import home_option, json_option, prepare, show_json, telling_more
from stores.errors import BadInput, BadPicture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from service.intake import Intake, Written
    from stores.connect import Stores
    from stores.settings import Settings


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="The collection's own key  [default: the file's name]")
@click.option("--title")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="Further metadata; repeat.")
@click.option(
    "--replace",
    is_flag=True,
    help="Put the picture in the place of one that has the key; metadata that is not given stays as it is.",
)
@home_option
@json_option
def add(
    files: "Sequence[Path]",
    key: str | None,
    title: str | None,
    fields: "Sequence[str]",
    replace: bool,
    home: str | None,
    as_json: bool,
) -> None:
    """Add the pictures in FILES to a collection that was loaded; each can be walked to when the command ends."""
    from loaders.artworks import artwork_id  # noqa: PLC0415 -- numba is slow to import
    from service.intake import Sent  # noqa: PLC0415

    if len(files) > 1 and (key or title):
        raise BadInput("--key and --title describe one picture: add one file at a time with them")
    settings = prepare(home)
    told = dict(_field(pair) for pair in fields) | ({} if title is None else {"title": title})
    with _intake(settings) as (stores, intake), _telling(settings, "add", as_json=as_json) as tell:
        for file in files:
            sent = Sent(file.read_bytes(), {"id": key or file.name, **told})
            own = artwork_id(settings.collection, key or file.name)
            there = replace and not isnan(stores.graph.reach([own])[0])
            try:
                tell(intake.replace(own, sent, keep=True) if there else intake.add(sent))
            except BadPicture as error:
                raise BadPicture(f"{file}: {error}") from error


@click.command()
@click.argument("artworks", nargs=-1, required=True)
@home_option
@json_option
def remove(artworks: "Sequence[str]", home: str | None, as_json: bool) -> None:
    """Take ARTWORKS down: ids, key:KEY or titles.

    They stay away until `xdegrees load FOLDER --readmit ID`. Every address that a cache may still have is listed.
    """
    from service.audit import COMMAND_LINE  # noqa: PLC0415 -- numba is slow to import
    from service.resolve import find_artwork  # noqa: PLC0415

    settings = prepare(home)
    with _intake(settings) as (stores, intake), telling_more(settings, stores.graph, *artworks):
        wanted = [find_artwork(stores.graph, name, whole=True) for name in artworks]
        with _telling(settings, "remove", as_json=as_json) as tell:
            for own in dict.fromkeys(wanted):
                tell(intake.remove(own, COMMAND_LINE))


@contextmanager
def _intake(settings: "Settings") -> "Iterator[tuple[Stores, Intake]]":
    """Open what single artworks are changed by."""
    from loaders.writing import Writer  # noqa: PLC0415 -- numba is slow to import
    from service.intake import Intake  # noqa: PLC0415
    from service.sight import Sight  # noqa: PLC0415
    from stores.connect import open_stores, require_graph  # noqa: PLC0415

    require_graph(settings)
    sight = Sight(settings)
    try:
        with open_stores(settings, turn=False) as stores:
            yield stores, Intake(stores, settings, sight, Writer(stores, settings.home))
    finally:
        sight.close()


@contextmanager
def _telling(settings: "Settings", command: str, *, as_json: bool) -> "Iterator[Callable[[Written], None]]":
    """Write down and show each act when it was done, whatever becomes of the next."""
    from service.audit import COMMAND_LINE, Act, AuditLog  # noqa: PLC0415 -- numba is slow to import
    from service.resolve import label  # noqa: PLC0415
    from service.views import artwork_json, purged  # noqa: PLC0415

    log, shown = AuditLog(settings.home), []

    def tell(one: "Written") -> None:
        gone = one.outcome == "removed"
        own = "" if gone else one.artwork.key
        log.note(Act(COMMAND_LINE, command, one.artwork.id, own, one.outcome, one.version))
        purge = purged(one.artwork, settings.public_url) if gone else []
        shown.append({"outcome": one.outcome, "purge": purge, **artwork_json(one.artwork, settings.public_url)})
        if not as_json:
            click.echo(f"{one.outcome}: {label(one.artwork)}  (key:{one.artwork.key})")
            for place in purge:
                click.echo(f"  purge {place}")

    try:
        yield tell
    finally:
        if as_json:
            show_json(shown)


def _field(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not name.strip():
        raise BadInput(f"--field {pair}: write it as NAME=VALUE, for example --field style=Impressionism")
    return name.strip(), value
