"""Everything by which a path leaves the page: its address, a snippet for another page, files, oEmbed."""

from dataclasses import dataclass
from html import escape
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.datastructures import MultiDict

from service.web.page.shown import Shown
from service.web.page.strings import told
from service.web.problems import refuse_invalid
from service.web.urls import absolute, address, here
from stores.errors import NotFound

HEIGHT: Final = 460
"""Pixels of an embedded path until its page says how high it is."""

_WIDTH: Final = 900


@dataclass(frozen=True, slots=True)
class Share:
    """Where a path can be had: whole addresses.

    Attributes:
        title: of the page.
        page: the address that always shows these artworks.
        embed: the same without the page around it.
        snippet: HTML that embeds it.
        oembed: says the same to sites that ask.
        image: the strip, for previews of links; empty where there is none.
        files: what is saved, by what it is called.
    """

    title: str
    page: str = ""
    embed: str = ""
    snippet: str = ""
    oembed: str = ""
    image: str = ""
    files: tuple[tuple[str, str, str], ...] = ()


class Embedding(BaseModel):
    """What a site that embeds asks."""

    model_config = ConfigDict(extra="ignore")

    url: str = Field(max_length=8000)
    format: str = "json"
    maxwidth: int = Field(_WIDTH, ge=120, le=4000)
    maxheight: int = Field(HEIGHT, ge=80, le=4000)

    @classmethod
    def read(cls, sent: MultiDict[str, str]) -> "Embedding":
        """Return what is asked; BadInput says what is wrong with it."""
        try:
            return cls.model_validate(sent.to_dict())
        except ValidationError as error:
            refuse_invalid(error)

    @property
    def query(self) -> MultiDict[str, str]:
        """The state in the address that is to be embedded; NotFound where that is no address of this page."""
        try:
            asked, own = urlsplit(self.url), urlsplit(absolute(address("/")))
        except ValueError as error:
            raise NotFound("url: that is no address") from error
        places = {own.path, own.path.removesuffix("/"), f"{own.path.removesuffix('/')}/embed"}
        if asked.netloc not in {own.netloc, request.host} or asked.path not in places:
            raise NotFound(f"url: that is no address of this page, which is at {own.geturl()}")
        return MultiDict(parse_qsl(asked.query))


def share(shown: Shown) -> Share:
    """Return where what is shown can be had."""
    if shown.path is None or shown.own:
        return Share(told("title.none") if shown.path is None else title(shown))
    state, query = shown.state, shown.state.written()
    given: dict[str, Any] = {"ids": state.ids, "pace": state.pace}
    if not state.ids:
        given = {name: query[name] for name in ("from", "to", "from_text", "to_text", "pace") if name in query}
    page, embed = absolute(address("/", **query)), absolute(address("/embed", **query))
    return Share(
        title(shown),
        page,
        embed,
        snippet(embed, title(shown)),
        absolute(address("/oembed", url=page)),
        absolute((shown.path["links"]["strip"] or {}).get("url", "")),
        tuple((kind, here(f"/api/v1/path{ending}", **given), f"path{ending or '.json'}") for kind, ending in FILES),
    )


FILES: Final = (("png", ".png"), ("zip", ".zip"), ("json", ""), ("csv", ".csv"), ("iiif", ".iiif"))
"""What a path can be saved as, and what its address in the API ends with."""


def embedding(shown: Shown, asked: Embedding) -> dict[str, Any]:
    """Return the answer of oEmbed."""
    strip = (shown.path or {})["links"]["strip"] or {}
    shared, width, height = share(shown), min(_WIDTH, asked.maxwidth), min(HEIGHT, asked.maxheight)
    picture = {f"thumbnail_{name}": strip[name] for name in ("width", "height")} if strip else {}
    return {
        "version": "1.0",
        "type": "rich",
        "title": shared.title,
        "provider_name": "xdegrees",
        "provider_url": absolute(address("/")),
        "width": width,
        "height": height,
        "html": snippet(shared.embed, shared.title, width, height),
        **({"thumbnail_url": shared.image, **picture} if picture else {}),
    }


def title(shown: Shown) -> str:
    """Return the title of what is shown."""
    first, last = shown.artworks[0], shown.artworks[-1]
    names = {"first": first["title"] or first["key"], "last": last["title"] or last["key"]}
    return told("title.path" if len(shown.artworks) > 1 else "title.one", n=len(shown.artworks), **names)


def snippet(embed: str, name: str, width: int | None = None, height: int = HEIGHT) -> str:
    """Return the HTML that embeds an address."""
    return (
        f'<iframe class="xdegrees" src="{escape(embed)}" title="{escape(name)}" width="{width or "100%"}" '
        f'height="{height}" loading="lazy" style="border:0"></iframe>'
    )
