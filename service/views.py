"""Records to the JSON that is promised. ``base`` is what every address in it begins with."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path as FilePath
from typing import Any, Final
from urllib.parse import quote, urlencode

from service.paths.records import FoundPath, Step
from service.plates import Plate, alt_text
from service.resolve import label
from service.strip import strip_size
from stores.artwork import Artwork
from stores.errors import BadInput
from stores.pictures import largest_size, picture_name, picture_path
from stores.records import Edges, GraphStats, Page
from stores.rights import attribution
from stores.words import counted

Json = dict[str, Any]

WHOLE: Final = (
    *("path", "path.png", "path.csv", "path.zip", "path.iiif", "map"),
    *("artworks.csv", "edges.csv", "graph.graphml"),
)
"""Routes whose answers may show any artwork."""


def graph_json(stats: GraphStats) -> Json:
    """Which graph answered."""
    return {"version": stats.version, "id": stats.facts.digest if stats.facts else ""}


def artwork_json(artwork: Artwork, base: str) -> Json:
    """An artwork, in the shape that others depend on."""
    images = {
        name: {"url": picture_url(base, artwork.content_hash, name), "width": size[0], "height": size[1]}
        for name, size in artwork.images.items()
    }
    return {
        "id": artwork.id,
        "key": artwork.key,
        "title": artwork.title,
        "artists": list(artwork.artists),
        "date_text": artwork.date_text,
        "year_from": artwork.year_from,
        "year_to": artwork.year_to,
        "style": artwork.style,
        "medium": artwork.medium,
        "collection": artwork.collection,
        "object_id": artwork.object_id,
        "alt_text": artwork.alt_text or described(artwork),
        "images": {"thumb": {}, "medium": {}, **images},
        "page_url": artwork.page_url or None,
        "rights_uri": artwork.rights_uri or None,
        "rights_text": artwork.rights_text,
        "credit": artwork.credit,
        "attribution": attribution(artwork),
        "advisory": artwork.advisory or None,
        "metadata": dict(artwork.metadata),
    }


def described(artwork: Artwork) -> str:
    """What stands in for a missing alternative text: title, artist, date and medium."""
    return ", ".join(part for part in (label(artwork), artwork.medium) if part)


def page_json(page: Page, base: str) -> Json:
    """A page of artworks."""
    body: Json = {
        "artworks": [artwork_json(artwork, base) for artwork in page.artworks],
        "next": write_cursor(page.after) if page.after else None,
        "total": page.total,
    }
    if page.facets:
        body["facets"] = {
            column: [{"value": value, "count": count} for value, count in counts]
            for column, counts in page.facets.items()
        }
    return body


def neighbors_json(artwork_id: str, edges: Edges, artworks: Mapping[str, Artwork], base: str) -> list[Json]:
    """Every edge of an artwork, nearest first."""
    found = []
    for row in range(len(edges)):
        ends = str(edges.ids[edges.a[row]]), str(edges.ids[edges.b[row]])
        own = ends.index(artwork_id)
        rank = int((edges.rank_a, edges.rank_b)[own][row])
        found.append(
            {
                **artwork_json(artworks[ends[1 - own]], base),
                "angle": float(edges.angle[row]),
                "weight": float(edges.weight[row]),
                "rank": rank or None,
                "kind": "bridge" if edges.bridge[row] else "neighbor",
            }
        )
    return sorted(found, key=lambda one: (one["angle"], one["id"]))


def path_json(path: FoundPath, base: str, query: Mapping[str, object] | None, browser: str | None = None) -> Json:
    """A path, in the shape that others depend on.

    ``query`` is what asks for it again, where that can be; ``browser`` the address that shows it in Neo4j Browser.
    Artworks of alternatives follow those of the path itself, each once.
    """
    given = _given_query(path)
    shared = address(base, "/api/v1/path", **given) if given else None
    artworks = {artwork.id: artwork for found in (path, *path.alternatives) for artwork in found.artworks}
    return {
        "graph": graph_json(path.stats),
        "pace": path.pace,
        **_way_json(path),
        "artworks": [artwork_json(artwork, base) for artwork in artworks.values()],
        "alternatives": [{"relative": other.relative, **_way_json(other)} for other in path.alternatives],
        "cite": _cite(path, shared),
        "links": {
            "self": address(base, "/api/v1/path", **query) if query else None,
            "given": shared,
            "strip": _strip_json(path, address(base, "/api/v1/path.png", **query)) if query else None,
            **({"browser": browser} if browser else {}),
        },
    }


def path_query(path: FoundPath) -> dict[str, str]:
    """The query that asks for the path between the same ends at the same pace."""
    return {"from": path.artworks[0].id, "to": path.artworks[-1].id, "pace": path.pace}


def _given_query(path: FoundPath) -> dict[str, str]:
    """The query that shows these very artworks of the collection, whatever the best path is by then; empty below two.

    Ids have no colon; what came from outside has.
    """
    held = [artwork.id for artwork in path.artworks if ":" not in artwork.id]
    return {"ids": ",".join(held), "pace": path.pace} if len(held) > 1 else {}


def _strip_json(path: FoundPath, url: str) -> Json:
    width, height = strip_size(plates(path))
    return {"url": url, "width": width, "height": height, "alt": alt_text(plates(path))}


def _way_json(path: FoundPath) -> Json:
    return {
        "cost": path.cost,
        "ids": [artwork.id for artwork in path.artworks],
        "steps": [_step_json(step) for step in path.steps],
        "quality": asdict(path.quality),
    }


def plates(path: FoundPath, images: FilePath | None = None) -> list[Plate]:
    """What the strip shows; with the folder of pictures, the files too."""
    return [plate(artwork, images) for artwork in path.artworks]


def plate(artwork: Artwork, images: FilePath | None = None) -> Plate:
    """One artwork of a strip: the largest picture of it that may be shown to who was not asked before."""
    if artwork.id.startswith("text:"):
        return Plate(title=artwork.title, note="In words")
    size = None if artwork.advisory else largest_size(artwork)
    return Plate.of(artwork, picture_path(images, artwork.content_hash, size) if images and size else None, size or "")


def write_cursor(after: tuple[int, str]) -> str:
    """Make a cursor of where a page ended."""
    return base64.urlsafe_b64encode(json.dumps(after).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str] | None:
    """Read what :func:`write_cursor` wrote; BadInput for anything else."""
    if not cursor:
        return None
    try:
        rank, artwork_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return int(rank), str(artwork_id)
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadInput("cursor: take it from 'next' of the page before", [("cursor", "is not one of ours")]) from error


def _step_json(step: Step) -> Json:
    return {
        "from": step.source,
        "to": step.target,
        "angle": step.angle,
        "weight": step.weight,
        "kind": step.kind,
        "rank": step.rank,
        "shared": list(step.shared),
        **({"why": asdict(step.why)} if step.why else {}),
    }


def _cite(path: FoundPath, shared: str | None) -> str:
    count = counted(len(path.artworks), "artwork")
    first, last = label(path.artworks[0]), label(path.artworks[-1])
    ends = f" from {first} to {last}" if len(path.artworks) > 1 else f", {first}"
    digest = path.stats.facts.digest[:12] if path.stats.facts else ""
    manner = ", in even steps" if path.even else f", at the {path.pace} pace"
    line = f"Path of {count}{ends}{'' if path.engine == 'given' else manner}. xdegrees, graph {digest}."
    return f"{line} {shared}" if shared else line


def address(base: str, path: str, **query: object) -> str:
    """Return an address that is sent out, such as of ``/api/v1/path``."""
    return f"{base}{path}?{urlencode(query, doseq=True, safe=':,')}" if query else f"{base}{path}"


def picture_url(base: str, content_hash: str, size: str) -> str:
    """Return the address of a picture in the home."""
    return address(base, f"/images/{picture_name(content_hash, size)}")


def purged(artwork: Artwork, base: str) -> list[str]:
    """Return every address under which a cache may still have an artwork that was taken down.

    At the end of one, an asterisk stands for any query: whichever paths and strips led past it.
    """
    names = (artwork.id, quote(f"key:{artwork.key}", safe=":/"))
    own = [address(base, f"/api/v1/artworks/{name}{part}") for name in names for part in ("", "/neighbors", "/image*")]
    led = [address(base, f"/api/v1/{name}*") for name in WHOLE]
    return [*(picture_url(base, artwork.content_hash, size) for size in artwork.images), *own, *led]
