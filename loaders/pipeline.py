"""The stages in their order: survey, plan, embed, describe, prune, link. The only module that knows it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from loaders.artworks import artwork_id
from loaders.collection import Entry
from loaders.embedders.checkpoints import remember
from loaders.ingest import Ingested, Job, Result, ingest
from loaders.plan import Held, Plan, held_payloads, make_plan, without_pictures
from loaders.progress import Progress
from loaders.quarantine import NAME as QUARANTINE
from loaders.quarantine import Quarantine
from loaders.relink import DEFAULT_K, bring_up_to_date
from loaders.report import LoadReport, begin
from loaders.request import LoadRequest
from loaders.sources import Means, Source, find_source
from loaders.vectors import Embedded, describe, embed
from stores.errors import Refused
from stores.pictures import picture_path
from stores.ports import GraphStore, VectorStore
from stores.withheld import Withheld


def load(request: LoadRequest, vectors: VectorStore, graph: GraphStore, home: Path, progress: Progress) -> LoadReport:
    """Bring both stores to what the folder holds. Run it again after anything: it goes on, or finds nothing to do."""
    withheld = Withheld(home)
    with progress.stage("survey"):
        source = find_source(request, vectors.stats().facts)
        _readmit(withheld, request)
        held = held_payloads(vectors)
        again = source.revised(held) | without_pictures(held, home / "images")
        plan = make_plan(source.survey.entries, held, request.source, again, withheld)
    missing = [] if request.limit else plan.missing
    if request.prune:
        _refuse_large_prune(missing, plan, request)
    quarantine = Quarantine(home / QUARANTINE, request.source)
    report = begin(source.survey)
    pictures = _pictures(held)
    tried, still_bad = quarantine.still_bad([*plan.new, *plan.reread])
    done = _embed(tried, source, vectors, held, home / "images", progress)
    if request.checkpoint:
        remember(home, request.checkpoint)
    with progress.stage("describe"):
        describe(plan.described, vectors, held)
    if request.prune:
        _prune(missing, vectors, held)
    before = graph.stats()
    k = request.k or (before.facts.k if before.facts else DEFAULT_K)
    linked = bring_up_to_date(vectors, graph, held, k, progress)
    for content_hash, size in pictures - _pictures(held):
        picture_path(home / "images", content_hash, size).unlink(missing_ok=True)
    report.quarantined += [*still_bad, *done.quarantine]
    report.new_in_quarantine = sum(quarantine.is_new(problem) for problem in report.quarantined)
    quarantine.remember(report.quarantined, source.survey.entries)
    loaded = source.survey.of(held)
    report.without_alt_text, report.without_rights = loaded.without_alt_text, loaded.without_rights
    _count(report, plan, done, missing, graph, pruned=request.prune, linked=linked)
    report.seconds = dict(progress.seconds)
    return report


def relink(vectors: VectorStore, graph: GraphStore, k: int | None, progress: Progress) -> bool:
    """Make the graph follow from the vectors, without a single picture; say whether anything had to be done."""
    before = graph.stats().facts
    held = held_payloads(vectors)
    return bring_up_to_date(vectors, graph, held, k or (before.k if before else DEFAULT_K), progress)


def _readmit(withheld: Withheld, request: LoadRequest) -> None:
    """Let come back what was asked for; Refused where something was not withheld."""
    if not request.readmit:
        return
    if "" in request.readmit:
        withheld.readmit()
        return
    wanted = {
        artwork_id(request.source, name.removeprefix("key:")) if name.startswith("key:") else name: name
        for name in request.readmit
    }
    if strange := [name for one, name in wanted.items() if one not in withheld]:
        raise Refused(f"{', '.join(strange)}: not among the {len(withheld.entries())} that are withheld")
    withheld.readmit(wanted)


def _embed(
    entries: Sequence[Entry],
    source: Source,
    vectors: VectorStore,
    held: Held,
    images: Path,
    progress: Progress,
) -> Embedded:
    if not entries:
        return Embedded()
    with progress.stage("open embedder"):
        means = source.open()
        vectors.prepare(means.facts)
    with progress.stage("embed", len(entries)) as advance:
        results = _results(entries, images, means)
        return embed(entries, results, means.vectorize, vectors, held, advance, source.revised(held))


def _results(entries: Sequence[Entry], images: Path, means: Means) -> Iterator[Result]:
    """Results in the order of the entries; an entry without a file has nothing to read."""
    jobs = (Job(entry.path, entry.artwork.display) for entry in entries if entry.path is not None)
    read = ingest(jobs, images, means.prepare)
    return (Ingested("", {}, None) if entry.path is None else next(read) for entry in entries)


def _refuse_large_prune(missing: Sequence[str], plan: Plan, request: LoadRequest) -> None:
    """An unmounted share must not empty a collection."""
    there = len(plan.reread) + len(plan.described) + len(plan.unchanged)
    share = 100.0 * len(missing) / max(there + len(missing), 1)
    if share > request.prune_limit:
        raise Refused(
            f"--prune would take out {len(missing)} of {there + len(missing)} artworks of {request.source!r} "
            f"({share:.0f} %), more than {request.prune_limit:g} %: is {request.folder} complete? "
            f"If it is, say --prune-limit {int(share) + 1}"
        )


def _prune(missing: Sequence[str], vectors: VectorStore, held: Held) -> None:
    vectors.delete(missing)
    for one in missing:
        del held[one]


def _pictures(held: Held) -> set[tuple[str, str]]:
    """Content hash and size name of every picture that some artwork shows."""
    return {(str(payload.get("content_hash")), size) for payload in held.values() for size in payload.get("images", ())}


def _count(
    report: LoadReport,
    plan: Plan,
    done: Embedded,
    missing: Sequence[str],
    graph: GraphStore,
    *,
    pruned: bool,
    linked: bool,
) -> None:
    now = graph.stats()
    report.added, report.image_changed = len(done.added), len(done.changed)
    report.metadata_changed = len(plan.described)
    report.withheld = [entry.artwork.key for entry in plan.withheld]
    report.unchanged = len(plan.unchanged) + len(done.same)
    report.missing, report.pruned = (0, len(missing)) if pruned else (len(missing), 0)
    report.artworks, report.edges, report.graph_version = now.artworks, now.edges, now.version
    report.components = now.facts.components if linked and now.facts else None
