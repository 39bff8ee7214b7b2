"""What a visitor opens: the page, the same inside another site, an artwork; and the parts that scripts put in place."""

from contextlib import suppress
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service.resolve import find_id
from service.web.body import read_body
from service.web.context import context
from service.web.page.share import Embedding, embedding, share
from service.web.page.shown import Refused, Shown, name, refused, show
from service.web.page.sight import look
from service.web.page.state import PageQuery, read_state
from service.web.page.strings import SCRIPTS, STRINGS, told
from service.web.problems import RETRY_AFTER, problem
from stores.errors import NotFound, XDegreesError
from stores.rights import rights_name

page = Blueprint("page", __name__)

_WAITING: Final = (429, 503)

_PARTS: Final = {"page.embedded": "embed.html", "page.artwork_part": "_refused.html"}
"""Templates that tell of a problem where the page as a whole cannot."""


@page.app_context_processor
def _words() -> dict[str, Any]:
    return {"t": told, "strings": STRINGS, "scripts": SCRIPTS, "rights_name": rights_name}


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
    state, pictures = read_body(PageQuery)
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
    state, wrong = read_state(asked.query)
    shown = show(state)
    if shown.path is None or wrong:
        raise NotFound("there is no path at this address")
    return jsonify(embedding(shown, asked))


def _asked() -> Shown:
    state, wrong = read_state(request.args)
    return name(Shown(state, refused=refused(wrong))) if wrong else show(state)


def _answer(template: str, shown: Shown) -> Response:
    """Render what is shown; the status says how it went, for scripts and caches."""
    answer = Response(_rendered(template, shown), shown.refused.status if shown.refused else 200)
    answer.headers["Cache-Control"] = "no-store"
    if answer.status_code in _WAITING:
        answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


def _rendered(template: str, shown: Shown) -> str:
    facets = context().facets.choices() if shown.path else {}
    upload, text = _able()
    able = {"upload": upload, "text": text, "map": context().maps.there()}
    return render_template(template, shown=shown, share=share(shown), facets=facets, **able)


def _able() -> tuple[bool, bool]:
    """Whether pictures, and words, can be ends."""
    with suppress(XDegreesError):
        return context().sight.able(context().stores.graph.stats())
    return False, False


def _looked_at(reference: str) -> dict[str, object]:
    state, _ = read_state(request.args)
    return {"seen": look(find_id(context().stores.graph, reference)), "state": state}


@page.after_app_request
def _told_to_people(response: Response) -> Response:
    """Tell a person who opened a page of a problem in a sentence with a way on, instead of in JSON."""
    if response.mimetype != "application/problem+json" or not _is_for_people():
        return response
    told_of: dict[str, Any] = response.get_json() or {}
    closest = tuple((one["id"], one["title"] or one["key"]) for one in told_of.get("closest", ()))
    why = Refused(response.status_code, told_of["code"], told_of["detail"], closest)
    template = {"page.path_part": "_path.html", "page.path_part_from_pictures": "_path.html", **_PARTS}
    state = read_state(request.args)[0] if request.blueprint == page.name else PageQuery()
    response.set_data(_rendered(template.get(request.endpoint or "", "page.html"), Shown(state, refused=why)))
    response.mimetype = "text/html"
    return response


def _is_for_people() -> bool:
    if request.blueprint == page.name:
        return request.endpoint != "page.oembed"
    kinds = request.accept_mimetypes.best_match(["application/problem+json", "text/html"])
    return request.routing_exception is not None and kinds == "text/html" and not request.path.startswith("/api/")
