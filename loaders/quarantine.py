"""Which files could not be loaded, remembered, so that only a new one makes a run end with a warning."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from loaders.entries import Entry
from loaders.manifest import Problem
from loaders.plan import file_mark

NAME: Final = "quarantine.json"
"""In the home."""


class Quarantine:
    """The quarantine of one source, in the file ``path``: reasons by name, and each file's size and time."""

    def __init__(self, path: Path, source: str) -> None:
        self._path, self._source = path, source
        self._all: dict[str, dict[str, list[object]]] = {}
        if path.exists():
            self._all = json.loads(path.read_text(encoding="utf-8"))
        self._before = self._all.get(source, {})

    def still_bad(self, entries: Iterable[Entry]) -> tuple[list[Entry], list[Problem]]:
        """Split entries into those to try and the problems of those whose file has not changed since it failed."""
        tried, known = [], []
        for entry in entries:
            reason, mark = self._before.get(entry.artwork.key, ["", None])
            if mark and mark == file_mark(entry):
                known.append(Problem(entry.artwork.key, str(reason), "image"))
            else:
                tried.append(entry)
        return tried, known

    def is_new(self, problem: Problem) -> bool:
        """Whether a problem was not there after the last run."""
        return self._before.get(problem.name, ["", None])[0] != problem.reason

    def remember(self, problems: Iterable[Problem], entries: Iterable[Entry]) -> None:
        """Write down what is in quarantine now."""
        marks = {entry.artwork.key: file_mark(entry) for entry in entries}
        self._all[self._source] = {p.name: [p.reason, marks.get(p.name)] for p in problems}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = self._path.with_suffix(".new")
        written.write_text(json.dumps(self._all, indent=1), encoding="utf-8")
        written.replace(self._path)
