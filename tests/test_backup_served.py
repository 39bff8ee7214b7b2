"""Backups and restores of a home that a server holds, while visitors ask it."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.contents import verified
from loaders.gallery import draw_gallery
from loaders.progress import Progress
from stores import unfinished
from stores.connect import open_stores
from stores.settings import read_settings
from tests.kept import pictures
from tests.serving import XDEGREES, Served, asking, serving
from tests.test_handing import ENDS


@pytest.fixture
def served(demo_home: Path, tmp_path: Path) -> Iterator[Served]:
    """A server over a copy of the gallery."""
    with serving(Path(shutil.copytree(demo_home, tmp_path / "home"))) as found:
        yield found


def digest(file: Path) -> str:
    """Name of the graph in a backup."""
    with verified(file, Progress(quiet=True)) as found:
        return found.manifest.digest


def test_a_served_home_is_backed_up_and_replaced_while_four_clients_ask(served: Served, tmp_path: Path) -> None:
    file, before = tmp_path / "b.tar", pictures(served.home)
    graph = served.ask("/api/v1/graph")["graph"]["id"]
    with asking(served, ENDS) as asked:
        kept = served.run("backup", str(file))
        assert kept.returncode == 0, kept.stderr
        assert digest(file) == graph
        draw_gallery(tmp_path / "more", count=60, seed=5)
        assert served.run("load", str(tmp_path / "more"), "--source", "more").returncode == 0
        assert served.ask("/api/v1/graph")["artworks"] == 145
        refused = served.run("restore", str(file))
        assert (refused.returncode, "--replace" in refused.stderr) == (4, True)
        restored = served.run("restore", str(file), "--replace")
        assert restored.returncode == 0, restored.stderr
    assert asked.failures == []
    assert asked.answers > 10
    now = served.ask("/api/v1/graph")
    assert (now["artworks"], now["graph"]["id"]) == (85, graph)
    assert pictures(served.home) == before
    assert "7 artworks" in served.run("path", *ENDS[:2], "--images", "7").stdout


def test_a_restore_that_is_killed_leaves_the_server_with_what_it_had(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    assert served.run("backup", str(file)).returncode == 0
    draw_gallery(tmp_path / "more", count=60, seed=5)
    assert served.run("load", str(tmp_path / "more"), "--source", "more").returncode == 0
    with asking(served, ENDS) as asked:
        words = [XDEGREES, "restore", str(file), "--replace", "--home", str(served.home)]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not unfinished.is_unfinished(served.home) and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert unfinished.is_unfinished(served.home)
        assert served.ask("/api/v1/graph")["artworks"] == 145
        for words in (["search", "a"], ["load", str(tmp_path / "more")], ["backup", str(tmp_path / "c.tar")]):
            done = served.run(*words)
            assert (done.returncode, f"xdegrees restore {file}" in done.stderr) == (6, True)
        assert served.run("restore", str(file)).returncode == 0
    assert asked.failures == []
    assert served.ask("/api/v1/graph")["artworks"] == 85
    with open_stores(read_settings(home=served.home), writing=False) as stores:
        facts = stores.graph.stats().facts
        assert facts is not None
        assert facts.digest == digest(file)


def test_a_server_does_not_start_over_half_a_collection(demo_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    unfinished.begin(home, tmp_path / "b.tar", ())
    words = [XDEGREES, "serve", "--port", "1", "--home", str(home)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "is not finished" in done.stderr) == (6, True)
