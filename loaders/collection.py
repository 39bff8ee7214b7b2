"""Folder and metadata file to entries: which artworks there are, and what could not be understood."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from loaders.addresses import Fetch, Fetched, Mark, address_of, key_of
from loaders.artworks import artwork_of, bare_artwork
from loaders.columns import Row
from loaders.entries import Entry, Survey
from loaders.files import Finder, Listing, list_images
from loaders.licences import is_surely_open
from loaders.manifest import Manifest, Problem, Problems, open_manifest
from loaders.naming import found_name, label_of, names_of, own_key, without_picture
from stores.errors import BadInput

METADATA: Final = ("metadata.csv", "metadata.tsv", "metadata.jsonl")
"""Looked for in the folder where no metadata file is named."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How metadata is read: a ``preset``, and the ``further`` tables that it joins.

    ``only_open``: no picture is fetched that is not surely open.
    """

    preset: str = ""
    further: tuple[Path, ...] = ()
    only_open: bool = False


PLAIN: Final = Reading()
"""One table, whose columns are recognised by their names."""


@dataclass(slots=True)
class _Found:
    """Entries as they are found: by key, each file once."""

    entries: dict[str, Entry] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    refused: Problems = field(default_factory=lambda: Problems("metadata"))
    rows: int = 0
    matched: int = 0

    def survey(self, manifest: Manifest | None, limit: int | None, ignored: int = 0) -> Survey:
        chosen = tuple(self.entries[key] for key in sorted(self.entries)[:limit])
        read = manifest.problems if manifest else ()
        rows = self.rows + (manifest.reported.count["refused"] if manifest else 0)
        quarantine = (*read, *self.refused, *self.problems)
        return Survey(chosen, manifest, quarantine, rows, self.matched, ignored)


def survey(
    folder: Path,
    metadata: Path | None,
    source: str,
    columns: Mapping[str, str] | None = None,
    limit: int | None = None,
    reading: Reading = PLAIN,
    fetch: Fetch | None = None,
) -> Survey:
    """Match the images of a folder with the rows of its metadata. BadInput where there is nothing to load.

    What no file of the folder is the picture of and has an address, ``fetch`` brings.
    """
    listing = Listing() if fetch and not folder.exists() else list_images(folder)
    manifest = _manifest(metadata or _beside(folder, reading), columns, reading, folder)
    finder = Finder(list(listing.files))
    fetched, closed = Fetched(), tuple[str, ...]()
    if manifest and fetch:
        fetched, closed = _fetch(manifest, finder, limit, fetch, only_open=reading.only_open)
    if not (listing.files or listing.problems or fetched.files or fetched.failed or fetched.pending):
        raise BadInput(_nothing(folder, listing, manifest if fetch else None))
    found = _Found(problems=list(listing.problems))
    if manifest:
        place = _Places(manifest, fetched, source, found)
        for row, name in _surest_first(manifest, finder, found, place.fetched_or_none):
            place.match(row, _File(name, name, listing.files[name]))
    if manifest and listing.files and not (found.matched or fetched.files or fetched.failed or fetched.pending):
        _refuse_useless(folder, manifest, found)
    unread = {finder.find(cell.strip()) for cell in manifest.unread} if manifest else set()
    for name in sorted(listing.files.keys() - found.taken - fetched.own):
        if name in unread:
            found.problems.append(Problem(name, "not loaded, since the row that names it could not be read", "refused"))
            continue
        _add_bare(name, listing.files[name], source, found, manifest=manifest)
    return replace(found.survey(manifest, limit, listing.ignored), closed=closed)


def _nothing(folder: Path, listing: Listing, asked: Manifest | None) -> str:
    """Say what to do where there is no picture, nor an address of one in the metadata that was ``asked``."""
    none = f"there are no pictures in {folder} ({listing.ignored} other files)"
    if asked is None:
        return f"{none}: name the folder that holds them"
    return f"{none}, and no row of {asked.path.name} has a picture's address: say where with --column image=HEADER"


def _refuse_useless(folder: Path, manifest: Manifest, found: _Found) -> None:
    """Raise BadInput where rows and pictures do not find each other, or no row can be read; a table may be empty."""
    if found.rows:
        remedies = "say with --column filename=HEADER what names them"
        if "image" in manifest.columns:
            remedies += "; --download fetches what rows have addresses of"
        raise BadInput(
            f"no row of {manifest.path.name} names a picture in {folder}: {remedies}; is it the right table?"
        )
    if first := next((problem for problem in manifest.problems if problem.kind == "refused"), None):
        raise BadInput(
            f"no row of {manifest.path.name} can be read ({first.name}: {first.reason}): is it the right table?"
        )


def survey_keys(
    keys: Iterable[str],
    metadata: Path | None,
    source: str,
    columns: Mapping[str, str] | None = None,
    limit: int | None = None,
    reading: Reading = PLAIN,
) -> Survey:
    """Match keys that have vectors, but no pictures, with the rows of a metadata file."""
    manifest = _manifest(metadata, columns, reading, None)
    found = _Found()
    wanted = list(keys)
    rows = _rows_by_key(manifest, wanted, found) if manifest else {}
    for key in wanted:
        row = rows.get(key)
        artwork = artwork_of(row, source, key, found.problems.append) if row else bare_artwork(source, key)
        found.entries[key] = Entry(None, artwork)
    return found.survey(manifest, limit)


def _rows_by_key(manifest: Manifest, keys: Sequence[str], found: _Found) -> dict[str, Row]:
    """Give each key its row, or report why a row has none."""
    rows: dict[str, Row] = {}

    def refuse(row: Row) -> None:
        found.refused.add(Problem(label_of(row, manifest), f"row {row.number} without a vector", "refused"))

    for row, key in _surest_first(manifest, Finder(keys), found, refuse):
        found.matched += 1
        if key in rows:
            found.refused.add(Problem(label_of(row, manifest), f"row {row.number} repeats {key}", "refused"))
        else:
            rows[key] = row
    return rows


def _surest_first(
    manifest: Manifest, finder: Finder, found: _Found, absent: Callable[[Row], None]
) -> Iterator[tuple[Row, str]]:
    """Yield rows and the files they name: who names one exactly gets it before who nearly does.

    Rows that name none are handed to ``absent``, and nothing of them is kept.
    """
    nearly: list[tuple[Row, str]] = []
    for row in manifest:
        found.rows += 1
        name = found_name(row, finder)
        if name is None:
            absent(row)
        elif any(finder.has(text) for text in names_of(row)):
            yield row, name
        else:
            nearly.append((row, name))
    yield from nearly


def _manifest(
    path: Path | None, columns: Mapping[str, str] | None, reading: Reading, folder: Path | None
) -> Manifest | None:
    if path is not None or reading.preset:
        paths = [path] if path is not None else []
        return open_manifest([*paths, *reading.further], columns, reading.preset, folder)
    if columns:
        raise BadInput("--column says how to read a metadata file, and there is none: name it with --metadata")
    return None


def _beside(folder: Path, reading: Reading) -> Path | None:
    """Return the metadata that lies beside the pictures; what a preset reads has names of its own."""
    if reading.preset:
        return None
    return next((folder / name for name in METADATA if (folder / name).is_file()), None)


def _fetch(
    manifest: Manifest, finder: Finder, limit: int | None, fetch: Fetch, *, only_open: bool
) -> tuple[Fetched, tuple[str, ...]]:
    """Fetch what rows name by address and the folder does not have: with a limit, for the first so many keys.

    Return also the keys of those that were not asked for because they are not surely open.
    """
    wanted, closed = dict[str, str](), dict[str, str]()
    for row in manifest:
        if (address := address_of(row.fields)) and found_name(row, finder) is None:
            left_out = only_open and not is_surely_open(artwork_of(row, "", "", _told_later))
            (closed if left_out else wanted)[address] = own_key(row) or key_of(address)
    chosen = sorted(wanted, key=wanted.__getitem__)[:limit] if limit else list(wanted)
    fetched = fetch(chosen)
    pending = fetched.pending | (wanted.keys() - set(chosen)) | (closed.keys() - wanted.keys())
    return replace(fetched, pending=pending), tuple(closed.values())


def _told_later(_problem: Problem) -> None:
    """Say nothing of a row that is looked at for its rights alone; it is read again."""


@dataclass(frozen=True, slots=True)
class _File:
    """The picture of a row: its name, the key it gives to a row without one, its path, its mark if it was fetched."""

    name: str
    key: str
    path: Path
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class _Places:
    """Gives rows their pictures, and reports those that get none."""

    manifest: Manifest
    fetched: Fetched
    source: str
    found: _Found

    def fetched_or_none(self, row: Row) -> None:
        """Give a row that names no file of the folder what was fetched for it, or report why it has none."""
        address = address_of(row.fields)
        if kept := self.fetched.files.get(address):
            self.match(row, _File(kept.path.name, kept.path.stem, kept.path, kept.mark))
        elif address not in self.fetched.pending:
            failed = self.fetched.failed.get(address)
            self._refuse(row, f": {failed}" if failed else without_picture(address))

    def match(self, row: Row, file: _File) -> None:
        """Give a row its picture, unless another row has it."""
        self.found.matched += 1
        key, address = own_key(row) or file.key, address_of(row.fields)
        if file.name in self.found.taken or key in self.found.entries:
            self._refuse(row, f" repeats {file.name if file.name in self.found.taken else key}")
            return
        if file.mark and address in self.fetched.failed:
            told = f"the picture that came before stays: {self.fetched.failed[address]}"
            self.found.problems.append(Problem(label_of(row, self.manifest), told, "notice"))
        self.found.taken.add(file.name)
        artwork = artwork_of(row, self.source, key, self.found.problems.append)
        self.found.entries[key] = Entry(file.path, artwork, mark=file.mark)

    def _refuse(self, row: Row, why: str) -> None:
        self.found.refused.add(Problem(label_of(row, self.manifest), f"row {row.number}{why}", "refused"))


def _add_bare(name: str, path: Path, source: str, found: _Found, *, manifest: Manifest | None) -> None:
    """Load an image that no row describes. Where rows say what may be shown, and none does, it is not shown."""
    if name in found.entries:
        found.problems.append(Problem(name, "another artwork has this file's name as its id", "refused"))
        return
    hidden = manifest is not None and "display" in manifest.columns
    if manifest is not None:
        told = "image without a row; its title is its file name" + (", and it is not shown" if hidden else "")
        found.problems.append(Problem(name, told, "notice"))
    artwork = bare_artwork(source, name)
    found.entries[name] = Entry(path, replace(artwork, display="none") if hidden else artwork, bare=True)
