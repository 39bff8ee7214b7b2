"""What is said of an artwork's rights: addresses that machines know, their names, and the line under its picture."""

import re
from typing import Final

from stores.artwork import Artwork

_CC: Final = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)(?:/([a-z]{2}))?"
    r"(?:/(?:deed|legalcode)(?:\.[\w-]+)?)?/?",
    re.IGNORECASE,
)
"""Kind, name, version and jurisdiction of a Creative Commons address."""

_RS: Final = re.compile(
    r"https?://(?:www\.)?rightsstatements\.org/(?:vocab|page)/([a-z-]+)/1\.0/?(?:\?.*)?", re.IGNORECASE
)

STATEMENTS: Final = {
    "InC": "In Copyright",
    "InC-OW-EU": "In Copyright - EU Orphan Work",
    "InC-EDU": "In Copyright - Educational Use Permitted",
    "InC-NC": "In Copyright - Non-Commercial Use Permitted",
    "InC-RUU": "In Copyright - Rights-holder(s) Unlocatable or Unidentifiable",
    "NoC-CR": "No Copyright - Contractual Restrictions",
    "NoC-NC": "No Copyright - Non-Commercial Use Only",
    "NoC-OKLR": "No Copyright - Other Known Legal Restrictions",
    "NoC-US": "No Copyright - United States",
    "CNE": "Copyright Not Evaluated",
    "UND": "Copyright Undetermined",
    "NKC": "No Known Copyright",
}
"""The twelve statements of https://rightsstatements.org, by what their addresses end with."""

_UNDECIDED: Final = frozenset({"CNE", "UND"})
_OPEN: Final = frozenset({"zero", "mark", "by", "by-sa"})
"""What https://opendefinition.org calls open: everybody may use, change and share it."""


def canonical(uri: str) -> str:
    """Return the address by which a licence or statement is known; any other address as it is.

    Creative Commons is kept with https, as it answers today; RightsStatements.org identifies by http.
    """
    if match := _CC.fullmatch(uri):
        kind, name, version, place = (part.lower() if part else "" for part in match.groups())
        return f"https://creativecommons.org/{kind}/{name}/{version}/" + (f"{place}/" if place else "")
    if (match := _RS.fullmatch(uri)) and (code := _code(match[1])):
        return f"http://rightsstatements.org/vocab/{code}/1.0/"
    return uri


def _code(text: str) -> str:
    return next((code for code in STATEMENTS if code.casefold() == text.casefold()), "")


def rights_name(uri: str) -> str:
    """Return what a licence or statement is called: ``CC BY-SA 4.0``; empty for an address that is neither."""
    if match := _CC.fullmatch(uri):
        kind, name, version, place = (part.lower() if part else "" for part in match.groups())
        if kind == "publicdomain":
            return {"zero": f"CC0 {version}", "mark": f"Public Domain Mark {version}"}.get(name, "")
        return " ".join(filter(None, ("CC", name.upper(), version, place.upper())))
    match = _RS.fullmatch(uri)
    return STATEMENTS.get(_code(match[1]), "") if match else ""


def is_open(uri: str) -> bool:
    """Whether whatever has this licence may be used, changed and shared by everybody."""
    match = _CC.fullmatch(uri)
    return bool(match) and match[2].lower() in _OPEN  # type: ignore[index]  # there is a match


def is_decided(uri: str) -> bool:
    """Whether an address is a licence, or a statement that says what holds."""
    match = _RS.fullmatch(uri)
    return bool(rights_name(uri)) and not (match and _code(match[1]) in _UNDECIDED)


def rights_said(artwork: Artwork) -> str:
    """Return what is shown of the rights: the museum's own words, else the name of the address, else the address."""
    return artwork.rights_text or rights_name(artwork.rights_uri) or artwork.rights_uri


def attribution(artwork: Artwork) -> str:
    """Return the line that stands under a picture: credit and rights, each as it was given; empty where neither is."""
    credit, rights = artwork.credit, rights_said(artwork)
    if not (credit and rights) or rights == credit:
        return credit or rights
    return f"{credit} {rights}" if credit.endswith(".") else f"{credit}. {rights}"


def rights_facet(artwork: Artwork) -> str:
    """Return by what artworks of equal rights are filtered: the name of the address, else what is shown."""
    return rights_name(artwork.rights_uri) or rights_said(artwork)
