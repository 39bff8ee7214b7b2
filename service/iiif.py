"""A path as a IIIF manifest: https://iiif.io/api/presentation/3.0/, each artwork a canvas with its picture."""

import re
from typing import Any, Final

from service import views
from service.paths.records import FoundPath
from service.resolve import label
from stores.artwork import Artwork
from stores.errors import NotFound
from stores.pictures import largest_size, picture_name
from stores.rights import attribution, rights_name, rights_said

Json = dict[str, Any]

CONTEXT: Final = "http://iiif.io/api/presentation/3/context.json"
MEDIA_TYPE: Final = f'application/ld+json;profile="{CONTEXT}"'
"""What a manifest is sent as, section 6.2 of the specification."""

_EMPTY: Final = (800, 1000)
"""Width and height of a canvas without a picture: it has to have some."""

_WEB: Final = re.compile(r"https?://[^\s/]+\S*")


def path_manifest(path: FoundPath, base: str, query: dict[str, object] | None) -> Json:
    """Return the manifest of a path.

    Ends that are not in the collection, a picture that was sent or words, are no canvases.

    Args:
        path: its alternatives are left out.
        base: what every address begins with, host included: a manifest has no relative ones.
        query: what asks for the path again.
    """
    artworks = [artwork for artwork in path.artworks if ":" not in artwork.id]
    if not artworks:
        raise NotFound("no artwork of the collection is on this path: a manifest needs one")
    asked = query or {"ids": ",".join(artwork.id for artwork in artworks), "pace": path.pace}
    title = label(artworks[0]) if len(artworks) == 1 else f"{label(artworks[0])} to {label(artworks[-1])}"
    cite = views.path_json(path, base, query)["cite"]
    thumbnail = next((found for artwork in artworks if (found := _thumbnail(artwork, base))), [])
    return {
        "@context": CONTEXT,
        "id": views.address(base, "/api/v1/path.iiif", **asked),
        "type": "Manifest",
        "label": {"en": [title]},
        "summary": {"en": [cite]},
        **({"thumbnail": thumbnail} if thumbnail else {}),
        "viewingDirection": "left-to-right",
        "behavior": ["individuals"],
        "seeAlso": [_linked(views.address(base, "/api/v1/path", **asked), "Dataset", "application/json", "The path")],
        "rendering": [_linked(views.address(base, "/api/v1/path.png", **asked), "Image", "image/png", "The strip")],
        "items": [_canvas(artwork, place, base) for place, artwork in enumerate(artworks, 1)],
    }


def _canvas(artwork: Artwork, place: int, base: str) -> Json:
    own = views.address(base, f"/iiif/{place}/{artwork.id}")
    size = largest_size(artwork)
    width, height = artwork.images[size] if size else _EMPTY
    picture = _picture(artwork, size, base) if size else None
    thumbnail = _thumbnail(artwork, base)
    return {
        "id": f"{own}/canvas",
        "type": "Canvas",
        "label": {"none": [artwork.title or artwork.key or "Untitled"]},
        "width": width,
        "height": height,
        **_said(artwork),
        **({"thumbnail": thumbnail} if thumbnail else {}),
        "seeAlso": [
            _linked(views.address(base, f"/api/v1/artworks/{artwork.id}"), "Dataset", "application/json", "The artwork")
        ],
        **_shown(artwork, picture, own),
    }


def _shown(artwork: Artwork, picture: Json | None, own: str) -> Json:
    """Return the picture that is painted, or the link to it: no viewer asks before it paints what has an advisory."""
    if picture is None:
        return {"items": []}
    if artwork.advisory:
        told = f"The picture. {artwork.advisory}"
        return {"items": [], "rendering": [_linked(picture["id"], "Image", picture["format"], told)]}
    return {"items": [_painting(own, picture)]}


def _said(artwork: Artwork) -> Json:
    """Return what a canvas says of its artwork; an advisory comes first, for there is no other place for it."""
    summary = [part for part in (artwork.advisory, artwork.alt_text or views.described(artwork)) if part]
    found: Json = {"summary": {"none": summary}} if summary else {}
    if told := _metadata(artwork):
        found["metadata"] = told
    if rights_name(artwork.rights_uri):  # only addresses of these two are allowed, and only with http
        found["rights"] = artwork.rights_uri.replace("https:", "http:", 1)
    if line := attribution(artwork):
        found["requiredStatement"] = _pair("Attribution", line)
    if _WEB.fullmatch(artwork.page_url):
        found["homepage"] = [_linked(artwork.page_url, "Text", "text/html", artwork.title or artwork.key)]
    return found


def _metadata(artwork: Artwork) -> list[Json]:
    own = {
        "Advisory": artwork.advisory,
        "Title": artwork.title,
        "Artist": "; ".join(artwork.artists),
        "Date": artwork.date_text,
        "Style": artwork.style,
        "Medium": artwork.medium,
        "Collection": artwork.collection,
        "Credit": artwork.credit,
        "Rights": rights_said(artwork),
        "Identifier": artwork.key,
    }
    pairs = [_pair(name, value) for name, value in own.items() if value]
    return pairs + [_pair(name, value, "none") for name, value in artwork.metadata.items() if name and value]


def _pair(name: str, value: str, language: str = "en") -> Json:
    return {"label": {language: [name]}, "value": {"none": [value]}}


def _linked(address: str, kind: str, form: str, name: str) -> Json:
    return {"id": address, "type": kind, "format": form, "label": {"none": [name]}}


def _painting(own: str, picture: Json) -> Json:
    annotation = {
        "id": f"{own}/painting",
        "type": "Annotation",
        "motivation": "painting",
        "body": picture,
        "target": f"{own}/canvas",
    }
    return {"id": f"{own}/page", "type": "AnnotationPage", "items": [annotation]}


def _thumbnail(artwork: Artwork, base: str) -> list[Json]:
    """Return the small picture; none of what is not to be seen before its advisory is read."""
    return [_picture(artwork, "thumb", base)] if "thumb" in artwork.images and not artwork.advisory else []


def _picture(artwork: Artwork, size: str, base: str) -> Json:
    width, height = artwork.images[size]
    return {
        "id": views.address(base, f"/images/{picture_name(artwork.content_hash, size)}"),
        "type": "Image",
        "format": "image/jpeg",
        "width": width,
        "height": height,
    }
