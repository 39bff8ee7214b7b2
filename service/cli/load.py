"""The command that loads: what is asked for, and how it is told."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from service.cli.common import home_option, json_option, prepare, show_json
from stores.errors import BadInput

if TYPE_CHECKING:
    from loaders.dry_run import Forecast
    from loaders.previews import Preview
    from loaders.report import LoadReport
    from loaders.request import Download, LoadRequest
    from stores.settings import Settings

NEWLY_QUARANTINED = 3

_TABLES = frozenset((".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json"))
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Asked(TypedDict):
    """Options of ``load`` that say what is loaded, and how."""

    places: Sequence[str]
    metadata: Sequence[Path]
    preset: str
    embedder: str | None
    checkpoint: Path | None
    neighbors: int | None
    limit: int | None
    columns: Sequence[str]
    source: str | None
    prune: bool
    prune_limit: float
    overwrite: bool
    readmit: Sequence[str]
    rights_rules: Path | None
    rights: str
    download: bool
    rates: Sequence[str]
    refresh: float
    allow_private: bool
    vectors: Path | None
    embedder_name: str | None


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
@click.option(
    "--overwrite",
    is_flag=True,
    help="Take the folder's version of what was changed by hand, and of rights that it does not say any more.",
)
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
def load(*, home: str | None, contact: str | None, dry_run: bool, as_json: bool, **asked: Unpack[_Asked]) -> None:
    """Load the pictures of FOLDER and their metadata: TABLEs, or IIIF manifests and collections by file or address.

    Embeds what is new or changed, links everything into one graph, and reports. Run it again after
    anything: it goes on where it was, or finds nothing to do. A bad file is quarantined with its reason.
    """
    settings = prepare(home, contact=contact)
    request = _request(settings, asked)
    report = _looked_at(request, settings) if dry_run else _loaded(request, settings)
    if as_json:
        show_json(report.to_json())
    else:
        click.echo("\n".join(report.lines()))
    if report.new_in_quarantine and not dry_run:
        sys.exit(NEWLY_QUARANTINED)


def _looked_at(request: "LoadRequest", settings: "Settings") -> "Forecast | Preview":
    """Say what a load would do; of tables without pictures, how they are understood."""
    from loaders.dry_run import predict  # noqa: PLC0415 -- numba and the engine are slow to import
    from loaders.previews import preview  # noqa: PLC0415
    from stores.connect import open_stores  # noqa: PLC0415

    if request.folder is None and request.vectors is None and (request.metadata or request.preset):
        return preview(request)
    with open_stores(settings, turn=False) as stores:
        return predict(request, stores.vectors)


def _loaded(request: "LoadRequest", settings: "Settings") -> "LoadReport":
    from loaders.pipeline import load as run  # noqa: PLC0415 -- as above
    from loaders.progress import Progress  # noqa: PLC0415
    from loaders.writing import Writer  # noqa: PLC0415
    from service.cli.noting import noting  # noqa: PLC0415
    from stores.connect import open_stores  # noqa: PLC0415

    with open_stores(settings, turn=False) as stores:
        Writer(stores, settings.home).finish()
        with noting(settings, "load") as doing:
            report = run(request, stores.vectors, stores.graph, settings.home, Progress(), stores.writing)
            doing.counts, doing.version = report.changes, report.graph_version
    return report


def _request(settings: "Settings", asked: _Asked) -> "LoadRequest":
    """Make of the options what is to be loaded."""
    from loaders.addresses import shown  # noqa: PLC0415 -- not needed for --help
    from loaders.request import LoadRequest  # noqa: PLC0415
    from loaders.rights import kept_rules  # noqa: PLC0415

    folder, tables, addresses = _told_apart(asked["places"], asked["metadata"])
    if addresses and not asked["download"]:
        raise BadInput(
            f"{shown(addresses[0])} is fetched with --download --contact ADDRESS; or name a file that you fetched"
        )
    if asked["download"] and not (folder or tables or addresses):
        raise BadInput("--download needs rows with addresses: name their file with --metadata FILE.csv")
    return LoadRequest(
        folder=folder or (settings.home / "downloads" if asked["download"] else None),
        source=asked["source"] or settings.collection,
        metadata=tables[0] if tables else None,
        further=tuple(tables[1:]),
        preset=asked["preset"],
        columns=_columns(asked["columns"]),
        embedder=asked["embedder_name"] if asked["vectors"] else asked["embedder"],
        checkpoint=asked["checkpoint"],
        vectors=asked["vectors"],
        k=asked["neighbors"],
        limit=asked["limit"],
        prune=asked["prune"],
        prune_limit=asked["prune_limit"],
        overwrite=asked["overwrite"],
        rights_rules=asked["rights_rules"] or kept_rules(settings.home),
        only_open=asked["rights"] == "open",
        readmit=tuple("" if name == "all" else name for name in asked["readmit"]),
        download=_download(settings, asked) if asked["download"] else None,
        addresses=tuple(addresses),
    )


def _told_apart(places: Sequence[str], metadata: Sequence[Path]) -> tuple[Path | None, list[Path], list[str]]:
    """Return the folder of pictures, if one is named, the tables, and addresses of IIIF documents."""
    addresses = [place for place in places if place.lower().startswith(("http://", "https://"))]
    paths = [Path(place) for place in places if place not in addresses]
    tables = [path for path in paths if path.suffix.lower() in _TABLES and path.is_file()]
    folders = [path for path in paths if path not in tables]
    if len(folders) > 1:
        raise BadInput(f"name one folder of pictures, not {', '.join(map(str, folders))}")
    return folders[0] if folders else None, [*metadata, *tables], addresses


def _download(settings: "Settings", asked: _Asked) -> "Download":
    """Read how to download; BadInput where nobody would know by whom."""
    from loaders.download.polite import read_rates  # noqa: PLC0415 -- as above
    from loaders.request import Download  # noqa: PLC0415

    if not settings.contact:
        raise BadInput(
            "--download tells every host whom to write to: say --contact you@example.org, or set XDEGREES_CONTACT"
        )
    return Download(settings.contact, read_rates(asked["rates"]), asked["allow_private"], asked["refresh"])


def _columns(pairs: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        field, equals, header = pair.partition("=")
        if not equals or not field or not header:
            raise BadInput(f"--column {pair}: write it as FIELD=HEADER, for example --column title=Titel_DE")
        found[field.strip()] = header.strip()
    return found
