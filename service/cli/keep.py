"""Commands that keep a collection safe: backup, restore."""

from pathlib import Path
from typing import Any

import click

from service.cli.common import home_option, json_option, prepare, show_json
from stores.errors import BadInput


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-pictures", is_flag=True, help="Leave out the pictures: they are most of the file.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@home_option
@json_option
def backup(file: Path, without_pictures: bool, force: bool, home: str | None, as_json: bool) -> None:
    """Write the whole collection into FILE, a tar, while it is used.

    In it: vectors, metadata, the pictures that are served, steering.toml, the map, the lists of what is quarantined and
    of what was taken down, and a checksum of each. The graph is not: it follows from the vectors, and is made again.

    Not in it, for secrets do not travel: API keys, the log of who wrote what, passwords of servers and all other
    settings. Nor are your original pictures, or the weights of the embedder.
    """
    from loaders.backup import backup as run  # noqa: PLC0415 -- numba and the engine are slow to import
    from loaders.progress import Progress  # noqa: PLC0415
    from service.steering import NAME  # noqa: PLC0415
    from stores.connect import open_stores  # noqa: PLC0415

    settings = prepare(home)
    if not settings.qdrant_url and not settings.home.is_dir():
        raise BadInput(f"there is nothing in {settings.home} to back up: name another --home")
    with open_stores(settings, writing=False) as stores:
        report = run(
            stores.vectors,
            stores.graph,
            settings.home,
            file,
            Progress(),
            steering=settings.steering or settings.home / NAME,
            pictures=not without_pictures,
            force=force,
        )
    _show(report, as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Take out what is there and not in FILE.")
@click.option("--dry-run", is_flag=True, help="Only read FILE and say whether all of it is whole, and what is in it.")
@home_option
@json_option
def restore(file: Path, replace: bool, dry_run: bool, home: str | None, as_json: bool) -> None:
    """Bring back the collection that `xdegrees backup` wrote into FILE.

    All of FILE is checked first; of one that is damaged nothing is restored. Then come vectors, pictures, steering.toml
    and the lists, and the graph is made from the vectors. What was taken down, here or when FILE was written, stays
    away. Interrupted, run it again; until it is done no other command opens the collection.

    Not in FILE: API keys and settings (make keys anew), your original pictures, the weights of the embedder.
    """
    from loaders.contents import verified  # noqa: PLC0415 -- numba and the engine are slow to import
    from loaders.progress import Progress  # noqa: PLC0415
    from loaders.restore import restore as run  # noqa: PLC0415
    from stores.connect import open_stores  # noqa: PLC0415

    settings, progress = prepare(home), Progress()
    with verified(file, progress) as found:
        if dry_run:
            _show(found, as_json=as_json)
            return
        with open_stores(settings, restoring=True) as stores, stores.writing():
            report = run(found, stores.vectors, stores.graph, settings.home, progress, replace=replace)
    if settings.steering is not None:
        report.notes.append(f"XDEGREES_STEERING names {settings.steering}: the steering.toml in the home is not obeyed")
    _show(report, as_json=as_json)


def _show(report: Any, *, as_json: bool) -> None:
    if as_json:
        show_json(report.to_json())
    else:
        click.echo("\n".join(report.lines()))
