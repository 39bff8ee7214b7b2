"""Commands that need no pictures: relink, and the demo gallery, which draws its own."""

from pathlib import Path

import click

from service.cli.common import home_option, prepare
from stores.errors import BadInput


@click.command()
@click.option("--neighbors", type=click.IntRange(1, 200), help="Neighbours of each artwork  [default: as before]")
@home_option
def relink(neighbors: int | None, home: str | None) -> None:
    """Rebuild the graph from the vectors, without a single picture."""
    from loaders.pipeline import relink as run  # noqa: PLC0415
    from loaders.progress import Progress  # noqa: PLC0415
    from service.cli.noting import noting  # noqa: PLC0415
    from stores.connect import open_stores  # noqa: PLC0415
    from stores.words import counted  # noqa: PLC0415

    settings = prepare(home)
    with open_stores(settings) as stores, noting(settings, "relink") as doing:
        done = run(stores.vectors, stores.graph, neighbors, Progress())
        stats = stores.graph.stats()
        doing.version = stats.version
    state = "linked anew" if done else "nothing to do: the graph follows from the vectors"
    click.echo(
        f"{counted(stats.artworks, 'artwork')}, {counted(stats.edges, 'edge')}, graph version {stats.version}: {state}"
    )


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--count", type=click.IntRange(1, 100_000), default=640, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def gallery(folder: Path, count: int, seed: int) -> None:
    """Draw a gallery of abstract pictures, with metadata, to try things on."""
    from loaders.gallery import draw_gallery  # noqa: PLC0415
    from stores.words import counted  # noqa: PLC0415

    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty: name a new folder, so that nothing of yours is overwritten")
    draw_gallery(folder, count=count, seed=seed)
    click.echo(f"{counted(count, 'picture')} drawn in {folder}; next: xdegrees load {folder}")
