"""Who may write: whoever sends a key that is known and has the scope. Nothing of a body is read before."""

from typing import Final

from flask import Flask, g, request

from service.web.context import context
from stores.errors import Forbidden, Unauthorized

_BEARER: Final = "bearer"
_SCOPES: Final = {"POST": "add", "PUT": "add", "PATCH": "add", "DELETE": "remove"}


def guard_writes(app: Flask, blueprint: str) -> None:
    """Let nobody without a key reach any route of a blueprint; to be called before anything that reads bodies is."""

    @app.before_request
    def guard() -> None:
        if request.blueprint == blueprint and request.method != "OPTIONS":
            require(_SCOPES[request.method])


def require(scope: str) -> str:
    """Return the name of the key that a request carries; Unauthorized without a known one, Forbidden without the scope.

    Its name is kept for the audit, in ``g.key_name``, as soon as it is known.
    """
    keys = context().keys
    if not keys.all():
        raise Unauthorized(
            "writes are closed: there is no API key yet; make one with 'xdegrees key new NAME --scope add', or set "
            "XDEGREES_API_KEYS"
        )
    secret = _sent()
    if not secret:
        raise Unauthorized("a write needs an API key: send it as 'Authorization: Bearer KEY', or as 'X-API-Key: KEY'")
    found = keys.find(secret)
    if found is None:
        raise Unauthorized("this API key is not known here; it may have been revoked")
    g.key_name = found.name
    if scope not in found.scopes:
        raise Forbidden(f"the API key {found.name!r} may {' and '.join(found.scopes)} artworks, not {scope} them")
    return found.name


def _sent() -> str:
    """Return the key of a request; empty where it has none."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.lower() == _BEARER else request.headers.get("X-API-Key", "").strip()
