"""The demonstration gallery: the same bytes every time, every family, and neighbours that look alike."""

import csv
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from loaders import gallery
from loaders.gallery import draw_gallery
from loaders.gallery.captions import ARTISTS, caption
from loaders.gallery.families import RING
from loaders.gallery.growth import stars
from loaders.gallery.palettes import RING as PALETTES
from loaders.gallery.palettes import palette_at
from loaders.gallery.works import works

COLUMNS = ["filename", "title", "artist", "year", "style", "medium", "rights", "alt_text"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery of two pictures per family."""
    folder = tmp_path_factory.mktemp("gallery")
    draw_gallery(folder, count=2 * len(RING), seed=5)
    return folder


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_one_metadata_row_per_picture(small: Path) -> None:
    found = rows(small)
    assert list(found[0]) == COLUMNS
    assert all(all(row.values()) for row in found)
    assert {row["rights"] for row in found} == {"CC0 1.0"}
    assert sorted(row["filename"] for row in found) == sorted(path.name for path in small.glob("*.jpg"))


def test_every_family_is_there(small: Path) -> None:
    assert len(RING) >= 12
    assert {row["style"] for row in rows(small)} == {family.style for family in RING}
    assert {path.name.split("-")[0] for path in small.glob("*.jpg")} == {family.name for family in RING}


def test_pictures_can_be_opened_and_vary_in_shape(small: Path) -> None:
    sizes = set()
    for path in small.glob("*.jpg"):
        with Image.open(path) as image:
            image.load()
            assert (image.format, image.mode) == ("JPEG", "RGB")
            sizes.add(image.size)
    assert all(max(size) == 480 for size in sizes)
    assert {np.sign(width - height) for width, height in sizes} == {-1, 0, 1}


def test_no_picture_is_empty(small: Path) -> None:
    for path in small.glob("*.jpg"):
        with Image.open(path) as image:
            assert np.asarray(image.convert("L")).std() > 6, path.name


def test_the_same_seed_gives_the_same_bytes_in_any_number_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_gallery(tmp_path / "one", count=9, seed=3)
    monkeypatch.setattr(gallery, "_WORTH_A_POOL", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    draw_gallery(tmp_path / "two", count=9, seed=3)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_gives_other_pictures(tmp_path: Path) -> None:
    for seed in (1, 2):
        draw_gallery(tmp_path / str(seed), count=1, seed=seed)
    first, second = digests(tmp_path / "1"), digests(tmp_path / "2")
    assert all(first[name] != second[name] for name in first)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_gallery_can_be_smaller_than_the_number_of_families(tmp_path: Path, count: int) -> None:
    told: list[int] = []
    draw_gallery(tmp_path, count=count, progress=told.append)
    assert told == list(range(1, count + 1))
    assert len(list(tmp_path.glob("*.jpg"))) == count
    assert (tmp_path / "metadata.csv").read_text(encoding="utf-8").startswith(",".join(COLUMNS))
    assert len(rows(tmp_path)) == count


def test_neighbours_look_more_alike_than_strangers(tmp_path: Path) -> None:
    chosen = [work for start in range(10, 640, 40) for work in works(640, 1)[start : start + 2]]
    thumbs = []
    for work in chosen:
        work.draw(tmp_path)
        with Image.open(tmp_path / work.filename) as image:
            thumbs.append(np.asarray(image.resize((8, 8), Image.Resampling.BOX), np.float64))
    first, second = np.array(thumbs[::2]), np.array(thumbs[1::2])
    neighbours = np.abs(first - second).mean(axis=(1, 2, 3))
    strangers = np.abs(first - np.roll(second, 5, axis=0)).mean(axis=(1, 2, 3))
    assert np.median(neighbours) < 0.6 * np.median(strangers)
    assert (neighbours < strangers).mean() > 0.8


@pytest.mark.parametrize("night", [0.0, 0.4, 0.5, 0.55, 0.6, 0.7, 1.3])
def test_star_charts_show_at_every_hour(night: float) -> None:
    sheet = next(work.sheet() for work in works(640, 1) if work.family.name == "stars")
    grey = replace(stars(sheet), night=night).draw(sheet).mean(axis=2)
    assert np.quantile(np.abs(grey - np.median(grey)), 0.99) > 0.15


def test_captions_vary_and_years_are_plausible() -> None:
    found = [caption(work) for work in works(640, 1)]
    assert len({row["title"] for row in found}) > 500
    assert {row["artist"] for row in found} == {name for name, _ in ARTISTS}
    years = [int(row["year"].removeprefix("c. ")[:4]) for row in found]
    assert min(years) >= 1890
    assert max(years) <= 2020
    assert max(years) - min(years) > 90
    assert any(row["year"].startswith("c. ") for row in found)
    assert any("\N{EN DASH}" in row["year"] for row in found)


def test_filenames_are_unique() -> None:
    names = [work.filename for work in works(640, 1)]
    assert len(set(names)) == 640
    assert names[0] == "stripes-0001.jpg"


@pytest.mark.parametrize("position", range(len(PALETTES)))
def test_a_palette_at_its_own_place_keeps_its_colours(position: int) -> None:
    name, colours = PALETTES[position]
    palette = palette_at(position, 0)
    assert palette.name == name
    paper = np.array(list(bytes.fromhex(colours.split()[0]))) / 255
    assert np.abs(palette.paper - paper).max() < 0.004
