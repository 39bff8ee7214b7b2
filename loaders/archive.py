"""The file of a backup: plain members of a tar, written one after the other, and read with suspicion.

::

    format                     the first member: "xdegrees backup 1"
    artworks/000000.jsonl      id and payload of some artworks, one a line, by ascending id
    vectors/000000.npy         their vectors, (n, dimension) float32, in the same order
    images/ab/ab…-thumb.jpg    the pictures that they show; then the next artworks, and so on
    steering.toml, rights.toml, quarantine.json, withheld.json, map.npz     where there are any
    manifest.json              what is in it
    checksums.txt              sha256 of every member, as `sha256sum -c` reads it

What was cut short has no checksums. A reader never lets a member's name choose a place: it knows the names there are.
"""

import fcntl
import io
import json
import os
import re
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np

from loaders import rights
from stores import maps
from stores.artwork import Artwork, Payload
from stores.errors import BadInput, Busy, Mismatch, Refused
from stores.files import sync_folder
from stores.pictures import PICTURE, picture_path
from stores.records import VectorBatch

FORMAT: Final = 1
"""Moves when an older release could not read the file."""

STEERING: Final = "steering.toml"
RIGHTS: Final = rights.NAME
QUARANTINE: Final = "quarantine.json"
WITHHELD: Final = "withheld.json"
MAP: Final = maps.NAME
MANIFEST: Final = "manifest.json"
CHECKSUMS: Final = "checksums.txt"
SMALL: Final = frozenset((STEERING, RIGHTS, QUARANTINE, WITHHELD, MAP, MANIFEST))

_LARGEST: Final = 2**30
"""Bytes a member may have: it is read whole. Pictures have some 0.2 MB, vectors of a piece some 0.5."""

_FIRST: Final = "format"
_SIGNATURE: Final = "xdegrees backup "
_IMAGES: Final = "images"
_NAMES: Final = re.compile(
    rf"artworks/\d{{6}}\.jsonl|vectors/\d{{6}}\.npy|{_IMAGES}/[0-9a-f]{{2}}/{PICTURE.pattern}|"
    + "|".join(map(re.escape, sorted({*SMALL, CHECKSUMS, _FIRST})))
)


class Member(NamedTuple):
    """One member of the file."""

    name: str
    data: bytes


class ArchiveWriter:
    """Writes members, and remembers their checksums: some 0.3 kB an artwork with its pictures."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._sums, self._pieces = file, bytearray(), 0
        self._made = int(time.time())
        self.add(_FIRST, f"{_SIGNATURE}{FORMAT}\n".encode())

    def add(self, name: str, data: bytes) -> None:
        """Write one member; its name must be one that is read again."""
        if not _NAMES.fullmatch(name) or len(data) > _LARGEST:
            raise BadInput(f"{name} ({len(data)} bytes) cannot be part of a backup")
        self._sums += _sum(name, data)
        self._write(name, data)

    def add_rows(self, rows: VectorBatch) -> None:
        """Write some artworks as the next piece: ids and payloads, then vectors."""
        lines = (
            json.dumps({"id": str(one), "payload": payload}, ensure_ascii=False, separators=(",", ":"))
            for one, payload in zip(rows.ids, rows.payloads, strict=True)
        )
        vectors = io.BytesIO()
        np.save(vectors, rows.vectors.astype("<f4", copy=False), allow_pickle=False)
        self.add(f"artworks/{self._pieces:06}.jsonl", "".join(f"{line}\n" for line in lines).encode())
        self.add(f"vectors/{self._pieces:06}.npy", vectors.getvalue())
        self._pieces += 1

    def finish(self) -> None:
        """Write the checksums and the end."""
        self._write(CHECKSUMS, bytes(self._sums))
        self._file.write(bytes(2 * tarfile.BLOCKSIZE))

    def _write(self, name: str, data: bytes) -> None:
        header = tarfile.TarInfo(name)
        header.size, header.mode, header.mtime = len(data), 0o600, self._made
        self._file.write(header.tobuf(tarfile.USTAR_FORMAT))
        self._file.write(data)
        self._file.write(bytes(-len(data) % tarfile.BLOCKSIZE))


@contextmanager
def create(path: Path, *, force: bool) -> Iterator[ArchiveWriter]:
    """Lend a writer of the file; it gets its name when all of it is on the disk, so a half one never has it."""
    if path.exists() and not force:
        raise Refused(f"{path} is there already: name another file, or overwrite it with --force")
    part = path.with_name(f"{path.name}.part")
    with _held(part) as file:
        try:
            writer = ArchiveWriter(file)
            yield writer
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def read_members(file: BinaryIO, place: Path) -> Iterator[Member]:
    """Yield the members from the first on; BadInput where one is cut short, is no plain file, or has no name of ours.

    Mismatch where a newer release wrote the file.
    """
    file.seek(0)
    first = _next(file, place)
    _refuse_format(first, place)
    yield first
    while (member := _next(file, place)).name != CHECKSUMS:
        yield member
    yield member
    if file.read().strip(b"\0"):
        raise damaged(place, f"something follows {CHECKSUMS}")


def checked_members(file: BinaryIO, place: Path) -> Iterator[Member]:
    """Yield the members, the checksums left out; BadInput at the end where one is not what was written."""
    found = sha256()
    for member in read_members(file, place):
        if member.name == CHECKSUMS:
            if found.digest() != sha256(member.data).digest():
                raise damaged(place, f"{_differing(file, place, member.data)} is not as it was written")
            return
        found.update(_sum(*member))
        yield member


def read_parts(members: Iterator[Member], place: Path) -> Iterator[VectorBatch | Member]:
    """Yield artworks, piece by piece, each followed by their pictures; then the small files."""
    pieces = 0
    for member in members:
        if member.name == f"artworks/{pieces:06}.jsonl":
            vectors = next(members, None)
            if vectors is None or vectors.name != f"vectors/{pieces:06}.npy":
                raise damaged(place, f"no vectors follow {member.name}")
            yield _rows(member, vectors, place)
            pieces += 1
        elif member.name in SMALL or member.name.startswith(f"{_IMAGES}/"):
            yield member
        elif member.name not in (_FIRST, CHECKSUMS):
            raise damaged(place, f"{member.name} is not where it belongs")


def pictures_of(artwork: Artwork) -> tuple[str, ...]:
    """Return the members that are pictures of an artwork; they lie under the same name in a home."""
    folder = Path(_IMAGES)
    return tuple(picture_path(folder, artwork.content_hash, size).as_posix() for size in artwork.images)


def damaged(place: Path, what: str) -> BadInput:
    """Return the error for a file that cannot be trusted."""
    return BadInput(f"{place} is damaged: {what}. Nothing was restored; take another copy of it")


@contextmanager
def _held(part: Path) -> Iterator[BinaryIO]:
    """Open a file for this process alone, and begin it anew."""
    while True:
        with part.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy(f"{part} is being written by another backup: wait until it is done") from error
            if _is_at(file, part):  # whoever had it may have renamed it just now
                file.truncate(0)
                yield file
                return


def _is_at(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _next(file: BinaryIO, place: Path) -> Member:
    header = _header(file, place)
    left = os.fstat(file.fileno()).st_size - file.tell()
    if not 0 <= header.size <= min(left, _LARGEST):
        raise damaged(place, f"it ends in the middle of {header.name}")
    data = file.read(header.size)
    file.seek(-header.size % tarfile.BLOCKSIZE, os.SEEK_CUR)
    return Member(header.name, data)


def _header(file: BinaryIO, place: Path) -> tarfile.TarInfo:
    """Read one header. None of tar's extensions is followed: a backup has none."""
    try:
        header = tarfile.TarInfo.frombuf(file.read(tarfile.BLOCKSIZE), "utf-8", "backslashreplace")
    except tarfile.HeaderError as error:
        if file.tell() <= tarfile.BLOCKSIZE:
            raise _no_backup(place) from error
        raise damaged(place, f"it ends, or cannot be read, at byte {file.tell()}") from error
    if header.type != tarfile.REGTYPE:
        raise damaged(place, f"{header.name!r} is a link, a device or a folder, which no backup holds")
    if not _NAMES.fullmatch(header.name):
        raise damaged(place, f"{header.name!r} is no name that a backup holds")
    return header


def _refuse_format(first: Member, place: Path) -> None:
    """Raise BadInput for what is no backup, Mismatch for that of a newer release."""
    found = re.fullmatch(rf"{_SIGNATURE}(\d+)\n", first.data[:64].decode("ascii", "replace"))
    if first.name != _FIRST or not found:
        raise _no_backup(place)
    if int(found[1]) != FORMAT:
        raise Mismatch(f"{place} is a backup of format {found[1]}, this release reads {FORMAT}: use a newer release")


def _no_backup(place: Path) -> BadInput:
    return BadInput(f"{place} is no backup of xdegrees: name a file that 'xdegrees backup' wrote")


def _rows(artworks: Member, vectors: Member, place: Path) -> VectorBatch:
    try:
        rows: list[tuple[str, Payload]] = [
            (row["id"], row["payload"]) for row in map(json.loads, artworks.data.splitlines())
        ]
        matrix = np.load(io.BytesIO(vectors.data), allow_pickle=False)
    except (ValueError, TypeError, KeyError, EOFError) as error:
        raise damaged(place, f"{artworks.name} or its vectors cannot be read ({type(error).__name__})") from error
    if matrix.dtype != np.float32 or matrix.ndim != 2 or len(matrix) != len(rows):  # noqa: PLR2004 -- a matrix
        raise damaged(place, f"{vectors.name} does not hold one vector of each of the {len(rows)} artworks")
    return VectorBatch(np.array([one for one, _ in rows], dtype="U36"), matrix, tuple(payload for _, payload in rows))


def _sum(name: str, data: bytes) -> bytes:
    """One line, as ``sha256sum`` writes it."""
    return f"{sha256(data).hexdigest()}  {name}\n".encode()


def _differing(file: BinaryIO, place: Path, written: bytes) -> str:
    """Name the first member whose checksum is not the written one."""
    pairs = zip(read_members(file, place), written.splitlines(keepends=True), strict=False)
    return next((member.name for member, line in pairs if _sum(*member) != line), CHECKSUMS)
