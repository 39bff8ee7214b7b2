"""The part of ``make bench`` that needs a Neo4j: writing the graph, and a path over HTTP against the bare procedure."""

import http.client
import os
import random
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, LiteralString

from neo4j import GraphDatabase

from tests.neo4j_server import LocalNeo4j, free_port

XDEGREES: Final = str(Path(sys.executable).with_name("xdegrees"))
PAIRS: Final = 400
WARM: Final = 100
"""Questions before the first that counts: a new server compiles while it answers."""

BARE: Final[LiteralString] = (
    "MATCH (a:Artwork {collection: 'artworks', id: $a}) MATCH (b:Artwork {collection: 'artworks', id: $b}) "
    "CALL gds.shortestPath.dijkstra.stream($graph, "
    "{sourceNode: a, targetNodes: [b], relationshipWeightProperty: 'gentle'}) "
    "YIELD totalCost, nodeIds RETURN totalCost, nodeIds"
)


def print_servers(home: Path) -> None:
    """Measure on a Neo4j of its own; the vectors stay embedded."""
    server = LocalNeo4j(home.parent / "neo4j")
    server.start()
    environment = {
        **os.environ,
        "XDEGREES_HOME": str(home),
        "XDEGREES_NEO4J_URI": server.uri,
        "XDEGREES_RATE_LIMIT": "",
    }
    spent = [seconds(partial(relink, environment, k)) for k in (15, 14, 15)]
    print("\n| linking 3,082 artworks into Neo4j, the whole command | seconds |\n| --- | --- |")
    print(f"| into an empty database, just started | {spent[0]:.1f} |")
    print(f"| again with other edges, one transaction | {spent[2]:.1f} |")
    port = free_port()
    with subprocess.Popen(
        [XDEGREES, "serve", "--port", str(port)], env=environment, stderr=subprocess.DEVNULL
    ) as service:
        try:
            print_path_over_http(server, port)
        finally:
            service.terminate()
    server.kill()


def print_path_over_http(server: LocalNeo4j, port: int) -> None:
    """Ask both ways in turn for the same pairs."""
    wait_until_ready(port)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    with GraphDatabase.driver(server.uri) as driver:
        ids = [row["id"] for row in driver.execute_query("MATCH (a:Artwork) RETURN a.id AS id ORDER BY id").records]
        (graph,) = [
            row["name"] for row in driver.execute_query("CALL gds.graph.list() YIELD graphName AS name").records
        ]
        chance = random.Random(5)
        ours, exact, bare = [], [], []
        for _ in range(PAIRS):
            a, b = chance.sample(ids, 2)
            ours.append(seconds(partial(ask, connection, a, b)))
            exact.append(seconds(partial(ask, connection, a, b, "&images=7")))
            bare.append(seconds(partial(driver.execute_query, BARE, a=a, b=b, graph=graph)))
    web, seven, procedure = (1e3 * statistics.median(times[WARM:]) for times in (ours, exact, bare))
    print("\n| p50 of a gentle path on Neo4j | ms | ratio |\n| --- | --- | --- |")
    print(f"| the bare procedure through the driver | {procedure:.1f} | 1 |")
    print(f"| `GET /api/v1/path`, whole answer | {web:.1f} | {web / procedure:.2f} |")
    print(f"| `GET /api/v1/path?…&images=7`, whole answer | {seven:.1f} | {seven / procedure:.2f} |")


def relink(environment: dict[str, str], neighbors: int) -> None:
    """Link the vectors into Neo4j, as a user does."""
    command = [XDEGREES, "relink", "--neighbors", str(neighbors)]
    subprocess.run(command, check=True, env=environment, capture_output=True)


def ask(connection: http.client.HTTPConnection, source: str, target: str, further: str = "") -> None:
    """Ask for a path over a connection that stays."""
    connection.request("GET", f"/api/v1/path?from={source}&to={target}{further}")
    connection.getresponse().read()


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def wait_until_ready(port: int) -> None:
    """Wait for the service to answer."""
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    print_servers(Path(sys.argv[1]))
