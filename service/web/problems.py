"""Every error as RFC 9457 ``application/problem+json``: one table, one handler."""

import json
from typing import Final, NoReturn

import structlog
from flask import Flask, Response, g, request
from flask_limiter import RateLimitExceeded
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from service.gone import taken_down
from service.sight import KINDS
from service.web.context import context
from stores.errors import Ambiguous, BadInput, Gone, NotFound, XDegreesError

EXPLANATIONS: Final = {
    "bad-input": "A parameter is missing, unknown or cannot be understood. `errors` names all of them.",
    "ambiguous": "Several artworks have this name. `closest` lists them: give the id of one, or `key:` and its key.",
    "bad-picture": f"What was sent is no picture that can be read: send a whole {KINDS} of at most 50 "
    "megapixels. `detail` says what is wrong with it.",
    "no-embedder": "What made the vectors of this collection is not here, so nothing that is not in the collection can "
    "be an end. Ask from one artwork to another instead.",
    "no-text": "What made the vectors of this collection knows pictures only: ask with artworks or pictures.",
    "not-found": "There is no such artwork, picture or page. `closest` lists artworks that may have been meant.",
    "gone": "There was such an artwork, and it was taken down.",
    "unauthorized": "Writes need an API key that is known here: send it as `Authorization: Bearer KEY` or as "
    "`X-API-Key: KEY`. While there is no key at all, writes are closed. `detail` says which of this it is.",
    "forbidden": "The API key is known, and has no scope for this.",
    "conflict": "Another artwork has this key already: PUT replaces it. Or it was taken down, and stays so until it is "
    "readmitted.",
    "precondition-failed": "The artwork has changed since it was read: GET it again and send the new ETag in If-Match.",
    "no-path": "What was asked for leaves nothing to walk through. `detail` says what would.",
    "mismatch": "Vectors of another embedder, or a store of another format.",
    "refused": "Stopped for safety: going on would lose data.",
    "busy": "Another process holds what is needed, or as many uploads as are taken at once are under way. Try again "
    "after the seconds in Retry-After.",
    "unavailable": "A store cannot be reached, or nothing has been loaded yet. Try again later.",
    "internal": "Something went wrong that should not. The log of the service says more.",
    "method-not-allowed": "The address is right, the method is not. The header Allow lists those that are.",
    "unsupported-media-type": "The body is of a kind that is not understood here. `detail` says what to send.",
    "too-large": "The body is larger than what is taken.",
    "too-slow": "The body did not come in time. Send a smaller picture, or from a better connection.",
    "too-many-requests": "More requests than one client may make. Try again after the seconds in Retry-After.",
    "bad-request": "The request itself is malformed.",
}

_OF_STATUS: Final = {
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    413: "too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
    500: "internal",
    503: "unavailable",
}

_CHALLENGES: Final = {
    "unauthorized": 'Bearer realm="xdegrees"',
    "forbidden": 'Bearer realm="xdegrees", error="insufficient_scope"',
}
"""What a client that has to show who it is is told, as RFC 6750 has it."""

_NAMES: Final = {"source": "from", "target": "to"}
"""Parameters that are words of Python: where a default is what is wrong, pydantic names the field."""

RETRY_AFTER: Final = 5
"""Seconds; a restart of a store takes about that."""


def register(app: Flask) -> None:
    """Make every error of the app a problem."""
    app.register_error_handler(XDegreesError, _ours)
    app.register_error_handler(HTTPException, _theirs)
    app.register_error_handler(Exception, _unforeseen)


def refuse_invalid(error: ValidationError) -> NoReturn:
    """Raise all that is wrong with a request as one BadInput."""
    raise invalid(error)


def invalid(error: ValidationError) -> BadInput:
    """Turn all that is wrong with a request into one BadInput."""
    problems = [
        (".".join(_NAMES.get(str(part), str(part)) for part in e["loc"]), _sentence(e["type"], e["msg"]))
        for e in error.errors()
    ]
    return BadInput("; ".join(": ".join(filter(None, problem)) for problem in problems), problems)


def _sentence(kind: str, message: str) -> str:
    return {"extra_forbidden": "there is no such parameter", "missing": "is needed"}.get(kind, message)


def _ours(error: XDegreesError) -> Response:
    body: dict[str, object] = {}
    if type(error) is NotFound and (told := _taken_down()):
        return problem(Gone.status, Gone.code, told)
    if isinstance(error, BadInput) and error.problems:
        body["errors"] = [{"parameter": name, "detail": detail} for name, detail in error.problems]
    if isinstance(error, NotFound | Ambiguous):
        body["closest"] = [{"id": own, "title": title, "key": key} for own, title, key in error.closest]
    answer = problem(error.status, error.code, str(error), **body)
    if error.code in _CHALLENGES:
        answer.headers["WWW-Authenticate"] = _CHALLENGES[error.code]
    return answer


def _taken_down() -> str:
    """Say which of the artworks that a request names was taken down; empty where none was."""
    named = [str((request.view_args or {}).get("artwork", "")), *g.get("named", ())]
    own = context()
    return taken_down(named, own.stores.graph, own.writer.withheld, own.settings.collection)


def _theirs(error: HTTPException) -> Response:
    status = error.code or 500
    code = _OF_STATUS.get(status, "bad-request")
    answer = problem(status, code, _detail(error, code))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(error.valid_methods)
    if isinstance(error, RateLimitExceeded):
        answer.headers["Retry-After"] = str(error.limit.limit.get_expiry())
    return answer


def _detail(error: HTTPException, code: str) -> str:
    """Say more than the explanation of a code where more is known."""
    if code == "not-found":
        return "There is no such page here: /docs lists the routes of the API."
    if code in ("unsupported-media-type", "bad-request") and error.description != type(error).description:
        return error.description or EXPLANATIONS[code]  # what a body should be, see service.web.body
    if code == "too-large":
        most = f"{context().settings.max_upload_mb:g} MB (XDEGREES_MAX_UPLOAD_MB)"
        return f"{EXPLANATIONS[code]} Each picture may have {most}, everything else together 1 MB."
    return EXPLANATIONS[code]


def _unforeseen(error: Exception) -> Response:
    structlog.get_logger().error("unforeseen error", path=request.path, exc_info=error)
    return problem(500, "internal", EXPLANATIONS["internal"])


def problem(status: int, code: str, detail: str, **further: object) -> Response:
    """Make a problem document."""
    body = {
        "type": f"{request.script_root}/problems/{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.full_path.rstrip("?"),
        **further,
    }
    answer = Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    if status in (429, 503):
        answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer
