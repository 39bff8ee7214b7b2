"""Commands that ask: path, search, show."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.common import home_option, json_option, prepare, show_json
from stores.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.paths import FoundPath
    from stores.ports import GraphStore
    from stores.settings import Settings

_PACES = ("direct", "balanced", "gentle", "scenic")


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option(
    "--pace",
    type=click.Choice(_PACES),
    default="gentle",
    show_default=True,
    help="The gentler, the smaller the steps and the longer the path.",
)
@click.option("--strip", type=click.Path(dir_okay=False, path_type=Path), help="Draw the path into this PNG.")
@home_option
@json_option
def path(source: str, target: str, pace: str, strip: Path | None, home: str | None, as_json: bool) -> None:
    """Find the path FROM one artwork TO another.

    Each is an id, key:KEY (the collection's own key), or a title.
    """
    from service.paths import find_path  # noqa: PLC0415 -- numba is slow to import
    from service.resolve import find_artwork  # noqa: PLC0415
    from service.views import path_json  # noqa: PLC0415

    settings = prepare(home)
    with _graph(settings) as graph:
        found = find_path(graph, find_artwork(graph, source), find_artwork(graph, target), pace)
    if as_json:
        show_json(path_json(found, settings.public_url))
    else:
        _print_path(found)
    if strip:
        _draw(found, settings, strip)


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@home_option
@json_option
def search(words: tuple[str, ...], limit: int, home: str | None, as_json: bool) -> None:
    """Find artworks by WORDS of title, artist or key; each may be the beginning of a word."""
    from service.resolve import label  # noqa: PLC0415 -- numba is slow to import
    from service.views import page_json  # noqa: PLC0415
    from stores.records import Search  # noqa: PLC0415

    settings = prepare(home)
    with _graph(settings) as graph:
        page = graph.find(Search(text=" ".join(words), limit=limit))
    if as_json:
        show_json(page_json(page, settings.public_url))
        return
    for artwork in page.artworks:
        click.echo(f"{label(artwork)}  (key:{artwork.key})")
    click.echo(f"{len(page.artworks)} of {page.total} found", err=True)


@click.command()
@click.argument("artwork")
@home_option
@json_option
def show(artwork: str, home: str | None, as_json: bool) -> None:
    """Show the metadata and the neighbours of an ARTWORK: an id, key:KEY, or a title."""
    from service.resolve import find_artwork  # noqa: PLC0415 -- numba is slow to import
    from service.views import artwork_json, neighbors_json  # noqa: PLC0415

    settings = prepare(home)
    with _graph(settings) as graph:
        own = find_artwork(graph, artwork)
        edges = graph.edges([own])
        ends = sorted({own, *(str(edges.ids[row]) for side in (edges.a, edges.b) for row in side)})
        by_id = {found.id: found for found in graph.artworks(ends)}
    body = artwork_json(by_id[own], settings.public_url)
    neighbors = neighbors_json(own, edges, by_id, settings.public_url)
    if as_json:
        show_json({**body, "neighbors": neighbors})
        return
    for name, value in body.items():
        if value and name not in ("images", "metadata"):
            click.echo(f"{name}: {', '.join(value) if isinstance(value, list) else value}")
    for name, value in body["metadata"].items():
        click.echo(f"{name}: {value}")
    for neighbor in neighbors:
        click.echo(f"  {neighbor['angle']:.3f}  {_line(neighbor)}")


@contextmanager
def _graph(settings: "Settings") -> "Iterator[GraphStore]":
    """Open the graph to ask it; Unavailable while nothing has been loaded."""
    from stores.connect import open_graph  # noqa: PLC0415 -- numba is slow to import

    nothing = (
        f"nothing has been loaded in {settings.graph_place} yet: run 'xdegrees load FOLDER', or name another --home"
    )
    if not settings.neo4j_uri and not settings.home.is_dir():
        raise Unavailable(nothing)
    with open_graph(settings) as graph:
        if graph.stats().facts is None:
            raise Unavailable(nothing)
        yield graph


def _print_path(found: "FoundPath") -> None:
    from service.resolve import label  # noqa: PLC0415 -- numba is slow to import

    click.echo(f"{len(found.artworks)} artworks at the {found.pace} pace, cost {found.cost:.4g}")
    for number, artwork in enumerate(found.artworks):
        step = f"  step {found.steps[number - 1].weight:.2f}" if number else ""
        click.echo(f"{number + 1:3}. {label(artwork)}  (key:{artwork.key}){step}")


def _draw(found: "FoundPath", settings: "Settings", strip: Path) -> None:
    from service.strip import render_strip  # noqa: PLC0415 -- fonts are slow to read
    from service.views import plates  # noqa: PLC0415

    strip.parent.mkdir(parents=True, exist_ok=True)
    strip.write_bytes(render_strip(plates(found, settings.images), steps=[step.weight for step in found.steps]))
    click.echo(f"strip drawn in {strip}", err=True)


def _line(neighbor: dict[str, object]) -> str:
    return ", ".join(str(part) for part in (neighbor["title"] or neighbor["key"], neighbor["date_text"]) if part)
