"""Every statement that is sent to Neo4j, one a file. Values only ever go in as parameters.

A file's first line says what the statement does, the second names its parameters.
"""

from functools import cache
from pathlib import Path
from typing import LiteralString

_HERE = Path(__file__).parent


@cache
def statement(name: str) -> LiteralString:
    """Return the text of a statement by its file's name."""
    return (_HERE / f"{name}.cypher").read_text(encoding="utf-8")


def browser_statement(name: str) -> str:
    """Return the text of a statement for people, without the line that is its title."""
    return (_HERE / "browser" / f"{name}.cypher").read_text(encoding="utf-8").partition("\n")[2].strip()


def browser_style() -> str:
    """Return how Neo4j Browser draws the graph."""
    return (_HERE / "browser" / "graph.grass").read_text(encoding="utf-8")


def names() -> list[str]:
    """Every statement's name."""
    return sorted(path.stem for path in _HERE.glob("*.cypher"))
