"""What a load would do: columns, counts, and the time and disk that a sample predicts. Nothing is written."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from loaders.download.documents import with_documents
from loaders.download.lookups import with_lookups
from loaders.download.stage import Expected, Expecting, expecting
from loaders.entries import Entry
from loaders.ingest import Ingested, Job, ingest
from loaders.neighbors import TILE, nearest_neighbors
from loaders.plan import Held, held_payloads, make_plan, spent_marks
from loaders.progress import Progress
from loaders.report import LoadReport, begin
from loaders.request import LoadRequest
from loaders.sources import Means, Source, find_source
from loaders.unsaid import keep_said
from stores.angles import unit
from stores.ports import VectorStore

SAMPLE: Final = 48
"""Pictures tried: some seconds with a network, and enough that the first are not all that counts."""

_BYTES_BESIDE: Final = 4000
"""Bytes of an artwork's metadata and edges in both stores, measured on the 3,082 artworks."""


@dataclass(slots=True)
class Forecast:
    """What a load would do.

    Attributes:
        report: columns, refused rows and counts.
        seconds: expected, of embedding and linking.
        megabytes: expected on disk.
        download: what would have to be asked; pictures that are still to come are not in the other figures.
    """

    report: LoadReport
    rows: int
    matched: int
    seconds: float = 0.0
    megabytes: float = 0.0
    new_in_quarantine: int = field(default=0)
    download: Expected | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        figures = {
            "rows": self.rows,
            "matched": self.matched,
            "seconds": self.seconds,
            "megabytes": self.megabytes,
        }
        download = {"download": asdict(self.download)} if self.download else {}
        return {"dry_run": True, **figures, **download, **self.report.to_json()}

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        yield f"dry run: {self.matched} of {self.rows} rows have a picture"
        if self.download:
            yield f"download: {self.download.line()}"
        yield from self.report.lines()
        if self.download and not (self.matched or self.report.added):
            yield "no picture is there yet: how long the load itself takes is told when some are"
            return
        of = " of the pictures that are there" if self.download else ""
        yield f"a load{of} would take about {self.seconds:,.0f} s and {self.megabytes:,.0f} MB"


def predict(request: LoadRequest, vectors: VectorStore) -> Forecast:
    """Survey the folder and try a sample of what would be embedded."""
    held: Held = held_payloads(vectors)
    quiet = Progress(quiet=True)
    request = with_lookups(with_documents(request, quiet), quiet, ask=False)
    fetch = expecting(request, lambda: spent_marks(held))
    source = find_source(request, vectors.stats().facts, fetch)
    again = source.revised(held)
    plan = make_plan(source.survey.entries, held, request.source, again, overwrite=request.overwrite)
    apart = keep_said(plan, held, request)
    report = begin(source.survey)
    report.quarantined += apart
    report.added, report.image_changed = len(plan.new), len(plan.reread)
    report.metadata_changed, report.unchanged = len(plan.described), len(plan.unchanged)
    report.missing = 0 if request.limit else len(plan.missing)
    forecast = Forecast(report, source.survey.rows, source.survey.matched)
    forecast.download = fetch.expected if isinstance(fetch, Expecting) else None
    if work := [*plan.new, *plan.reread]:
        _try(source, work, forecast, len(held) + len(plan.new))
    return forecast


def _try(source: Source, work: list[Entry], forecast: Forecast, total: int) -> None:
    """Embed a sample, evenly spread, and scale up."""
    means = source.open()
    with_files = [entry for entry in work if entry.path is not None]
    entries = with_files[:: max(len(with_files) // SAMPLE, 1)][:SAMPLE]
    share = len(with_files) / max(len(entries), 1)
    spent, written = _time(entries, means) if entries else (0.0, 0)
    forecast.seconds = round(spent * share + _linking(total, means.facts.dimension), 1)
    beside = len(work) * (4 * means.facts.dimension + _BYTES_BESIDE)
    forecast.megabytes = round((written * share + beside) / 1e6, 1)


def _time(entries: list[Entry], means: Means) -> tuple[float, int]:
    """Seconds to embed these entries, and bytes of the pictures written for them."""
    jobs = [Job(entry.path, entry.artwork.display) for entry in entries if entry.path is not None]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        pairs = zip(entries, ingest(jobs, Path(folder), means.prepare), strict=True)
        good = [(entry, result) for entry, result in pairs if isinstance(result, Ingested)]
        if good:
            means.vectorize([entry for entry, _ in good], [result.prepared for _, result in good])
        spent = time.perf_counter() - started
        return spent, sum(file.stat().st_size for file in Path(folder).rglob("*.jpg"))


def _linking(total: int, dimension: int) -> float:
    """Seconds of the join, from the time of one tile: the work grows with the square."""
    rows = unit(np.random.default_rng(0).normal(size=(TILE, dimension)).astype(np.float32))
    started = time.perf_counter()
    nearest_neighbors(rows, 15)
    return (time.perf_counter() - started) * (total / TILE) ** 2
