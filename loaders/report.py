"""What a load did, for a person and for a script."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from loaders.entries import Entry, Survey
from loaders.manifest import Problem
from stores.words import counted

SHOWN = 20
"""Files of each list that a person is shown; ``--json`` has them all."""

_NAMED = 8
"""Headers that are shown of those that are no field."""


@dataclass(slots=True)
class LoadReport:
    """Counts, reasons and seconds of one load.

    Attributes:
        quarantined: what was not loaded, and why; ``new_in_quarantine`` of them not in the last run either.
        withheld: keys of what was taken down before, and was left alone.
        closed: keys of what was left out because it is not surely open.
        kept: keys of what was changed by hand, and was left as it is.
        readmitted: what may come back, as ``key:KEY`` or id, to whether it was among what was loaded.
        held_back: how many are shown small, not shown or with an advisory.
        notices: what was loaded all the same, and is worth a look.
        components: components before bridging; None when nothing had to be linked.
        seconds: stage to seconds.
        columns: field to the header that was understood as it; ``further`` are those that were understood as none.
    """

    artworks: int = 0
    added: int = 0
    unchanged: int = 0
    image_changed: int = 0
    metadata_changed: int = 0
    missing: int = 0
    pruned: int = 0
    withheld: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    readmitted: dict[str, bool] = field(default_factory=dict)
    quarantined: list[Problem] = field(default_factory=list)
    new_in_quarantine: int = 0
    notices: list[Problem] = field(default_factory=list)
    components: int | None = None
    edges: int = 0
    graph_version: int = 0
    without_alt_text: int = 0
    without_rights: int = 0
    held_back: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    format: str = ""
    preset: str = ""
    further: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    def readmit(self, freed: Mapping[str, str], entries: Iterable[Entry]) -> None:
        """Say what may come back: ids and how they were called, and which of the entries are theirs."""
        keys = {entry.artwork.id: entry.artwork.key for entry in entries if entry.artwork.id in freed}
        self.readmitted = {f"key:{keys[one]}" if one in keys else name: one in keys for one, name in freed.items()}

    @property
    def changes(self) -> dict[str, int]:
        """How many artworks were written, by what was done to them."""
        return {
            "added": self.added,
            "replaced": self.image_changed,
            "described": self.metadata_changed,
            "pruned": self.pruned,
        }

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        counts = {
            "added": self.added,
            "image changed": self.image_changed,
            "metadata changed": self.metadata_changed,
            "unchanged": self.unchanged,
            "missing": self.missing,
            "pruned": self.pruned,
            "withheld": len(self.withheld),
            "left out as not surely open": len(self.closed),
            "kept as changed by hand": len(self.kept),
            "quarantined": len(self.quarantined),
        }
        yield ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing to load"
        if self.columns:
            yield from understood_as(self.encoding, self.format, self.columns, self.preset, self.further)
        if self.components is not None:
            joined = self.components - 1
            bridged = f"{counted(joined, 'component')} bridged" if joined > 0 else "one component, nothing to bridge"
            held = f"{counted(self.artworks, 'artwork')}, {counted(self.edges, 'edge')}"
            yield f"{held}, {bridged}; graph version {self.graph_version}"
        for key in self.withheld[:SHOWN]:
            yield f"withheld: {key}: was taken down; --readmit key:{key} lets it come back"
        for key in self.kept[:SHOWN]:
            yield f"kept: {key}: was added or changed by hand; --overwrite takes the folder's version"
        for name, came in self.readmitted.items():
            yield f"readmitted: {name}" + ("" if came else "; it is not among what was loaded: add it again")
        if self.held_back:
            yield "of rights: " + ", ".join(f"{count:,} {name}" for name, count in self.held_back.items())
        yield from listed("quarantined", self.quarantined)
        yield from listed("noticed", self.notices)
        if self.artworks:
            yield f"{self.without_alt_text} without alt text, {self.without_rights} without rights"
        yield ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())


def begin(survey: Survey) -> LoadReport:
    """Begin a report with what the folder and its metadata held."""
    manifest = survey.manifest
    return LoadReport(
        quarantined=[problem for problem in survey.quarantine if problem.kind == "refused"],
        notices=[problem for problem in survey.quarantine if problem.kind != "refused"],
        closed=list(survey.closed),
        without_alt_text=survey.without_alt_text,
        without_rights=survey.without_rights,
        held_back=survey.held_back,
        columns=manifest.columns if manifest else {},
        encoding=manifest.encoding if manifest else "",
        format=manifest.format if manifest else "",
        preset=manifest.preset if manifest else "",
        further=manifest.further if manifest else (),
    )


def understood_as(
    encoding: str, form: str, columns: Mapping[str, str], preset: str, further: Sequence[str]
) -> Iterator[str]:
    """Say which column was read as what, and which as nothing of its own."""
    how = f"preset {preset}, {encoding}, {form}" if preset else f"{encoding}, {form}"
    understood = ", ".join(f"{name} from {header!r}" for name, header in columns.items())
    yield f"metadata ({how}): {understood or 'no column is known'}"
    if further:
        more = f" and {len(further) - _NAMED} more" if len(further) > _NAMED else ""
        yield f"kept as metadata: {', '.join(map(repr, further[:_NAMED]))}{more} (--column FIELD=HEADER)"


def listed(what: str, problems: list[Problem]) -> Iterator[str]:
    """Yield a line for each of the first problems."""
    for problem in problems[:SHOWN]:
        yield f"{what}: {problem.name}: {problem.reason}"
    if len(problems) > SHOWN:
        yield f"{what}: and {len(problems) - SHOWN} more (all of them with --json)"
