"""A real ``xdegrees serve`` of a home, for tests."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import IO, Any

from tests.neo4j_server import free_port

XDEGREES = str(Path(sys.executable).with_name("xdegrees"))
STARTS_WITHIN = 60
PAUSE = 0.02
"""Seconds a client takes to look at an answer."""


@dataclass(frozen=True)
class Served:
    """A process that serves ``home`` at ``port``."""

    home: Path
    port: int
    process: "subprocess.Popen[bytes]"

    def ask(self, path: str) -> Any:
        """Ask it, and return the JSON of its answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return json.load(answer)

    def ask_path(self, source: str, target: str, further: str, picture: bytes) -> Any:
        """Ask for a path, from the picture if there is one, and return the JSON of its answer."""
        if not picture:
            return self.ask(f"/api/v1/path?from={source}&to={target}{further}")
        part = b'--part\r\nContent-Disposition: form-data; name="'
        body = b'%bto"\r\n\r\n%b\r\n%bfrom_image"; filename="a"\r\n\r\n%b\r\n--part--\r\n'
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/path",
            body % (part, target.encode(), part, picture),
            {"Content-Type": "multipart/form-data; boundary=part"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command on the same home."""
        return subprocess.run(
            [XDEGREES, *command, "--home", str(self.home)], capture_output=True, text=True, check=False
        )


@contextmanager
def serving(home: Path, *options: str, env: dict[str, str] | None = None, port: int = 0) -> Iterator[Served]:
    """Serve a home while the block runs, at a port of one's own or any that is free."""
    port = port or free_port()
    served = Served(home, port, _start(home, port, options, env))
    try:
        _wait(served)
        yield served
    finally:
        served.process.terminate()
        served.process.wait(timeout=40)


def _start(home: Path, port: int, options: Sequence[str], env: dict[str, str] | None) -> "subprocess.Popen[bytes]":
    command = [XDEGREES, "serve", "--home", str(home), "--port", str(port), *options]
    with (home.parent / "serve.log").open("ab") as log:
        given = {**os.environ, "XDEGREES_RATE_LIMIT": "", **(env or {})}
        return subprocess.Popen(command, stderr=log, cwd=home.parent, env=given)


def _wait(served: Served) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and served.process.poll() is None:
        try:
            served.ask("/readyz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError((served.home.parent / "serve.log").read_text()[-3000:])


@dataclass
class Asking:
    """Clients that ask for paths all the time.

    Attributes:
        answers: good ones.
        failures: what went wrong, word for word.
    """

    answers: int = 0
    failures: list[str] = field(default_factory=list)


@contextmanager
def asking(
    served: Served, ends: Sequence[str], clients: int = 4, further: str = "", picture: bytes = b""
) -> Iterator[Asking]:
    """Let some clients ask for paths between these artworks while the block runs; from a picture, where it is given."""
    asked, done = Asking(), Event()

    def client(number: int) -> None:
        turn = number
        while not done.is_set():
            source, target = ends[turn % len(ends)], ends[(turn * 7 + 1) % len(ends)]
            turn += clients
            if source == target:
                continue
            done.wait(PAUSE)
            try:
                served.ask_path(source, target, further, picture)
                asked.answers += 1
            except urllib.error.HTTPError as error:
                asked.failures.append(error.read().decode())
            except OSError as error:
                asked.failures.append(repr(error))

    threads = [Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield asked
    finally:
        done.set()
        for thread in threads:
            thread.join()


def answer_of(client: socket.socket) -> tuple[int, dict[str, Any]]:
    """Read an answer to the end of its body; return the status and the body."""
    with client.makefile("rb") as file:
        return next_answer(file)


def next_answer(file: IO[bytes]) -> tuple[int, dict[str, Any]]:
    """Read one of several answers."""
    status, length = int(file.readline().split()[1]), 0
    while line := file.readline().strip().lower():
        if line.startswith(b"content-length:"):
            length = int(line.split()[1])
    return status, json.loads(file.read(length))
