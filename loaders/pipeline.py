"""The stages in their order: survey, plan, embed, describe, prune, link. The only module that knows it."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Protocol

from loaders.addresses import Mark
from loaders.artworks import artwork_id
from loaders.download.documents import with_documents
from loaders.download.lookups import with_lookups
from loaders.download.stage import fetching
from loaders.embedders.checkpoints import remember
from loaders.entries import Entry, Survey
from loaders.ingest import Ingested, Job, Result, ingest
from loaders.losses import are_lost, orphans, told_lost
from loaders.plan import Held, Plan, held_payloads, make_plan, spent_marks, without_pictures
from loaders.progress import Progress
from loaders.quarantine import NAME as QUARANTINE
from loaders.quarantine import Quarantine
from loaders.relink import DEFAULT_K, bring_up_to_date
from loaders.report import LoadReport, begin
from loaders.request import LoadRequest
from loaders.rights import keep_rules
from loaders.sources import Means, Source, find_source
from loaders.unsaid import keep_said
from loaders.vectors import Embedded, Shelf, embed
from stores.errors import Refused
from stores.maps import forget
from stores.pictures import bringing, picture_path
from stores.ports import GraphStore, VectorStore
from stores.records import GraphFacts, GraphStats
from stores.withheld import Withheld


class Turns(Protocol):
    """Turns to write, for which others may have to be waited."""

    def __call__(self, *, more: bool = False) -> AbstractContextManager[None]:
        """Take a turn; with ``more`` whoever writes next is told that something is left half done."""


def alone(*, more: bool = False) -> AbstractContextManager[None]:
    """Return the turn of somebody beside whom nobody writes."""
    del more
    return nullcontext()


def load(
    request: LoadRequest,
    vectors: VectorStore,
    graph: GraphStore,
    home: Path,
    progress: Progress,
    turns: Turns = alone,
) -> LoadReport:
    """Bring both stores to what the folder holds. Run it again after anything: it goes on, or finds nothing to do.

    Others may write between two of its ``turns``: what was taken down meanwhile does not come back.
    """
    withheld, before = Withheld(home), graph.stats()
    request = with_lookups(with_documents(request, progress), progress)
    with progress.stage("survey"):
        fetch = fetching(request, partial(_spent, vectors, home / "images"), progress)
        source = find_source(request, vectors.stats().facts, fetch)
        readmitted = _readmitted(withheld, request)
        held = held_payloads(vectors)
        shown = _pictures(held)
        lost = orphans(graph, held) if before.artworks != len(held) else set()
        plan = _plan(request, source, held, home, withheld.entries().keys() - readmitted)
        apart = keep_said(plan, held, request)
    missing = _missing(plan, request)
    if readmitted:
        with turns(more=True):
            withheld.readmit(readmitted)
    report = begin(source.survey)
    report.readmit(readmitted, source.survey.entries)
    tried, still_bad = Quarantine(home / QUARANTINE, request.source).still_bad([*plan.new, *plan.reread])
    shelf = Shelf(vectors, held, partial(turns, more=True), withheld)
    with bringing(home / "images"):
        done = _embed(tried, source, shelf, home / "images", progress)
        _keep_choices(request, home)
        with progress.stage("describe"):
            shelf.describe(plan.described)
        with turns():
            held = _as_it_is(vectors, graph, held, before)
            _refuse_loss(vectors, graph, lost - held.keys() - withheld.entries().keys())
            if request.prune:
                _prune(missing, vectors, held)
            linked = bring_up_to_date(vectors, graph, held, _neighbors(request.k, before.facts), progress)
            forget(home, [*done.changed, *(missing if request.prune else ())])
            _discard(shown - _pictures(held), home / "images")
            report.quarantined += [*apart, *still_bad, *done.quarantine]
            _remember_bad(report, Quarantine(home / QUARANTINE, request.source), source)
    _count(report, plan, done, missing, graph, pruned=request.prune, linked=linked)
    _close(report, source.survey.of(held), progress)
    return report


def relink(vectors: VectorStore, graph: GraphStore, k: int | None, progress: Progress) -> bool:
    """Make the graph follow from the vectors, without a single picture; say whether anything had to be done."""
    held = held_payloads(vectors)
    return bring_up_to_date(vectors, graph, held, _neighbors(k, graph.stats().facts), progress)


def _neighbors(k: int | None, before: GraphFacts | None) -> int:
    """Neighbours of each artwork: as asked, else as before."""
    return k or (before.k if before else DEFAULT_K)


def _discard(pictures: Iterable[tuple[str, str]], images: Path) -> None:
    for content_hash, size in pictures:
        picture_path(images, content_hash, size).unlink(missing_ok=True)


def _plan(request: LoadRequest, source: Source, held: Held, home: Path, out: AbstractSet[str]) -> Plan:
    """Compare what was surveyed with what is held; what is ``out`` is withheld."""
    again = source.revised(held) | without_pictures(held, home / "images")
    return make_plan(source.survey.entries, held, request.source, again, out, overwrite=request.overwrite)


def _keep_choices(request: LoadRequest, home: Path) -> None:
    """Keep in the home what later loads and writes go by."""
    if request.checkpoint:
        remember(home, request.checkpoint)
    keep_rules(request.rights_rules, home)


def _remember_bad(report: LoadReport, quarantine: Quarantine, source: Source) -> None:
    """Count what is newly bad, and write down what is, so that the next load need not try it again."""
    report.new_in_quarantine = sum(quarantine.is_new(problem) for problem in report.quarantined)
    quarantine.remember(report.quarantined, source.survey.entries)


def _readmitted(withheld: Withheld, request: LoadRequest) -> dict[str, str]:
    """Return the ids that may come back, and how each was called; Refused where something was not withheld."""
    if "" in request.readmit:
        return {one: one for one in withheld.entries()}
    wanted = {
        artwork_id(request.source, name.removeprefix("key:")) if name.startswith("key:") else name: name
        for name in request.readmit
    }
    if strange := [name for one, name in wanted.items() if one not in withheld]:
        raise Refused(f"{', '.join(strange)}: not among the {len(withheld.entries())} that are withheld")
    return wanted


def _spent(vectors: VectorStore, images: Path) -> set[Mark]:
    """Marks of files that have been loaded and are not needed any more."""
    held = held_payloads(vectors)
    return spent_marks(held, without_pictures(held, images))


def _as_it_is(vectors: VectorStore, graph: GraphStore, held: Held, before: GraphStats) -> Held:
    """Return what is held, read again where others wrote since."""
    same = graph.stats().version == before.version and vectors.stats().count == len(held)
    return held if same else held_payloads(vectors)


def _refuse_loss(vectors: VectorStore, graph: GraphStore, lost: AbstractSet[str]) -> None:
    """Refused where the graph is the last to know more artworks than a removal may have left."""
    if are_lost(len(lost), graph.stats().artworks):
        raise Refused(told_lost(graph, vectors))


def _embed(
    entries: Sequence[Entry],
    source: Source,
    shelf: Shelf,
    images: Path,
    progress: Progress,
) -> Embedded:
    if not entries:
        return Embedded()
    with progress.stage("open embedder"):
        means = source.open()
        with shelf.turn():
            shelf.store.prepare(means.facts)
    with progress.stage("embed", len(entries)) as advance:
        results = _results(entries, images, means)
        return embed(entries, results, means.vectorize, shelf, advance, source.revised(shelf.held))


def _results(entries: Sequence[Entry], images: Path, means: Means) -> Iterator[Result]:
    """Results in the order of the entries; an entry without a file has nothing to read."""
    jobs = (Job(entry.path, entry.artwork.display) for entry in entries if entry.path is not None)
    read = ingest(jobs, images, means.prepare)
    return (Ingested("", {}, None) if entry.path is None else next(read) for entry in entries)


def _missing(plan: Plan, request: LoadRequest) -> list[str]:
    """Return what the folder does not have any more; Refused where a prune of it would be too large."""
    missing = [] if request.limit else plan.missing
    if request.prune:
        _refuse_large_prune(missing, plan, request)
    return missing


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
        held.pop(one, None)


def _pictures(held: Held) -> set[tuple[str, str]]:
    """Content hash and size name of every picture that some artwork shows."""
    return {(str(payload.get("content_hash")), size) for payload in held.values() for size in payload.get("images", ())}


def _close(report: LoadReport, loaded: Survey, progress: Progress) -> None:
    report.seconds = dict(progress.seconds)
    report.without_alt_text, report.without_rights = loaded.without_alt_text, loaded.without_rights
    report.held_back = loaded.held_back


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
    report.kept = [entry.artwork.key for entry in plan.by_hand]
    report.withheld = [entry.artwork.key for entry in plan.withheld]
    report.unchanged = len(plan.unchanged) + len(done.same)
    report.missing, report.pruned = (0, len(missing)) if pruned else (len(missing), 0)
    report.artworks, report.edges, report.graph_version = now.artworks, now.edges, now.version
    report.components = now.facts.components if linked and now.facts else None
