"""Everything that can go wrong, as one tree.

::

    XDegreesError            exit 1, HTTP 500
    ├── BadInput             exit 2, HTTP 422   the question or the file cannot be understood
    │   ├── Ambiguous        exit 2, HTTP 422   a name that several artworks have; carries them
    │   ├── TooLarge         exit 2, HTTP 413   more bytes than are taken
    │   ├── BadPicture       exit 2, HTTP 422   what was sent cannot be seen as a picture
    │   ├── NoEmbedder       exit 2, HTTP 422   what made the vectors is not here, so nothing new can be embedded
    │   └── NoText           exit 2, HTTP 422   what made the vectors knows pictures only
    ├── NotFound             exit 1, HTTP 404   no such artwork; carries the closest
    │   └── Gone             exit 1, HTTP 410   it was taken down
    ├── NoPath               exit 1, HTTP 422   nothing is left to walk through
    ├── Mismatch             exit 4, HTTP 409   another embedder, dimension or format
    ├── Refused              exit 4, HTTP 409   would lose data; a flag is needed
    ├── Conflict             exit 4, HTTP 409   another artwork has this key, or it was taken down
    ├── PreconditionFailed   exit 4, HTTP 412   it changed since it was read
    ├── Unauthorized         exit 1, HTTP 401   a write without a key that is known
    ├── Forbidden            exit 1, HTTP 403   a write with a key that may not
    ├── Busy                 exit 5, HTTP 503   held by another process
    └── Unavailable          exit 6, HTTP 503   a store cannot be reached

Each message is one line for a person: what happened, why, and what to do.
"""

from collections.abc import Sequence
from typing import Final

NOTHING_LOADED: Final = "nothing has been loaded yet: run 'xdegrees load FOLDER', then ask again"

Names = tuple[str, str, str]
"""Id, title and key of an artwork: what tells it from others."""


class XDegreesError(Exception):
    """Base of every error this project raises on purpose."""

    exit_code = 1
    status = 500
    code = "internal"


class BadInput(XDegreesError):
    """The question or the file cannot be understood.

    Attributes:
        problems: one ``(parameter, message)`` per thing that is wrong; all at once.
    """

    exit_code = 2
    status = 422
    code = "bad-input"

    def __init__(self, message: str, problems: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class Ambiguous(BadInput):
    """A name that several artworks have.

    Attributes:
        closest: those artworks, or the first of them.
    """

    code = "ambiguous"

    def __init__(self, message: str, closest: Sequence[Names]) -> None:
        super().__init__(message)
        self.closest = tuple(closest)


class TooLarge(BadInput):
    """More bytes than are taken."""

    status = 413
    code = "too-large"


class BadPicture(BadInput):
    """What was sent cannot be seen as a picture."""

    code = "bad-picture"


class NoEmbedder(BadInput):
    """What made the vectors is not here, so nothing new can be embedded."""

    code = "no-embedder"


class NoText(BadInput):
    """What made the vectors knows pictures only."""

    code = "no-text"


class NotFound(XDegreesError):
    """There is no such artwork.

    Attributes:
        closest: artworks that may have been meant.
    """

    status = 404
    code = "not-found"

    def __init__(self, message: str, closest: Sequence[Names] = ()) -> None:
        super().__init__(message)
        self.closest = tuple(closest)


class Gone(NotFound):
    """There was such an artwork, and it was taken down."""

    status = 410
    code = "gone"


class NoPath(XDegreesError):
    """What was asked for leaves nothing to walk through."""

    status = 422
    code = "no-path"


class Mismatch(XDegreesError):
    """Vectors of another embedder, another dimension, or a store of another format."""

    exit_code = 4
    status = 409
    code = "mismatch"


class Refused(XDegreesError):
    """Stopped for safety: going on would lose data that cannot be brought back."""

    exit_code = 4
    status = 409
    code = "refused"


class Conflict(XDegreesError):
    """Another artwork has this key already, or the artwork was taken down and stays so."""

    exit_code = 4
    status = 409
    code = "conflict"


class PreconditionFailed(XDegreesError):
    """What was to be changed is no longer what the caller read."""

    exit_code = 4
    status = 412
    code = "precondition-failed"


class Unauthorized(XDegreesError):
    """A write without a key, or with one that is not known."""

    status = 401
    code = "unauthorized"


class Forbidden(XDegreesError):
    """A write with a key that may not do this."""

    status = 403
    code = "forbidden"


class Busy(XDegreesError):
    """Another process holds what is needed; the message says which."""

    exit_code = 5
    status = 503
    code = "busy"


class Unavailable(XDegreesError):
    """A store cannot be reached, or holds nothing yet."""

    exit_code = 6
    status = 503
    code = "unavailable"


class Damaged(Unavailable):
    """The files of an embedded store cannot be read; ``xdegrees check`` says more."""
