"""The vetting page: figures against the metadata, nothing hostile, nothing hidden, nothing fetched."""

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from service.cli import main
from service.paths.space import Space
from service.steering import Steering
from service.vetting.figures import measure_collection
from service.vetting.samples import draw_samples
from stores.angles import unit
from stores.connect import open_stores
from stores.records import Floats
from stores.settings import Settings, read_settings

HOSTILE = "<script>alert(1)</script>"


def given(folder: Path, vectors: Floats, rows: list[str]) -> Settings:
    """Load vectors of one's own with some metadata."""
    keys = np.array([f"{row}" for row in range(len(vectors))])
    np.savez(folder / "v.npz", keys=keys, vectors=unit(vectors))
    (folder / "m.csv").write_text("\n".join(["id,title,artist,rights,alt_text", *rows]), encoding="utf-8")
    settings = read_settings(home=folder / "home")
    request = LoadRequest(None, "a", metadata=folder / "m.csv", vectors=folder / "v.npz", embedder="theirs")
    with open_stores(settings) as stores:
        load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
    return settings


def test_the_page_is_whole_and_needs_nothing_else(demo_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    ran = CliRunner().invoke(main, ["report", str(out), "--home", str(demo_home)], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    page = out.read_text(encoding="utf-8")
    assert page.count('<ol class="strip"') == 30
    assert not re.search(r'(?:src|href)="(?!data:image/jpeg|#)(?!https?://[^"]*" rel="noreferrer")', page)
    assert "<script" not in page
    assert all(re.search(r'alt="[^"]+"', image) for image in re.findall(r"<img [^>]+>", page))
    assert {re.search(r"\S+$", one)[0] for one in re.findall(r'href="#[a-z]+', page)} == {  # type: ignore[index]
        f'href="#{name}' for name in re.findall(r'<h2 id="([a-z]+)"', page)
    }
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_the_figures_are_those_of_the_collection(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(60, 6))
    vectors[10:13] = vectors[10] + 1e-3 * rng.normal(size=(3, 6))
    vectors[40] = vectors[41]
    rows = [
        f"{row},{HOSTILE if row % 3 else ''},{'Ann' if row % 2 else ''},{'CC0' if row < 5 else ''},"
        for row in range(60)
    ]
    settings = given(tmp_path, vectors, rows)
    with open_stores(settings, writing=False) as stores:
        stats = stores.graph.stats()
        figures = measure_collection(stores.graph, stats)
        samples = draw_samples(
            Space(stores.graph, stores.vectors), [str(i) for i in stores.graph.edges().ids], Steering(), 0
        )
        named = {
            one: artwork.key for one, artwork in ((a.id, a) for a in stores.graph.artworks(list(figures.groups[0])))
        }
    counts = {lack.name: lack.count for lack in figures.lacks}
    assert (figures.artworks, figures.edges, figures.groups_total) == (60, stats.edges, 2)
    assert counts["title"] == 20
    assert counts["artist"] == 30
    assert counts["rights or credit"] == 55
    assert counts["alternative text"] == counts["picture that may be shown"] == 60
    assert {named[one] for one in figures.groups[0]} == {"10", "11", "12"}
    assert [len(group) for group in figures.groups] == [3, 2]
    largest = [path.quality.largest_step for path in (*samples.best, *samples.others, *samples.worst)]
    assert max(largest[:10]) <= min(largest[10:])
    assert len(largest) == 30
    out = tmp_path / "report.html"
    ran = CliRunner().invoke(main, ["report", str(out), "--home", str(settings.home)], catch_exceptions=False)
    assert ran.exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert "CC0" in page


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_a_few_artworks_are_no_error(tmp_path: Path, count: int) -> None:
    settings = given(
        tmp_path, np.random.default_rng(1).normal(size=(count, 4)), [f"{row},t,a,r,x" for row in range(count)]
    )
    out = tmp_path / "report.html"
    ran = CliRunner().invoke(main, ["report", str(out), "--home", str(settings.home), "--json"], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    assert f'"artworks": {count}' in ran.output
    assert ("too few artworks" in out.read_text(encoding="utf-8")) == (count == 1)


def test_what_may_not_be_shown_is_not_in_the_page(demo: Path, tmp_path: Path) -> None:
    pictures = sorted(demo.glob("*.jpg"))[:12]
    folder = tmp_path / "pictures"
    folder.mkdir()
    for picture in pictures:
        (folder / picture.name).write_bytes(picture.read_bytes())
    rows = "\n".join(f"{picture.name},none" for picture in pictures)
    (folder / "metadata.csv").write_text(f"filename,display\n{rows}", encoding="utf-8")
    home = tmp_path / "home"
    for command in (
        ["load", str(folder), "--home", str(home)],
        ["report", str(tmp_path / "r.html"), "--home", str(home)],
    ):
        assert CliRunner().invoke(main, command, catch_exceptions=False).exit_code == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "data:image" not in page.partition("</head>")[2]
    assert "Picture not shown" in page


def test_folders_of_the_page_are_made_and_what_cannot_be_is_said(demo_home: Path, tmp_path: Path) -> None:
    def ran(out: Path) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["report", str(out), "--home", str(demo_home)])
        return done.exit_code, done.output

    assert ran(tmp_path / "new" / "page.htm")[0] == 0
    assert (tmp_path / "new" / "page.htm").read_text(encoding="utf-8").startswith("<!doctype html>")
    code, says = ran(tmp_path / "new" / "page.htm" / "r.html")
    assert code == 2
    assert "name a file in a folder that can be written" in says
    for name in ("page", "page.pdf"):
        code, says = ran(tmp_path / name)
        assert code == 2
        assert "let its name end in .html or .htm" in says
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
