"""What was downloaded into a folder: of each address its file, or why there is none, and what tells whether it changed.

The index is a line of JSON for every answer, appended when the file has its name; the last line of an address counts.
A picture that is still coming has another name. So whatever ends a run, each file is whole and asked for once.
The lines hold no address, only its digest: an address may hold a secret.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from threading import Lock
from typing import Any, Final

from loaders.addresses import Kept
from stores.errors import Busy
from stores.files import append_line, write_whole

NAME: Final = ".downloads.jsonl"
"""In the folder; a load passes over names that begin with a dot."""

UNFINISHED: Final = ".unfinished-"
"""How the names of files begin that are still coming."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an address.

    Attributes:
        stem: digest of the address.
        asked: when it was answered last, in seconds since 1970.
        file: name in the folder; empty where there never was one.
        size: of the file in bytes, ``time`` its time in nanoseconds, ``content`` its sha256 in hex.
        etag: what its host calls this state of it, and ``modified`` its date there, both as they came.
        failed: why the last request brought nothing; empty where it did.
    """

    stem: str
    asked: float
    file: str = ""
    size: int = 0
    time: int = 0
    content: str = ""
    etag: str = ""
    modified: str = ""
    failed: str = ""

    def kept(self, folder: Path) -> Kept:
        """Return the file, with the mark it has now or had when it was there."""
        path = folder / self.file
        try:
            found = path.stat()
        except OSError:
            return Kept(path, (self.size, self.time))
        return Kept(path, (found.st_size, found.st_mtime_ns))


class Index:
    """The index of one folder; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._path, self._lock = folder, folder / NAME, Lock()
        self._records, self._lines = _read(self._path)
        self._records = dict(_whole(folder)) | self._records if self._lines else {}

    @property
    def own(self) -> set[str]:
        """Names of all files that were downloaded."""
        return {record.file for record in self._records.values() if record.file}

    def get(self, stem: str) -> Record | None:
        """Return what is known of an address by its digest."""
        return self._records.get(stem)

    def note(self, record: Record) -> None:
        """Write down what is known of an address now."""
        with self._lock:
            append_line(self._path, _line(record), durable=False)
            self._records[record.stem] = record

    def tidy(self) -> None:
        """Drop lines that do not count any more, and files that never became whole; only while nobody downloads."""
        for path in self.folder.glob(f"{UNFINISHED}*"):
            path.unlink(missing_ok=True)
        if self._lines > 2 * len(self._records):
            text = "".join(f"{_line(record)}\n" for record in self._records.values())
            write_whole(self._path, text.encode(), private=True)


@contextmanager
def downloading(folder: Path) -> Iterator[Index]:
    """Lend the index of a folder to the one who downloads into it; Busy where somebody else does."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / ".downloads.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        append_line(folder / NAME, "", durable=False)  # from now on there is an index, and a line cut short has an end
        index = Index(folder)
        index.tidy()
        yield index
    except BlockingIOError as error:
        raise Busy(f"another load downloads into {folder}: wait for it, or name another folder") from error
    finally:
        os.close(descriptor)


def failed_now(record: Record | None, stem: str, asked: float, reason: str) -> Record:
    """Return what is known after a request that brought nothing; a file that was there stays."""
    return replace(record or Record(stem, asked), asked=asked, failed=reason)


def _line(record: Record) -> str:
    told = {name: value for name, value in asdict(record).items() if value}
    return json.dumps(told, ensure_ascii=False)


def _read(path: Path) -> tuple[dict[str, Record], int]:
    """Read the records and count the lines; what is no record (a line cut short) is passed over."""
    records: dict[str, Record] = {}
    count = 0
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                count += 1
                if (record := _record(line)) is not None:
                    records[record.stem] = record
    except FileNotFoundError:
        return {}, 0
    return records, count


def _record(line: str) -> Record | None:
    try:
        told: Mapping[str, Any] = json.loads(line)
        known = {each.name: each.type for each in fields(Record)}
        record = Record(**{name: told[name] for name in known if name in told})
    except (ValueError, TypeError):
        return None
    return record if Path(record.file).name == record.file else None


def _whole(folder: Path) -> Iterator[tuple[str, Record]]:
    """Files that have the name of an address: whole, though their line may be missing after a kill."""
    for entry in os.scandir(folder):
        stem, _, suffix = entry.name.partition(".")
        if suffix and len(stem) == 32 and set(stem) <= set("0123456789abcdef"):  # noqa: PLR2004 -- as stem_of makes them
            found = entry.stat()
            yield stem, Record(stem, found.st_mtime, entry.name, found.st_size, found.st_mtime_ns)
