"""From the state of the page to everything that its template shows."""

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from math import ceil
from typing import Any, Final

from flask import request

from service import views
from service.chance import any_artwork, random_path
from service.paths.records import FEWEST, FoundPath
from service.resolve import find_artwork, label, take_artwork
from service.web.asked import ask
from service.web.context import context
from service.web.page.state import ANY, PageQuery
from service.web.queries import PathQuery
from service.web.urls import base, here
from stores.errors import XDegreesError

Json = dict[str, Any]

NARROW: Final = 0.8
"""Width of the narrowest picture with its caption, in heights of a picture."""

STEP: Final = 0.2
"""Width of what is between two pictures, likewise."""

BOTH: Final = 2
"""Ends of a path."""

_GUESTS: Final = ("image:", "text:")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no path.

    Attributes:
        status, code, detail: as of a problem.
        closest: ids and titles of what may have been meant.
        parameter: the end that they stand for; empty where none is known.
    """

    status: int
    code: str
    detail: str
    closest: tuple[tuple[str, str], ...] = ()
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows.

    Attributes:
        state: with ends that are ids, and the ids shown.
        path: the path in the API's shape, with reasons; None where there is none.
        named: whatever the state names, in the API's shape, by what it is called there.
        natural: how many artworks there are where no number is asked for.
        today: whether the collection has another path by now than the one shown.
        lost: whether an end was a picture that only its visitor had.
        refused: why there is none.
    """

    state: PageQuery
    path: Json | None = None
    named: Mapping[str, Json] = field(default_factory=dict)
    natural: int | None = None
    today: bool = False
    lost: bool = False
    refused: Refused | None = None

    @property
    def address(self) -> str:
        """The address of the page as it is."""
        return here("/", **self.state.written())

    @property
    def back(self) -> Json:
        """The query for the way back, also of a sequence that says no ends."""
        if self.state.ends or not self.artworks:
            return self.state.turned()
        return {**self.state.turned(), "from": self.artworks[-1]["id"], "to": self.artworks[0]["id"]}

    @property
    def artworks(self) -> list[Json]:
        """The artworks of the path, in walking order."""
        return _walked(self.path, self.path["ids"]) if self.path else []

    @property
    def fit(self) -> int:
        """How many times as wide as high all pictures and what is between them are together, rounded up."""
        pictures = (artwork["images"]["medium"] or artwork["images"]["thumb"] for artwork in self.artworks)
        ratios = (max(one["width"] / one["height"], NARROW) if one else 1.0 for one in pictures)
        return ceil(sum(ratios) + STEP * (len(self.artworks) - 1))

    @property
    def others(self) -> list[Json]:
        """Alternatives: each with its artworks in walking order, and the ids of them that an address may name."""
        return [
            {
                **other,
                "artworks": _walked(self.path, other["ids"]),
                "known": [one for one in other["ids"] if not one.startswith(_GUESTS)],
            }
            for other in (self.path or {})["alternatives"]
        ]

    @property
    def own(self) -> bool:
        """Whether a picture of the visitor's own is in the path: nobody else can be shown it."""
        return any(one["id"].startswith("image:") for one in self.artworks)


def show(state: PageQuery, pictures: Mapping[str, bytes] | None = None) -> Shown:
    """Find what the page is to show; a path that cannot be had is told in it."""
    try:
        if context().stores.graph.stats().artworks < FEWEST:
            return Shown(state, refused=Refused(HTTPStatus.OK, "empty", ""))
        found, state, natural, today = _find(state, pictures or {})
    except XDegreesError as error:
        sent = {end: "" for end, name in (("source", "from"), ("target", "to")) if name in (pictures or {})}
        return name(Shown(state.model_copy(update=sent), refused=refused(error, state)))
    lost = len(state.ends) == 1 and not pictures
    return name(Shown(state, _path(found, state), natural=natural, today=today, lost=lost))


def _path(found: FoundPath, state: PageQuery) -> Json:
    """Return a path in the API's shape; its pictures come from the host that was asked, as all of the page does."""
    path = views.path_json(found, base(), _again(state))
    artworks = {one.id: one for way in (found, *found.alternatives) for one in way.artworks}
    return {**path, "artworks": [views.artwork_json(one, request.script_root) for one in artworks.values()]}


def _find(state: PageQuery, pictures: Mapping[str, bytes]) -> tuple[FoundPath, PageQuery, int | None, bool]:
    """Return the path to show, the state that shows it again, its natural length and whether today's is another."""
    if state.ids and len(state.ends) < BOTH and not pictures:
        return ask(state.shown())[0], state, None, False
    if not (state.ends or pictures):
        state = _drawn(state)
    state = _completed(state, pictures)
    try:
        best, _ = ask(_question(state, pictures), pictures)
    except XDegreesError:
        if not state.ids:
            raise
        return ask(state.shown())[0], state, None, True
    natural = len(best.artworks) if state.images is None else _natural_length(state, pictures)
    ways = (best, *best.alternatives)
    chosen = next((way for way in ways if _ids(way) == state.ids), None)
    if state.ids and chosen is None:
        return ask(state.shown())[0], _settled(state, best), natural, True
    chosen = chosen or best
    others = tuple(way for way in ways if way is not chosen)
    settled = _settled(state, chosen).model_copy(update={"ids": _ids(chosen)})
    return replace(chosen, alternatives=others), settled, natural, False


def _question(state: PageQuery, pictures: Mapping[str, bytes]) -> PathQuery:
    return PathQuery.model_validate({**state.written(ids=""), **{end: f"image:{end}" for end in pictures}, "why": True})


def _natural_length(state: PageQuery, pictures: Mapping[str, bytes]) -> int | None:
    """Return how many artworks there are where no number is asked for; None where there is no such path."""
    with suppress(XDegreesError):
        free = state.model_copy(update={"images": None, "alternatives": 0})
        return len(ask(_question(free, pictures), pictures)[0].artworks)
    return None


def _drawn(state: PageQuery) -> PageQuery:
    """Return the state with two ends worth connecting, as an editor or chance has it."""
    ends = random_path(context().space, context().steering.current()).artworks
    return state.model_copy(update={"source": ends[0].id, "target": ends[-1].id})


def _completed(state: PageQuery, pictures: Mapping[str, bytes]) -> PageQuery:
    """Return the state with ids for its ends: one that is missing, or is to be so, is drawn at random."""
    graph, found = context().stores.graph, {}
    for end, name in (("source", "from"), ("target", "to")):
        value = getattr(state, end)
        if name in pictures or getattr(state, f"{end}_text"):
            continue
        drawn = value in ("", ANY)
        found[end] = _any() if drawn else find_artwork(graph, value)
    return state.model_copy(update=found)


def _any() -> str:
    return any_artwork(context().space.graph, random.Random(), context().steering.current().exclude)  # noqa: S311


def _settled(state: PageQuery, found: FoundPath) -> PageQuery:
    """Return the state with ids for ends; a picture that was sent is none."""
    graph = context().stores.graph
    ends = {"source": found.artworks[0].id, "target": found.artworks[-1].id}
    ids = {end: "" if one.startswith(_GUESTS) else one for end, one in ends.items()}
    some = {name: [take_artwork(graph, one) for one in getattr(state, name)] for name in ("via", "avoid")}
    return state.model_copy(update={**ids, **some})


def _ids(found: FoundPath) -> str:
    """Return what shows these artworks again; nothing where there are too few to make a sequence."""
    held = [one.id for one in found.artworks if not one.id.startswith(_GUESTS)]
    return ",".join(held) if len(held) >= FEWEST else ""


def _again(state: PageQuery) -> Json | None:
    """Return the query that asks the API for what is shown."""
    if state.ids:
        return {"ids": state.ids, "pace": state.pace}
    return {"from": state.source, "to": state.target} if state.source and state.target else None


def name(shown: Shown) -> Shown:
    """Look up what the state names, as far as it is there."""
    graph, state = context().stores.graph, shown.state
    named: dict[str, Json] = {}
    for reference in (state.source, state.target, *state.via, *state.avoid):
        with suppress(XDegreesError):
            if reference:
                found = graph.artworks([take_artwork(graph, reference)])[0]
                short = ", ".join(filter(None, (found.title or found.key, ", ".join(found.artists))))
                shape = views.artwork_json(found, request.script_root)
                named[reference] = {**shape, "label": label(found), "name": short}
    return replace(shown, named=named)


def refused(error: XDegreesError, state: PageQuery | None = None) -> Refused:
    """Return what a visitor is told of an error."""
    state = state or PageQuery()
    told, closest = str(error), tuple((own, title or key) for own, title, key in getattr(error, "closest", ()))
    given = {"from": [state.source], "to": [state.target], "via": state.via, "avoid": state.avoid}
    quoted = [name for name, some in given.items() if any(one and repr(one) in told for one in some)]
    return Refused(error.status, error.code, told, closest, quoted[0] if len(quoted) == 1 else "")


def _walked(path: Json | None, ids: Sequence[str]) -> list[Json]:
    artworks = {one["id"]: one for one in (path or {})["artworks"]}
    return [artworks[one] for one in ids]
