"""The real command, serving on a real port."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.web.worker import Pace

XDEGREES = str(Path(sys.executable).with_name("xdegrees"))


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(demo_home: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """A server over a copy of the demo gallery."""
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    port = free_port()
    command = [XDEGREES, "serve", "--home", str(home), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=tmp_path) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            try:
                ask(port, "/readyz")
                break
            except OSError:
                time.sleep(0.1)
        yield process, port, home
        process.kill()


def ask(port: int, path: str) -> dict[str, object]:
    """Ask the server."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        body: dict[str, object] = json.load(answer)
        return body


def test_a_server_answers_names_itself_and_stops_when_told(
    served: tuple[subprocess.Popen[bytes], int, Path],
) -> None:
    process, port, home = served
    path = ask(port, "/api/v1/path?from=key:stripes-0001.jpg&to=key:trees-0001.jpg")
    assert path["steps"]
    for command in (["serve", "--port", str(free_port())],):
        other = subprocess.run([XDEGREES, *command, "--home", str(home)], capture_output=True, text=True, check=False)
        assert other.returncode == 5
        assert "'xdegrees serve' (process " in other.stderr
        assert other.stderr.count("xdegrees: ") == 1
    found = subprocess.run([XDEGREES, "search", "a", "--home", str(home)], capture_output=True, check=True)
    assert found.stdout
    memory = sum(resident(child) for child in (process.pid, *children(process.pid)))
    assert memory < 500_000_000
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


def refused(home: Path, host: str, port: int) -> str:
    """Return the one line with which a server does not start."""
    command = [XDEGREES, "serve", "--home", str(home), "--host", host, "--port", str(port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    return done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_taken_port_is_one_line(demo_home: Path, host: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as taken:
        taken.bind((host, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refused(demo_home, host, port) == f"xdegrees: port {port} is taken: choose another with --port\n"


def test_a_host_that_is_another_machine_is_one_line(demo_home: Path) -> None:
    assert refused(demo_home, "192.0.2.1", free_port()).startswith("xdegrees: nothing can listen at 192.0.2.1: ")


def children(pid: int) -> list[int]:
    """Processes started by a process."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident(pid: int) -> int:
    """Bytes of memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


@pytest.mark.parametrize("sent", [b"", b"GET / HT"])
def test_a_connection_that_is_closed_without_a_request_is_no_slow_body(sent: bytes) -> None:
    here, there = socket.socketpair()
    with here:
        pace = Pace(here, 180.0)
        here.settimeout(0)
        assert not pace.take()
        with there:
            there.sendall(sent)
        assert pace.take()
        here.settimeout(None)
        assert pace.read(100) == sent
        assert pace.read(100) == b""
