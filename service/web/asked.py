"""From the query of a request to a question, and to the path that answers it."""

from collections.abc import Callable, Mapping

from flask import g

from service.filters import parse_where
from service.paths.describe import describe_given
from service.paths.find import find_path
from service.paths.records import FEWEST, MOST, FoundPath, Guest, Question
from service.resolve import find_artwork, take_artwork, take_id
from service.web import timing
from service.web.caching import found_in, stats
from service.web.context import context
from service.web.queries import ArtworksQuery, PathQuery
from stores.errors import BadInput, NotFound
from stores.records import Where
from stores.words import counted

Again = dict[str, object] | None
"""A query, where there can be one."""


def ask(query: PathQuery, pictures: Mapping[str, bytes] | None = None) -> tuple[FoundPath, Again]:
    """Find the path that a request asks for, and the query that asks for it again; NotFound names closest titles.

    ``pictures`` are files that are ends, by ``from`` and ``to``.
    """
    g.named = [query.source, query.target, *query.via, *query.avoid, *query.ids.split(",")]
    with timing.path_search() as search:
        found, again = _settled(lambda: _given(query) if query.ids else _found(query, pictures or {}))
        search.engine = found.engine
    found_in(found.stats)
    return found, again


def _settled(find: Callable[[], tuple[FoundPath, Again]]) -> tuple[FoundPath, Again]:
    """Ask again until the graph stands still: an artwork on the way may have been taken down meanwhile."""
    seen = None
    while True:
        try:
            return find()
        except NotFound:
            version = context().stores.graph.stats().version
            if version == seen:
                raise
            seen = version


def parse_filters(query: ArtworksQuery | PathQuery) -> Where:
    """Return what a query filters by."""
    terms = list(query.where)
    if query.year_from is not None or query.year_to is not None:
        bounds = ("" if year is None else year for year in (query.year_from, query.year_to))
        terms.append("year:{}..{}".format(*bounds))
    if not (terms or query.style or query.artist):
        return Where()
    return parse_where(terms, stats().columns, {"style": query.style, "artist": query.artist})


def _given(query: PathQuery) -> tuple[FoundPath, Again]:
    references = [reference for reference in query.ids.split(",") if reference]
    if not FEWEST <= len(references) <= MOST:
        message = f"names {counted(len(references), 'artwork')}, not {FEWEST} to {MOST}"
        raise BadInput(f"ids: {message}", [("ids", message)])
    stats()
    ids = [take_id(context().stores.graph, reference) for reference in references]
    found = describe_given(context().space, ids, query.pace)
    again: dict[str, object] = {"ids": ",".join(ids), "pace": query.pace}
    return (context().explainer.explain(found), again | {"why": True}) if query.why else (found, again)


def _found(query: PathQuery, pictures: Mapping[str, bytes]) -> tuple[FoundPath, Again]:
    graph = context().stores.graph
    where = parse_filters(query)
    guests = _guests(query, pictures)
    named = {end: name for end, name in (("from", query.source), ("to", query.target)) if end not in guests}
    references = [*named.values(), *query.via, *query.avoid]
    try:
        ids = {end: take_artwork(graph, reference) for end, reference in named.items()}
        via, avoid = ([take_artwork(graph, reference) for reference in some] for some in (query.via, query.avoid))
        ends = ids | {end: guest.name for end, guest in guests.items()}
        question = Question(
            ends["from"],
            ends["to"],
            query.images,
            query.pace,
            tuple(via),
            frozenset(avoid),
            where,
            query.alternatives,
            guests=tuple(guests.values()),
        )
        found = find_path(context().space, context().steering.current().steer(question))
    except NotFound:
        stats()
        for reference in references:
            find_artwork(graph, reference, whole=True)
        raise
    if query.why:
        found = context().explainer.explain(found, question.guests)
    return found, _again(query, found, {"via": via, "avoid": avoid})


def _guests(query: PathQuery, pictures: Mapping[str, bytes]) -> dict[str, Guest]:
    """Embed what is not in the collection, by the end that it is."""
    texts = {end: text for end, text in (("from", query.source_text), ("to", query.target_text)) if text}
    if not (texts or pictures):
        return {}
    sight, now = context().sight, stats()
    seen = {end: sight.see(data, end, now) for end, data in pictures.items()}
    return seen | {end: sight.read(text, end, now) for end, text in texts.items()}


def _again(query: PathQuery, found: FoundPath, named: Mapping[str, list[str]]) -> Again:
    """Return the query that asks for a path again; None where an end of it is a picture that was sent."""
    ends = {"from": found.artworks[0].id, "to": found.artworks[-1].id}
    if any(end.startswith("image:") for end in ends.values()):
        return None
    asked = query.model_dump(by_alias=True, exclude_defaults=True)
    held = {end: artwork_id for end, artwork_id in ends.items() if f"{end}_text" not in asked}
    return {**held, "pace": query.pace, **asked, **{name: some for name, some in named.items() if some}, **held}
