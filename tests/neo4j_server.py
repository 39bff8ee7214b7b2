"""A real Neo4j on this machine, made of Maven packages: for tests, and for ``make browser``."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

PARTS: Final = Path(__file__).parent.parent / "cypher" / "server"
PLUGINS: Final = "org.neo4j.gds,org.neo4j.procedure"
STARTS_WITHIN: Final = 120
"""Seconds; about 12 are usual on two cores."""

JAVA: Final = (
    "java",
    "-Xms256m",
    "-Xmx1g",
    "-XX:+ExitOnOutOfMemoryError",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8",
)


class CannotStartError(RuntimeError):
    """Java or Maven is missing, or the server did not come up; the message holds the end of its log."""


def installed() -> Path:
    """Fetch the server's packages once per version; return the folder of ``lib`` and ``plugins``."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            raise CannotStartError(f"{tool} is not installed: Neo4j needs Java 17 and Maven")
    pom = PARTS / "pom.xml"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xdegrees"
    folder = cache / f"neo4j-{sha256(pom.read_bytes()).hexdigest()[:12]}"
    if folder.exists():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=cache))
    for part, rule in (("lib", f"-DexcludeGroupIds={PLUGINS}"), ("plugins", f"-DincludeGroupIds={PLUGINS}")):
        command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", "-DincludeScope=runtime", rule]
        done = subprocess.run(
            [*command, f"-DoutputDirectory={made / part}"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CannotStartError(f"Maven could not fetch Neo4j:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    try:
        made.rename(folder)
    except OSError:  # another run was quicker
        shutil.rmtree(made)
    return folder


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LocalNeo4j:
    """One server with its data in ``home``; it keeps its ports when it is started again.

    Attributes:
        uri, http, browser: where it answers.
    """

    def __init__(self, home: Path, bolt: int = 0, http: int = 0) -> None:
        self._home = home
        self._bolt, self._http = bolt or free_port(), http or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.uri = f"bolt://127.0.0.1:{self._bolt}"
        self.http = f"http://127.0.0.1:{self._http}"
        self.browser = f"{self.http}/browser/?dbms={self.uri}&preselectAuthMethod=NO_AUTH"

    def start(self, plugins: str = "*", settings: Mapping[str, str] | None = None, *, auth: bool = False) -> None:
        """Start, and wait until it answers. ``plugins`` chooses jars by a pattern, such as ``apoc*``."""
        parts = installed()
        for folder in ("conf", "plugins", "logs"):
            (self._home / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(PARTS / "neo4j.conf", self._home / "conf")
        given = {
            "server.bolt.listen_address": f"127.0.0.1:{self._bolt}",
            "server.http.listen_address": f"127.0.0.1:{self._http}",
            "dbms.security.auth_enabled": str(auth).lower(),
            **(settings or {}),
        }
        jars = [str(jar) for jar in (parts / "plugins").glob(plugins)]
        for old in (self._home / "plugins").iterdir():
            old.unlink()
        for jar in jars:
            (self._home / "plugins" / Path(jar).name).symlink_to(jar)
        command = [
            *JAVA,
            "-cp",
            ":".join([*jars, f"{self._home}/conf/*", f"{parts}/lib/*"]),
            "org.neo4j.server.CommunityEntryPoint",
            f"--home-dir={self._home}",
            f"--config-dir={self._home}/conf",
            "--console-mode",
            *(word for name, value in given.items() for word in ("-c", f"{name}={value}")),
        ]
        with (self._home / "logs" / "console.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        atexit.register(self.kill)
        self._wait()

    def stop(self) -> None:
        """Ask it to stop and wait until it has."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=60)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=60)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, such as one that halts it."""
        if self._process is not None:
            self._process.send_signal(number)

    def log_tail(self) -> str:
        """Return the end of what it said."""
        return (self._home / "logs" / "console.log").read_text(errors="replace")[-4000:]

    def _wait(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.http, timeout=5):  # noqa: S310 -- an address of our own
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise CannotStartError(f"Neo4j did not start:\n{self.log_tail()}")
