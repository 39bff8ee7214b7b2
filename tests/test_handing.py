"""Commands on a home that a server holds: they work, the server goes on, and a lock dies with its holder."""

import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from loaders.artworks import artwork_id
from loaders.gallery import draw_gallery
from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from stores import doorway
from stores.connect import open_stores, open_to_serve, open_vectors
from stores.errors import BadInput, Busy, Mismatch, NotFound, Refused, Unavailable
from stores.frames import MARK
from stores.handing import handing
from stores.qdrant_edge import EdgeVectors
from stores.records import EmbedderFacts
from stores.remote import RemoteVectors
from stores.settings import read_settings
from stores.turns import Turns
from tests.made import made_id, made_ids, made_vectors
from tests.serving import XDEGREES, Served, asking, serving

FACTS = EmbedderFacts("made", 8)
KEYS = ("stripes-0001.jpg", "trees-0001.jpg", "waves-0002.jpg", "stars-0003.jpg", "flow-0001.jpg")
ENDS = [artwork_id("artworks", key) for key in KEYS]


@pytest.fixture(scope="module")
def served(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over a copy of the gallery, in a folder whose name is longer than a socket's may be."""
    folder = tmp_path_factory.mktemp("served") / ("long" * 40)
    with serving(Path(shutil.copytree(demo_home, folder / "home"))) as found:
        yield found


@pytest.fixture
def lent(tmp_path: Path) -> Iterator[tuple[Path, Turns]]:
    """A home whose vectors a thread of this process lends."""
    turns = Turns()
    with EdgeVectors(tmp_path / "vectors") as vectors, handing(tmp_path, vectors, turns):
        vectors.prepare(FACTS)
        vectors.upsert(made_ids(20).tolist(), made_vectors(20), [{"n": row} for row in range(20)])
        yield tmp_path, turns


def knocked(home: Path) -> RemoteVectors:
    """Come in by the socket."""
    found = RemoteVectors.open(home)
    assert found is not None
    return found


def test_a_folder_is_loaded_while_four_clients_ask_and_one_sends_a_picture(served: Served, tmp_path: Path) -> None:
    draw_gallery(tmp_path / "more", count=200, seed=5)
    picture = next((tmp_path / "more").glob("*.jpg")).read_bytes()
    with asking(served, ENDS) as asked, asking(served, ENDS, 1, picture=picture) as sent:
        loaded = served.run("load", str(tmp_path / "more"), "--source", "more")
    assert loaded.returncode == 0, loaded.stderr
    assert "200 added" in loaded.stdout
    assert (asked.failures, sent.failures) == ([], [])
    assert asked.answers > 10
    assert sent.answers > 1
    assert served.ask("/api/v1/graph")["artworks"] == 285
    found = served.run("path", *ENDS[:2], "--images", "7")
    assert "7 artworks" in found.stdout


def test_every_command_works_beside_a_server(served: Served, tmp_path: Path) -> None:
    for command in (
        ("search", "a"),
        ("show", ENDS[1]),
        ("info",),
        ("relink",),
        ("export", str(tmp_path / "vectors.npz")),
        ("report", str(tmp_path / "page.html")),
    ):
        done = served.run(*command)
        assert done.returncode == 0, done.stderr
    second = served.run("serve", "--port", "1")
    assert second.returncode == 5
    assert "'xdegrees serve' (process " in second.stderr


def test_the_socket_is_for_its_owner_alone(served: Served) -> None:
    assert stat.S_IMODE((served.home / "serve.sock").stat().st_mode) == 0o600


def test_a_killed_command_gives_its_turn_back(served: Served, tmp_path: Path) -> None:
    draw_gallery(tmp_path / "many", count=120, seed=6)
    command = [XDEGREES, "load", str(tmp_path / "many"), "--source", "many", "--home", str(served.home)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as load:
        settings = read_settings(home=served.home)
        while not _somebody_writes(served.home):
            assert load.poll() is None, "it ended before it was seen to write"
            time.sleep(0.02)
        load.kill()
    started = time.monotonic()
    with open_stores(settings) as stores:
        assert not stores.clean
        assert time.monotonic() - started < 10
    assert served.run("load", str(tmp_path / "many"), "--source", "many").returncode == 0


def _somebody_writes(home: Path) -> bool:
    try:
        with knocked(home) as remote, remote.turn(0.0, print):
            return False
    except Busy:
        return True


def test_a_killed_server_is_followed_by_another(demo_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    with serving(home) as first:
        for child in Path(f"/proc/{first.process.pid}/task/{first.process.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        first.process.kill()
        first.process.wait()
        assert (home / "serve.sock").exists()
        assert first.run("search", "a").returncode == 0
        with serving(home) as second:
            assert second.run("relink").returncode == 0
    assert not (home / "serve.sock").exists()


def test_a_second_command_waits_for_the_first_and_says_so(demo_home: Path, demo: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    with ExitStack() as stack:
        stack.enter_context(open_stores(read_settings(home=home)))
        command = [XDEGREES, "load", str(demo), "--home", str(home)]
        second = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        assert second.stderr is not None
        assert f"(process {os.getpid()}" in second.stderr.readline()
        assert second.poll() is None
    second.communicate(timeout=60)
    assert second.returncode == 0


def test_errors_cross_as_what_they_are(lent: tuple[Path, Turns]) -> None:
    with knocked(lent[0]) as remote:
        with pytest.raises(NotFound):
            remote.get([made_id(99)])
        with pytest.raises(BadInput, match="turn to write"):
            remote.delete(["x"])
        with remote.turn(1.0, print), pytest.raises(Mismatch):
            remote.upsert([made_id(1)], np.ones((1, 3), dtype=np.float32), [{}])
        assert remote.stats().count == 20


def test_half_an_answer_does_not_spoil_the_next(lent: tuple[Path, Turns]) -> None:
    with knocked(lent[0]) as remote:
        next(iter(remote.scan()))
        assert remote.stats().count == 20


def test_a_turn_that_ended_badly_is_known_to_the_next(lent: tuple[Path, Turns]) -> None:
    with knocked(lent[0]) as remote:
        with pytest.raises(ZeroDivisionError), remote.turn(1.0, print):
            raise ZeroDivisionError
        with remote.turn(1.0, print) as clean:
            assert not clean
        with remote.turn(1.0, print) as clean:
            assert clean


def test_who_waits_is_told_for_whom_and_gives_up_in_time(lent: tuple[Path, Turns]) -> None:
    home, turns = lent
    told: list[object] = []
    with turns.take(), knocked(home) as remote:
        with pytest.raises(Busy, match=f"process {os.getpid()}"), remote.turn(0.6, told.append):
            pass
        assert remote.stats().count == 20
    assert told


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0" * 4096,
        struct.pack("<4sII", MARK, 2**31, 2**31),
        struct.pack("<4sII", MARK, 2, 0) + b"[]",
        struct.pack("<4sII", MARK, 9, 0) + b'"' * 9,
        struct.pack("<4sII", MARK, 40000, 0) + b"[" * 40000,
    ],
)
def test_strange_bytes_end_their_own_connection_alone(lent: tuple[Path, Turns], sent: bytes) -> None:
    link = doorway.knock(lent[0])
    assert link is not None
    with link, suppress(ConnectionResetError, BrokenPipeError):
        link.sendall(sent)
        link.shutdown(socket.SHUT_WR)
        while link.recv(4096):
            pass
    with knocked(lent[0]) as remote:
        assert remote.stats().count == 20


def test_another_user_is_not_let_in(tmp_path: Path) -> None:
    with (
        EdgeVectors(tmp_path / "vectors") as vectors,
        handing(tmp_path, vectors, Turns(), user=os.geteuid() + 1),
        pytest.raises(Refused, match="another user"),
    ):
        RemoteVectors.open(tmp_path)


def test_a_server_that_ends_is_told_as_such(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    with open_to_serve(settings):
        remote = knocked(tmp_path)
        with open_vectors(settings) as seen:
            assert seen.stats().count == 0
    with pytest.raises(Unavailable, match="run the command again"):
        remote.stats()
    remote.close()


def test_artworks_are_taken_down_and_added_while_a_folder_is_loaded(
    demo_home: Path, demo: Path, tmp_path: Path
) -> None:
    """A load of hours must not keep an artwork on show that has to go within the hour."""
    draw_gallery(tmp_path / "many", count=160, seed=7)
    new = tmp_path / "new.jpg"
    new.write_bytes((demo / "trees-0001.jpg").read_bytes() + b"\0")
    with serving(Path(shutil.copytree(demo_home, tmp_path / "home"))) as served:
        with open_stores(read_settings(home=served.home), turn=False) as stores:
            turns = 0

            @contextmanager
            def between(*, more: bool = False) -> Iterator[None]:
                nonlocal turns
                with stores.writing(more=more):
                    yield
                turns += 1
                if turns == 2:  # the first batch is written, the graph knows none of it
                    for command in (("remove", f"key:{KEYS[3]}"), ("add", str(new), "--title", "Meanwhile")):
                        done = served.run(*command)
                        assert done.returncode == 0, done.stderr

            request = LoadRequest(folder=tmp_path / "many", source="many")
            load(request, stores.vectors, stores.graph, served.home, Progress(quiet=True), between)
        assert turns > 2
        assert served.ask("/api/v1/graph")["artworks"] == 85 - 1 + 1 + 160
        assert "Meanwhile" in served.run("path", "key:new.jpg", ENDS[0]).stdout
        agrees = served.run("check")
        assert agrees.returncode == 0, agrees.stdout
        assert "everything agrees" in agrees.stdout


def test_what_is_taken_down_while_its_folder_is_loaded_does_not_come_back(
    demo_home: Path, demo: Path, tmp_path: Path
) -> None:
    with serving(Path(shutil.copytree(demo_home, tmp_path / "home"))) as served:
        gone = ENDS[1]
        settings = read_settings(home=served.home)
        with open_stores(settings, turn=False) as stores:
            turns = 0

            @contextmanager
            def between(*, more: bool = False) -> Iterator[None]:
                nonlocal turns
                turns += 1
                if turns == 1:
                    assert served.run("remove", gone).returncode == 0
                with stores.writing(more=more):
                    yield

            demo_copy = Path(shutil.copytree(demo, tmp_path / "copy"))
            for picture in demo_copy.glob("*.jpg"):
                os.utime(picture)  # every file is read again
            request = LoadRequest(folder=demo_copy, source="artworks")
            report = load(request, stores.vectors, stores.graph, served.home, Progress(quiet=True), between)
        assert report.artworks == 84
        assert served.run("show", gone).returncode != 0
        assert "everything agrees" in served.run("check").stdout
