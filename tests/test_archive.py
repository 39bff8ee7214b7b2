"""Backups that are damaged, forged, or none at all: refused before anything is written, each with its reason."""

import io
import json
import random
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders import archive
from loaders.contents import verified
from loaders.progress import Progress
from stores.connect import open_stores
from stores.errors import BadInput, Mismatch, XDegreesError
from stores.records import VectorBatch
from stores.settings import read_settings
from tests.kept import fill, keep

XDEGREES = str(Path(sys.executable).with_name("xdegrees"))
Members = list[tuple[str, bytes]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of 130 artworks: two pieces."""
    folder = tmp_path_factory.mktemp("whole")
    with open_stores(read_settings(home=folder / "home")) as stores:
        fill(stores, folder / "home", 130)
        keep(stores, folder / "home", folder / "b.tar")
    return folder / "b.tar"


def contents(path: Path) -> list[object]:
    """All that a restore would take from a file."""
    with verified(path, Progress(quiet=True)) as found:
        parts = [
            (part.ids.tolist(), part.vectors.tobytes(), part.payloads) if isinstance(part, VectorBatch) else part
            for part in found.parts()
        ]
        return [found.manifest, dict(found.digests), dict(found.withheld), *parts]


def refusal(path: Path) -> XDegreesError:
    """Return the error, which names the file and is one line."""
    with pytest.raises((BadInput, Mismatch)) as caught:
        contents(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def members(path: Path) -> Members:
    """All members but the checksums."""
    with tarfile.open(path) as tar:
        read = [(member.name, tar.extractfile(member)) for member in tar]
        return [(name, file.read()) for name, file in read if file and name != archive.CHECKSUMS]


def forged(some: Members, path: Path) -> Path:
    """Write members as a forger would: with checksums that are right."""
    with path.open("wb") as file:
        writer = archive.ArchiveWriter(file)
        file.seek(0)
        file.truncate()
        writer._sums.clear()  # noqa: SLF001 -- the first member is forged too
        for name, data in some:
            writer._sums += archive._sum(name, data)  # noqa: SLF001 -- and names that a writer refuses
            writer._write(name, data)  # noqa: SLF001
        writer.finish()
    return path


def changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[Members], Members]:
    """Change one member."""
    return lambda some: [(one, change(data) if one == name else data) for one, data in some]


def told(**values: Any) -> Callable[[Members], Members]:
    """Change what the manifest says."""
    return changed("manifest.json", lambda data: json.dumps(json.loads(data) | values).encode())


def first_row(change: Callable[[dict[str, Any]], object]) -> Callable[[Members], Members]:
    """Change the first artwork."""

    def apply(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        row = json.loads(lines[0])
        change(row)
        return b"".join([json.dumps(row).encode() + b"\n", *lines[1:]])

    return changed("artworks/000000.jsonl", apply)


def of_the_first(**values: Any) -> Callable[[Members], Members]:
    """Change the metadata of the first artwork."""
    return first_row(lambda row: row["payload"].update(values))


def matrix(change: Callable[[Any], Any]) -> Callable[[Members], Members]:
    """Change the vectors of the first piece."""

    def apply(data: bytes) -> bytes:
        written = io.BytesIO()
        np.save(written, change(np.load(io.BytesIO(data))), allow_pickle=True)
        return written.getvalue()

    return changed("vectors/000000.npy", apply)


def without(name: str) -> Callable[[Members], Members]:
    """Leave one member out."""
    return lambda some: [member for member in some if member[0] != name]


def more(name: str, data: bytes = b"x") -> Callable[[Members], Members]:
    """Add a member before the manifest."""
    return lambda some: [*some[:-1], (name, data), some[-1]]


FORGERIES: dict[str, tuple[Callable[[Members], Members], str]] = {
    "a name that climbs out": (more("../escaped.jpg"), "is no name that a backup holds"),
    "a name that climbs out from the pictures": (more("images/../../escaped.jpg"), "is no name"),
    "a name from the root": (more("/tmp/escaped.jpg"), "is no name"),  # noqa: S108 -- nothing is written there
    "the keys of somebody": (more("keys.json"), "is no name"),
    "a picture that nobody shows": (more(f"images/ab/{'ab' * 32}-thumb.jpg"), "no artwork beside it shows"),
    "a newer format": (changed("format", lambda _: b"xdegrees backup 2\n"), "format 2, this release reads 1"),
    "no format": (without("format"), "is no backup"),
    "a format that is none": (changed("format", lambda _: b"PK"), "is no backup of xdegrees"),
    "no manifest": (without("manifest.json"), "it has no manifest.json"),
    "two manifests": (more("manifest.json"), "is in it twice"),
    "a manifest that is no JSON": (changed("manifest.json", lambda _: b"{"), "manifest.json cannot be understood"),
    "a manifest with less": (changed("manifest.json", lambda _: b"{}"), "manifest.json cannot be understood"),
    "another k": (told(k=14), "does not follow from its vectors"),
    "a k that is none": (told(k="many"), "manifest.json cannot be understood"),
    "another digest": (told(digest="0" * 64), "does not follow from its vectors"),
    "fewer artworks than it says": (told(artworks=131), "does not follow from its vectors"),
    "fewer pictures than it says": (told(pictures=1), "speaks of another file"),
    "another format in the manifest": (told(format=2), "speaks of another file"),
    "another embedder": (told(embedder={"name": "made", "dimension": 9}), "not of the embedder it names"),
    "a list that is none": (more("withheld.json", b'{"a": 1}'), "withheld.json cannot be understood"),
    "an artwork without metadata": (first_row(lambda row: row.pop("payload")), "cannot be read"),
    "metadata that is none": (first_row(lambda row: row.update(payload=[])), "cannot be understood"),
    "pictures that are none": (of_the_first(images=3), "cannot be understood"),
    "a picture that climbs out": (of_the_first(content_hash="../../../victim"), "cannot be understood"),
    "a size that climbs out": (of_the_first(images={"/../../../victim": [1, 1]}), "cannot be understood"),
    "pictures of no content": (of_the_first(content_hash=""), "cannot be understood"),
    "a title that is none": (of_the_first(title=["a", 3]), "cannot be understood"),
    "a digest that is none": (of_the_first(vector="xyz"), "cannot be understood"),
    "an id that is none": (first_row(lambda row: row.update(id="0/../x")), "is no id"),
    "an id twice": (first_row(lambda row: row.update(id="f" * 8 + row["id"][8:])), "does not stand in order"),
    "artworks that are no lines": (changed("artworks/000001.jsonl", lambda _: b"\xff\n"), "cannot be read"),
    "no vectors": (without("vectors/000001.npy"), "no vectors follow"),
    "no artworks": (without("artworks/000001.jsonl"), "vectors/000001.npy is not where it belongs"),
    "a vector less": (matrix(lambda held: held[:-1]), "one vector of each"),
    "vectors that are longer": (matrix(lambda held: np.hstack([held, held])), "differ in length"),
    "vectors of another kind": (matrix(lambda held: held.astype(np.float64)), "one vector of each"),
    "vectors that run code": (matrix(lambda held: held.astype(object)), "cannot be read"),
    "a vector that is no number": (
        matrix(lambda held: np.where(held == held[3, 2], np.float32("nan"), held)),
        "not finite",
    ),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_backup_is_refused_by_its_reason(whole: Path, tmp_path: Path, what: str) -> None:
    forge, says = FORGERIES[what]
    assert says in str(refusal(forged(forge(members(whole)), tmp_path / "b.tar")))
    assert [path.name for path in tmp_path.iterdir()] == ["b.tar"]


def test_a_backup_that_is_written_again_as_it_was_is_none_of_those(whole: Path, tmp_path: Path) -> None:
    assert contents(forged(members(whole), tmp_path / "b.tar")) == contents(whole)


@pytest.mark.parametrize("kind", ["SYMTYPE", "LNKTYPE", "CHRTYPE", "BLKTYPE", "FIFOTYPE", "DIRTYPE", "CONTTYPE"])
def test_what_is_no_plain_file_is_refused(whole: Path, tmp_path: Path, kind: str) -> None:
    name = next(name for name, _ in members(whole) if name.startswith("images/"))
    with tarfile.open(whole) as tar, tarfile.open(tmp_path / "b.tar", "w", format=tarfile.USTAR_FORMAT) as forgery:
        for member in tar:
            if member.name == name:
                special = tarfile.TarInfo(name)
                special.type, special.linkname = getattr(tarfile, kind), "/etc/passwd"
                forgery.addfile(special)
            else:
                forgery.addfile(member, tar.extractfile(member))
    assert "a link, a device or a folder" in str(refusal(tmp_path / "b.tar"))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_extensions_of_tar_are_not_followed(whole: Path, tmp_path: Path, form: int) -> None:
    with tarfile.open(whole) as tar, tarfile.open(tmp_path / "b.tar", "w", format=form) as forgery:
        for member in tar:
            if member.name == "manifest.json":
                longer = tarfile.TarInfo("../" * 60 + "escaped")
                forgery.addfile(longer, io.BytesIO())
            forgery.addfile(member, tar.extractfile(member))
    assert "a link, a device or a folder" in str(refusal(tmp_path / "b.tar"))


def test_a_size_that_is_made_up_takes_no_memory(whole: Path, tmp_path: Path) -> None:
    data = bytearray(whole.read_bytes())
    for size in (2**29, 2**33 - 1, 2**62):
        header = tarfile.TarInfo("format")
        header.size = size
        data[:512] = header.tobuf(tarfile.GNU_FORMAT)
        (tmp_path / "b.tar").write_bytes(data)
        assert "ends in the middle of format" in str(refusal(tmp_path / "b.tar"))


def test_a_backup_that_is_cut_short_anywhere_is_refused(whole: Path, tmp_path: Path) -> None:
    data = whole.read_bytes()
    with tarfile.open(whole) as tar:
        starts = [member.offset for member in tar]
        (last,) = (member for member in tar if member.name == archive.CHECKSUMS)
        end = last.offset_data + last.size
    chance = random.Random(1)
    for cut in {*starts, end - 1, *(chance.randrange(end) for _ in range(60))}:
        (tmp_path / "b.tar").write_bytes(data[:cut])
        assert isinstance(refusal(tmp_path / "b.tar"), BadInput)
    (tmp_path / "b.tar").write_bytes(data[:end])  # only the empty blocks after it are missing
    assert contents(tmp_path / "b.tar") == contents(whole)


def test_no_byte_can_change_unseen(whole: Path, tmp_path: Path) -> None:
    data, before = whole.read_bytes(), contents(whole)
    chance, refused = random.Random(2), 0
    for _ in range(400):
        at = chance.randrange(len(data))
        wrong = bytearray(data)
        wrong[at] ^= 1 << chance.randrange(8)
        (tmp_path / "b.tar").write_bytes(wrong)
        try:
            assert contents(tmp_path / "b.tar") == before  # what fills a block up says nothing
        except (BadInput, Mismatch):
            refused += 1
    assert refused > 200


def test_the_part_that_is_damaged_is_named(whole: Path, tmp_path: Path) -> None:
    with tarfile.open(whole) as tar:
        pictures = [member for member in tar if member.name.endswith("-thumb.jpg")]
    data = bytearray(whole.read_bytes())
    data[pictures[40].offset_data + 5] ^= 1
    (tmp_path / "b.tar").write_bytes(data)
    assert f"{pictures[40].name} is not as it was written" in str(refusal(tmp_path / "b.tar"))


def test_what_follows_the_end_is_refused(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_bytes(whole.read_bytes() + b"more")
    assert "something follows" in str(refusal(tmp_path / "b.tar"))


def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("format", "xdegrees backup 1\n")
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("hello"))
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("title,artist\n" * 200, encoding="utf-8")
    (tmp_path / "noise").write_bytes(random.Random(1).randbytes(5000))
    for name in ("a.zip", "empty", "text", "noise"):
        assert "is no backup of xdegrees" in str(refusal(tmp_path / name))
    refusal(tmp_path / "a.tar")


def test_the_commands_say_what_they_did_and_end_with_its_code(whole: Path, tmp_path: Path) -> None:
    def run(*words: object, code: int = 0) -> str:
        command = [XDEGREES, *map(str, words)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    home = ("--home", tmp_path / "home")
    (tmp_path / "cut.tar").write_bytes(whole.read_bytes()[:-20_000])
    assert "is damaged" in run("restore", "cut.tar", *home, code=2)
    newer = changed("format", lambda _: b"xdegrees backup 2\n")(members(whole))
    assert "use a newer release" in run("restore", forged(newer, tmp_path / "newer.tar"), *home, code=4)
    assert "is whole: 130 artworks, 260 pictures" in run("restore", whole, "--dry-run", *home)
    assert not (tmp_path / "home").exists()
    assert "to back up" in run("backup", "b.tar", *home, code=2)
    assert not (tmp_path / "home").exists()
    assert json.loads(run("restore", whole, "--json", *home))["artworks"] == 130
    assert "--replace" in run("restore", whole, *home, code=4)
    assert "130 artworks and 260 pictures as of" in run("restore", whole, "--replace", *home)
    assert "130 artworks, 260 pictures: b.tar" in run("backup", "b.tar", *home)
    assert "--force" in run("backup", "b.tar", *home, code=4)
    again = json.loads(run("backup", "b.tar", "--force", "--without-pictures", "--json", *home))
    assert again["manifest"]["pictures"] is None
    assert json.loads(run("restore", "b.tar", "--dry-run", "--json"))["manifest"] == again["manifest"]
    assert not (tmp_path / "xdegrees-data").exists()
    assert all(word in run("backup", "--help") for word in ("vectors", "API keys", "passwords", "original pictures"))
