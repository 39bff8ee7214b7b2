"""A path as an address that opens Neo4j Browser with the statement that shows it."""

import json
from urllib.parse import quote

from cypher import browser_statement
from stores.artwork import Artwork


def browser_link(browser: str, collection: str, artworks: tuple[Artwork, ...]) -> str:
    """Return the address of Neo4j Browser at ``browser`` with a path in its editor; Ctrl+Enter draws it.

    The statement is text for a person to run: what stands in it for ids and collection is quoted as Cypher does.
    """
    shown = browser_statement("this_path")
    for name, value in (("collection", collection), ("ids", [artwork.id for artwork in artworks])):
        shown = shown.replace(f"${name}", json.dumps(value))
    begun = f"{browser}&" if "?" in browser else f"{browser}?"
    return f"{begun}cmd=edit&arg={quote(shown, safe='')}"
