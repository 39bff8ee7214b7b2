"""Commands that ask: path, search, show."""

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from service.cli.common import home_option, json_option, prepare, show_json, telling_more
from service.cli.strips import draw, pack, refuse_unknown, write_table
from stores.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.paths.records import FoundPath, Guest, Question
    from service.paths.space import Space
    from stores.artwork import Artwork
    from stores.ports import GraphStore
    from stores.settings import Settings

_FILE = click.Path(dir_okay=False, path_type=Path)
_PACES = ("direct", "balanced", "gentle", "scenic")


class _Files(TypedDict):
    """Files that a path is written into."""

    strip: Path | None
    table: Path | None
    packed: Path | None


class _Asked(_Files):
    """What is asked of a path."""

    source: str
    target: str
    pace: str
    images: int | None
    via: tuple[str, ...]
    avoid: tuple[str, ...]
    where: tuple[str, ...]
    alternatives: int


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
@click.option("--images", type=click.IntRange(2, 50), help="Exactly so many artworks, both ends counted.")
@click.option("--via", multiple=True, metavar="ARTWORK", help="Pass this artwork; several in this order.")
@click.option("--avoid", multiple=True, metavar="ARTWORK", help="Do not pass this artwork.")
@click.option("--where", multiple=True, metavar="COLUMN:VALUE", help="All artworks between satisfy this.")
@click.option("--alternatives", type=click.IntRange(0, 10), default=0, help="How many further, different paths.")
@click.option("--why", is_flag=True, help="Say of every step what both pictures have in common.")
@click.option(
    "--strip",
    type=_FILE,
    callback=refuse_unknown,
    metavar="FILE",
    help="Draw the path, without alternatives, into this PNG, JPEG, WebP or TIFF.",
)
@click.option(
    "--csv",
    "table",
    type=_FILE,
    metavar="FILE",
    help="Write the path, without alternatives, into this CSV: a row for each artwork, with the step to it.",
)
@click.option(
    "--zip",
    "packed",
    type=_FILE,
    metavar="FILE",
    help="Pack the path: pictures, strip, JSON, table, and the credit of every picture.",
)
@home_option
@json_option
def path(*, why: bool, home: str | None, as_json: bool, **asked: Unpack[_Asked]) -> None:
    """Find the path FROM one artwork TO another.

    Each is an id, key:KEY (the collection's own key), a title, an image file that need not be in the collection,
    or text:WORDS where the embedder knows words.

    What is printed as step says how far apart two pictures are: 1 is as far as an artwork's own neighbours reach.
    """
    from service.cli.outside import which_outside  # noqa: PLC0415 -- numba is slow to import
    from service.views import path_json  # noqa: PLC0415

    settings = prepare(home)
    outside = which_outside({"from": asked["source"], "to": asked["target"]})
    found, query = _answered(settings, asked, outside, why=why)
    said = path_json(found, settings.public_url, query)
    if as_json:
        show_json(said)
    else:
        _print_path(found)
    if asked["strip"]:
        draw(found, settings, asked["strip"], outside)
    if asked["table"]:
        write_table(found, settings, asked["table"])
    if asked["packed"]:
        pack(found, settings, asked["packed"], outside, said)


def _answered(
    settings: "Settings", asked: _Asked, outside: "Mapping[str, str]", *, why: bool
) -> "tuple[FoundPath, dict[str, object] | None]":
    """Return the path, and what asks for it again; nothing does where an end is not in the collection."""
    from service.cli.outside import embed_outside  # noqa: PLC0415 -- as above
    from service.likeness.why import Explainer  # noqa: PLC0415
    from service.paths.find import find_path  # noqa: PLC0415
    from service.sight import Sight  # noqa: PLC0415
    from service.steering import SteeringFile  # noqa: PLC0415

    names = (asked["source"], asked["target"], *asked["via"], *asked["avoid"])
    with (
        open_space(settings, needs_vectors=bool(asked["images"] or asked["where"] or outside)) as space,
        telling_more(settings, space.graph, *names),
    ):
        guests = embed_outside(outside, settings, space.graph.stats())
        question = _question(asked, guests, space.graph)
        steering = SteeringFile(settings, space.graph)
        steering.check()
        found = find_path(space, steering.current().steer(question))
        if why:
            found = Explainer(space, settings.images, Sight(settings)).explain(found, question.guests)
    further: dict[str, object] = {"images": asked["images"], "via": question.via, "avoid": sorted(question.avoid)}
    further |= {"where": asked["where"], "alternatives": asked["alternatives"]}
    query: dict[str, object] = {"from": question.source, "to": question.target, "pace": asked["pace"]}
    return found, None if guests else {**query, **{name: one for name, one in further.items() if one}}


def _question(asked: _Asked, guests: "Mapping[str, Guest]", graph: "GraphStore") -> "Question":
    from service.cli.outside import find_end  # noqa: PLC0415 -- as above
    from service.filters import parse_where  # noqa: PLC0415
    from service.paths.records import Question  # noqa: PLC0415
    from service.resolve import find_artwork  # noqa: PLC0415

    source, target = (
        guests[end].name if end in guests else find_end(graph, name)
        for end, name in (("from", asked["source"]), ("to", asked["target"]))
    )
    return Question(
        source,
        target,
        asked["images"],
        asked["pace"],
        tuple(find_artwork(graph, name) for name in asked["via"]),
        frozenset(find_artwork(graph, name) for name in asked["avoid"]),
        parse_where(asked["where"], graph.stats().columns),
        asked["alternatives"],
        guests=tuple(guests.values()),
    )


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
    with open_asked(settings) as graph:
        page = graph.find(Search(text=" ".join(words), limit=limit))
    if as_json:
        show_json(page_json(page, settings.public_url))
        return
    for artwork in page.artworks:
        click.echo(f"{label(artwork)}  (key:{artwork.key})")
        _print_said(artwork)
    click.echo(f"{len(page.artworks)} of {page.total} found", err=True)


@click.command()
@click.argument("artwork")
@home_option
@json_option
def show(artwork: str, home: str | None, as_json: bool) -> None:
    """Show the metadata and the neighbours of an ARTWORK: an id, key:KEY, or a title.

    Neighbours come nearest first, each with the angle to it in radians: 0 is the same, more is less alike.
    """
    from service.resolve import find_artwork  # noqa: PLC0415 -- numba is slow to import
    from service.views import artwork_json, neighbors_json  # noqa: PLC0415

    settings = prepare(home)
    with open_asked(settings) as graph, telling_more(settings, graph, artwork):
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
        _print_said(by_id[neighbor["id"]])


@contextmanager
def open_space(settings: "Settings", *, needs_vectors: bool) -> "Iterator[Space]":
    """Open the graph and, where there are any, the vectors; a busy home is an error only if they are needed."""
    from service.paths.space import Space  # noqa: PLC0415 -- numba is slow to import
    from stores.connect import open_vectors  # noqa: PLC0415

    with ExitStack() as stack:
        graph = stack.enter_context(open_asked(settings))
        vectors = None
        try:
            if settings.qdrant_url or (settings.home / "vectors").is_dir():
                vectors = stack.enter_context(open_vectors(settings))
        except Busy:
            if needs_vectors:
                raise
        yield Space(graph, vectors)


@contextmanager
def open_asked(settings: "Settings") -> "Iterator[GraphStore]":
    """Open the graph to ask it; Unavailable while nothing has been loaded."""
    from stores.connect import nothing_loaded, open_graph, require_graph  # noqa: PLC0415 -- numba is slow to import

    require_graph(settings)
    with open_graph(settings) as graph:
        if graph.stats().facts is None:
            raise nothing_loaded(settings)
        yield graph


def _print_path(found: "FoundPath") -> None:
    from service.resolve import label  # noqa: PLC0415 -- numba is slow to import
    from stores.words import counted  # noqa: PLC0415

    for path in (found, *found.alternatives):
        relative = "" if path is found else f", {path.relative:.2f} times the best"
        count = counted(len(path.artworks), "artwork")
        told = f"at the {path.pace} pace, cost {path.cost:.4g}"
        if path.even:
            told = f"in even steps, the largest {path.quality.largest_step:.2f}"
        click.echo(f"{count} {told}{relative}")
        for number, artwork in enumerate(path.artworks):
            step = path.steps[number - 1] if number else None
            if step and step.why:
                click.echo(f"       {step.why.sentence}")
            key = f"  (key:{artwork.key})" if artwork.key else ""
            weight = f"  step {step.weight:.2f}" if step else ""
            click.echo(f"{number + 1:3}. {label(artwork)}{key}{weight}")
            _print_said(artwork)


def _print_said(artwork: "Artwork") -> None:
    """Print an artwork's advisory, credit and rights in one line; none where there is none of them."""
    from stores.rights import attribution  # noqa: PLC0415 -- as above

    advisory = f"Advisory: {artwork.advisory}" if artwork.advisory else ""
    if said := " ".join(" | ".join(filter(None, (advisory, attribution(artwork)))).split()):
        click.secho(f"     {said}", dim=True)


def _line(neighbor: dict[str, object]) -> str:
    name = ", ".join(str(part) for part in (neighbor["title"] or neighbor["key"], neighbor["date_text"]) if part)
    return f"{name}  (key:{neighbor['key']})"
