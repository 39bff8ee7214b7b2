"""Commands that change single artworks: add and remove."""

import sys
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.cli.common import home_option, json_option, prepare, show_json, telling_more
from stores.errors import BadInput, Conflict, NoEmbedder, XDegreesError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from service.audit import AuditLog
    from service.intake import Intake, Written
    from stores.artwork import Artwork
    from stores.connect import Stores
    from stores.settings import Settings

SOME_NOT_ADDED = 3


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
    """Add the pictures in FILES to a collection that was loaded; each can be walked to when the command ends.

    A file that is refused is named with the reason, and does not keep the others from being added: exit code 3, or
    that of the first refusal where nothing was added.
    """
    from loaders.artworks import artwork_id  # noqa: PLC0415 -- numba is slow to import

    if len(files) > 1 and (key or title):
        raise BadInput("--key and --title describe one picture: add one file at a time with them")
    settings = prepare(home)
    told = dict(_field(pair) for pair in fields) | ({} if title is None else {"title": title})
    with _intake(settings) as (stores, intake), _telling(settings, "add", as_json=as_json) as tell:
        for file in files:
            row = {"id": key or file.name, **told}
            own = artwork_id(settings.collection, row["id"])
            there = replace and not isnan(stores.graph.reach([own])[0])
            try:
                tell.done(_taken(intake, own, file, row, there=there), {} if there else told)
            except NoEmbedder:
                raise  # whatever the file
            except (BadInput, Conflict) as error:
                tell.refused(own, file, error)
    if code := tell.exit_code():
        sys.exit(code)


def _taken(intake: "Intake", own: str, file: Path, row: "Mapping[str, str]", *, there: bool) -> "Written":
    """Add a file, or put it in the place of an artwork that is there."""
    from service.intake import Sent  # noqa: PLC0415 -- numba is slow to import

    try:
        sent = Sent(file.read_bytes(), row)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}") from error
    return intake.replace(own, sent, keep=True) if there else intake.add(sent)


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
    with (
        _intake(settings) as (stores, intake),
        _telling(settings, "remove", as_json=as_json) as tell,
        telling_more(settings, stores.graph, *artworks),
    ):
        wanted = [find_artwork(stores.graph, name, whole=True) for name in artworks]
        for own in dict.fromkeys(wanted):
            tell.done(intake.remove(own, COMMAND_LINE), {})


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


class _Acts:
    """Writes down and shows each act when it was done, whatever becomes of the next."""

    def __init__(self, log: "AuditLog", settings: "Settings", command: str, *, as_json: bool) -> None:
        self._log, self._settings, self._command, self._as_json = log, settings, command, as_json
        self._codes: list[int] = []
        self.shown: list[dict[str, Any]] = []

    def done(self, one: "Written", told: "Mapping[str, str]") -> None:
        """Show what came of an act that was ``told`` some metadata."""
        from service.resolve import label  # noqa: PLC0415 -- numba is slow to import
        from service.views import artwork_json, purged  # noqa: PLC0415

        gone = one.outcome == "removed"
        self._note(one.artwork.id, "" if gone else one.artwork.key, one.outcome, one.version)
        purge = purged(one.artwork, self._settings.public_url) if gone else []
        left = _left_out(one.artwork, told) if one.outcome == "unchanged" else ""
        body = {"outcome": one.outcome, "purge": purge, "left_out": left}
        self.shown.append({**body, **artwork_json(one.artwork, self._settings.public_url)})
        if not self._as_json:
            click.echo(f"{one.outcome}: {label(one.artwork)}  (key:{one.artwork.key})")
            for place in purge:
                click.echo(f"  purge {place}")
        if left:
            click.echo(f"xdegrees: {one.artwork.key}: {left}", err=True)

    def refused(self, own: str, file: Path, error: XDegreesError) -> None:
        """Show why a file is not taken."""
        self._note(own, "", error.code)
        self._codes.append(error.exit_code)
        self.shown.append({"outcome": error.code, "file": str(file), "detail": str(error)})
        click.echo(f"xdegrees: {file}: {error}", err=True)

    def stopped(self, error: XDegreesError) -> None:
        """Write down what ended the command."""
        self._note("", "", error.code)

    def exit_code(self) -> int:
        """Return 0 where nothing was refused, and that of the first refusal where all was."""
        return self._codes[0] if len(self._codes) == len(self.shown) else SOME_NOT_ADDED if self._codes else 0

    def _note(self, own: str, key: str, outcome: str, version: int | None = None) -> None:
        from service.audit import COMMAND_LINE, Act  # noqa: PLC0415 -- numba is slow to import

        self._log.note(Act(COMMAND_LINE, self._command, own, key, outcome, version))


@contextmanager
def _telling(settings: "Settings", command: str, *, as_json: bool) -> "Iterator[_Acts]":
    """Begin to write down and show acts."""
    from service.audit import AuditLog  # noqa: PLC0415 -- numba is slow to import

    acts = _Acts(AuditLog(settings.home), settings, command, as_json=as_json)
    try:
        yield acts
    except XDegreesError as error:
        acts.stopped(error)
        raise
    finally:
        if as_json:
            show_json(acts.shown)


def _left_out(artwork: "Artwork", told: "Mapping[str, str]") -> str:
    """Say that metadata of an artwork that is there already was not taken; empty where it says the same."""
    from loaders.offers import read_patch  # noqa: PLC0415 -- numba is slow to import
    from loaders.plan import described  # noqa: PLC0415

    new = described(read_patch(artwork, told).artwork, artwork.content_hash, artwork.images)
    if new == artwork:
        return ""
    return f"it is there already and stays as it is, {', '.join(told)} not taken: --replace changes its metadata"


def _field(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not name.strip():
        raise BadInput(f"--field {pair}: write it as NAME=VALUE, for example --field style=Impressionism")
    return name.strip(), value
