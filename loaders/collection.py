"""Folder and metadata file to entries: which artworks there are, and what could not be understood."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from loaders.artworks import artwork_of, bare_artwork
from loaders.columns import Row
from loaders.files import Finder, list_images
from loaders.manifest import Manifest, Problem, Problems, open_manifest
from stores.artwork import Artwork
from stores.errors import BadInput

METADATA: Final = ("metadata.csv", "metadata.tsv", "metadata.jsonl")
"""Looked for in the folder where no metadata file is named."""

_NAMING: Final = ("filename", "image", "id")
"""Fields that may name a row's file, best first."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How metadata is read: a ``preset``, and the ``further`` tables that it joins."""

    preset: str = ""
    further: tuple[Path, ...] = ()


PLAIN: Final = Reading()
"""One table, whose columns are recognised by their names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An artwork and the file its picture is read from; None where only its vector is given.

    Attributes:
        by_hand: whether it is described as somebody wrote it by hand, not as the folder has it.
    """

    path: Path | None
    artwork: Artwork
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder and its metadata hold.

    Attributes:
        entries: by key.
        quarantine: rows and files that were refused, and notices of what was loaded all the same.
        rows: records of the metadata file; ``matched`` of them have a picture.
        ignored: files that are no images.
        closed: keys left out because they are not surely open.
    """

    entries: tuple[Entry, ...]
    manifest: Manifest | None
    quarantine: tuple[Problem, ...]
    rows: int = 0
    matched: int = 0
    ignored: int = 0
    closed: tuple[str, ...] = ()

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
) -> Survey:
    """Match the images of a folder with the rows of its metadata. BadInput where there is nothing to load."""
    listing = list_images(folder)
    manifest = _manifest(metadata or _beside(folder, reading), columns, reading, folder)
    if not listing.files and not listing.problems:
        raise BadInput(
            f"there are no pictures in {folder} ({listing.ignored} other files): name the folder that holds them"
        )
    found = _Found(problems=list(listing.problems))
    if manifest:
        finder = Finder(list(listing.files))
        for row, name in _surest_first(manifest, finder, found, "an image"):
            _match(row, name, manifest, listing.files, source, found)
    for name in sorted(listing.files.keys() - found.taken):
        _add_bare(name, listing.files[name], source, found, manifest=manifest)
    return found.survey(manifest, limit, listing.ignored)


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
    for row, key in _surest_first(manifest, Finder(keys), found, "a vector"):
        found.matched += 1
        if key in rows:
            found.refused.add(Problem(_label(row, manifest), f"row {row.number} repeats {key}", "refused"))
        else:
            rows[key] = row
    return rows


def _surest_first(manifest: Manifest, finder: Finder, found: _Found, what: str) -> Iterator[tuple[Row, str]]:
    """Yield rows and the files they name: who names one exactly gets it before who nearly does.

    Rows that name none are reported, and nothing of them is kept.
    """
    nearly: list[tuple[Row, str]] = []
    for row in manifest:
        found.rows += 1
        name = next((match for text in _names(row) if (match := finder.find(text))), None)
        if name is None:
            found.refused.add(Problem(_label(row, manifest), f"row {row.number} without {what}", "refused"))
        elif any(finder.has(text) for text in _names(row)):
            yield row, name
        else:
            nearly.append((row, name))
    yield from nearly


def _label(row: Row, manifest: Manifest) -> str:
    return next(_names(row), "") or f"{manifest.path.name}:{row.number}"


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


def _names(row: Row) -> Iterator[str]:
    """Texts by which a row may name its file."""
    for name in _NAMING:
        value = row.fields.get(name, "")
        yield from [value] if isinstance(value, str) and value else value
    yield from row.names


def _match(row: Row, name: str, manifest: Manifest, files: Mapping[str, Path], source: str, found: _Found) -> None:
    """Give a row its picture, unless another row has it."""
    found.matched += 1
    key = _key(row, name)
    if name in found.taken or key in found.entries:
        repeated = name if name in found.taken else key
        found.refused.add(Problem(_label(row, manifest), f"row {row.number} repeats {repeated}", "refused"))
        return
    found.taken.add(name)
    found.entries[key] = Entry(files[name], artwork_of(row, source, key, found.problems.append))


def _key(row: Row, name: str) -> str:
    """The collection's own key: the id column, else the relative file name."""
    own = row.fields.get("id", "")
    return own if isinstance(own, str) and own else name


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
