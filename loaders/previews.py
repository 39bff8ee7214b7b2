"""A table alone, before there is a picture: how many of its rows are understood, and how they would be."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, Final

from loaders.artworks import artwork_of
from loaders.columns import Row
from loaders.licences import is_surely_open
from loaders.manifest import Manifest, Problem, Problems, open_manifest
from loaders.report import listed, understood_as
from loaders.request import LoadRequest
from loaders.rights import Obeying, read_rules
from stores.artwork import Artwork
from stores.errors import BadInput

FIRST: Final = 5
"""Rows that are shown as they would be."""

_NAMING: Final = ("filename", "image", "id")


@dataclass(slots=True)
class Preview:
    """What a table says.

    Attributes:
        rows: records, ``understood`` of them read as artworks, ``refused`` not.
        columns: field to the header that is read as it.
        limit: how many artworks were looked at, at most.
        closed: how many would be left out because they are not surely open.
        addressed: how many of the others have an address of a picture; ``dated``, ``titled`` and ``attributed`` have
            what they say.
        first: the first artworks as they would be.
        problems: rows refused, and notices.
    """

    columns: Mapping[str, str]
    encoding: str
    format: str
    preset: str
    further: tuple[str, ...] = ()
    limit: int | None = None
    understood: int = 0
    closed: int = 0
    refused: int = 0
    titled: int = 0
    attributed: int = 0
    dated: int = 0
    addressed: int = 0
    first: list[Artwork] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    new_in_quarantine: int = 0

    @property
    def rows(self) -> int:
        """Records of the table."""
        return self.understood + self.refused

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        body = asdict(self) | {"first": [{"id": one.id, **one.to_payload()} for one in self.first]}
        return {"dry_run": True, "rows": self.rows, **body}

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        counts = f"{self.understood:,} of {self.rows:,} rows understood, {self.refused:,} refused"
        alone = f"; the first {self.understood:,} alone, by --limit" if self.understood == self.limit else ""
        closed = f", {self.closed:,} left out as not surely open" if self.closed else ""
        yield f"dry run of a table alone: {counts}{closed}{alone}"
        yield from understood_as(self.encoding, self.format, self.columns, self.preset, self.further)
        have = {"a title": self.titled, "an artist": self.attributed, "a year": self.dated}
        have["an address of a picture"] = self.addressed
        yield ("the others have " if self.closed else "have ") + ", ".join(
            f"{name}: {count:,}" for name, count in have.items()
        )
        yield from (line for artwork in self.first for line in _shown(artwork))
        yield from listed("refused", [problem for problem in self.problems if problem.kind == "refused"])
        yield from listed("noticed", [problem for problem in self.problems if problem.kind != "refused"])


def preview(request: LoadRequest) -> Preview:
    """Read a table as a stream; of what is understood only the counts, the keys and the first rows are kept.

    Rights and their rules count as in a load. A limit is of the first rows: only a load knows what comes first by key.
    """
    if request.metadata is None and not request.preset:
        raise BadInput("name the folder of pictures to load, or a table with --metadata FILE")
    paths = [request.metadata] if request.metadata else []
    manifest = open_manifest([*paths, *request.further], request.columns, request.preset)
    how = manifest.columns, manifest.encoding, manifest.format, manifest.preset, manifest.further
    seen = Preview(*how, request.limit)
    obeying = Obeying(read_rules(request.rights_rules), manifest)
    doubts = Problems(manifest.path.name)
    for row, key in islice(_keyed(manifest, doubts), request.limit):
        artwork = obeying.obey(artwork_of(row, request.source, key, doubts.add))
        if not (artwork.title or artwork.artists or artwork.date_text):
            doubts.add(Problem(key, f"row {row.number} has no title, no artist and no date", "notice"))
        seen.understood += 1
        if request.only_open and not is_surely_open(artwork):
            seen.closed += 1
        else:
            _count(seen, row, artwork)
    seen.refused = manifest.reported.count["refused"] + doubts.count["refused"]
    seen.problems = [*manifest.problems, *doubts, *obeying.notices()]
    return seen


def _keyed(manifest: Manifest, doubts: Problems) -> Iterator[tuple[Row, str]]:
    """Yield each row that would be an artwork, with its key; the others are reported."""
    keys = set[int]()
    for row in manifest:
        key = _key(row)
        if not key:
            doubts.add(Problem(f"{manifest.path.name}:{row.number}", f"row {row.number} names no picture", "refused"))
        elif hash(key) in keys:
            doubts.add(Problem(key, f"row {row.number} repeats {key}", "refused"))
        else:
            keys.add(hash(key))
            yield row, key


def _key(row: Row) -> str:
    """What the artwork would be called: by its id, else by what names its picture."""
    own = row.fields.get("id", "")
    values = [own, *(row.fields.get(name, "") for name in _NAMING)]
    return next((value if isinstance(value, str) else value[0] for value in values if value), "")


def _count(seen: Preview, row: Row, artwork: Artwork) -> None:
    seen.titled += bool(artwork.title)
    seen.attributed += bool(artwork.artists)
    seen.dated += artwork.year_from is not None
    seen.addressed += "://" in str(row.fields.get("image", ""))
    if len(seen.first) < FIRST:
        seen.first.append(artwork)


def _shown(artwork: Artwork) -> Iterator[str]:
    years = (artwork.year_from, artwork.year_to)
    span = "" if years[0] is None else f" = {years[0]}" if years[0] == years[1] else f" = {years[0]} to {years[1]}"
    yield f"  {artwork.key}: {artwork.title or 'no title'}"
    yield f"    {' | '.join(artwork.artists) or 'no artist'}, {artwork.date_text or 'no date'}{span}"
    said = {"style": artwork.style, "medium": artwork.medium, "rights": artwork.rights_uri or artwork.rights_text}
    said |= {"credit": artwork.credit, "page": artwork.page_url, "advisory": artwork.advisory}
    said |= {"display": "" if artwork.display == "full" else artwork.display}
    yield f"    {', '.join(f'{name}: {_short(text)}' for name, text in said.items() if text) or 'nothing more'}"


def _short(text: str, longest: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
