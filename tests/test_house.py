"""The house's own promises: contracts that break when broken, a wheel that runs, documents that are true."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import click
import pytest

from service.cli import main
from stores.errors import Unavailable
from stores.settings import Settings
from tests.conftest import ROOT

SCRIPTS = Path(sys.executable).parent
ROOMS = ("service", "loaders", "stores", "cypher")


def project_copy(folder: Path) -> Path:
    """Copy the code and its rules to where they may be broken."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contracts on a copy."""
    command = [str(SCRIPTS / "lint-imports"), "--no-cache"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder)}
    )


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("stores/records.py", "import loaders.links", "imports only point down"),
        ("loaders/neighbors.py", "import loaders.collection", "stages of a load never import each other"),
        ("stores/sqlite.py", "import stores.qdrant_edge", "adapters never import each other"),
        ("stores/qdrant.py", "import stores.qdrant_edge", "adapters never import each other"),
        ("service/paths/find.py", "import stores.qdrant", "only connect picks an adapter"),
        ("service/paths/find.py", "import stores.sqlite", "only connect picks an adapter"),
        ("loaders/links.py", "import torch", "torch lives in loaders.embedders"),
        ("loaders/relink.py", "import qdrant_edge", "only the vector adapters know Qdrant"),
        ("stores/neo4j_paths.py", "import neo4j", "only the Neo4j adapter knows its driver"),
        ("stores/placing.py", "import openTSNE", "only loaders.layout knows openTSNE"),
        ("loaders/collection.py", "import httpcore", "only loaders.download asks other hosts"),
        ("service/paths/find.py", "import flask", "only service.web imports Flask"),
    ],
)
def test_an_import_contract_fails_when_it_is_broken(tmp_path: Path, file: str, line: str, contract: str) -> None:
    folder = project_copy(tmp_path)
    (folder / file).write_text(f"{line}\n{(folder / file).read_text(encoding='utf-8')}", encoding="utf-8")
    answer = lint_imports(folder)
    assert answer.returncode != 0
    assert re.search(rf"{contract}.* BROKEN", answer.stdout)


def test_no_contract_is_broken_as_it_stands(tmp_path: Path) -> None:
    answer = lint_imports(project_copy(tmp_path))
    assert answer.returncode == 0, answer.stdout


def test_no_file_is_over_300_lines_and_the_median_is_small() -> None:
    sizes = sorted(
        len(path.read_text(encoding="utf-8").splitlines()) for room in ROOMS for path in (ROOT / room).rglob("*.py")
    )
    assert sizes[-1] <= 300
    assert sizes[len(sizes) // 2] <= 120


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel in a clean environment, with the base dependencies and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    for command in (
        [uv, "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)],
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder / "venv")],
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            str(folder / "venv"),
            str(folder / "xdegrees-0.1.0-py3-none-any.whl"),
        ],
    ):
        subprocess.run(command, check=True, cwd=folder)
    return folder / "venv" / "bin"


def test_the_wheel_runs_in_a_clean_environment(installed: Path, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        return subprocess.run(
            [str(installed / "xdegrees"), *words], check=True, cwd=tmp_path, capture_output=True, text=True
        ).stdout

    assert (
        "torch"
        not in subprocess.run(
            [
                str(installed / "python"),
                "-c",
                "import importlib.metadata as m; print([d.name for d in m.distributions()])",
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )
    run("gallery", "pictures", "--count", "34")
    assert "34 added" in run("load", "pictures")
    assert "artworks at the gentle pace" in run(
        "path", "key:stripes-0001.jpg", "key:trees-0001.jpg", "--strip", "p.png"
    )
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert "34 unchanged" in run("load", "pictures")
    lacking = subprocess.run([str(installed / "xdegrees"), "map"], cwd=tmp_path, capture_output=True, check=False)
    assert lacking.returncode == 2
    assert lacking.stderr.startswith(b"xdegrees: a map needs openTSNE: run 'make map'")


def test_the_lock_is_that_of_the_project() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    own = next(package for package in lock["package"] if package["name"] == "xdegrees")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {need["name"] for need in own["metadata"]["requires-dist"] if "marker" not in need}
    assert locked == {re.split(r"[\[<>=]", need)[0] for need in project["dependencies"]}


def commands() -> Mapping[str, click.Command]:
    """Every command by name."""
    assert isinstance(main, click.Group)
    return main.commands


README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_its_options_are_in_the_readme(name: str) -> None:
    assert f"`xdegrees {name}" in README
    shown = README[README.index("## Commands") :]
    for option in commands()[name].params:
        if isinstance(option, click.Option) and option.name not in ("help", "home", "as_json"):
            assert option.opts[0] in shown, f"{name} {option.opts[0]}"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"`XDEGREES_{name.upper()}`" in README


def test_the_python_in_the_readme_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], demo_home: Path, tmp_path: Path
) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unavailable, match=r"nothing has been loaded in demo/home yet: run 'xdegrees load FOLDER'"):
        exec(compile(block, "README.md", "exec"), {})  # noqa: S102 -- the README's own lines
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "home").symlink_to(demo_home)
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102 -- likewise
    assert capsys.readouterr().out.count("', '") == 6


def test_every_local_link_in_the_documents_leads_somewhere() -> None:
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
