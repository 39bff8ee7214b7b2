"""Loads that are killed: run again, they end where an undisturbed load ends."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from loaders.gallery import draw_gallery
from stores.connect import open_stores
from stores.records import GraphStats
from stores.settings import read_settings

KILLS = 20


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough pictures for a load to take a few seconds."""
    folder = tmp_path_factory.mktemp("interrupted") / "gallery"
    draw_gallery(folder, count=160)
    return folder


def start(gallery: Path, home: Path) -> subprocess.Popen[bytes]:
    """Start a load as a user would."""
    command = [str(Path(sys.executable).with_name("xdegrees")), "load", str(gallery), "--home", str(home)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def held(home: Path) -> tuple[dict[str, tuple[Any, Any]], GraphStats, bytes]:
    """Everything that a home holds."""
    with open_stores(read_settings(home=home)) as stores:
        rows = {
            str(artwork_id): (vector.tobytes(), payload)
            for batch in stores.vectors.scan()
            for artwork_id, vector, payload in zip(batch.ids, batch.vectors, batch.payloads, strict=True)
        }
        edges = stores.graph.edges()
        return rows, stores.graph.stats(), edges.weight.tobytes() + edges.a.tobytes() + edges.b.tobytes()


def test_a_load_killed_20_times_ends_where_an_undisturbed_one_does(gallery: Path, tmp_path: Path) -> None:
    started = time.monotonic()
    assert start(gallery, tmp_path / "whole").wait() == 0
    seconds = time.monotonic() - started
    rows, stats, edges = held(tmp_path / "whole")
    chance = random.Random(3)
    survived = 0
    for turn in range(KILLS):
        process = start(gallery, tmp_path / "killed")
        time.sleep(chance.uniform(0.1, 1.0) * seconds)
        process.send_signal(signal.SIGKILL)
        survived += process.wait() == 0
        if turn == KILLS // 2:
            _forget_half(tmp_path / "killed")
    assert survived < KILLS
    assert start(gallery, tmp_path / "killed").wait() == 0
    again_rows, again_stats, again_edges = held(tmp_path / "killed")
    assert again_rows == rows
    assert again_edges == edges
    assert again_stats.facts == stats.facts
    assert len(list((tmp_path / "killed" / "images").rglob("*.jpg"))) == 320


def test_a_killed_load_leaves_no_worker_behind(gallery: Path, tmp_path: Path) -> None:
    process = start(gallery, tmp_path / "home")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 30
    while len(workers := children.read_text().split()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)  # until they have settled
    process.kill()
    process.wait()
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert workers
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def _forget_half(home: Path) -> None:
    """Take some vectors out, so that the second half of the kills meets a load with work to do."""
    with open_stores(read_settings(home=home)) as stores:
        ids = [str(i) for batch in stores.vectors.scan(with_vectors=False) for i in batch.ids]
        stores.vectors.delete(ids[::2])
