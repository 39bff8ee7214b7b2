"""Several tables of a museum as one: which file is which, and what is joined to a record of the artworks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from loaders.columns import lacking
from loaders.presets.records import Joined, Preset, text_of
from loaders.tables import Flaw, Record, Table, open_table
from stores.errors import BadInput

_SHOWN: Final = 8


@dataclass(slots=True)
class Joins:
    """What is joined to the artworks' records.

    Attributes:
        by: table to its records by key.
        told: what was wrong with further tables, or which are not there: name and reason.
        alone: table to how many artworks found nothing in it.
    """

    by: dict[Joined, Mapping[str, list[Record]]] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    alone: dict[Joined, int] = field(default_factory=dict)

    def join(self, record: Record) -> Record:
        """Return a record with what is joined to it, under the names of the tables."""
        if not self.by:
            return record
        whole = dict(record)
        for joined, by_key in self.by.items():
            found = by_key.get(text_of(record, joined.to))
            if found:
                whole[joined.name] = found
            else:
                self.alone[joined] = self.alone.get(joined, 0) + 1
        return whole


def usual_files(preset: Preset, folder: Path) -> list[Path]:
    """Return the tables of a preset that a folder has under their usual names; all of its documents."""
    if preset.documents:
        return sorted(path for pattern in preset.files for path in folder.glob(pattern))
    kinds = (preset.files, *(joined.files for joined in preset.joined))
    found = (next((folder / name for name in names if (folder / name).is_file()), None) for names in kinds)
    return [path for path in found if path is not None]


def files_of(preset: Preset, paths: Sequence[Path], beside: Path | None) -> list[Path]:
    """Return the files meant: of a folder those with usual names. BadInput where there is none."""
    places = paths or ([beside] if beside else [])
    found = [file for path in places for file in (usual_files(preset, path) if path.is_dir() else [path])]
    if not found:
        where = " or ".join(str(place) for place in places) or "no folder"
        kinds = [preset.files, *(joined.files for joined in preset.joined)]
        usual = ", ".join(name for names in kinds for name in names)
        raise BadInput(f"no table of {preset.name} in {where}: name it with --metadata, or call it {usual}")
    return found


def arrange(preset: Preset, paths: Sequence[Path]) -> tuple[Table, Joins]:
    """Know each table by its headers, and read what is joined to the artworks. BadInput where the artworks lack."""
    if preset.documents:
        return preset.documents(paths), Joins()
    main: Table | None = None
    further: dict[Joined, Table] = {}
    for path in paths:
        table = open_table(path)
        kind = _kind(preset, table)
        if kind is None and main is None:
            main = table
        elif kind is None or kind in further:
            raise BadInput(f"{path} is a second table of the same kind: the preset {preset.name} reads one of each")
        else:
            further[kind] = table
    if main is None:
        raise BadInput(
            f"the preset {preset.name} lacks its table of artworks ({preset.files[0]}): name it with --metadata"
        )
    return main, _joins(preset, further)


def _kind(preset: Preset, table: Table) -> Joined | None:
    """Say which further table this is; None for that of the artworks."""
    missing = lacking(table.headers, preset.needs)
    if not missing:
        return None
    for joined in preset.joined:
        if not lacking(table.headers, joined.needs):
            return joined
    has = ", ".join(table.headers[:_SHOWN]) or "nothing"
    raise BadInput(
        f"{table.path} is no table of artworks as the preset {preset.name} knows it: it lacks {', '.join(missing)}; "
        f"it has {has}"
    )


def _joins(preset: Preset, further: Mapping[Joined, Table]) -> Joins:
    joins = Joins()
    inner: dict[str, dict[Joined, Mapping[str, list[Record]]]] = {}
    for joined in sorted(preset.joined, key=lambda one: not one.onto):  # what is joined to a further table comes first
        table = further.get(joined)
        if table is None:
            more = "; --download looks them up" if joined.lookup else ""
            joins.told.append((joined.files[0], f"not among the tables: {joined.gives} are missing{more}"))
            continue
        indexed = _index(joined, table, inner.get(joined.name, {}), joins)
        if joined.onto:
            inner.setdefault(joined.onto, {})[joined] = indexed
        else:
            joins.by[joined] = indexed
    return joins


def _index(
    joined: Joined, table: Table, inner: Mapping[Joined, Mapping[str, list[Record]]], joins: Joins
) -> dict[str, list[Record]]:
    """Read what is kept of a further table, by the key of what it is joined to."""
    by_key: dict[str, list[Record]] = {}
    for found in table.records():
        if isinstance(found, Flaw):
            joins.told.append((f"{table.path.name}:{found.place}", found.reason))
            continue
        _, record = found
        kept: dict[str, Any] = {name: value for name in joined.keep if (value := record.get(name))}
        for further, indexed in inner.items():
            kept[further.name] = indexed.get(text_of(record, further.to), [])
        by_key.setdefault(text_of(record, joined.key), []).append(kept)
    return by_key
