"""A collection into one file and back, embedded and on servers, while others write, and where it is interrupted."""

import json
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from loaders import archive
from loaders.links import digest
from loaders.writing import Writer
from stores.connect import Stores, open_stores
from stores.errors import BadInput, Busy, Damaged, Refused
from stores.records import EmbedderFacts
from stores.settings import Settings
from stores.withheld import Withheld
from tests.kept import FACTS, bring_back, everything, fill, follows, keep, painted, pictures, shown
from tests.made import made_vectors

XDEGREES = str(Path(sys.executable).with_name("xdegrees"))


@pytest.fixture
def filled(stores: Stores, settings: Settings) -> Stores:
    """A collection of 300 artworks, which are three pieces of a backup."""
    fill(stores, settings.home)
    return stores


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[tuple[Stores, Path]]:
    """Another, empty home."""
    home = tmp_path / "elsewhere"
    with open_stores(settings.model_copy(update={"home": home})) as opened:
        yield opened, home


def test_what_is_restored_is_what_was_backed_up_to_the_last_bit(
    filled: Stores, settings: Settings, elsewhere: tuple[Stores, Path], tmp_path: Path
) -> None:
    for secret in ("keys.json", "audit.jsonl"):
        (settings.home / secret).write_text("a secret", encoding="utf-8")
    made = keep(filled, settings.home, tmp_path / "b.tar")
    assert (made.manifest.artworks, made.manifest.pictures, made.manifest.lost) == (300, 600, 0)
    assert made.manifest.graph_version == filled.graph.stats().version
    report = bring_back(tmp_path / "b.tar", *elsewhere)
    assert everything(*elsewhere) == everything(filled, settings.home)
    assert report.digest == made.manifest.digest
    assert (report.artworks, report.pictures, report.withheld, report.replaced, report.lacking) == (300, 600, 0, 0, 0)
    home = elsewhere[1]
    assert b"a secret" not in (tmp_path / "b.tar").read_bytes()
    assert {path.name for path in home.iterdir()} == {
        *("graph.sqlite", "images", "lock", "quarantine.json", "steering.toml", "vectors"),
        *(path.name for path in home.glob("graph.sqlite-*")),
    }


def test_the_tools_of_any_system_read_a_backup(filled: Stores, settings: Settings, tmp_path: Path) -> None:
    keep(filled, settings.home, tmp_path / "b.tar")
    (tmp_path / "out").mkdir()
    subprocess.run(["tar", "xf", tmp_path / "b.tar", "-C", tmp_path / "out"], check=True)
    subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "checksums.txt"], check=True, cwd=tmp_path / "out")
    lines = b"".join(path.read_bytes() for path in sorted((tmp_path / "out/artworks").iterdir())).splitlines()
    parts = [np.load(path) for path in sorted((tmp_path / "out/vectors").iterdir())]
    held = everything(filled, settings.home)["rows"]
    assert [json.loads(line)["id"] for line in lines] == list(held)
    assert np.concatenate(parts).tobytes() == b"".join(vector for vector, _ in held.values())


def test_a_collection_that_holds_anything_is_only_replaced_when_that_is_said(
    filled: Stores, settings: Settings, elsewhere: tuple[Stores, Path], tmp_path: Path
) -> None:
    keep(filled, settings.home, tmp_path / "b.tar")
    stores, home = elsewhere
    others = [painted(number, home, content=f"other {number}") for number in range(250, 400)]
    Writer(stores, home).put(others, made_vectors(150, FACTS.dimension, 5), FACTS)
    (home / "steering.toml").write_text("", encoding="utf-8")
    (home / "quarantine.json").write_text("{}", encoding="utf-8")
    before = everything(stores, home)
    with pytest.raises(Refused, match=r"150 artworks already.*--replace"):
        bring_back(tmp_path / "b.tar", stores, home)
    assert everything(stores, home) == before
    report = bring_back(tmp_path / "b.tar", stores, home, replace=True)
    assert report.replaced == 100
    assert everything(stores, home) == everything(filled, settings.home)


def test_a_collection_of_another_embedder_is_replaced_too(
    filled: Stores, settings: Settings, elsewhere: tuple[Stores, Path], tmp_path: Path
) -> None:
    keep(filled, settings.home, tmp_path / "b.tar")
    stores, home = elsewhere
    Writer(stores, home).put([painted(n, home) for n in range(40)], made_vectors(40, 5), EmbedderFacts("other", 5))
    bring_back(tmp_path / "b.tar", stores, home, replace=True)
    assert everything(stores, home) == everything(filled, settings.home)


def test_what_was_taken_down_here_or_there_stays_away(
    stores: Stores, settings: Settings, elsewhere: tuple[Stores, Path], tmp_path: Path
) -> None:
    artworks = fill(stores, settings.home, 200)
    twin = painted(900, settings.home, content=3)  # shows the picture of artwork 3
    Writer(stores, settings.home).put([twin], made_vectors(1, FACTS.dimension, 9), FACTS)
    Writer(stores, settings.home).remove([artworks[0].id], "there")
    keep(stores, settings.home, tmp_path / "b.tar")
    other, home = elsewhere
    Withheld(home).add([artworks[0].id, artworks[3].id, artworks[4].id, "never seen"], "here")
    report = bring_back(tmp_path / "b.tar", other, home)
    assert (report.artworks, report.withheld) == (198, 2)
    assert {one: entry["by"] for one, entry in Withheld(home).entries().items()} == {
        artworks[0].id: "here",
        artworks[3].id: "here",
        artworks[4].id: "here",
        "never seen": "here",
    }
    assert set(pictures(home)) == shown([twin, *artworks[1:3], *artworks[5:]])
    follows(other)
    left = [
        vector["vector"]
        for one, (_, vector) in everything(stores, settings.home)["rows"].items()
        if one not in Withheld(home)
    ]
    assert report.digest == digest(left, 198, 15)


def test_a_list_that_came_with_a_backup_holds_too(
    filled: Stores, settings: Settings, elsewhere: tuple[Stores, Path], tmp_path: Path
) -> None:
    (first, *_) = everything(filled, settings.home)["rows"]
    Writer(filled, settings.home).remove([first], "there")
    keep(filled, settings.home, tmp_path / "b.tar")
    assert bring_back(tmp_path / "b.tar", *elsewhere).withheld == 0
    assert Withheld(elsewhere[1]).entries() == Withheld(settings.home).entries()


def test_all_of_a_backup_may_have_been_taken_down(
    filled: Stores, settings: Settings, elsewhere: tuple[Stores, Path], tmp_path: Path
) -> None:
    keep(filled, settings.home, tmp_path / "b.tar")
    Withheld(elsewhere[1]).add(everything(filled, settings.home)["rows"], "here")
    report = bring_back(tmp_path / "b.tar", *elsewhere)
    assert (report.artworks, report.withheld, pictures(elsewhere[1])) == (0, 300, {})


def test_without_pictures_the_report_counts_what_is_lacking(
    filled: Stores, settings: Settings, elsewhere: tuple[Stores, Path], tmp_path: Path
) -> None:
    made = keep(filled, settings.home, tmp_path / "b.tar", pictures=False)
    assert (made.manifest.pictures, made.size < 300_000) == (None, True)
    assert bring_back(tmp_path / "b.tar", *elsewhere).lacking == 600
    # Those that are in the home already stay.
    assert bring_back(tmp_path / "b.tar", filled, settings.home, replace=True).lacking == 0
    assert len(pictures(settings.home)) == 600


def test_the_weights_are_remembered_where_they_are_on_this_machine_too(
    stores: Stores, settings: Settings, elsewhere: tuple[Stores, Path], tmp_path: Path
) -> None:
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"weights")
    facts = EmbedderFacts("net", 8, f"another+{sha256(b'weights').hexdigest()}")
    Writer(stores, settings.home).put([painted(1, settings.home)], made_vectors(1), facts)
    (settings.home / "checkpoint").write_text(f"{weights}\n", encoding="utf-8")
    keep(stores, settings.home, tmp_path / "b.tar")
    assert bring_back(tmp_path / "b.tar", *elsewhere).notes == []
    assert (elsewhere[1] / "checkpoint").read_text(encoding="utf-8") == f"{weights}\n"
    (elsewhere[1] / "checkpoint").unlink()
    weights.write_bytes(b"others")
    (note,) = bring_back(tmp_path / "b.tar", *elsewhere, replace=True).notes
    assert str(weights) in note
    assert not (elsewhere[1] / "checkpoint").exists()


def test_nothing_is_overwritten_unasked_and_a_failed_backup_leaves_what_was_there(
    filled: Stores, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "b.tar"
    file.write_bytes(b"precious")
    with pytest.raises(Refused, match="--force"):
        keep(filled, settings.home, file)
    (settings.home / "quarantine.json").unlink()
    (settings.home / "quarantine.json").mkdir()  # cannot be read
    with pytest.raises(IsADirectoryError):
        keep(filled, settings.home, file, force=True)
    assert [path.name for path in tmp_path.glob("b.tar*")] == ["b.tar"]
    assert file.read_bytes() == b"precious"
    (settings.home / "quarantine.json").rmdir()
    assert keep(filled, settings.home, file, force=True).manifest.artworks == 300


def test_two_backups_into_one_file_do_not_mix(filled: Stores, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    with archive.create(file, force=False), pytest.raises(Busy, match="another backup"):
        keep(filled, settings.home, file)
    assert keep(filled, settings.home, file, force=True).manifest.artworks == 300


def test_an_empty_collection_is_not_backed_up(stores: Stores, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing to back up"):
        keep(stores, settings.home, tmp_path / "b.tar")
    assert list(tmp_path.glob("b.tar*")) == []


def test_what_no_restore_would_take_is_not_backed_up(filled: Stores, settings: Settings, tmp_path: Path) -> None:
    held = filled.vectors.get([filled.graph.edges().ids[7]])
    payload = {**held.payloads[0], "content_hash": "../../../victim"}
    filled.vectors.upsert(held.ids.tolist(), held.vectors, [payload])
    with pytest.raises(Damaged, match=rf"{held.ids[0]} cannot be understood: run 'xdegrees check --repair'"):
        keep(filled, settings.home, tmp_path / "b.tar")
    assert list(tmp_path.glob("b.tar*")) == []
