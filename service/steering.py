"""What an editor decides about paths, in one file that may change while the service runs.

::

    exclude = ["key:1888.12"]                              # found and shown, but never passed through
    featured = [["key:1888.12", "key:1901.3"]]             # every other random pair is one of these
    never_together = [["key:a.jpg", "key:b.jpg"]]          # of each group a path shows at most one
"""

import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.paths.records import Question
from service.resolve import find_artwork
from stores.errors import BadInput, NotFound
from stores.ports import GraphStore
from stores.settings import Settings

NAME: Final = "steering.toml"
"""In the home, where no other file is named."""

_FORM: Final = (
    "it may have exclude = [ARTWORK, …], featured = [[FROM, TO], …] and never_together = [[ARTWORK, ARTWORK, …], …], "
    "each an id, key:KEY or a title in quotes"
)


@dataclass(frozen=True, slots=True)
class Steering:
    """What is decided, in ids."""

    exclude: frozenset[str] = frozenset()
    featured: tuple[tuple[str, str], ...] = ()
    apart: frozenset[frozenset[str]] = frozenset()

    @property
    def digest(self) -> str:
        """Equal for equal decisions: what answers follow from."""
        parts = sorted(self.exclude), self.featured, sorted(sorted(pair) for pair in self.apart)
        return sha256(repr(parts).encode()).hexdigest()[:16]

    def steer(self, question: Question) -> Question:
        """Return the question as the editor would have it asked: an excluded artwork may be an end, and no more."""
        if not (self.exclude or self.apart):
            return question
        return replace(
            question,
            apart=question.apart | self.apart,
            excluded=question.excluded | self.exclude,
        )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    exclude: list[str] = []
    featured: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = []
    never_together: list[Annotated[list[str], Field(min_length=2)]] = []


class SteeringFile:
    """Reads the file when it has changed; a mistake in it leaves what was decided before, and is logged."""

    def __init__(self, settings: Settings, graph: GraphStore) -> None:
        self._path = settings.steering or settings.home / NAME
        self._named = settings.steering is not None
        self._graph = graph
        self._stamp: tuple[object, ...] | None = None
        self._read = Steering()
        self._mistake = ""
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise BadInput where the file cannot be understood, or one that was named is not there."""
        if self._named and not self._path.is_file():
            raise BadInput(f"there is no steering file {self._path}: make it, or unset XDEGREES_STEERING")
        if self._path.is_file():
            _parse(self._path)

    def mistake(self) -> str:
        """Return why the file, as it stands now, is not obeyed; empty where it is."""
        self.current()
        return self._mistake

    def current(self) -> Steering:
        """Return what is decided now."""
        try:
            seen = self._path.stat()
        except OSError:
            with self._lock:
                self._stamp, self._read, self._mistake = None, Steering(), ""
            return Steering()
        stamp = (seen.st_mtime_ns, seen.st_size, self._graph.stats().metadata_version)
        with self._lock:
            if stamp != self._stamp:
                self._read_anew()
                self._stamp = stamp  # only now: where a store could not be asked, the next question tries again
            return self._read

    def _read_anew(self) -> None:
        try:
            self._read, self._mistake = _resolved(_parse(self._path), self._graph), ""
        except BadInput as error:
            self._mistake = str(error)
            instead = "what it said before still holds" if self._read != Steering() else "nothing is steered"
            structlog.get_logger().error("the steering file is not obeyed", reason=self._mistake, instead=instead)


def _parse(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}; let it be read, or move it away") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} is no TOML: {error}; mend it, or move it away: {_FORM}") from error
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise BadInput(f"{path}: {told}; mend it, or move it away: {_FORM}") from error


def _resolved(file: _File, graph: GraphStore) -> Steering:
    """Turn references into ids; what names no artwork is left out, and logged once."""
    named = {*file.exclude, *(one for group in (*file.featured, *file.never_together) for one in group)}
    ids = _ids(named, graph)
    pairs = [(ids[first], ids[second]) for first, second in file.featured if first in ids and second in ids]
    groups = [sorted({ids[one] for one in group if one in ids}) for group in file.never_together]
    return Steering(
        exclude=frozenset(ids[one] for one in file.exclude if one in ids),
        featured=tuple(pairs),
        apart=frozenset(frozenset(pair) for group in groups for pair in combinations(group, 2)),
    )


def _ids(references: set[str], graph: GraphStore) -> Mapping[str, str]:
    found: dict[str, Any] = {}
    for reference in sorted(references):
        try:
            found[reference] = find_artwork(graph, reference, whole=True)
        except (NotFound, BadInput) as error:
            structlog.get_logger().warning("the steering file names no artwork", reason=str(error))
    return found
