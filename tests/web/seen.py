"""A page as a test sees it: its elements, and addresses in it."""

import io
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from PIL import Image

FROM, TO, OTHER = "key:stripes-0001.jpg", "key:trees-0001.jpg", "key:waves-0002.jpg"
ENDS = {"from": FROM, "to": TO}


class Seen(HTMLParser):
    """The elements of a page: tags with their attributes, and what is written in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str, **attrs: str) -> list[dict[str, str]]:
        """Every element of a kind with these attributes."""
        return [found for name, found in self.tags if name == tag and attrs.items() <= found.items()]

    def one(self, tag: str, **attrs: str) -> dict[str, str]:
        """The only such element."""
        (found,) = self.all(tag, **attrs)
        return found

    @property
    def ids(self) -> list[str]:
        """Of the artworks of the path."""
        return self.one("div", id="path")["data-ids"].split()


def seen(client: FlaskClient, path: str = "/", **query: Any) -> Seen:
    """Open a page that must be there."""
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200, answer.text
    return Seen(answer.text)


def drawn() -> io.BytesIO:
    """A picture that is no artwork."""
    file = io.BytesIO()
    Image.effect_mandelbrot((200, 150), (-3, -2.5, 2, 2.5), 60).convert("RGB").save(file, "PNG")
    file.seek(0)
    return file


def query_of(address: str) -> dict[str, list[str]]:
    """Parse the query of an address."""
    return parse_qs(urlsplit(unescape(address)).query)
