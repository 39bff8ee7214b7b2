"""Whether what somebody asks for was taken down: an answer of its own, so that nobody looks for it."""

from collections.abc import Iterable, Iterator

from loaders.artworks import artwork_id
from stores.ports import GraphStore
from stores.records import Search
from stores.withheld import Withheld

_KEY = "key:"


def taken_down(names: Iterable[str], graph: GraphStore, withheld: Withheld, source: str) -> str:
    """Say which of the artworks of these names (ids or ``key:KEY``) was taken down; empty where none was.

    A key may be of any source that the collection still has artworks of, or of ``source``.
    """
    held = withheld.entries()
    for name in names if held else ():
        if own := next((one for one in _ids(name, graph, source) if one in held), None):
            return (
                f"{name} was taken down at {held[own]['at']}, and stays away until 'xdegrees load FOLDER --readmit "
                f"{own}'"
            )
    return ""


def _ids(name: str, graph: GraphStore, source: str) -> Iterator[str]:
    if not name.startswith(_KEY):
        yield name.strip().lower()
        return
    key = name.removeprefix(_KEY)
    yield artwork_id(source, key)
    page = graph.find(Search(facets=("source",), limit=1))
    yield from (artwork_id(other, key) for other, _ in page.facets.get("source", ()))
