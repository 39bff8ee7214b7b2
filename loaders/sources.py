"""Where entries and their vectors come from: a folder and an embedder, or a file of vectors."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from loaders.addresses import Fetch
from loaders.collection import Reading, survey, survey_keys
from loaders.embedders.base import Prepare
from loaders.embedders.checkpoints import checkpoint_hash
from loaders.embedders.registry import open_embedder
from loaders.entries import Survey
from loaders.given import GivenVectors, nothing, read_given
from loaders.licences import is_surely_open
from loaders.manifest import Problem
from loaders.plan import Held
from loaders.request import LoadRequest
from loaders.rights import Obeying, read_rules
from loaders.vectors import Vectorize
from stores.errors import BadInput, Mismatch
from stores.records import EmbedderFacts

DEFAULT_EMBEDDER: Final = "classic"


@dataclass(frozen=True, slots=True)
class Means:
    """How entries become vectors: the facts, what a worker does with a picture, and the last step."""

    facts: EmbedderFacts
    prepare: Prepare
    vectorize: Vectorize


class Source(Protocol):
    """Entries, and the means to embed them."""

    survey: Survey

    def revised(self, held: Held) -> AbstractSet[str]:
        """Ids whose vectors changed though their files may not have."""

    def open(self) -> Means:
        """Open what embeds; slow, so only called when there is something to embed."""


def find_source(request: LoadRequest, known: EmbedderFacts | None, fetch: Fetch | None = None) -> Source:
    """Survey what is to be loaded. Mismatch where it cannot stand beside what the collection holds.

    ``fetch`` brings pictures that rows name by address.
    """
    return _Given(request, known, fetch) if request.vectors else _Embedded(request, known, fetch)


class _Embedded:
    """A folder, embedded by an embedder of ours."""

    def __init__(self, request: LoadRequest, known: EmbedderFacts | None, fetch: Fetch | None) -> None:
        if request.folder is None:
            raise BadInput(
                "name the folder of pictures to load, fetch those that rows name by address with --download, or give "
                "vectors with --vectors FILE.npz; a table alone can be looked at with --dry-run"
            )
        self._name = request.embedder or (known.name if known else DEFAULT_EMBEDDER)
        self._checkpoint = request.checkpoint
        if known is not None:
            _refuse_another(known, self._name, request.checkpoint)
        self.survey = _obeying(_surveyed(request.folder, request, fetch), request)

    def revised(self, _held: Held) -> AbstractSet[str]:
        return frozenset()

    def open(self) -> Means:
        embedder = open_embedder(self._name, self._checkpoint)
        return Means(embedder.facts, embedder.prepare, lambda _entries, prepared: embedder.embed(prepared))


class _Given:
    """Vectors from a file, with or without a folder of pictures."""

    def __init__(self, request: LoadRequest, known: EmbedderFacts | None, fetch: Fetch | None) -> None:
        if request.vectors is None or not request.embedder:
            raise BadInput("vectors of your own need a name: add --embedder-name NAME")
        if known is not None:
            _refuse_another(known, request.embedder, None)
        self._given, self._name = read_given(request.vectors), request.embedder
        if request.folder is None:
            keys = sorted(self._given.rows)
            reading = Reading(request.preset, request.further)
            found = survey_keys(keys, request.metadata, request.source, request.columns, request.limit, reading)
        else:
            found = _with_vectors(_surveyed(request.folder, request, fetch), self._given, request.vectors)
        self.survey = _obeying(found, request)

    def revised(self, held: Held) -> AbstractSet[str]:
        return {
            entry.artwork.id
            for entry in self.survey.entries
            if (payload := held.get(entry.artwork.id)) and payload.get("vector") != self._given.digest(entry)
        }

    def open(self) -> Means:
        return Means(self._given.facts(self._name), nothing, self._given.vectorize)


def _surveyed(folder: Path, request: LoadRequest, fetch: Fetch | None) -> Survey:
    reading = Reading(request.preset, request.further, request.only_open)
    return survey(folder, request.metadata, request.source, request.columns, request.limit, reading, fetch)


def _obeying(found: Survey, request: LoadRequest) -> Survey:
    """Show of each entry what its rights allow; where only what is open is wanted, leave the others out."""
    obeying = Obeying(read_rules(request.rights_rules), found.manifest)
    entries = tuple(replace(entry, artwork=obeying.obey(entry.artwork)) for entry in found.entries)
    closed = [e.artwork.key for e in entries if not is_surely_open(e.artwork)] if request.only_open else []
    left_out = frozenset(closed)
    kept = tuple(entry for entry in entries if entry.artwork.key not in left_out)
    quarantine = (*found.quarantine, *obeying.notices())
    return replace(found, entries=kept, closed=(*found.closed, *closed), quarantine=quarantine)


def _with_vectors(found: Survey, given: GivenVectors, path: Path) -> Survey:
    """Keep the entries that have a vector; report the others."""
    lacking = [entry for entry in found.entries if entry.artwork.key not in given.rows]
    problems = tuple(Problem(entry.artwork.key, f"no vector for it in {path.name}", "refused") for entry in lacking)
    entries = tuple(entry for entry in found.entries if entry.artwork.key in given.rows)
    return replace(found, entries=entries, quarantine=(*found.quarantine, *problems))


def _refuse_another(known: EmbedderFacts, name: str, checkpoint: Path | None) -> None:
    """Refuse what can be refused before a network is opened; the vector store refuses the rest."""
    if name != known.name:
        raise Mismatch(
            f"this collection holds vectors of {known.name} and cannot take those of {name}; load with "
            f"--embedder {known.name}, or into a new home with XDEGREES_HOME=another-folder"
        )
    if checkpoint is not None and checkpoint_hash(checkpoint) not in known.checkpoint.split("+"):
        raise Mismatch(
            f"{checkpoint} is not the checkpoint this collection was embedded with ({known.checkpoint[:12]}…); "
            "load with that one, or into a new home with XDEGREES_HOME=another-folder"
        )
