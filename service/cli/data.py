"""Commands that write: load, relink, and the demo gallery."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.common import home_option, json_option, prepare, show_json
from stores.errors import BadInput

if TYPE_CHECKING:
    from loaders.dry_run import Forecast
    from loaders.previews import Preview
    from loaders.report import LoadReport
    from loaders.request import Download
    from stores.settings import Settings

NEWLY_QUARANTINED = 3

_TABLES = frozenset((".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json"))
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("places", metavar="[FOLDER] [TABLE]...", nargs=-1)
@click.option(
    "--metadata",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="CSV, TSV or JSONL; repeat for the tables of a preset, or name their folder  "
    "[default: metadata.csv, .tsv or .jsonl in FOLDER]",
)
@click.option("--preset", default="", help="Whose tables these are: a name that `xdegrees presets` lists.")
@click.option("--embedder", help="classic, a torchvision backbone, open_clip:MODEL, or a blend A+B@0.6")
@click.option("--checkpoint", type=click.Path(dir_okay=False, path_type=Path), help="Weights of the embedder.")
@click.option("--neighbors", type=click.IntRange(1, 200), help="Neighbours of each artwork  [default: 15]")
@click.option("--dry-run", is_flag=True, help="Show what would be loaded, how long it takes, what it needs.")
@click.option("--limit", type=click.IntRange(1), help="Load the first so many.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=HEADER", help="Which column is what; repeat.")
@click.option("--source", help="Whose keys these are  [default: XDEGREES_COLLECTION, or artworks]")
@click.option("--prune", is_flag=True, help="Take out what the folder no longer has.")
@click.option(
    "--prune-limit",
    type=click.FloatRange(0, 100),
    default=5.0,
    show_default=True,
    metavar="PERCENT",
    help="Refuse to prune more than this.",
)
@click.option("--overwrite", is_flag=True, help="Take the folder's version of what was changed by hand, too.")
@click.option(
    "--readmit",
    multiple=True,
    is_flag=False,
    flag_value="",
    metavar="[ARTWORK]",
    help="Let come back what was taken down: an id or key:KEY, or the word all.",
)
@click.option("--rights-rules", type=_file, help="TOML: what may be shown of which artworks  [default: as before]")
@click.option(
    "--rights", type=click.Choice(["any", "open"]), default="any", help="open: load only what is surely open to all."
)
@click.option("--download", is_flag=True, help="Fetch pictures that rows name by address  [needs --contact]")
@click.option("--contact", metavar="ADDRESS", help="Your e-mail or web address, told to hosts [XDEGREES_CONTACT]")
@click.option("--rate", "rates", multiple=True, metavar="HOST=N/s", help="Ask a host of yours more often than 1/s.")
@click.option(
    "--refresh",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    metavar="DAYS",
    help="Ask whether pictures changed that came longer ago.",
)
@click.option("--allow-private", is_flag=True, help="Fetch from private networks and this machine, too.")
@click.option("--vectors", type=_file, help="Your own vectors: an .npz with keys and vectors.")
@click.option("--embedder-name", help="What made your own vectors.")
@home_option
@json_option
def load(
    places: Sequence[str],
    metadata: Sequence[Path],
    preset: str,
    embedder: str | None,
    checkpoint: Path | None,
    neighbors: int | None,
    dry_run: bool,
    limit: int | None,
    columns: Sequence[str],
    source: str | None,
    prune: bool,
    prune_limit: float,
    overwrite: bool,
    readmit: tuple[str, ...],
    rights_rules: Path | None,
    rights: str,
    download: bool,
    contact: str | None,
    rates: Sequence[str],
    refresh: float,
    allow_private: bool,
    vectors: Path | None,
    embedder_name: str | None,
    home: str | None,
    as_json: bool,
) -> None:
    """Load the pictures of FOLDER and their metadata: TABLEs, or IIIF manifests and collections by file or address.

    Embeds what is new or changed, links everything into one graph, and reports. Run it again after
    anything: it goes on where it was, or finds nothing to do. A bad file is quarantined with its reason.
    """
    from loaders.dry_run import predict  # noqa: PLC0415 -- numba and the engine are slow to import
    from loaders.pipeline import load as run  # noqa: PLC0415
    from loaders.previews import preview  # noqa: PLC0415
    from loaders.progress import Progress  # noqa: PLC0415
    from loaders.request import LoadRequest  # noqa: PLC0415
    from loaders.rights import kept_rules  # noqa: PLC0415
    from loaders.writing import Writer  # noqa: PLC0415
    from service.cli.noting import noting  # noqa: PLC0415
    from stores.connect import open_stores  # noqa: PLC0415

    settings = prepare(home, contact=contact)
    folder, tables, addresses = _told_apart(places, metadata)
    if addresses and not download:
        raise BadInput(f"{addresses[0]} is fetched with --download --contact ADDRESS; or name a file that you fetched")
    named = bool(folder or tables or addresses)
    fetching = _download(settings, rates, refresh, named=named, allow_private=allow_private) if download else None
    request = LoadRequest(
        folder=folder or (settings.home / "downloads" if download else None),
        source=source or settings.collection,
        metadata=tables[0] if tables else None,
        further=tuple(tables[1:]),
        preset=preset,
        columns=_columns(columns),
        embedder=embedder_name if vectors else embedder,
        checkpoint=checkpoint,
        vectors=vectors,
        k=neighbors,
        limit=limit,
        prune=prune,
        prune_limit=prune_limit,
        overwrite=overwrite,
        rights_rules=rights_rules or kept_rules(settings.home),
        only_open=rights == "open",
        readmit=tuple("" if name == "all" else name for name in readmit),
        download=fetching,
        addresses=tuple(addresses),
    )
    report: Forecast | LoadReport
    if dry_run and not download and folder is None and vectors is None and (tables or preset):
        _show(preview(request), as_json=as_json)
        return
    with open_stores(settings, turn=False) as stores:
        if dry_run:
            report = predict(request, stores.vectors)
        else:
            Writer(stores, settings.home).finish()
            with noting(settings, "load") as doing:
                report = run(request, stores.vectors, stores.graph, settings.home, Progress(), stores.writing)
                doing.counts, doing.version = report.changes, report.graph_version
    _show(report, as_json=as_json)
    if report.new_in_quarantine and not dry_run:
        sys.exit(NEWLY_QUARANTINED)


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


def _told_apart(places: Sequence[str], metadata: Sequence[Path]) -> tuple[Path | None, list[Path], list[str]]:
    """Return the folder of pictures, if one is named, the tables, and addresses of IIIF documents."""
    addresses = [place for place in places if place.lower().startswith(("http://", "https://"))]
    paths = [Path(place) for place in places if place not in addresses]
    tables = [path for path in paths if path.suffix.lower() in _TABLES and path.is_file()]
    folders = [path for path in paths if path not in tables]
    if len(folders) > 1:
        raise BadInput(f"name one folder of pictures, not {', '.join(map(str, folders))}")
    return folders[0] if folders else None, [*metadata, *tables], addresses


def _show(report: "Forecast | LoadReport | Preview", *, as_json: bool) -> None:
    if as_json:
        show_json(report.to_json())
    else:
        click.echo("\n".join(report.lines()))


def _download(
    settings: "Settings", rates: Sequence[str], refresh: float, *, named: bool, allow_private: bool
) -> "Download":
    """Read how to download; BadInput where nobody could be asked, or nobody would know by whom."""
    from loaders.download.polite import read_rates  # noqa: PLC0415
    from loaders.request import Download  # noqa: PLC0415

    if not named:
        raise BadInput("--download needs rows with addresses: name their file with --metadata FILE.csv")
    if not settings.contact:
        raise BadInput(
            "--download tells every host whom to write to: say --contact you@example.org, or set XDEGREES_CONTACT"
        )
    return Download(settings.contact, read_rates(rates), allow_private, refresh)


def _columns(pairs: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        field, equals, header = pair.partition("=")
        if not equals or not field or not header:
            raise BadInput(f"--column {pair}: write it as FIELD=HEADER, for example --column title=Titel_DE")
        found[field.strip()] = header.strip()
    return found
