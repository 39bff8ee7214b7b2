"""A collection as GraphML (http://graphml.graphdrawing.org), for networkx, Gephi and yEd; written as it is read."""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from service.everything import batches
from service.tables import ROWS, closeness
from service.views import artwork_json
from stores.artwork import Artwork
from stores.ports import GraphStore

_NODE: Final = {
    **dict.fromkeys(("label", "key", "artists", "date"), "string"),
    **dict.fromkeys(("year_from", "year_to"), "int"),
    **dict.fromkeys(("style", "medium", "collection", "object_id", "source"), "string"),
    **dict.fromkeys(("credit", "rights", "rights_uri", "attribution", "advisory", "page_url", "picture"), "string"),
}
_EDGE: Final = {"distance": "double", "closeness": "double", "angle": "double", "kind": "string"}

_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""


def graphml(graph: GraphStore, base: str) -> Iterator[str]:
    """Yield the graph: artworks as nodes, with credit and rights, and edges.

    ``distance`` of an edge is what paths add up, the weight of the API; ``closeness`` is 1 / (1 + distance); ``angle``
    is in radians.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for kind, columns in (("node", _NODE), ("edge", _EDGE)):
        for name, form in columns.items():
            yield f'<key id="{kind}-{name}" for="{kind}" attr.name="{name}" attr.type="{form}"/>\n'
    yield '<graph edgedefault="undirected">\n'
    for some in batches(graph):
        yield "".join(_node(artwork, base) for artwork in some)
    yield from _edges(graph)
    yield "</graph>\n</graphml>\n"


def _node(artwork: Artwork, base: str) -> str:
    one = artwork_json(artwork, base)
    size = one["images"]["medium"] or one["images"]["thumb"]
    values = one | {
        "label": artwork.title or artwork.key,
        "artists": "; ".join(artwork.artists),
        "date": artwork.date_text,
        "source": artwork.source,
        "rights": artwork.rights_text,
        "picture": size.get("url"),
    }
    told = ((name, values[name]) for name in _NODE)
    return f"<node id={quoteattr(artwork.id)}>{_data('node', told)}</node>\n"


def _edges(graph: GraphStore) -> Iterator[str]:
    edges = graph.edges()
    for at in range(0, len(edges), ROWS):
        lines = []
        for n in range(at, min(at + ROWS, len(edges))):
            weight = float(edges.weight[n])
            kind = "bridge" if edges.bridge[n] else "neighbor"
            told = zip(_EDGE, (weight, closeness(weight), float(edges.angle[n]), kind), strict=True)
            ends = f'source="{edges.ids[edges.a[n]]}" target="{edges.ids[edges.b[n]]}"'
            lines.append(f"<edge {ends}>{_data('edge', told)}</edge>\n")
        yield "".join(lines)


def _data(kind: str, values: Iterable[tuple[str, object]]) -> str:
    return "".join(
        f'<data key="{kind}-{name}">{escape(_UNWRITABLE.sub("", str(value)))}</data>'
        for name, value in values
        if value not in ("", None)
    )
