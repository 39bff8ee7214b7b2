"""Calls to a Qdrant server: what passes is tried again, what does not becomes one line for a person."""

import json
import math
import time
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

import grpc
from pydantic import ValidationError
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from stores.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

PAUSES: Final = (0.2, 0.8, 2.0)
"""Seconds before the second, third and fourth attempt."""

BUDGET: Final = 3
"""How many times its timeout a call may take, all attempts together."""

FAILURES: Final = (
    grpc.RpcError,
    ResourceExhaustedResponse,
    ResponseHandlingException,
    UnexpectedResponse,
    json.JSONDecodeError,
)
"""What the client raises, by REST and by gRPC."""

STATUS: Final = {
    "UNAVAILABLE": 0,
    "DEADLINE_EXCEEDED": 0,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNKNOWN": 500,
    "ABORTED": 503,
}
"""gRPC's codes as HTTP's; 0 where no answer came at all."""

UNANSWERED, STRANGE, BAD_REQUEST, TOO_MANY, BROKEN, FULL = 0, 200, 400, 429, 500, 507
REFUSED: Final = (401, 403)


class Calls:
    """Calls functions of a Qdrant client until they answer or their time is up.

    Every operation of a store may be repeated: it writes by id, deletes by id, or reads.

    Attributes:
        address: where the server is, as messages name it.
        timeout: seconds an attempt may take; the client knows only whole ones, so it rounds up.
    """

    def __init__(self, address: str, timeout: float) -> None:
        self.address = address
        self.timeout = timeout

    def __call__(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what the function returns; Unavailable when it does not get there."""
        started, pauses = time.monotonic(), iter(PAUSES)
        while True:
            try:
                return function(*args, **kwargs)
            except FAILURES as error:
                status, reason = _status(error), _reason(error)
                pause = next(pauses, None)
                if pause is None or not _passes(status) or not self._has_time(started, pause):
                    raise self._unavailable(status, reason) from error
            time.sleep(pause)

    def _has_time(self, started: float, pause: float) -> bool:
        """Whether another attempt would end in time, even one that is never answered."""
        return time.monotonic() - started + pause + math.ceil(self.timeout) <= BUDGET * self.timeout

    def _unavailable(self, status: int, reason: str) -> Unavailable:
        where = f"Qdrant at {self.address}"
        if status == UNANSWERED:
            return Unavailable(f"{where} does not answer ({reason}): is it running? XDEGREES_QDRANT_URL says where")
        if status == STRANGE:
            return Unavailable(f"what answers at {self.address} is no Qdrant: check XDEGREES_QDRANT_URL")
        if status in REFUSED:
            return Unavailable(f"{where} refuses the API key: check XDEGREES_QDRANT_API_KEY")
        return Unavailable(f"{where} answers {status} ({reason}): {_advice(status)}")


def _passes(status: int) -> bool:
    """Whether the same call may well succeed a moment later; a full disk stays full."""
    return status in {UNANSWERED, TOO_MANY} or (status >= BROKEN and status != FULL)


def _advice(status: int) -> str:
    if status == FULL:
        return "make room on its disk and try again"
    return "try again later" if status == TOO_MANY else "its own log says more"


def _status(error: Exception) -> int:
    """HTTP status of a failure, 0 for none, 200 for an answer that is not Qdrant's."""
    if isinstance(error, UnexpectedResponse):
        return error.status_code or UNANSWERED
    if isinstance(error, ResourceExhaustedResponse):
        return TOO_MANY
    if isinstance(error, grpc.RpcError):
        return STATUS.get(error.code().name, BAD_REQUEST)
    source: Any = getattr(error, "source", error)
    return STRANGE if isinstance(source, ValidationError | json.JSONDecodeError) else UNANSWERED


def _reason(error: Exception) -> str:
    """Return the reason in the server's own words where it gave one, on one line."""
    if isinstance(error, UnexpectedResponse):
        text = _server_error(error.content) or error.reason_phrase
    elif isinstance(error, grpc.RpcError):
        text = str(error.details())
    else:
        source = getattr(error, "source", error)
        text = str(source) or type(source).__name__
    return " ".join(text.split())[:300]


def _server_error(content: bytes) -> str:
    try:
        return str(json.loads(content)["status"]["error"])
    except (ValueError, KeyError, TypeError):
        return ""
