"""The container files, as far as they can be held to something without an engine to run them."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from stores.settings import Settings
from tests.conftest import ROOT
from tests.neo4j_server import free_port

COMPOSE: Final[dict[str, Any]] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text(encoding="utf-8")
POM: Final = (ROOT / "cypher" / "server" / "pom.xml").read_text(encoding="utf-8")
UV: Final = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")


def test_the_compose_file_follows_the_specification() -> None:
    command = [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(ROOT / "docker-compose.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_bounded_and_has_no_rights_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert re.search(r":v?\d+\.\d+\.\d+", service["image"])
    assert service["mem_limit"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert service.get("read_only") or name == "neo4j"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert "healthcheck" in service or name == "loader"
    assert all(secret in COMPOSE["secrets"] for secret in service["secrets"])
    user = service.get("user") or re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_every_setting_in_it_is_one_of_ours() -> None:
    for name in ("service", "loader"):
        for setting in SERVICES[name]["environment"]:
            assert setting.removeprefix("XDEGREES_").lower() in Settings.model_fields


def test_what_the_images_are_made_of_is_there_and_comes_along() -> None:
    taken = [
        word for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]
    ]
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    for name in taken:
        assert (ROOT / name).exists()
        assert f"!{name.split('/')[0]}\n" in allowed
    targets = set(re.findall(r" AS ([\w-]+)$", DOCKERFILE, re.MULTILINE))
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} <= targets


def test_images_are_pinned_and_versions_agree_everywhere() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    stages = re.findall(r" AS ([\w-]+)$", DOCKERFILE, re.MULTILINE)
    assert all(base in stages or re.search(r":\d+\.\d+\.\d+", base) for base in bases)
    (server,) = re.findall(r"<artifactId>neo4j</artifactId><version>([\d.]+)", POM)
    assert f"FROM neo4j:{server}-community" in DOCKERFILE
    assert SERVICES["neo4j"]["image"].endswith(f":{server}")


@pytest.mark.parametrize("models", [False, True], ids=["service", "service-models"])
def test_the_dependencies_of_an_image_are_enough_to_serve(models: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """Installed as the Dockerfile does, in a clean environment; told to stop, it finishes what it began."""
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(tmp_path / "env"), "NUMBA_CACHE_DIR": str(tmp_path)}
    extra = ["--extra", "map", *(["--extra", "models"] if models else [])]
    subprocess.run(
        [UV, "sync", "--quiet", "--frozen", "--no-dev", "--no-editable", *extra], check=True, env=environment, cwd=ROOT
    )
    python, command = (str(tmp_path / "env" / "bin" / name) for name in ("python", "xdegrees"))
    has_torch = subprocess.run([python, "-c", "import torch"], capture_output=True, check=False).returncode == 0
    assert has_torch == models
    subprocess.run([command, "gallery", "pictures", "--count", "34"], check=True, cwd=tmp_path, capture_output=True)
    subprocess.run([command, "load", "pictures"], check=True, cwd=tmp_path, capture_output=True, env=environment)
    port = free_port()
    with subprocess.Popen(
        [command, "serve", "--port", str(port)], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until_alive(port)
            statuses: list[int] = []
            slow = threading.Thread(target=lambda: statuses.append(draw_slowly(port)))
            slow.start()
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            slow.join(timeout=30)
            assert statuses == [200]
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


def wait_until_alive(port: int) -> None:
    """Wait for the service to answer."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    pytest.fail("the service did not start")


def draw_slowly(port: int) -> int:
    """Ask for a strip, and send the last of the request a second later."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        path = "/api/v1/path.png?from=key:stripes-0001.jpg&to=key:trees-0001.jpg"
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n".encode())
        time.sleep(1)
        connection.sendall(b"Connection: close\r\n\r\n")
        return int(connection.makefile("rb").readline().split()[1])
