"""Commands about the service: serve, info."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import click

from service.cli.common import home_option, json_option, prepare, show_json

if TYPE_CHECKING:
    from stores.settings import Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True)
@home_option
def serve(host: str, port: int, threads: int, home: str | None) -> None:
    """Serve the API and the page."""
    from service.keys import Keyring  # noqa: PLC0415 -- pydantic is not needed for --help
    from service.web.server import check_port  # noqa: PLC0415 -- Flask and numba are slow to import
    from service.web.server import serve as run  # noqa: PLC0415
    from stores.connect import check  # noqa: PLC0415

    settings = prepare(home)
    check(settings)
    Keyring(settings).check()
    check_port(host, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(
        f"serving {settings.graph_place} at {settings.public_url or f'http://{shown}:{port}'} (Ctrl+C stops it)",
        err=True,
    )
    run(settings, host, port, threads)


@click.command()
@home_option
@json_option
def info(home: str | None, as_json: bool) -> None:
    """Show versions, settings, and what the stores hold."""
    settings = prepare(home)
    body = {"version": version("xdegrees"), "stores": _stores(settings), "settings": settings.shown()}
    if as_json:
        show_json(body)
        return
    for section in ("stores", "settings"):
        click.echo(f"{section}:")
        for name, value in body[section].items():  # type: ignore[attr-defined]  # both are mappings
            click.echo(f"  {name}: {value}")
    click.echo(f"xdegrees {body['version']}")


def _stores(settings: "Settings") -> dict[str, Any]:
    """What the graph holds; it says which vectors it was made from."""
    from dataclasses import asdict  # noqa: PLC0415 -- the stores are slow to import

    from stores.connect import open_graph  # noqa: PLC0415

    held: dict[str, Any] = {
        "vectors": f"Qdrant at {settings.qdrant_url}" if settings.qdrant_url else "Qdrant Edge (embedded)",
        "graph": f"Neo4j at {settings.neo4j_uri}" if settings.neo4j_uri else "SQLite (embedded)",
        "drivers": {name: version(name) for name in ("qdrant-edge-py", "qdrant-client", "neo4j")},
    }
    if not settings.neo4j_uri and not settings.home.is_dir():
        return {**held, "artworks": 0}
    with open_graph(settings) as graph:
        stats = graph.stats()
    counts = {
        "collection": settings.collection,
        "engines": ", ".join(stats.engines),
        "artworks": stats.artworks,
        "edges": stats.edges,
        "graph_version": stats.version,
    }
    if stats.facts is None:
        return {**held, **counts}
    facts = {"graph_id": stats.facts.digest, "k": stats.facts.k, "embedder": asdict(stats.facts.embedder)}
    return {**held, **counts, "metadata_version": stats.metadata_version, **facts}
