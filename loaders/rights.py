"""Rights are obeyed: a file of rules says what may be shown of which artworks.

::

    unknown = "thumb"                       # of what no rule speaks of and no licence or statement is known

    [[rule]]                                # the first rule that fits an artwork decides, for each of the two
    rights = ["*©*", "*all rights reserved*"]
    display = "none"

    [[rule]]
    Department = "Human Remains*"
    advisory = "This picture shows human remains."
"""

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from loaders.artworks import AS_GIVEN
from loaders.columns import FIELDS, plain_header, understand
from loaders.licences import is_contradicted
from loaders.manifest import Manifest, Problem
from stores.artwork import Artwork
from stores.errors import BadInput
from stores.files import write_whole
from stores.pictures import sizes_for
from stores.rights import is_decided, rights_name

NAME: Final = "rights.toml"
"""In the home: the rules that were given last, which every later load and write obeys."""

_CALLED: Final[Mapping[str, str]] = {
    **{name: name for name in (*FIELDS, "source")},
    "artists": "artist",
    "date_text": "year",
    "key": "id",
    "rights_text": "rights",
}
"""What a rule may look at beside headers and further columns: fields, by their names in a file and in an answer."""


class _Rule(BaseModel):
    """Patterns by column, and what follows where all of them fit."""

    model_config = ConfigDict(extra="allow", strict=True)

    display: Literal["full", "thumb", "none"] | None = None
    advisory: str = ""
    __pydantic_extra__: dict[str, str | list[str]]

    @property
    def patterns(self) -> Mapping[str, str | list[str]]:
        """Column to the patterns of which one has to fit."""
        return self.__pydantic_extra__ or {}

    def __str__(self) -> str:
        """Its patterns, as they are written."""
        return ", ".join(f"{column} = {json.dumps(one, ensure_ascii=False)}" for column, one in self.patterns.items())


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    unknown: Literal["full", "thumb", "none"] = "full"
    rule: list[_Rule] = []


@dataclass(frozen=True, slots=True)
class RightsRules:
    """What may be shown of which artworks, and what is to be read before; ``place`` is the file that says so."""

    unknown: str = "full"
    rules: tuple[_Rule, ...] = ()
    place: str = ""

    def fitting(self, artwork: Artwork, headers: Mapping[str, str]) -> list[int]:
        """Return which rules fit an artwork; ``headers`` is field to the header that was read as it."""
        return [number for number, rule in enumerate(self.rules) if _fits(rule, artwork, headers)]

    def obey(self, artwork: Artwork, headers: Mapping[str, str] = MappingProxyType({})) -> Artwork:
        """Return the artwork as it may be shown: of its own display, a rule's and the default the least counts."""
        return self.shown(artwork, self.fitting(artwork, headers))

    def shown(self, artwork: Artwork, numbers: Sequence[int]) -> Artwork:
        """Return the artwork as the rules of these numbers let it be shown.

        A licence that its own text contradicts is none that is known.
        """
        fitting = [self.rules[number] for number in numbers]
        decided = next((rule.display for rule in fitting if rule.display), None)
        known = is_decided(artwork.rights_uri) and not is_contradicted(artwork)
        shown = decided or ("full" if known else self.unknown)
        advisory = artwork.advisory or next((rule.advisory for rule in fitting if rule.advisory), "")
        return replace(
            artwork, advisory=advisory, display=min((artwork.display, shown), key=lambda d: len(sizes_for(d)))
        )


class Obeying:
    """Rules applied to the artworks of one load, one by one, and which of them fitted none."""

    def __init__(self, rules: RightsRules, manifest: Manifest | None) -> None:
        self._rules = rules
        self._headers: Mapping[str, str] = manifest.columns if manifest else {}
        self._columns = dict.fromkeys((*(manifest.headers if manifest else ()), *_CALLED))
        self._fitted: set[int] = set()

    def obey(self, artwork: Artwork) -> Artwork:
        """Return the artwork as it may be shown."""
        fitting = self._rules.fitting(artwork, self._headers)
        self._fitted.update(fitting)
        if len(self._fitted) < len(self._rules.rules):
            self._columns.update(dict.fromkeys(artwork.metadata))
        return self._rules.shown(artwork, fitting)

    def notices(self) -> Iterator[Problem]:
        """Yield a notice for each rule that fitted nothing: it is misspelled, or for what is still to come."""
        for number, rule in enumerate(self._rules.rules):
            if number not in self._fitted:
                yield Problem(f"{self._rules.place}: rule {number + 1}", f"{rule}: {self._why(rule)}", "notice")

    def _why(self, rule: _Rule) -> str:
        plain = {plain_header(name) for name in self._columns}
        for column in rule.patterns:
            if plain_header(column) not in plain and not _synonym(column):
                close = difflib.get_close_matches(column, list(self._columns), n=1)
                return f"no column is called {column!r}" + (f"; is it {close[0]!r}?" if close else "")
        return "it fits no artwork of this load"


def read_rules(path: Path | None) -> RightsRules:
    """Read a file of rules, or none; BadInput says what is wrong with it."""
    if path is None:
        return RightsRules()
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadInput(f"cannot read the rights rules {path}: {error.strerror}; name a TOML file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} is no TOML: {error}; see the rights rules in the README") from error
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise BadInput(f"{path}: {told}; see the rights rules in the README") from error
    for number, rule in enumerate(file.rule, 1):
        if not rule.patterns or not (rule.display or rule.advisory):
            raise BadInput(
                f'{path}: rule {number} needs a column with a pattern, such as rights = "*©*", and display or advisory'
            )
    return RightsRules(file.unknown, tuple(file.rule), path.name)


def keep_rules(path: Path | None, home: Path) -> None:
    """Keep a file of rules in the home, so that what comes later obeys it, too."""
    if path is not None and path.resolve() != (home / NAME).resolve():
        write_whole(home / NAME, path.read_bytes())


def kept_rules(home: Path) -> Path | None:
    """Return the file of the rules that a home keeps; None where it keeps none."""
    return home / NAME if (home / NAME).is_file() else None


def rules_of(home: Path) -> RightsRules:
    """Return the rules that a home keeps; none where it keeps none."""
    return read_rules(kept_rules(home))


def _fits(rule: _Rule, artwork: Artwork, headers: Mapping[str, str]) -> bool:
    return all(_matches(column, patterns, artwork, headers) for column, patterns in rule.patterns.items())


def _matches(column: str, patterns: str | list[str], artwork: Artwork, headers: Mapping[str, str]) -> bool:
    texts = [text.casefold() for text in _texts(column, artwork, headers)]
    wanted = [patterns] if isinstance(patterns, str) else patterns
    return any(fnmatchcase(text, pattern.casefold()) for pattern in wanted for text in texts)


def _texts(column: str, artwork: Artwork, headers: Mapping[str, str]) -> Sequence[str]:
    """Return what an artwork has in a column: a further one, a header that was read as a field, or a field."""
    plain = plain_header(column)
    further = [value for name, value in artwork.metadata.items() if plain_header(name) == plain]
    read = [field for field, header in headers.items() if plain_header(header) == plain]
    own = [field for name, field in _CALLED.items() if plain_header(name) == plain]
    fields = dict.fromkeys([*read, *own] or ([] if further else _synonym(column)))
    found = [*further, *(text for field in fields for text in _values(field, artwork))]
    return [text for text in found if text] or [""]


def _synonym(column: str) -> list[str]:
    """Return the field that a column of this name is usually read as."""
    return list(understand([column], {}, ""))


def _values(field: str, artwork: Artwork) -> Sequence[str]:
    """Return all that a field says: of rights the text, the address also as it was given, and what it is called."""
    kept = artwork.metadata.get(field, "")
    if field in ("rights", "rights_uri"):
        given = (artwork.metadata.get(f"{name}{AS_GIVEN}", "") for name in ("rights", "rights_uri"))
        return [artwork.rights_text, artwork.rights_uri, rights_name(artwork.rights_uri), *given]
    if field == "artist":
        return artwork.artists
    if field in ("id", "filename", "image"):
        return [kept or artwork.key, artwork.key if field == "id" else ""]
    found = getattr(artwork, "date_text" if field == "year" else field)
    return ["" if found is None else str(found), kept]
