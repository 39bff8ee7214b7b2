"""Neo4j Browser: statements that answer something, the style, and a path opened by its address."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from neo4j import GraphDatabase
from neo4j.exceptions import ClientError
from playwright.sync_api import Page, sync_playwright

from loaders.pipeline import relink
from loaders.progress import Progress
from service.web.app import create_app
from stores.connect import open_stores
from stores.settings import Settings, read_settings
from tests import servers
from tests.conftest import ROOT
from tests.neo4j_server import free_port

SAVED = sorted((ROOT / "cypher" / "browser").glob("*.cypher"))
PATH = "/api/v1/path?from=key:stripes-0001.jpg&to=key:trees-0001.jpg"
SOMETIMES_NOTHING = {"bridges", "forward_in_time"}
"""What a collection may have none of."""


@pytest.fixture(scope="module")
def settings_of_demo(demo_home: Path) -> Settings:
    """Settings of the demo gallery, with its graph on Neo4j."""
    server = servers.neo4j()
    return read_settings(home=demo_home, neo4j_uri=server.uri, neo4j_browser_url=server.browser, rate_limit="")


@pytest.fixture(scope="module")
def client(settings_of_demo: Settings) -> Iterator[FlaskClient]:
    """A client of the demo gallery on Neo4j."""
    with open_stores(settings_of_demo) as stores:
        relink(stores.vectors, stores.graph, None, Progress(quiet=True))
        asking = create_app(stores, settings_of_demo).test_client()
        while 'desc="gds"' not in asking.get(PATH).headers["Server-Timing"]:
            time.sleep(0.1)  # the first who asks brings the copy in memory about
        yield asking


def test_there_are_enough_saved_statements_and_each_has_a_title() -> None:
    titles = [path.read_text(encoding="utf-8").splitlines()[0] for path in SAVED]
    assert len(titles) >= 10
    assert len(set(titles)) == len(titles)
    assert all(re.fullmatch(r"// .{8,120}", title) for title in titles)


@pytest.mark.parametrize("path", [path for path in SAVED if path.stem != "this_path"], ids=lambda path: path.stem)
def test_a_saved_statement_answers(path: Path, client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200
    with GraphDatabase.driver(servers.neo4j().uri) as driver, driver.session() as session:
        result = session.run(path.read_text(encoding="utf-8"))
        rows = result.data()
        told = [one for one in result.consume().gql_status_objects if one.raw_classification == "DEPRECATION"]
    assert not told
    assert rows or path.stem in SOMETIMES_NOTHING


def test_the_cypher_in_the_documents_runs(client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200
    document = (ROOT / "docs" / "servers.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```cypher\n(.*?)```", document, re.DOTALL)
    assert blocks
    with GraphDatabase.driver(servers.neo4j().uri) as driver, driver.session() as session:
        for block in blocks:
            small = re.sub(r"'(stars|waves)-\d+\.jpg'", r"'\1-0001.jpg'", block)  # the small gallery has five of each
            assert session.run(small).data()


def test_every_setting_and_file_in_the_document_of_the_servers_is_there() -> None:
    document = (ROOT / "docs" / "servers.md").read_text(encoding="utf-8")
    for name in re.findall(r"XDEGREES_(\w+?)(?=[`=\s])", document):
        assert name.lower() in Settings.model_fields or name == "PICTURES"
    assert (ROOT / "cypher" / "browser").is_dir()


def test_the_style_is_served_for_the_browser_to_fetch(client: FlaskClient) -> None:
    answer = client.get("/graph.grass", headers={"Origin": "http://127.0.0.1:7474"})
    assert "node.Artwork" in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.text.count("{") - 4 == answer.text.count("}") - 4


def test_artworks_look_right_without_any_style(client: FlaskClient) -> None:
    key = "stripes-0001.jpg"
    with GraphDatabase.driver(servers.neo4j().uri) as driver:
        (row,) = driver.execute_query(
            "MATCH (a:Artwork {collection: 'artworks', key: $key})-[edge:SIMILAR]-() RETURN a, edge LIMIT 1", key=key
        ).records
    artwork, edge = dict(row["a"]), dict(row["edge"])
    asked = client.get(f"/api/v1/artworks/key:{key}").json
    assert asked
    assert (artwork["title"], artwork["artist"]) == (asked["title"], " & ".join(asked["artists"]))
    assert artwork["image_url"] == f"http://127.0.0.1:8000{asked['images']['medium']['url']}"
    assert edge["label"] == f"{edge['weight']:.2f}"
    assert "record" not in artwork


def test_only_a_service_with_a_browser_links_to_it(client: FlaskClient, settings_of_demo: Settings) -> None:
    assert "/browser/?dbms=bolt://" in path_answer(client)["links"]["browser"]
    stores = client.application.extensions["xdegrees"].stores
    without = create_app(stores, settings_of_demo.model_copy(update={"neo4j_browser_url": ""})).test_client()
    assert "browser" not in path_answer(without)["links"]


def path_answer(client: FlaskClient) -> Any:
    """A path of the demo gallery."""
    return client.get(PATH).json


def test_make_browser_brings_a_home_into_a_neo4j_of_its_own(demo_home: Path, tmp_path: Path) -> None:
    """The read-only copy of it: it answers paths with a link to its Browser, and nobody can change it."""
    servers.neo4j()
    home = shutil.copytree(demo_home, tmp_path / "home")
    bolt, web, port = (free_port() for _ in range(3))
    ports = ["--bolt", str(bolt), "--http", str(web), "--port", str(port)]
    command = [sys.executable, "-m", "tests.browse", "--home", str(home), "--read-only", *ports]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert any("Ctrl+C" in line for line in process.stdout)
            answer = ask_until(f"http://127.0.0.1:{port}{PATH}")
            assert answer["links"]["browser"].startswith(
                f"http://127.0.0.1:{web}/browser/?dbms=bolt://127.0.0.1:{bolt}"
            )
            with GraphDatabase.driver(f"bolt://127.0.0.1:{bolt}") as driver:
                assert driver.execute_query("MATCH (a:Artwork) RETURN count(a) AS n").records[0]["n"] == 85
                with pytest.raises(ClientError, match="read-only"):
                    driver.execute_query("MATCH (a:Artwork) DETACH DELETE a")
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=90)
    assert process.returncode == 0


def ask_until(address: str) -> Any:
    """Ask until somebody answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 -- an address of our own
                return json.load(answer)
        except OSError:
            time.sleep(0.2)
    pytest.fail("nobody answered")


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a real Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        servers.lacking("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(viewport={"width": 1400, "height": 900})
        browser.close()


def test_a_path_opens_in_neo4j_browser_with_its_titles(client: FlaskClient, page: Page, tmp_path: Path) -> None:
    answer = path_answer(client)
    page.goto(answer["links"]["browser"])
    page.get_by_text("Connected to Neo4j").first.wait_for(timeout=60_000)
    editor = page.locator(".monaco-editor").first
    editor.wait_for(timeout=30_000)
    editor.click()
    page.keyboard.press("Control+Enter")
    page.locator("svg g.node").nth(len(answer["artworks"]) - 1).wait_for(timeout=60_000)
    page.wait_for_timeout(2000)
    page.screenshot(path=tmp_path / "browser.png")
    drawn = " ".join("".join(page.locator("svg g.node").all_text_contents()).split())
    assert page.locator("svg g.node").count() == len(answer["artworks"])
    for artwork in answer["artworks"]:
        assert artwork["title"].split()[0][:5] in drawn
