"""Folder and metadata file to entries: which artworks there are, and what could not be understood."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from loaders.addresses import Fetch, Fetched, Mark, address_of, key_of, shown
from loaders.artworks import artwork_of, bare_artwork
from loaders.columns import Row
from loaders.files import Finder, Listing, list_images
from loaders.manifest import Manifest, Problem, read_manifest
from stores.artwork import Artwork
from stores.errors import BadInput

METADATA: Final = ("metadata.csv", "metadata.tsv", "metadata.jsonl")
"""Looked for in the folder where no metadata file is named."""

_NAMING: Final = ("filename", "image", "id")
"""Fields that may name a row's file, best first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An artwork and the file its picture is read from; None where only its vector is given.

    Attributes:
        by_hand: whether it is described as somebody wrote it by hand, not as the folder has it.
        mark: of a file that was downloaded; it may have been deleted since.
    """

    path: Path | None
    artwork: Artwork
    by_hand: bool = False
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder and its metadata hold.

    Attributes:
        entries: by key.
        quarantine: rows and files that were refused, and notices of what was loaded all the same.
        rows: records of the metadata file; ``matched`` of them have a picture.
        ignored: files that are no images.
    """

    entries: tuple[Entry, ...]
    manifest: Manifest | None
    quarantine: tuple[Problem, ...]
    rows: int = 0
    matched: int = 0
    ignored: int = 0

    def of(self, ids: Container[str]) -> "Survey":
        """Return the same with those entries alone that have one of these ids."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.artwork.id in ids))

    @property
    def without_alt_text(self) -> int:
        """How many entries have no alternative text of their own."""
        return sum(not entry.artwork.alt_text for entry in self.entries)

    @property
    def without_rights(self) -> int:
        """How many entries say nothing of their rights."""
        return sum(not (entry.artwork.rights_text or entry.artwork.rights_uri) for entry in self.entries)


@dataclass(slots=True)
class _Found:
    """Entries as they are found: by key, each file once."""

    entries: dict[str, Entry] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    matched: int = 0

    def survey(self, manifest: Manifest | None, limit: int | None, ignored: int = 0) -> Survey:
        chosen = tuple(self.entries[key] for key in sorted(self.entries)[:limit])
        rows = len(manifest.rows) + len(manifest.problems) if manifest else 0
        return Survey(chosen, manifest, tuple(self.problems), rows, self.matched, ignored)


def survey(
    folder: Path,
    metadata: Path | None,
    source: str,
    columns: Mapping[str, str] | None = None,
    limit: int | None = None,
    fetch: Fetch | None = None,
) -> Survey:
    """Match the images of a folder with the rows of its metadata. BadInput where there is nothing to load.

    What no file of the folder is the picture of and has an address, ``fetch`` brings.
    """
    listing = Listing() if fetch and not folder.exists() else list_images(folder)
    manifest = _manifest(metadata or _beside(folder), columns)
    finder = Finder(list(listing.files))
    fetched = _fetch(manifest, finder, limit, fetch) if manifest and fetch else Fetched()
    if not (listing.files or listing.problems or fetched.files or fetched.failed or fetched.pending):
        raise BadInput(_nothing(folder, listing, manifest if fetch else None))
    found = _Found(problems=list(listing.problems))
    if manifest:
        found.problems += manifest.problems
        for row in _surest_first(manifest, finder):
            _match(row, manifest, _file_of(row, listing.files, finder, fetched), fetched, source, found)
    for name in sorted(listing.files.keys() - found.taken - fetched.own):
        _add_bare(name, listing.files[name], source, found, manifest=manifest)
    return found.survey(manifest, limit, listing.ignored)


def _nothing(folder: Path, listing: Listing, asked: Manifest | None) -> str:
    """Say what to do where there is no picture, nor an address of one in the metadata that was ``asked``."""
    none = f"there are no pictures in {folder} ({listing.ignored} other files)"
    if asked is None:
        return f"{none}: name the folder that holds them"
    return f"{none}, and no row of {asked.path.name} has a picture's address: say where with --column image=HEADER"


def survey_keys(
    keys: Iterable[str],
    metadata: Path | None,
    source: str,
    columns: Mapping[str, str] | None = None,
    limit: int | None = None,
) -> Survey:
    """Match keys that have vectors, but no pictures, with the rows of a metadata file."""
    manifest = _manifest(metadata, columns)
    found = _Found(problems=list(manifest.problems) if manifest else [])
    wanted = list(keys)
    rows = _rows_by_key(manifest, wanted, found) if manifest else {}
    for key in wanted:
        row = rows.get(key)
        artwork = artwork_of(row, source, key, found.problems.append) if row else bare_artwork(source, key)
        found.entries[key] = Entry(None, artwork)
    return found.survey(manifest, limit)


def _rows_by_key(manifest: Manifest, keys: Sequence[str], found: _Found) -> dict[str, Row]:
    """Give each key its row, or report why a row has none."""
    finder = Finder(keys)
    rows: dict[str, Row] = {}
    for row in _surest_first(manifest, finder):
        key = next((match for text in _names(row) if (match := finder.find(text))), None)
        found.matched += key is not None
        if key is None or key in rows:
            reason = "without a vector" if key is None else f"repeats {key}"
            found.problems.append(Problem(_label(row, manifest), f"row {row.number} {reason}", "refused"))
        else:
            rows[key] = row
    return rows


def _surest_first(manifest: Manifest, finder: Finder) -> list[Row]:
    """Order rows so that one which names a file exactly gets it before one that nearly does."""
    return sorted(manifest.rows, key=lambda row: not any(finder.has(text) for text in _names(row)))


def _label(row: Row, manifest: Manifest) -> str:
    """Name a row by its file or key; never by an address with a query, which may hold a secret."""
    name = shown(next(_names(row), ""))
    if name.endswith("?…"):
        name = _own_key(row)
    return name or f"{manifest.path.name}:{row.number}"


def _manifest(path: Path | None, columns: Mapping[str, str] | None) -> Manifest | None:
    if path is not None:
        return read_manifest(path, columns)
    if columns:
        raise BadInput("--column says how to read a metadata file, and there is none: name it with --metadata")
    return None


def _beside(folder: Path) -> Path | None:
    return next((folder / name for name in METADATA if (folder / name).is_file()), None)


def _names(row: Row) -> Iterator[str]:
    """Texts by which a row may name its file."""
    for name in _NAMING:
        value = row.fields.get(name, "")
        yield from [value] if isinstance(value, str) and value else value


def _found_name(row: Row, finder: Finder) -> str | None:
    """Name of the file in the folder that a row means."""
    return next((match for text in _names(row) if (match := finder.find(text))), None)


def _fetch(manifest: Manifest, finder: Finder, limit: int | None, fetch: Fetch) -> Fetched:
    """Fetch what rows name by address and the folder does not have: with a limit, for the first so many keys."""
    wanted = {
        address: _own_key(row) or key_of(address)
        for row in manifest.rows
        if (address := address_of(row.fields)) and _found_name(row, finder) is None
    }
    chosen = sorted(wanted, key=wanted.__getitem__)[:limit] if limit else list(wanted)
    fetched = fetch(chosen)
    return replace(fetched, pending=fetched.pending | (wanted.keys() - set(chosen)))


@dataclass(frozen=True, slots=True)
class _File:
    """The picture of a row: its name, the key it gives to a row without one, its path, its mark if it was fetched."""

    name: str
    key: str
    path: Path
    mark: Mark | None = None


def _file_of(row: Row, files: Mapping[str, Path], finder: Finder, fetched: Fetched) -> _File | None:
    if name := _found_name(row, finder):
        return _File(name, name, files[name])
    kept = fetched.files.get(address_of(row.fields))
    return _File(kept.path.name, kept.path.stem, kept.path, kept.mark) if kept else None


def _match(row: Row, manifest: Manifest, file: _File | None, fetched: Fetched, source: str, found: _Found) -> None:
    """Give a row its picture, or report why it has none."""
    label, address = _label(row, manifest), address_of(row.fields)
    if file is None:
        if address not in fetched.pending:
            failed = fetched.failed.get(address)
            why = f": {failed}" if failed else _without(address)
            found.problems.append(Problem(label, f"row {row.number}{why}", "refused"))
        return
    found.matched += 1
    key = _own_key(row) or file.key
    if file.name in found.taken or key in found.entries:
        found.problems.append(
            Problem(label, f"row {row.number} repeats {file.name if file.name in found.taken else key}", "refused")
        )
        return
    if file.mark and address in fetched.failed:
        told = f"the picture that came before stays: {fetched.failed[address]}"
        found.problems.append(Problem(label, told, "notice"))
    found.taken.add(file.name)
    artwork = artwork_of(row, source, key, found.problems.append)
    found.entries[key] = Entry(file.path, artwork, mark=file.mark)


def _without(address: str) -> str:
    return " without an image" + ("; --download fetches it" if address else "")


def _own_key(row: Row) -> str:
    """The collection's own key; empty where the name of the file has to do."""
    own = row.fields.get("id", "")
    return own if isinstance(own, str) else ""


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
    found.entries[name] = Entry(path, replace(artwork, display="none") if hidden else artwork)
