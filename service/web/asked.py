"""From the query of a request to a question, and to the path that answers it."""

from service.filters import parse_where
from service.paths.describe import describe_given
from service.paths.find import find_path
from service.paths.records import FEWEST, MOST, FoundPath, Question
from service.resolve import find_id, take_id
from service.web import timing
from service.web.caching import found_in, stats
from service.web.context import context
from service.web.schemas import ArtworksQuery, PathQuery
from stores.errors import BadInput, NotFound
from stores.records import Where


def ask(query: PathQuery) -> tuple[FoundPath, dict[str, object]]:
    """Find the path that a request asks for, and the query that asks for it again; NotFound names closest titles."""
    with timing.path_search() as search:
        found, again = _given(query) if query.ids else _found(query)
        search.engine = found.engine
    found_in(found.stats)
    return found, again


def parse_filters(query: ArtworksQuery | PathQuery) -> Where:
    """Return what a query filters by."""
    terms = list(query.where)
    if query.year_from is not None or query.year_to is not None:
        bounds = ("" if year is None else year for year in (query.year_from, query.year_to))
        terms.append("year:{}..{}".format(*bounds))
    if not (terms or query.style or query.artist):
        return Where()
    return parse_where(terms, stats().columns, {"style": query.style, "artist": query.artist})


def _given(query: PathQuery) -> tuple[FoundPath, dict[str, object]]:
    references = [reference for reference in query.ids.split(",") if reference]
    if not FEWEST <= len(references) <= MOST:
        message = f"names {len(references)} artworks, not {FEWEST} to {MOST}"
        raise BadInput(f"ids: {message}", [("ids", message)])
    stats()
    ids = [take_id(context().stores.graph, reference) for reference in references]
    return describe_given(context().space, ids, query.pace), {"ids": ",".join(ids), "pace": query.pace}


def _found(query: PathQuery) -> tuple[FoundPath, dict[str, object]]:
    graph = context().stores.graph
    where = parse_filters(query)
    references = [query.source, query.target, *query.via, *query.avoid]
    try:
        ids = [take_id(graph, reference) for reference in references]
        via, avoid = ids[2 : 2 + len(query.via)], ids[2 + len(query.via) :]
        question = Question(
            ids[0], ids[1], query.images, query.pace, tuple(via), frozenset(avoid), where, query.alternatives
        )
        found = find_path(context().space, question)
    except NotFound:
        stats()
        for reference in references:
            find_id(graph, reference)
        raise
    asked = query.model_dump(by_alias=True, exclude_defaults=True)
    again = {"from": ids[0], "to": ids[1], "pace": query.pace, **asked}
    return found, again | {name: some for name, some in (("via", via), ("avoid", avoid)) if some} | {
        "from": ids[0],
        "to": ids[1],
    }
