"""Requests that carry a body: how large one may be, how deep, and how many there may be at once."""

from threading import BoundedSemaphore
from typing import Any, Final

from flask import Flask, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import RequestEntityTooLarge

from stores.errors import Busy

FIELDS: Final = 1_000_000
"""Bytes of a request's body besides the pictures that it may carry."""

_TEXT: Final = ("application/json", "application/merge-patch+json", "application/x-www-form-urlencoded")
"""Kinds of a body without pictures; such a body is read at once."""


class Json(DefaultJSONProvider):
    """JSON as it is written here, and read from strangers."""

    sort_keys = False
    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON; ValueError for what is none, or is nested deeper than Python can follow."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error


def admit_bodies(app: Flask, places: int) -> None:
    """Let at most so many requests with bodies in at once: those who read are to find a thread, whoever sends.

    One with a picture keeps its place until it is answered, any other until it is read. Busy where there is no place;
    413 for what is too large, before anything of it is read.
    """
    free = BoundedSemaphore(places)

    @app.before_request
    def enter() -> None:
        if request.routing_exception is None and _carries_a_body():
            _refuse_large()
            if not free.acquire(blocking=False):
                raise Busy("as many uploads as are taken at once are under way: try again in a few seconds")
            g.place = free
            if request.mimetype in _TEXT:
                request.get_data()
                leave()

    @app.teardown_request
    def leave(_: BaseException | None = None) -> None:
        if (place := g.pop("place", None)) is not None:
            place.release()


def _carries_a_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _refuse_large() -> None:
    if request.mimetype in _TEXT:
        request.max_content_length = FIELDS
    if (request.content_length or 0) > (request.max_content_length or 0):
        raise RequestEntityTooLarge
