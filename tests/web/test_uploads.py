"""A real server under bodies that are too large, too slow or made to hurt: refused, its memory bounded, readers served.

Peaks of resident memory in MB as measured here, without torch; ``pytest -s`` shows them anew:

==============================  ======  ===================
sent                            server  decoding process
==============================  ======  ===================
a small JPEG                    245     52
1 GB of a told length           230
1 GB in chunks                  234
50 megapixels of PNG            248     452
50 megapixels of WebP, clear    248     1063
a text that unpacks to 500 MB   248     54
64 megapixels in 8 KB           248     54
144 megapixels called 100 x 100 248     322
==============================  ======  ===================
"""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from service.web.app import create_app
from service.web.worker import BODY_GRACE, HEADERS_SECONDS
from stores.connect import open_stores
from stores.settings import read_settings
from tests import hostile
from tests.hostile import encoded
from tests.memory import children, forget_peak, peak
from tests.serving import answer_of, next_answer
from tests.web.test_server import free_port

TO: Final = "key:trees-0001.jpg"
PATH: Final = f"/api/v1/path?from=key:stripes-0001.jpg&to={TO}"
PROMPT: Final = 5.0
"""Seconds in which a reader is answered whatever others do; on an idle machine it is in 0.02."""

PLACES: Final = 4
"""Uploads at once: half of the eight threads."""

SERVE: Final = [str(Path(sys.executable).with_name("xdegrees")), "serve"]
HASTY: Final = [
    sys.executable,
    "-c",
    "import service.web.worker as w; w.SEND_SECONDS = 2; from service.cli import main; main()",
    "serve",
]
"""The same server, which gives up on who does not read after two seconds instead of twenty."""


@dataclass(frozen=True)
class Served:
    """A server: its port, and the process that answers."""

    port: int
    pid: int

    def get(self, path: str = PATH) -> float:
        """Ask; return how many seconds the answer took."""
        began = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            assert json.load(answer)
        return time.monotonic() - began

    def send(self, picture: bytes) -> tuple[int, dict[str, Any]]:
        """Send a picture as an end; return the status and the body of the answer."""
        with self.connect() as client:
            client.sendall(post(len(form(picture))) + form(picture))
            return answer_of(client)

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


def form(picture: bytes) -> bytes:
    """Write a form with a picture and where it is to lead."""
    part = b'--x\r\nContent-Disposition: form-data; name="'
    return (
        part
        + b'to"\r\n\r\n'
        + TO.encode()
        + b"\r\n"
        + part
        + b'from_image"; filename="a"\r\n\r\n'
        + picture
        + b"\r\n--x--\r\n"
    )


def post(length: int | None, kind: str = "multipart/form-data; boundary=x") -> bytes:
    """Write the headers of a request with a body of so many bytes; None for chunks."""
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"POST /api/v1/path HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\n{size}\r\n\r\n".encode()


@contextmanager
def serving(command: list[str], demo_home: Path, folder: Path) -> Iterator[Served]:
    """Run a server over a copy of the demo gallery."""
    home, port = Path(shutil.copytree(demo_home, folder / "home")), free_port()
    environment = os.environ | {"XDEGREES_RATE_LIMIT": ""}
    with subprocess.Popen(
        [*command, "--home", str(home), "--port", str(port)], stderr=subprocess.DEVNULL, cwd=folder, env=environment
    ) as process:
        for _ in range(600):
            with suppress(OSError):
                Served(port, 0).get("/readyz")
                break
            time.sleep(0.1)
        (pid,) = children(process.pid)
        yield Served(port, pid)
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.kill()


@pytest.fixture(scope="module")
def served(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The real command, serving."""
    with serving(SERVE, demo_home, tmp_path_factory.mktemp("served")) as server:
        yield server


def picture() -> bytes:
    return encoded(Image.effect_mandelbrot((300, 200), (-3, -2.5, 2, 2.5), 100).convert("RGB"), "JPEG")


def test_a_body_of_a_gigabyte_is_refused_before_it_comes(served: Served) -> None:
    with served.connect() as client:
        began = time.monotonic()
        client.sendall(post(1_000_000_000))
        status, body = answer_of(client)
        assert (status, body["code"]) == (413, "too-large")
        assert time.monotonic() - began < PROMPT


def flood(served: Served, headers: bytes, piece: bytes) -> int:
    """Send a gigabyte as fast as it is taken; return how many bytes of it were, until the connection was closed."""
    sent = 0
    with served.connect() as client:
        client.sendall(headers)
        with suppress(ConnectionError):
            while sent < 1_000_000_000:
                client.sendall(piece)
                sent += len(piece)
    return sent


def in_chunks(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


BEGIN: Final = form(b"").removesuffix(b"\r\n--x--\r\n")
MEGABYTE: Final = bytes(1_000_000)


@pytest.mark.parametrize(
    ("begin", "piece"),
    [(post(1_000_000_000) + BEGIN, MEGABYTE), (post(None) + in_chunks(BEGIN), in_chunks(MEGABYTE))],
    ids=["of a known length", "in chunks"],
)
def test_a_gigabyte_that_comes_all_the_same_takes_neither_memory_nor_time(
    served: Served, begin: bytes, piece: bytes
) -> None:
    served.get()
    before = forget_peak(served.pid)
    assert flood(served, begin, piece) < 150_000_000
    print(f"{before / 1e6:.0f} MB before, {peak(served.pid) / 1e6:.0f} MB at the peak")  # noqa: T201 -- shown by -s
    assert peak(served.pid) - before < 60_000_000
    assert served.get() < PROMPT


def test_text_may_be_a_megabyte_and_not_more(served: Served) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        with served.connect() as client:
            client.sendall(post(1_000_001, kind))
            assert answer_of(client)[0] == 413
    with served.connect() as client:
        client.sendall(post(900_000, "application/json") + b"[" * 900_000)
        assert answer_of(client)[0] in (400, 422)


def drip(clients: list[socket.socket], byte: bytes) -> None:
    """Send a byte over each connection that still takes it."""
    for client in clients:
        with suppress(OSError):
            client.sendall(byte)


def readers_meanwhile(served: Served, seconds: float, between: Callable[[], None]) -> list[float]:
    """Ask for paths for a while, and do something between every two; return the seconds that each answer took."""
    until, took = time.monotonic() + seconds, []
    while time.monotonic() < until:
        took.append(served.get())
        between()
        time.sleep(0.5)
    return took


def ended(client: socket.socket) -> bool:
    """Whether the server ended a connection, with or without an answer, and now rather than later."""
    client.settimeout(0.01)
    try:
        while client.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_ten_who_send_a_byte_a_second_are_cut_off_and_readers_never_wait(served: Served) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(served.connect()) for _ in range(10)]
        for client in slow:
            client.sendall(post(1_000_000) + BEGIN)
        took = readers_meanwhile(served, BODY_GRACE + 2, lambda: drip(slow, b"x"))
        answers = [answer_of(client) for client in slow]
    assert max(took) < PROMPT, statistics.quantiles(took)
    codes = [body["code"] for _, body in answers]
    assert sorted(codes) == ["busy"] * (10 - PLACES) + ["too-slow"] * PLACES
    assert {status for status, body in answers if body["code"] == "too-slow"} == {408}
    assert served.send(picture())[0] == 200


def test_headers_that_do_not_come_keep_nobody_waiting_and_are_not_awaited(served: Served) -> None:
    asked = f"GET {PATH} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    begun = {
        "nothing": b"",
        "a line": b"GET / HTTP/1.1\r\nX-A: ",
        "empty lines": b"\r\n\r\n\r\n",
        "a second request": asked + b"G",
        "the length of a body": post(10)[:-2],
    }
    with ExitStack() as stack:
        slow = [stack.enter_context(served.connect()) for _ in range(10) for _ in begun]
        for client, begin in zip(slow, list(begun.values()) * 10, strict=True):
            client.sendall(begin)
        took = readers_meanwhile(served, HEADERS_SECONDS + 2, lambda: drip(slow[1::5], b"x"))
        assert max(took) < PROMPT, statistics.quantiles(took)
        assert all(ended(client) for client in slow)


def test_headers_without_an_end_are_refused(served: Served) -> None:
    with served.connect() as client:
        with suppress(ConnectionError):
            for number in range(10_000):
                client.sendall(f"X-{number}: {'a' * 90}\r\n".encode() if number else b"GET / HTTP/1.1\r\n")
        with suppress(ConnectionError):
            assert client.recv(4096).startswith(b"HTTP/1.1 431 ")
    assert served.get() < PROMPT


def test_nobody_waits_for_who_does_not_hang_up(served: Served) -> None:
    with ExitStack() as stack:
        stay = [stack.enter_context(served.connect()) for _ in range(12)]
        for client in stay:
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        took = [served.get() for _ in range(5)]
        assert max(took) < PROMPT
        assert all(client.recv(4096).startswith(b"HTTP/1.1 200 ") for client in stay)


def test_a_request_in_pieces_and_several_at_once_are_answered(served: Served) -> None:
    asked = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
    with served.connect() as client:
        for place in range(len(asked)):
            client.sendall(asked[place : place + 1])
        assert answer_of(client)[1] == {"status": "alive"}
        client.sendall(asked * 3)
        with client.makefile("rb") as file:
            assert [next_answer(file)[1] for _ in range(3)] == [{"status": "alive"}] * 3
        whole = form(picture())
        client.sendall(post(None))
        for place in range(0, len(whole), 999):
            piece = whole[place : place + 999]
            client.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        client.sendall(b"0\r\n\r\n")
        assert answer_of(client)[0] == 200


def test_who_does_not_read_answers_is_given_up(demo_home: Path, tmp_path: Path) -> None:
    asked = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 2000
    with serving(HASTY, demo_home, tmp_path) as server, ExitStack() as stack:
        for _ in range(8):  # every thread there is
            client = stack.enter_context(server.connect())
            client.settimeout(0)
            with suppress(BlockingIOError):
                client.send(asked)
        time.sleep(1)
        assert server.get() < 10


def test_an_honest_picture_of_50_megapixels_is_taken_and_a_bomb_is_not(served: Served) -> None:
    assert served.send(picture())[0] == 200
    (decoder,), server = children(served.pid), served.pid
    shaded = Image.radial_gradient("L").resize((10_000, 5_000))
    files = {
        "a small JPEG": (picture(), 200),
        "50 megapixels of PNG": (encoded(Image.merge("RGB", [shaded] * 3), "PNG", compress_level=1), 200),
        "50 megapixels of WebP, clear": (encoded(Image.merge("RGBA", [shaded] * 4), "WEBP", method=0), 200),
        "a text that unpacks to 500 MB": (hostile.text_bomb(), 422),
        "64 megapixels in 8 KB": (hostile.pixels_in_few_bytes("PNG", 8000), 422),
        "144 megapixels called 100 x 100": (hostile.understated("AVIF", 12_000), 200),
    }
    for name, (data, status) in files.items():
        before = forget_peak(server), forget_peak(decoder)
        assert served.send(data)[0] == status, name
        print(f"{name:36} {peak(server) / 1e6:9.0f} {peak(decoder) / 1e6:9.0f}")  # noqa: T201 -- shown by pytest -s
        assert peak(server) - before[0] < 60_000_000, name
        assert peak(decoder) - before[1] < 1_536 * 2**20, name
    assert children(served.pid) == [decoder]
    assert forget_peak(decoder) < 150_000_000


def test_of_a_picture_that_is_a_page_as_well_only_its_pixels_are_served(tmp_path: Path) -> None:
    folder, settings = tmp_path / "in", read_settings(home=tmp_path / "home", rate_limit="")
    folder.mkdir()
    for name, data in hostile.polyglots().items():
        (folder / name).write_bytes(data)
    with open_stores(settings) as stores:
        load(LoadRequest(folder, "a"), stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        client = create_app(stores, settings).test_client()
        artworks = client.get("/api/v1/artworks").get_json()["artworks"]
        assert len(artworks) == len(hostile.polyglots())
        for address in (image["url"] for artwork in artworks for image in artwork["images"].values()):
            with client.get(address) as answer:
                assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert b"script" not in answer.data
                assert b"PK" not in answer.data
