"""``make browser``: a home's graph in a real Neo4j on this machine, with its Browser, and the service beside it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import click

from tests.neo4j_server import LocalNeo4j

XDEGREES: Final = str(Path(sys.executable).with_name("xdegrees"))
READ_ONLY: Final = {"server.databases.default_to_read_only": "true"}


@click.command()
@click.option("--home", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--bolt", default=7687, show_default=True, help="Port of the database.")
@click.option("--http", default=7474, show_default=True, help="Port of Neo4j Browser.")
@click.option("--port", default=8000, show_default=True, help="Port of the service.")
@click.option("--read-only", is_flag=True, help="Let nobody change anything: a copy to hand out.")
def browse(home: Path, bolt: int, http: int, port: int, read_only: bool) -> None:  # noqa: FBT001 -- click passes flags so
    """Start Neo4j with the graph of HOME, and the service, until Ctrl+C."""
    click.echo("starting Neo4j (the first time its packages are fetched, some 150 MB) ...")
    server = LocalNeo4j(home / "neo4j", bolt, http)
    address = f"http://127.0.0.1:{port}"
    style = {"browser.post_connect_cmd": f"style {address}/graph.grass"}
    server.start(settings=style)
    environment = {
        **os.environ,
        "XDEGREES_HOME": str(home),
        "XDEGREES_NEO4J_URI": server.uri,
        "XDEGREES_NEO4J_BROWSER_URL": server.browser,
        "XDEGREES_PUBLIC_URL": address,
    }
    subprocess.run([XDEGREES, "relink"], check=True, env=environment)
    if read_only:
        server.stop()
        server.start(settings={**style, **READ_ONLY})
    with subprocess.Popen([XDEGREES, "serve", "--port", str(port)], env=environment) as service:
        click.echo(f"Neo4j Browser: {server.browser}\nthe service:   {address}\nCtrl+C stops both")
        try:
            service.wait()
        except KeyboardInterrupt:
            service.terminate()
    server.stop()


if __name__ == "__main__":
    browse()
