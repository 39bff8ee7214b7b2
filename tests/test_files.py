"""Folders as they are: what is found in them, and which file a row means."""

import os
import socket
import unicodedata
from pathlib import Path

import pytest

from loaders.files import Finder, Listing, list_images
from stores.errors import BadInput

NFC, NFD = (unicodedata.normalize(form, "Dürer – Été.jpg") for form in ("NFC", "NFD"))  # noqa: RUF001


def touch(folder: Path, *names: str) -> Path:
    """Make empty files, with the folders they lie in."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def problems(listing: Listing) -> dict[str, str]:
    return {problem.name: problem.reason for problem in listing.problems}


def test_images_of_all_folders_are_listed_by_relative_name(tmp_path: Path) -> None:
    listing = list_images(touch(tmp_path, "a.jpg", "b/c/D.TIFF", "b/e.webp", "notes.txt", "noending"))
    assert listing.files == {name: tmp_path / name for name in ("a.jpg", "b/c/D.TIFF", "b/e.webp")}
    assert (listing.ignored, listing.problems) == (2, [])


def test_what_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, ".DS_Store", "._a.jpg", ".cache/b.jpg", "@eaDir/c.jpg", "__MACOSX/d.jpg", "Thumbs.db", "e.jpg")
    listing = list_images(tmp_path)
    assert (list(listing.files), listing.ignored) == (["e.jpg"], 0)


def test_a_name_whose_bytes_are_no_utf8_is_listed_as_printable_text(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.jpg")).touch()
    (path,) = list_images(tmp_path).files.items()
    assert path[0] == "caf\\xe9.jpg"
    assert os.fsencode(path[1].name) == b"caf\xe9.jpg"
    assert path[1].exists()


def test_a_decomposed_name_is_listed_composed(tmp_path: Path) -> None:
    listing = list_images(touch(tmp_path, NFD))
    assert listing.files == {NFC: tmp_path / NFD}


def test_two_files_whose_names_read_the_same_are_not_silently_one(tmp_path: Path) -> None:
    listing = list_images(touch(tmp_path, NFC, NFD))
    assert list(listing.files) == [NFC]
    assert problems(listing) == {NFC: "another file has the same name, spelt in other bytes"}


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    folder = touch(tmp_path / "folder", "a.jpg", "sub/b.jpg")
    outside = touch(tmp_path / "outside", "c.jpg")
    (folder / "file.jpg").symlink_to(outside / "c.jpg")
    (folder / "linked").symlink_to(outside)
    (folder / "sub" / "up").symlink_to(folder)
    (outside / "back").symlink_to(folder / "sub")
    listing = list_images(folder)
    assert sorted(path.name for path in listing.files.values()) == ["a.jpg", "b.jpg", "c.jpg", "file.jpg"]
    assert listing.problems == []


def test_links_that_lead_nowhere_are_reported_with_their_whole_name(tmp_path: Path) -> None:
    folder = touch(tmp_path, "a.jpg", "sub/b.jpg")
    (folder / "sub" / "gone.jpg").symlink_to("nothing")
    (folder / "sub" / "share").symlink_to("/not/mounted")
    (folder / "self.png").symlink_to("self.png")
    (folder / "old.txt").symlink_to("nothing")
    listing = list_images(folder)
    nowhere = "a link that leads nowhere"
    assert problems(listing) == {"self.png": nowhere, "sub/gone.jpg": nowhere, "sub/share": nowhere}
    assert {problem.kind for problem in listing.problems} == {"refused"}
    assert (len(listing.files), listing.ignored) == (2, 1)


def test_what_is_named_as_a_picture_and_is_no_file_is_reported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "door.png"))
        listing = list_images(tmp_path)
    assert problems(listing) == {"pipe.jpg": "not a regular file", "door.png": "not a regular file"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
@pytest.mark.parametrize(("mode", "name"), [(0o000, "closed"), (0o444, "closed/b.jpg")])
def test_a_folder_that_may_not_be_read_costs_only_itself(tmp_path: Path, mode: int, name: str) -> None:
    closed = touch(tmp_path, "a.jpg", "closed/b.jpg") / "closed"
    closed.chmod(mode)
    try:
        listing = list_images(tmp_path)
    finally:
        closed.chmod(0o755)
    assert list(listing.files) == ["a.jpg"]
    assert list(problems(listing)) == [name]
    assert "Permission denied" in problems(listing)[name]


def test_a_missing_folder_and_a_file_are_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist: name the folder that holds the pictures"):
        list_images(tmp_path / "none")
    with pytest.raises(BadInput, match="is a file"):
        list_images(touch(tmp_path, "a.jpg") / "a.jpg")


FILES = [
    "a.jpg",
    "b/A2.JPG",
    "b/c.png",
    "two/x.jpg",
    "three/x.jpg",
    "y.jpg",
    "y.png",
    NFC,
    "caf\\xe9.jpg",
    "1888.12.tif",
]


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("a.jpg", "a.jpg"),
        (" ./a.jpg ", "a.jpg"),
        ("A.JPG", "a.jpg"),
        ("a.tif", "a.jpg"),
        ("a", "a.jpg"),
        ("b\\c.png", "b/c.png"),
        ("c.png", "b/c.png"),
        ("elsewhere/a2.jpg", "b/A2.JPG"),
        ("two/x.jpg", "two/x.jpg"),
        ("y.PNG", "y.png"),
        ("https://museum.org/media/A2.jpg?sha=137b", "b/A2.JPG"),
        ("https://museum.org/D%C3%BCrer%20%E2%80%93%20%C3%89t%C3%A9.jpg", NFC),
        (NFD, NFC),
        (NFC.upper(), NFC),
        ("café.jpg", "caf\\xe9.jpg"),
        ("1888.12", "1888.12.tif"),
        ("cmoa:things/1888.12", "1888.12.tif"),
    ],
)
def test_a_reference_finds_the_file_it_means(reference: str, name: str) -> None:
    assert Finder(FILES).find(reference) == name


@pytest.mark.parametrize(
    "reference", ["", "x.jpg", "y", "y.tif", "z.jpg", "http://[bad/z", "https://museum.org/", "日本.jpg", ".jpg"]
)
def test_a_reference_that_is_doubtful_or_nonsense_finds_nothing(reference: str) -> None:
    assert Finder([*FILES, "??.jpg"]).find(reference) is None


def test_names_given_decomposed_are_found_as_they_were_given() -> None:
    assert [Finder([NFD]).find(reference) for reference in (NFC, NFD, NFC.upper())] == [NFD] * 3


def test_only_a_whole_name_is_exact() -> None:
    finder = Finder(FILES)
    assert [finder.has(name) for name in ("a.jpg", NFD, "A.jpg", "c.png")] == [True, True, False, False]
