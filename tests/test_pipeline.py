"""Loads end to end with the classic embedder: what is done, what is not done again, what is refused."""

import csv
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from loaders.gallery import draw_gallery
from loaders.given import read_given, write_given
from loaders.pipeline import load, relink
from loaders.progress import Progress
from loaders.report import LoadReport
from loaders.request import LoadRequest
from stores.connect import Stores, open_stores
from stores.errors import BadInput, Mismatch, Refused
from stores.pictures import picture_path
from stores.records import Search
from stores.settings import Settings, read_settings


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery of 40 pictures, drawn once."""
    folder = tmp_path_factory.mktemp("drawn") / "gallery"
    draw_gallery(folder, count=40)
    return folder


@pytest.fixture
def gallery(drawn: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(drawn, tmp_path / "gallery"))


def run(stores: Stores, settings: Settings, folder: Path | None, **more: object) -> LoadReport:
    """Load a folder."""
    request = replace(LoadRequest(folder=folder, source="artworks"), **more)  # type: ignore[arg-type]
    return load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))


def digest(stores: Stores) -> str:
    """Name of the graph."""
    facts = stores.graph.stats().facts
    assert facts
    return facts.digest


def edit_title(folder: Path, filename: str, title: str) -> None:
    """Correct a title in the metadata."""
    with (folder / "metadata.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["title"] = title if row["filename"] == filename else row["title"]
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def first_picture(folder: Path) -> Path:
    """Return the first picture of a folder."""
    return min(folder.glob("*.jpg"))


def test_a_load_adds_everything_and_a_second_finds_nothing_to_do(
    stores: Stores, settings: Settings, gallery: Path
) -> None:
    report = run(stores, settings, gallery)
    assert (report.added, report.artworks, len(report.quarantined)) == (40, 40, 0)
    before = stores.graph.stats()
    again = run(stores, settings, gallery)
    assert (again.added, again.unchanged, again.components) == (0, 40, None)
    assert stores.graph.stats() == before


def test_pictures_are_in_the_home_and_originals_untouched(stores: Stores, settings: Settings, gallery: Path) -> None:
    originals = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in gallery.iterdir()}
    run(stores, settings, gallery)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in gallery.iterdir()} == originals
    for artwork in stores.graph.find(Search(limit=100)).artworks:
        for name, size in artwork.images.items():
            with Image.open(picture_path(settings.images, artwork.content_hash, name)) as image:
                assert image.size == size


def test_a_corrected_title_is_written_without_embedding(stores: Stores, settings: Settings, gallery: Path) -> None:
    run(stores, settings, gallery)
    before = stores.graph.stats()
    edit_title(gallery, first_picture(gallery).name, "Entirely Corrected")
    report = run(stores, settings, gallery)
    assert (report.metadata_changed, report.image_changed, report.added) == (1, 0, 0)
    assert "embed" not in report.seconds
    after = stores.graph.stats()
    assert after.metadata_version == before.metadata_version + 1
    assert after.facts
    assert before.facts
    assert after.facts.digest == before.facts.digest
    assert stores.graph.find(Search(text="entirely corrected")).total == 1


def test_a_touched_file_is_read_again_and_found_unchanged(stores: Stores, settings: Settings, gallery: Path) -> None:
    run(stores, settings, gallery)
    before = digest(stores)
    os.utime(first_picture(gallery), ns=(1, 1))
    report = run(stores, settings, gallery)
    assert (report.unchanged, report.image_changed) == (40, 0)
    assert digest(stores) == before
    assert "embed" not in run(stores, settings, gallery).seconds


def test_a_changed_picture_is_embedded_again_and_its_old_pictures_go(
    stores: Stores, settings: Settings, gallery: Path
) -> None:
    run(stores, settings, gallery)
    before, files = digest(stores), set(settings.images.rglob("*.jpg"))
    Image.new("RGB", (300, 200), "teal").save(first_picture(gallery))
    report = run(stores, settings, gallery)
    assert (report.image_changed, report.unchanged) == (1, 39)
    assert digest(stores) != before
    now = set(settings.images.rglob("*.jpg"))
    assert (len(files - now), len(now - files)) == (2, 2)


def test_a_missing_file_is_kept_until_pruned(stores: Stores, settings: Settings, gallery: Path) -> None:
    run(stores, settings, gallery)
    first_picture(gallery).unlink()
    report = run(stores, settings, gallery)
    assert (report.missing, report.artworks) == (1, 40)
    report = run(stores, settings, gallery, prune=True)
    assert (report.pruned, report.artworks) == (1, 39)
    assert len(set(settings.images.rglob("*.jpg"))) == 78


def test_an_unmounted_share_does_not_empty_a_collection(stores: Stores, settings: Settings, gallery: Path) -> None:
    run(stores, settings, gallery)
    for path in sorted(gallery.glob("*.jpg"))[:5]:
        path.unlink()
    with pytest.raises(Refused, match="5 of 40"):
        run(stores, settings, gallery, prune=True)
    assert stores.vectors.stats().count == 40
    assert run(stores, settings, gallery, prune=True, prune_limit=13.0).pruned == 5


def test_a_limit_calls_nothing_missing(stores: Stores, settings: Settings, gallery: Path) -> None:
    run(stores, settings, gallery)
    report = run(stores, settings, gallery, limit=10, prune=True)
    assert (report.missing, report.pruned, report.artworks) == (0, 0, 40)


def test_another_source_stands_beside_and_is_not_pruned(stores: Stores, settings: Settings, gallery: Path) -> None:
    run(stores, settings, gallery)
    report = run(stores, settings, gallery, source="other", prune=True)
    assert (report.added, report.pruned, report.artworks) == (40, 0, 80)
    assert run(stores, settings, gallery, prune=True).unchanged == 40


def test_a_second_embedder_is_refused_naming_both(stores: Stores, settings: Settings, gallery: Path) -> None:
    run(stores, settings, gallery)
    with pytest.raises(Mismatch, match=r"classic.*resnet18"):
        run(stores, settings, gallery, embedder="resnet18")
    with pytest.raises(Mismatch, match="not the checkpoint"):
        run(stores, settings, gallery, checkpoint=first_picture(gallery))
    assert run(stores, settings, gallery).unchanged == 40


def test_bad_files_are_quarantined_once_and_the_rest_is_intact(
    stores: Stores, settings: Settings, gallery: Path
) -> None:
    (gallery / "empty.jpg").touch()
    (gallery / "text.jpg").write_text("no picture")
    report = run(stores, settings, gallery)
    assert {p.name: p.reason for p in report.quarantined} == {
        "empty.jpg": "empty file",
        "text.jpg": "not an image of a known format",
    }
    assert (report.added, report.new_in_quarantine) == (40, 2)
    again = run(stores, settings, gallery)
    assert (len(again.quarantined), again.new_in_quarantine) == (2, 0)
    assert "embed" not in again.seconds
    shutil.copy(first_picture(gallery), gallery / "text.jpg")
    mended = run(stores, settings, gallery)
    assert (mended.added, len(mended.quarantined), mended.new_in_quarantine) == (1, 1, 0)


def test_a_file_that_breaks_keeps_the_artwork_it_was(stores: Stores, settings: Settings, gallery: Path) -> None:
    run(stores, settings, gallery)
    first_picture(gallery).write_bytes(b"broken now")
    report = run(stores, settings, gallery)
    assert (len(report.quarantined), report.artworks, report.missing) == (1, 40, 0)


def test_two_files_with_the_same_bytes_are_two_artworks(stores: Stores, settings: Settings, gallery: Path) -> None:
    shutil.copy(first_picture(gallery), gallery / "copy.jpg")
    report = run(stores, settings, gallery)
    assert (report.added, report.artworks) == (41, 41)


def test_display_decides_which_pictures_there_are(stores: Stores, settings: Settings, gallery: Path) -> None:
    names = [path.name for path in sorted(gallery.glob("*.jpg"))[:3]]
    rows = zip(names, ("none", "thumb", "full"), strict=True)
    (gallery / "metadata.csv").write_text("filename,display\n" + "\n".join(",".join(row) for row in rows))
    run(stores, settings, gallery)
    shown = {a.key: set(a.images) for a in stores.graph.find(Search(limit=100)).artworks}
    assert [shown[name] for name in names] == [set(), {"thumb"}, {"thumb", "medium"}]
    others = [artwork_sizes for key, artwork_sizes in shown.items() if key not in names]
    assert not any(others)  # rows say what may be shown, and none speaks of these
    (gallery / "metadata.csv").write_text("filename,display\n" + "\n".join(f"{name},none" for name in names))
    run(stores, settings, gallery)
    assert list(settings.images.rglob("*.jpg")) == []


def test_every_way_of_loading_gives_the_same_graph(gallery: Path, tmp_path: Path) -> None:
    homes = {name: read_settings(home=tmp_path / name) for name in ("whole", "parts", "given")}
    names: dict[str, str] = {}
    for name, own in homes.items():
        with open_stores(own) as stores:
            if name == "parts":
                for limit in (7, 23):
                    run(stores, own, gallery, limit=limit)
            if name == "given":
                run(stores, own, None, vectors=tmp_path / "out.npz", embedder="theirs")
            else:
                run(stores, own, gallery)
            if name == "whole":
                assert write_given(tmp_path / "out.npz", stores.vectors) == 40
            names[name] = digest(stores)
    assert len(set(names.values())) == 1


def test_given_vectors_can_go_with_a_folder_of_pictures(
    stores: Stores, settings: Settings, gallery: Path, tmp_path: Path
) -> None:
    keys = sorted(path.name for path in gallery.glob("*.jpg"))
    vectors = np.random.default_rng(0).normal(size=(40, 6)) * 7
    np.savez(tmp_path / "v.npz", keys=np.array(keys[1:]), vectors=vectors[1:])
    report = run(stores, settings, gallery, vectors=tmp_path / "v.npz", embedder="theirs")
    assert (report.added, [p.name for p in report.quarantined]) == (39, [keys[0]])
    assert run(stores, settings, gallery, vectors=tmp_path / "v.npz", embedder="theirs").unchanged == 39
    vectors[5] += 1
    np.savez(tmp_path / "v.npz", keys=np.array(keys[1:]), vectors=vectors[1:])
    again = run(stores, settings, gallery, vectors=tmp_path / "v.npz", embedder="theirs")
    assert (again.image_changed, again.unchanged) == (1, 38)
    with pytest.raises(Mismatch):
        run(stores, settings, gallery, vectors=tmp_path / "v.npz", embedder="another")


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"keys": ["a"]}, "vectors"),
        ({"keys": ["a", "b"], "vectors": np.ones((1, 3))}, "must be"),
        ({"keys": ["a", "a"], "vectors": np.ones((2, 3))}, "twice"),
        ({"keys": ["a", "b"], "vectors": np.array([[1, 0], [0, 0]])}, "the vector of b"),
        ({"keys": ["a"], "vectors": np.array([[np.nan, 1]])}, "not finite"),
        ({"keys": ["a"], "vectors": np.ones(1)}, "must be"),
    ],
)
def test_bad_vectors_are_refused_with_a_reason(tmp_path: Path, arrays: dict[str, object], reason: str) -> None:
    np.savez(tmp_path / "v.npz", **{name: np.asarray(value) for name, value in arrays.items()})  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=reason):
        read_given(tmp_path / "v.npz")


def test_relinking_needs_no_picture(stores: Stores, settings: Settings, gallery: Path) -> None:
    run(stores, settings, gallery)
    edges = stores.graph.edges()
    shutil.rmtree(gallery)
    assert not relink(stores.vectors, stores.graph, None, Progress(quiet=True))
    assert relink(stores.vectors, stores.graph, 5, Progress(quiet=True))
    assert len(stores.graph.edges()) < len(edges)
    assert relink(stores.vectors, stores.graph, 15, Progress(quiet=True))
    assert (stores.graph.edges().weight == edges.weight).all()
