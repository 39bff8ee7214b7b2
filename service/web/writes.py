"""Routes that write, one artwork at a time, answered when it can be walked to.

All of them are closed without a key, see :mod:`service.web.guard`.
"""

from typing import Any, Final

from flask import Response, g, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from service import views
from service.audit import Act
from service.intake import Written
from service.resolve import find_id
from service.web import queries, schemas
from service.web.body import read_patch_body, read_sent
from service.web.caching import artwork_tag
from service.web.context import context
from service.web.urls import address, base
from stores.artwork import Artwork
from stores.errors import PreconditionFailed

SCHEMES: Final[Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
}
SECURITY: Final[Any] = [{"bearer": []}, {"header": []}]
_TAG: Final = [Tag(name="artworks")]
_TAKEN_DOWN: Final[Any] = {
    "description": "Taken down",
    "headers": {"Link": {"description": "Every address to purge, as `purge`.", "schema": {"type": "string"}}},
}
_ALL: Final[Any] = {200: schemas.Artwork, **schemas.WRITE_PROBLEMS}

writes = APIBlueprint("writes", __name__, url_prefix="/api/v1", abp_responses=schemas.PROBLEMS, abp_security=SECURITY)


@writes.after_request
def note(response: Response) -> Response:
    """Write down what was done, or refused."""
    response.headers["Cache-Control"] = "no-store"
    if request.method == "OPTIONS":
        return response
    done: Written | None = g.get("written")
    problem = response.get_json(silent=True) if response.status_code >= 400 else None  # noqa: PLR2004 -- HTTP
    context().audit.note(
        Act(
            key=g.get("key_name", ""),
            method=request.method,
            artwork=done.artwork.id if done else str((request.view_args or {}).get("artwork", "")),
            artwork_key=done.artwork.key if done and done.outcome != "removed" else "",
            outcome=done.outcome if done else str((problem or {}).get("code", response.status_code)),
            graph_version=done.version if done else None,
        )
    )
    return response


@writes.post(
    "/artworks",
    tags=_TAG,
    operation_id="addArtwork",
    responses={201: schemas.Artwork, **_ALL},
    openapi_extensions={"requestBody": queries.ARTWORK_BODY},
)
def add() -> Response:
    """Add an artwork: its picture, and metadata as in a row of a file.

    The same key and bytes again change nothing (200), whatever metadata comes with them: PATCH changes that.
    """
    return _shown(context().intake.add(read_sent()))


@writes.put(
    "/artworks/<path:artwork>",
    tags=_TAG,
    operation_id="replaceArtwork",
    responses=_ALL,
    openapi_extensions={"requestBody": queries.ARTWORK_BODY},
)
def replace(path: queries.ArtworkPath) -> Response:
    """Put another picture and other metadata in the place of an artwork.

    `If-Match` with the ETag of a GET keeps from writing over what others changed.
    """
    own = find_id(context().stores.graph, path.artwork)
    return _shown(context().intake.replace(own, read_sent(), _unmoved))


@writes.patch(
    "/artworks/<path:artwork>",
    tags=_TAG,
    operation_id="describeArtwork",
    responses=_ALL,
    openapi_extensions={"requestBody": queries.PATCH_BODY},
)
def describe(path: queries.ArtworkPath) -> Response:
    """Change metadata by a JSON merge patch; null takes a field away.

    Fields are read as those of a row: a `year` that is no date is kept as `date_text`, without years.

    `If-Match` with the ETag of a GET keeps from writing over what others changed.
    """
    own = find_id(context().stores.graph, path.artwork)
    return _shown(context().intake.patch(own, read_patch_body(), _unmoved))


@writes.delete(
    "/artworks/<path:artwork>",
    tags=_TAG,
    operation_id="removeArtwork",
    responses={204: _TAKEN_DOWN, **schemas.WRITE_PROBLEMS},
)
def remove(path: queries.ArtworkPath) -> Response:
    """Take an artwork down; it stays away until it is readmitted.

    `If-Match` with the ETag of a GET keeps from taking down what others changed.
    """
    own = find_id(context().stores.graph, path.artwork)
    g.written = done = context().intake.remove(own, g.key_name, _unmoved)
    purge = views.purged(done.artwork, base())
    return Response(status=204, headers={"Link": ", ".join(f'<{place}>; rel="purge"' for place in purge)})


def _shown(done: Written) -> Response:
    """Answer with the artwork as it is now."""
    g.written = done
    answer = jsonify(views.artwork_json(done.artwork, base()))
    answer.set_etag(artwork_tag(done.artwork))
    if done.outcome == "added":
        answer.status_code = 201
        answer.headers["Location"] = address(f"/api/v1/artworks/{done.artwork.id}")
    return answer


def _unmoved(now: Artwork) -> None:
    """Raise PreconditionFailed where what is there is not what ``If-Match`` names.

    A tag that was made weak on its way, as proxies that compress do, names the same artwork: it is made of its record.
    A header that names nothing matches nothing.
    """
    if "If-Match" in request.headers and not request.if_match.contains_weak(artwork_tag(now)):
        raise PreconditionFailed("the artwork has changed since it was read: GET it again for its new ETag")
