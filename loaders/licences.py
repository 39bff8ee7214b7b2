"""What a text says of rights: the address of the licence that all of it names, and whether a work is surely open."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from stores.artwork import Artwork
from stores.rights import STATEMENTS, canonical, is_open, rights_name
from stores.words import fold

_HYPHENS: Final = dict.fromkeys(range(0x2010, 0x2016), "-")
"""Hyphens and dashes, which look alike and mean the same in the name of a licence."""

_ADDRESS: Final = re.compile(r"https?://[^\s()<>\[\]]+", re.IGNORECASE)

_STATEMENTS: Final = {
    fold(name): f"http://rightsstatements.org/vocab/{code}/1.0/"
    for code, name in (*STATEMENTS.items(), ("NKC", "No known copyright restrictions"))
}

_PORTED: Final = (
    "ar|at|au|bg|br|ca|ch|cl|cn|co|cr|cz|de|dk|ec|ee|eg|es|fi|fr|gr|gt|hk|hr|hu|ie|il|in|it|jp|kr|lu|mk|mt|mx|my|nl|"
    "no|nz|pe|ph|pl|pr|pt|ro|rs|se|sg|si|th|tw|ug|uk|us|ve|vn|za"
)
"""Jurisdictions of https://creativecommons.org whose licences have an address of their own, up to version 3.0."""

_VERSION: Final = rf"(?: v?(?:(?P<version>4\.0)|(?P<old>1\.0|2\.[015]|3\.0)(?: (?P<place>{_PORTED})(?=\W*$))?))?"

_BEFORE: Final = (
    r"(?:(?:this|the) (?:work|artwork|image|picture) is )?"
    r"(?:(?:made )?(?:licen[cs]ed|released|available|published|shared) under |in )?(?:the terms of )?(?:an? |the )?"
)
_AFTER: Final = r"(?: \(?(?:international|unported|generic)(?:\)|(?!\w)))?(?: (?:public )?licen[cs]e)?"
_ZERO: Final = (
    r"(?P<zero>(?:cc ?0|cc zero|creative commons zero)(?: v?1\.0)?(?: universal)?(?: licen[cs]e)?"
    r"|(?:creative commons )?public domain dedication)"
)
_CC: Final = (
    r"(?:cc|creative commons) (?:by|attribution)(?P<nc> nc| non ?commercial)?"
    rf"(?:(?P<sa> sa| share ?alike)|(?P<nd> nd| no ?deriv(?:ative)?s(?: works)?))?{_VERSION}{_AFTER}"
)
_UNITS: Final = (
    _ZERO,
    _CC,
    r"(?P<mark>(?:creative commons )?public domain mark(?: 1\.0)?)",
    r"(?P<domain>public domain|domaine public|gemeinfrei)",
)
_NAMED: Final = tuple(re.compile(rf"{_BEFORE}{unit}(?:(?!\w)|(?<=\)))") for unit in _UNITS)
_NOTHING: Final = re.compile(r"no rights reserved\b|[\s.,:;()]+|^(?:licen[cs]e|rights) ?: ?")
"""What may stand beside the name of a licence, and says no more than it."""

_FREE: Final = re.compile(
    r"\bno (?:known )?(?:rights reserved|copyright(?: restrictions?)?|restrictions?)\b|\bcopyright free\b"
    r"|\bwithout (?:any )?restrictions?\b|\bno permission (?:is )?(?:needed|required|necessary)\b"
)
_DENIED: Final = re.compile(
    r"[©℗?]|\(c\)|\b(?:copyright\w*|permissions?|reserved|restrict\w*|licensing|metadata|only|nur|united states|usa"
    r"|nc|nd|non ?commercial\w*|no ?deriv\w*|private|personal|education\w*|research|scholarly|academic"
    r"|no|not|non|never|none|nicht|kein\w*|pas|sans|except\w*|unless|until"
    r"|possibl[ey]|probabl[ey]|perhaps|maybe|might|likely|presum\w*|assumed|disputed|un(?:known|certain|clear|determined))\b"
)
"""Words beside which an open licence is not sure to hold; but for those of ``_FREE``."""


class _Licence(NamedTuple):
    """``zero``, ``mark``, ``domain`` ("public domain" alone) or ``by-nc-sa``, with version and jurisdiction."""

    name: str
    version: str = ""
    place: str = ""

    @property
    def uri(self) -> str:
        """Its address; empty without a version, for each version is another contract."""
        if self.name in ("zero", "mark", "domain"):
            return f"https://creativecommons.org/publicdomain/{'zero' if self.name == 'zero' else 'mark'}/1.0/"
        place = f"{self.place}/" if self.place else ""
        return f"https://creativecommons.org/licenses/{self.name}/{self.version}/{place}" if self.version else ""


@lru_cache(maxsize=2**12)  # museums write the same on many rows
def rights_uri(text: str) -> str:
    """Return the address of the licence or statement that a text names; empty where that is not certain.

    It is where the whole text is the name of one and the same licence, or says no more than that.
    """
    if _ADDRESS.fullmatch(text):
        return canonical(text)
    if statement := _STATEMENTS.get(fold(text.translate(_HYPHENS)).rstrip(" .")):
        return statement
    licence = _licence(text)
    return licence.uri if licence else ""


def is_surely_open(artwork: Artwork) -> bool:
    """Whether everybody may use, change and share an artwork, and nothing that is said of its rights denies it."""
    if artwork.rights_uri:
        return is_open(artwork.rights_uri) and not is_contradicted(artwork)
    licence = _licence(artwork.rights_text)
    return licence is not None and licence.name in ("by", "by-sa")


def is_contradicted(artwork: Artwork) -> bool:
    """Whether an artwork has an open licence by its address, and words that deny it or leave it in doubt."""
    if not is_open(artwork.rights_uri):
        return False
    # beside the text, what stood in the column of the address and was none
    return any(_denies(text) for text in (artwork.rights_text, artwork.metadata.get("rights_uri", "")))


def _denies(text: str) -> bool:
    linked = (canonical(uri.rstrip(".,;:")) for uri in _ADDRESS.findall(text))
    if any(rights_name(uri) and not is_open(uri) for uri in linked):
        return True
    return bool(_DENIED.search(_FREE.sub("", _plain(_ADDRESS.sub("", text)))))


def _plain(text: str) -> str:
    """Return a text in small letters, with spaces for hyphens and whatever looks like one."""
    return " ".join(text.casefold().translate(_HYPHENS).replace("-", " ").split())


def _licence(text: str) -> _Licence | None:
    """Return the one licence that a text names, by name or by its link; None where it says anything beside."""
    named = _all_named(_plain(_ADDRESS.sub("", text)))
    others = named - {_Licence("domain")}
    fullest = max(others or named, default=None)
    if fullest is None or not others <= {fullest, _Licence(fullest.name)}:
        return None
    if others < named and fullest.name.startswith("by"):  # only CC0 and the mark are no second licence beside it
        return None
    linked = {canonical(uri.rstrip(".,;:")) for uri in _ADDRESS.findall(text)}
    return fullest if linked <= {fullest.uri} else None


def _all_named(plain: str) -> set[_Licence]:
    """Return the licences of which a text is made; none where a word is left over."""
    found, place = set(), 0
    while place < len(plain):
        match = next((match for unit in _NAMED if (match := unit.match(plain, place))), None)
        if match:
            found.add(_read(match.groupdict()))
        elif not (match := _NOTHING.match(plain, place)):
            return set()
        place = match.end()
    return found


def _read(parts: dict[str, str | None]) -> _Licence:
    if short := next((name for name in ("zero", "mark", "domain") if parts.get(name)), ""):
        return _Licence(short)
    name = "-".join(["by", *(condition for condition in ("nc", "sa", "nd") if parts[condition])])
    return _Licence(name, parts["version"] or parts["old"] or "", parts["place"] or "")
