"""The map's file: damaged, forged, not finished, checked, kept in backups."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from loaders import archive
from loaders.contents import verified
from loaders.progress import Progress
from loaders.writing import Writer
from stores.connect import Stores, open_stores
from stores.errors import BadInput, Damaged, Mismatch
from stores.maps import NAME, MapFile, forget, read_map, write_map
from stores.records import GraphDelta
from stores.settings import Settings, read_settings
from tests import kept
from tests.checked import copied, kinds, looked_at
from tests.made import made_id, made_vectors
from tests.test_map import arranged, mapped, the_map


def damaged_maps() -> dict[str, bytes]:
    """Files that are no map, by what is wrong with them."""
    good = arranged(made_vectors(20))
    return {
        "empty": b"",
        "cut short": good.to_bytes()[:-200],
        "one bit": bytes(bytearray(good.to_bytes()[:400]) + bytes([good.to_bytes()[400] ^ 1]) + good.to_bytes()[401:]),
        "something else": b"no map, " * 99,
        "outside": replace(good, places=good.places + 1).to_bytes(),
        "no number": replace(good, places=good.places * np.float32(np.nan)).to_bytes(),
        "no order": replace(good, ids=good.ids[::-1]).to_bytes(),
        "fewer places": replace(good, places=good.places[:-1]).to_bytes(),
        "no side": replace(good, side=0.0).to_bytes(),
    }


@pytest.mark.parametrize("name", damaged_maps())
def test_a_damaged_map_is_one_line_and_the_next_run_makes_it_anew(
    stores: Stores, settings: Settings, name: str
) -> None:
    kept.fill(stores, settings.home, 30)
    (settings.home / NAME).write_bytes(damaged_maps()[name])
    with pytest.raises(Damaged, match=r"map.npz in the home.* run 'xdegrees map"):
        read_map(settings.home)
    assert not MapFile(settings.home).there()
    forget(settings.home, [made_id(3)])
    assert (settings.home / NAME).read_bytes() == damaged_maps()[name]
    assert mapped(stores, settings.home).anew
    assert len(the_map(settings.home).ids) == 30


def test_a_packed_file_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / NAME, places=np.zeros((10**6, 2), dtype=np.float32))
    with pytest.raises(Damaged, match="ValueError"):
        read_map(tmp_path)


def test_a_map_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / NAME, format=2)
    with pytest.raises(Mismatch, match="format 2"):
        read_map(tmp_path)


def test_a_check_names_a_map_that_cannot_be_read_and_takes_it_out(demo_home: Path, tmp_path: Path) -> None:
    home = copied(demo_home, tmp_path / "home")
    (home / NAME).write_bytes(damaged_maps()["cut short"])
    assert kinds(looked_at(home)) == ["unreadable-map"]
    assert (home / NAME).exists()
    mended = looked_at(home, repair=True)
    assert (kinds(mended), mended.left, (home / NAME).exists()) == (["unreadable-map"], (), False)
    assert "xdegrees map" in mended.found[0].line
    assert kinds(looked_at(home)) == []


def test_a_check_names_what_the_map_has_and_the_graph_has_not(demo_home: Path, tmp_path: Path) -> None:
    home = copied(demo_home, tmp_path / "home")
    with open_stores(read_settings(home=home)) as stores:
        mapped(stores, home)
        good = the_map(home)
        facts = stores.graph.stats().facts
        assert facts is not None
        stores.graph.apply(GraphDelta(facts))
    assert kinds(looked_at(home)) == []
    write_map(home, replace(good.only(good.ids[5:].tolist()), digest="an older graph"))
    assert kinds(looked_at(home)) == []
    older = replace(good, digest="an older graph", ids=np.append(good.ids[:-1], "f" * 36))
    write_map(home, older)
    found = looked_at(home)
    assert [(one.kind, one.what) for one in found.found] == [("stale-map", ("f" * 36,))]
    assert looked_at(home, repair=True).left == ()
    assert the_map(home).ids.tolist() == good.ids[:-1].tolist()
    assert the_map(home).digest == "an older graph"
    assert kinds(looked_at(home)) == []


def test_a_map_that_was_not_finished_is_taken_out(demo_home: Path, tmp_path: Path) -> None:
    home = copied(demo_home, tmp_path / "home")
    for name in ("map.npz.4711", "withheld.json.4712"):
        (home / name).write_bytes(b"half")
    found = looked_at(home, repair=True)
    assert [(one.kind, one.what) for one in found.found] == [
        ("unfinished-file", ("map.npz.4711", "withheld.json.4712"))
    ]
    assert kinds(looked_at(home)) == []


def test_a_backup_brings_the_map_back_without_what_was_taken_down(
    stores: Stores, settings: Settings, tmp_path: Path
) -> None:
    artworks = kept.fill(stores, settings.home, 60)
    mapped(stores, settings.home)
    kept.keep(stores, settings.home, tmp_path / "b.tar")
    Writer(stores, settings.home).remove([artworks[3].id], "a test")
    home = tmp_path / "elsewhere"
    with open_stores(settings.model_copy(update={"home": home})) as others:
        kept.bring_back(tmp_path / "b.tar", others, home)
        assert not mapped(others, home).changed
        assert len(the_map(home).ids) == 60
    kept.bring_back(tmp_path / "b.tar", stores, settings.home, replace=True)
    assert len(the_map(settings.home).ids) == 59
    assert artworks[3].id not in the_map(settings.home).ids


def test_a_backup_without_a_map_leaves_none_of_what_was_there(
    stores: Stores, settings: Settings, tmp_path: Path
) -> None:
    kept.fill(stores, settings.home, 40)
    (settings.home / NAME).write_bytes(b"damaged")
    kept.keep(stores, settings.home, tmp_path / "b.tar")
    mapped(stores, settings.home)
    kept.bring_back(tmp_path / "b.tar", stores, settings.home, replace=True)
    assert not (settings.home / NAME).exists()


def test_a_forged_map_in_a_backup_is_refused(stores: Stores, settings: Settings, tmp_path: Path) -> None:
    kept.fill(stores, settings.home, 40)
    kept.keep(stores, settings.home, tmp_path / "b.tar")
    with (tmp_path / "b.tar").open("rb") as file:
        members = list(archive.checked_members(file, tmp_path / "b.tar"))
    with archive.create(tmp_path / "c.tar", force=False) as forgery:
        for member in members[1:-1]:
            forgery.add(*member)
        forgery.add(archive.MAP, b"PK no map")
        forgery.add(*members[-1])
    with pytest.raises(BadInput, match=r"map\.npz cannot be understood"), verified(tmp_path / "c.tar", Progress()):
        pass
