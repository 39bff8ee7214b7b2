"""Rights are obeyed: texts that say what a machine knows become addresses, and a file of rules says what may be shown.

::

    unknown = "thumb"                       # of what no rule speaks of and no licence or statement is known

    [[rule]]                                # the first rule that fits an artwork decides, for each of the two
    rights = ["*©*", "*all rights reserved*"]
    display = "none"

    [[rule]]
    Department = "Human Remains*"
    advisory = "This picture shows human remains."
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from loaders.columns import understand
from stores.artwork import Artwork
from stores.errors import BadInput
from stores.files import write_whole
from stores.pictures import sizes_for
from stores.rights import STATEMENTS, canonical, is_decided, is_open
from stores.words import fold

NAME: Final = "rights.toml"
"""In the home: the rules that were given last, which every later load and write obeys."""

_TEXTS: Final = (
    (r"cc0\b|cc zero|public domain dedication", "https://creativecommons.org/publicdomain/zero/1.0/"),
    (
        r"(?<!not )(?<!not in )(?<!not in the )public domain|domaine public|gemeinfrei",
        "https://creativecommons.org/publicdomain/mark/1.0/",
    ),
)
_LICENCE: Final = re.compile(r"\bcc by((?: nc)?(?: sa| nd)?)\b(?: v?([1-4]\.\d)\b(?: ([a-z]{2})$)?)?")
"""A Creative Commons licence in a text without hyphens: its conditions, version and jurisdiction."""

_STATEMENTS: Final = {
    fold(name): f"http://rightsstatements.org/vocab/{code}/1.0/"
    for code, name in (*STATEMENTS.items(), ("NKC", "No known copyright restrictions"))
}

_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_FREE: Final = re.compile(r"\bno (?:known )?(?:rights reserved|copyright(?: restrictions?)?)\b")
_DENIED: Final = re.compile(r"\b(?:not?|non|nicht|kein|pas|in copyright|all rights reserved|united states|usa)\b")
"""Words beside which the name of a licence does not say that it holds; but for those of ``_FREE``."""

_FIELDS: Final[Mapping[str, str]] = {
    "rights": "rights_text",
    "artist": "artists",
    "year": "date_text",
    "id": "key",
    **{
        name: name
        for name in (
            *("rights_uri", "title", "style", "medium", "collection", "object_id", "page_url", "credit", "alt_text"),
            "source",
        )
    },
}
"""What a rule may look at beside further columns: the names that fields have in a file, and in an artwork."""


def rights_uri(text: str) -> str:
    """Return the address of the licence or statement that a text names; empty where that is not certain.

    A licence without a version is none: each version is another contract.
    """
    if _ADDRESS.fullmatch(text):
        return canonical(text)
    folded = " ".join(text.casefold().replace("-", " ").split())
    if statement := _STATEMENTS.get(fold(text)):
        return statement
    if _DENIED.search(_FREE.sub("", text.casefold())):
        return ""
    if match := _licence(folded):
        name, version, place = match
        return (
            f"https://creativecommons.org/licenses/{name}/{version}/{f'{place}/' if place else ''}" if version else ""
        )
    return next((uri for pattern, uri in _TEXTS if re.search(pattern, text.casefold())), "")


def _licence(folded: str) -> tuple[str, str, str] | None:
    """Return name, version and jurisdiction of a Creative Commons licence that a text without hyphens names."""
    match = _LICENCE.search(folded)
    if not match:
        return None
    return "by" + match[1].replace(" ", "-"), match[2] or "", match[3] or ""


def is_surely_open(artwork: Artwork) -> bool:
    """Whether everybody may use, change and share an artwork, and nothing that is said of its rights denies it."""
    text = artwork.rights_text.casefold()
    if text and not _ADDRESS.fullmatch(text) and _DENIED.search(_FREE.sub("", text)):
        return False
    licence = _licence(" ".join(text.replace("-", " ").split()))
    if artwork.rights_uri:
        return is_open(artwork.rights_uri) and (licence is None or licence[0] in ("by", "by-sa"))
    return licence is not None and licence[0] in ("by", "by-sa")


class _Rule(BaseModel):
    """Patterns by column, and what follows where all of them fit."""

    model_config = ConfigDict(extra="allow", strict=True)

    display: Literal["full", "thumb", "none"] | None = None
    advisory: str = ""
    __pydantic_extra__: dict[str, str | list[str]]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    unknown: Literal["full", "thumb", "none"] = "full"
    rule: list[_Rule] = []


@dataclass(frozen=True, slots=True)
class RightsRules:
    """What may be shown of which artworks, and what is to be read before."""

    unknown: str = "full"
    rules: tuple[_Rule, ...] = ()

    def obey(self, artwork: Artwork) -> Artwork:
        """Return the artwork as it may be shown: of its own display, a rule's and the default the least counts."""
        fitting = [rule for rule in self.rules if _fits(rule, artwork)]
        decided = next((rule.display for rule in fitting if rule.display), None)
        known = bool(artwork.rights_uri) and is_decided(artwork.rights_uri)
        shown = decided or ("full" if known else self.unknown)
        advisory = artwork.advisory or next((rule.advisory for rule in fitting if rule.advisory), "")
        return replace(
            artwork, advisory=advisory, display=min((artwork.display, shown), key=lambda d: len(sizes_for(d)))
        )


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
        if not rule.__pydantic_extra__ or not (rule.display or rule.advisory):
            raise BadInput(
                f'{path}: rule {number} needs a column with a pattern, such as rights = "*©*", and display or advisory'
            )
    return RightsRules(file.unknown, tuple(file.rule))


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


def _fits(rule: _Rule, artwork: Artwork) -> bool:
    return all(_matches(column, patterns, artwork) for column, patterns in (rule.__pydantic_extra__ or {}).items())


def _matches(column: str, patterns: str | list[str], artwork: Artwork) -> bool:
    texts = [text.casefold() for text in _texts(column, artwork)]
    wanted = [patterns] if isinstance(patterns, str) else patterns
    return any(fnmatchcase(text, pattern.casefold()) for pattern in wanted for text in texts)


def _texts(column: str, artwork: Artwork) -> Iterable[str]:
    """Return what an artwork has in a column, by its own name or by that of the field it was read as."""
    for name, value in artwork.metadata.items():
        if fold(name) == fold(column):
            return [value]
    field = column if column in _FIELDS else next(iter(understand([column], {}, "")), "")
    found: Any = getattr(artwork, _FIELDS[field]) if field in _FIELDS else ""
    return [found] if isinstance(found, str) else found or [""]
