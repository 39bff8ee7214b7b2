"""The command that writes the collection for other tools."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.common import home_option, prepare
from stores.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stores.settings import Settings

_KINDS = (".npz", ".graphml", ".csv")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--edges", is_flag=True, help="Into a CSV: the edges, as Gephi reads them, in place of the artworks.")
@home_option
def export(file: Path, edges: bool, home: str | None) -> None:
    """Write the collection into FILE, by its ending.

    An .npz has every vector with its key and the facts of its embedder, and load --vectors reads it; a .graphml has
    artworks with credit and rights, and edges, for networkx, Gephi and yEd; a .csv the artworks, or with --edges these.
    """
    kind = file.suffix.lower()
    if kind not in _KINDS:
        raise BadInput(f"{file}: an export is one of {', '.join(_KINDS)}: let the name end so")
    if edges and kind != ".csv":
        raise BadInput(f"--edges is for a CSV: name a file such as {file.with_suffix('.csv')}")
    settings = prepare(home)
    file.parent.mkdir(parents=True, exist_ok=True)
    click.echo(_vectors(file, settings) if kind == ".npz" else _graph(file, settings, edges=edges))


@contextmanager
def _replacing(file: Path) -> "Iterator[Path]":
    """Lend another name to write under, so that an export which fails leaves what was there."""
    part = file.with_name(f".{file.name}.part")
    try:
        yield part
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _vectors(file: Path, settings: "Settings") -> str:
    from loaders.given import write_given  # noqa: PLC0415 -- numba and the engine are slow to import
    from stores.connect import open_vectors  # noqa: PLC0415
    from stores.words import counted  # noqa: PLC0415

    with open_vectors(settings) as vectors:
        with _replacing(file) as part:
            count = write_given(part, vectors)
        return f"{counted(count, 'vector')} written to {file}"


def _graph(file: Path, settings: "Settings", *, edges: bool) -> str:
    from service.cli.ask import open_asked  # noqa: PLC0415 -- numba is slow to import
    from service.graphml import graphml  # noqa: PLC0415
    from service.tables import artwork_table, edge_table  # noqa: PLC0415
    from stores.words import counted  # noqa: PLC0415

    with open_asked(settings) as graph:
        stats, base = graph.stats(), settings.public_url
        if file.suffix.lower() == ".graphml":
            parts: Iterator[str] = graphml(graph, base)
        else:
            parts = edge_table(graph) if edges else artwork_table(graph, base)
        with _replacing(file) as part, part.open("w", encoding="utf-8", newline="") as out:
            out.writelines(parts)
    return f"{counted(stats.artworks, 'artwork')} and {counted(stats.edges, 'edge')}: written to {file}"
