"""A museum's server that does all that servers do, on this machine, and the internet that leads to it in tests."""

import io
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import unquote

import httpcore
from PIL import Image

from loaders.download.polite import Clock

Headers = dict[str, str]


class Turned(Clock):
    """A clock that a wait turns, so that none takes any time."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        self._lock = Lock()

    def now(self) -> float:
        """Return what it was turned to."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Turn it."""
        self.check()
        with self._lock:
            self.at += seconds


def jpeg(name: str, side: int = 48) -> bytes:
    """Draw a picture of a colour that only this name has."""
    red, green, blue, *_ = sha256(name.encode()).digest()
    file = io.BytesIO()
    Image.linear_gradient("L").resize((side, side)).convert("RGB").point(
        [(i + red) % 256 for i in range(256)]
        + [(i * green // 97) % 256 for i in range(256)]
        + [(i + blue) % 256 for i in range(256)]
    ).save(file, "JPEG", quality=80)
    return file.getvalue()


@dataclass(frozen=True)
class Asked:
    """A line of the server's log; ``at`` is seconds of its clock."""

    at: float
    path: str
    headers: Mapping[str, str]
    status: int


@dataclass
class Museum:
    """The server. ``answer`` says for a path what comes: status, headers and body in pieces.

    Attributes:
        version: moves what pictures look like, and so their ETags.
        gone: paths that were there once.
        further: first part of a path to what answers there, beside what the server does by itself.
    """

    clock: Clock
    log: list[Asked] = field(default_factory=list)
    port: int = 0
    version: str = ""
    closing: Event = field(default_factory=Event)
    counts: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    further: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def url(self, path: str, host: str = "") -> str:
        """Address of a path on this server, by another name if one is given."""
        return f"http://{host or '127.0.0.1'}:{self.port}{path}"

    def paths(self) -> list[str]:
        """Paths in the order in which they were asked."""
        return [asked.path for asked in self.log]

    def gaps(self) -> list[float]:
        """Seconds between requests, by the server's own log."""
        times = [asked.at for asked in self.log]
        return [b - a for a, b in pairwise(times)]

    def count(self, name: str) -> int:
        """How often this was counted, this time included."""
        self.counts[name] = self.counts.get(name, 0) + 1
        return self.counts[name]

    def answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, Headers, Iterable[bytes]]:
        """Answer as the first part of the path says."""
        kind = "missing" if path in self.gone else path.split("/")[1].partition("?")[0]
        behave: Callable[..., Any] = self.further.get(kind, getattr(self, f"_{kind}", self._missing))
        found: tuple[int, Headers, Iterable[bytes]] = behave(path, headers)
        return found

    def _ok(self, path: str, headers: Mapping[str, str]) -> tuple[int, Headers, Iterable[bytes]]:
        tag = f'"{sha256((path + self.version).encode()).hexdigest()[:8]}"'
        if headers.get("If-None-Match") == tag:
            return 304, {"ETag": tag}, [b""]
        body = jpeg(path + self.version)
        return 200, {"ETag": tag, "Content-Type": "image/jpeg", "Content-Length": str(len(body))}, [body]

    def _dated(self, path: str, headers: Mapping[str, str]) -> tuple[int, Headers, Iterable[bytes]]:
        dated = "Mon, 02 Feb 2026 02:02:02 GMT"
        if headers.get("If-Modified-Since") == dated:
            return 304, {}, [b""]
        return 200, {"Last-Modified": dated}, [jpeg(path)]

    def _plain(self, path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {}, [jpeg(path)]

    def _slow(self, path: str, headers: Mapping[str, str]) -> tuple[int, Headers, Iterable[bytes]]:
        time.sleep(0.05)
        return self._ok(path, headers)

    def _blocks(self, path: str, headers: Mapping[str, str]) -> tuple[int, Headers, Iterable[bytes]]:
        return self._ok(path, headers) if self.count("blocks") <= 30 else (403, {}, [b"no"])

    def _throttles(self, path: str, headers: Mapping[str, str]) -> tuple[int, Headers, Iterable[bytes]]:
        return (429, {"Retry-After": "7"}, [b""]) if self.count("all") % 3 == 0 else self._ok(path, headers)

    def _dates(self, path: str, headers: Mapping[str, str]) -> tuple[int, Headers, Iterable[bytes]]:
        told = {"Date": formatdate(1e9, usegmt=True), "Retry-After": formatdate(1e9 + 90, usegmt=True)}
        return (503, told, [b""]) if self.count("dates") == 1 else self._ok(path, headers)

    def _away(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 429, {"Retry-After": "86400"}, [b""]

    def _down(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 500, {}, [b"sorry"]

    def _once(self, path: str, headers: Mapping[str, str]) -> tuple[int, Headers, Iterable[bytes]]:
        return (502, {}, [b""]) if self.count(path) == 1 else self._ok(path, headers)

    def _forbidden(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 403, {}, [b""]

    def _missing(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 404, {"Content-Type": "text/html"}, [b"<html>no</html>"]

    def _html(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {"Content-Type": "image/jpeg"}, [b"\n <!DOCTYPE html><title>Please sign in</title>" + bytes(900)]

    def _called_html(self, path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {"Content-Type": "text/html"}, [jpeg(path)]

    def _svg(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {"Content-Type": "image/svg+xml"}, [b"<?xml version='1.0'?>\n<svg></svg>"]

    def _empty(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {"Content-Length": "0"}, [b""]

    def _short(self, path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {"Content-Length": "90000"}, [jpeg(path)]

    def _vast(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {"Content-Length": "9000000000"}, [b"\xff\xd8\xff"]

    def _packed(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {"Content-Encoding": "gzip", "Content-Type": "image/jpeg"}, [b"\x1f\x8b" + bytes(1000)]

    def _bomb(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {"Content-Type": "image/jpeg"}, [b"\x1f\x8b" + bytes(1000)]

    def _endless(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {}, self._without_end(b"\xff\xd8\xff" + bytes(65536), 0.0)

    def _drips(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {}, self._without_end(b"\xff\xd8\xff", 0.02)

    def _stalls(self, _path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 200, {}, self._without_end(b"\xff\xd8\xff", 60.0)

    def _moved(self, path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        """Lead wherever the rest of the path says."""
        return 302, {"Location": unquote(path.partition("?")[2])}, [b""]

    def _circle(self, path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 301, {"Location": "/circle/b" if path.endswith("a") else "/circle/a"}, [b""]

    def _on(self, path: str, _: object) -> tuple[int, Headers, Iterable[bytes]]:
        return 307, {"Location": f"/on/{int(path.rpartition('/')[2]) + 1}"}, [b""]

    def _iiif(self, path: str, headers: Mapping[str, str]) -> tuple[int, Headers, Iterable[bytes]]:
        return self._ok(path, headers)

    def _without_end(self, piece: bytes, pause: float) -> Iterator[bytes]:
        while not self.closing.wait(pause):
            yield piece


@contextmanager
def museum(clock: Clock | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Museum]:
    """Run the server while it is needed."""
    open_to = Museum(clock or Clock())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            at, headers = open_to.clock.now(), dict(self.headers.items())
            status, told, pieces = open_to.answer(self.path, headers)
            open_to.log.append(Asked(at, self.path, headers, status))
            self.send_response_only(status)
            for name, value in told.items():
                self.send_header(name, value)
            self.close_connection = "Content-Length" not in told and status != 304
            self.end_headers()
            with suppress(OSError):
                for piece in pieces:
                    self.wfile.write(piece)
            self.close_connection |= self.path.startswith("/short")

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing of clients that hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    open_to.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield open_to
    finally:
        open_to.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def raw(answer: bytes) -> Iterator[int]:
    """Run a server that answers every connection with these bytes; lend its port."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(answer)

    server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Internet(httpcore.NetworkBackend):
    """Leads every public address to this machine, and notes which were connected to.

    ``names`` is what a name means, at first, then, and at last for good.
    """

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self.names = {name: list(meanings) for name, meanings in names.items()}
        self.connected: list[str] = []
        self._real = httpcore.SyncBackend()

    def resolve(self, host: str, _port: int) -> list[str]:
        """Return what a name means now."""
        if host not in self.names:
            return [host] if host[:1].isdigit() else _unknown()
        meanings = self.names[host]
        return [meanings.pop(0) if len(meanings) > 1 else meanings[0]]

    def connect_tcp(self, host: str, port: int, *more: Any, **named: Any) -> httpcore.NetworkStream:
        """Connect to this machine, whatever is asked for."""
        self.connected.append(host)
        return self._real.connect_tcp("127.0.0.1", port, *more, **named)


def _unknown() -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "not known")
