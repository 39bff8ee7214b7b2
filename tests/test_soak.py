"""A collection that changes all the time: nobody who asks meanwhile fails, and nothing is lost whatever is killed."""

import csv
import os
import random
import shutil
import signal
import urllib.request
from dataclasses import fields
from pathlib import Path
from threading import Timer

import numpy as np
import pytest

from loaders.artworks import artwork_id
from loaders.check import check
from loaders.links import link
from loaders.neighbors import nearest_neighbors
from loaders.pipeline import load
from loaders.plan import held_payloads
from loaders.progress import Progress
from loaders.relink import read_vectors
from loaders.request import LoadRequest
from loaders.writing import Writer
from stores.connect import Stores, open_stores
from stores.pictures import written_pictures
from stores.settings import read_settings
from stores.withheld import Withheld
from tests.conftest import DATA
from tests.serving import Served, asking, serving

KEY = "a-key-of-this-test-alone"
ENV = {"XDEGREES_API_KEYS": f"keeper:{KEY}"}
KILLS, TURNS = 50, 10
REMOVALS = 0.3


def send(served: Served, method: str, place: str, body: bytes = b"", kind: str = "") -> int:
    """Send a request that writes; return its status."""
    headers = {"Authorization": f"Bearer {KEY}", **({"Content-Type": kind} if kind else {})}
    url = f"http://127.0.0.1:{served.port}{place}"
    request = urllib.request.Request(url, body or None, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return int(answer.status)


def form(picture: bytes, columns: dict[str, str]) -> tuple[bytes, str]:
    """Write a form with a picture and fields."""
    parts = [
        f'--part\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in columns.items()
    ]
    file = b'--part\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n' + picture
    return b"".join([*parts, file, b"\r\n--part--\r\n"]), "multipart/form-data; boundary=part"


def follows(stores: Stores) -> None:
    """The graph is the one that a rebuild would make."""
    facts, held = stores.graph.stats().facts, held_payloads(stores.vectors)
    assert facts is not None
    ids, matrix = read_vectors(stores.vectors, facts.embedder, len(held))
    expected, found = link(ids, matrix, nearest_neighbors(matrix, facts.k)), stores.graph.edges()
    for part in fields(found):
        np.testing.assert_array_equal(getattr(found, part.name), getattr(expected.edges, part.name), part.name)
    np.testing.assert_array_equal(stores.graph.reach(), expected.reach)


def test_two_hundred_go_and_come_back_while_four_clients_ask(real_data: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_stores(read_settings(home=home)) as stores:
        request = LoadRequest(folder=real_data / "artworks", source="artworks")
        load(request, stores.vectors, stores.graph, home, Progress(quiet=True))
    with (DATA / "artworks" / "metadata.csv").open(encoding="utf-8") as file:
        rows = {row["filename"]: row for row in csv.DictReader(file)}
    names = sorted(rows)
    rng = random.Random(4)
    chosen = rng.sample(names, 200)
    ends = [artwork_id("artworks", name) for name in rng.sample(sorted(set(names) - set(chosen)), 40)]
    with open_stores(read_settings(home=home)) as stores:
        before, artworks = stores.graph.edges(), stores.graph.artworks(stores.graph.edges().ids.tolist())
    with serving(home, env=ENV) as served, asking(served, ends) as asked, asking(served, ends, 1, "&images=6") as even:
        for name in chosen:
            assert send(served, "DELETE", f"/api/v1/artworks/key:{name}") == 204
        assert served.ask("/api/v1/graph")["artworks"] == 2882
        Withheld(home).readmit()
        for name in chosen:
            body, kind = form((DATA / "artworks" / name).read_bytes(), {**rows[name], "id": name})
            assert send(served, "POST", "/api/v1/artworks", body, kind) == 201
    assert (asked.failures, even.failures) == ([], [])
    assert asked.answers > 100
    with open_stores(read_settings(home=home)) as stores:
        after = stores.graph.edges()
        for part in fields(before):
            np.testing.assert_array_equal(getattr(before, part.name), getattr(after, part.name), part.name)
        assert stores.graph.artworks(after.ids.tolist()) == artworks


def kill(served: Served) -> None:
    """End a server and its worker as a power cut would."""
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    for pid in (served.process.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)


def write_until_killed(served: Served, demo: Path, rng: random.Random, sure: dict[str, bool]) -> str:
    """Add and take down until nobody answers; return the key of the write that was not acknowledged."""
    pictures = sorted(demo.glob("*.jpg"))
    Timer(rng.uniform(0.0, 1.5), kill, (served,)).start()
    while True:
        there = [key for key, held in sure.items() if held]
        key = rng.choice(there) if there and rng.random() < REMOVALS else f"{len(sure)}-{rng.random()}"
        try:
            if sure.get(key):
                send(served, "DELETE", f"/api/v1/artworks/key:{key}")
            else:
                picture = rng.choice(pictures).read_bytes() + key.encode()
                send(served, "POST", "/api/v1/artworks", *form(picture, {"id": key}))
        except OSError:
            sure.pop(key, None)
            return key
        sure[key] = not sure.get(key)


@pytest.mark.parametrize("part", range(KILLS // TURNS))
def test_whatever_is_killed_what_was_acknowledged_is_there(
    demo_home: Path, demo: Path, tmp_path: Path, part: int
) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    rng, sure = random.Random(part), dict[str, bool]()
    for _ in range(TURNS):
        with serving(home, env=ENV) as served:
            unsure = write_until_killed(served, demo, rng, sure)
            served.process.wait()
        with open_stores(read_settings(home=home)) as stores:
            Writer(stores, home).finish()
            follows(stores)
            assert check(stores.vectors, stores.graph, home, Progress(quiet=True)).found == ()
            held = {artwork.key: artwork for artwork in stores.graph.artworks(stores.graph.edges().ids.tolist())}
            assert [key for key, there in sure.items() if (key in held) is not there] == []
            assert unsure not in held or stores.vectors.get([held[unsure].id]).ids.tolist() == [held[unsure].id]
            shown = {(one.content_hash, size) for one in held.values() for size in one.images}
            assert set(written_pictures(home / "images")) == shown
            sure |= {unsure: True} if unsure in held else {}
