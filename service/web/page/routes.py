"""What a visitor opens: the page, the same inside another site, an artwork; and the parts that scripts put in place."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service.resolve import find_id
from service.web.body import read_body
from service.web.context import context
from service.web.page.share import Embedding, embedding, share
from service.web.page.shown import Shown, facet_choices, refused, show
from service.web.page.sight import look
from service.web.page.state import PageQuery, read_state
from service.web.page.strings import STRINGS, told
from service.web.problems import RETRY_AFTER, problem
from stores.errors import BadInput, NotFound

page = Blueprint("page", __name__)

_WAITING: Final = (429, 503)


@page.app_context_processor
def _words() -> dict[str, Any]:
    return {"t": told, "strings": STRINGS}


@page.get("/")
def whole() -> ResponseReturnValue:
    """Show the page, with the path that its address asks for."""
    return _answer("page.html", _asked())


@page.get("/embed")
def embedded() -> ResponseReturnValue:
    """Show the path alone, to stand in another site's page."""
    return _answer("embed.html", _asked())


@page.get("/parts/path")
def path_part() -> ResponseReturnValue:
    """Send what changes of the page when another path is asked for."""
    return _answer("_path.html", _asked())


@page.post("/parts/path")
def path_part_from_pictures() -> ResponseReturnValue:
    """Send the same for pictures that are sent, of which nothing is kept."""
    try:
        state, pictures = read_body(PageQuery)
    except BadInput as error:
        return _answer("_path.html", Shown(PageQuery(), refused=refused(error)))
    return _answer("_path.html", show(state, pictures))


@page.get("/artwork/<path:artwork>")
def artwork(artwork: str) -> ResponseReturnValue:
    """Show one artwork, large, with its neighbours."""
    return render_template("artwork.html", **_looked_at(artwork))


@page.get("/parts/artwork/<path:artwork>")
def artwork_part(artwork: str) -> ResponseReturnValue:
    """Send the same without a page around it."""
    return render_template("_artwork.html", **_looked_at(artwork))


@page.get("/oembed")
def oembed() -> ResponseReturnValue:
    """Say how an address of the page is embedded, as https://oembed.com has it."""
    asked = Embedding.read(request.args)
    if asked.format != "json":
        return problem(501, "bad-request", "oEmbed is answered as JSON here: ask with format=json")
    shown = show(read_state(asked.query))
    if shown.path is None:
        raise NotFound("there is no path at this address")
    return jsonify(embedding(shown, asked))


def _asked() -> Shown:
    try:
        return show(read_state(request.args))
    except BadInput as error:
        return Shown(PageQuery(), refused=refused(error))


def _answer(template: str, shown: Shown) -> Response:
    """Render what is shown; the status says how it went, for scripts and caches."""
    facets = facet_choices() if shown.path else {}
    upload, text = _able(shown)
    able = {"upload": upload, "text": text, "map": context().maps.there()}
    body = render_template(template, shown=shown, share=share(shown), facets=facets, **able)
    answer = Response(body, shown.refused.status if shown.refused else 200)
    answer.headers["Cache-Control"] = "no-store"
    if answer.status_code in _WAITING:
        answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


def _able(shown: Shown) -> tuple[bool, bool]:
    """Whether pictures, and words, can be ends."""
    return context().sight.able(context().stores.graph.stats()) if shown.path else (False, False)


def _looked_at(reference: str) -> dict[str, object]:
    try:
        state = read_state(request.args)
    except BadInput:  # what stands in the address beside the artwork is worth less than the artwork
        state = PageQuery()
    return {"seen": look(find_id(context().stores.graph, reference)), "state": state}
