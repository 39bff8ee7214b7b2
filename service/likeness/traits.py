"""What two pictures visibly have in common, in a visitor's words and from the pictures alone."""

from collections.abc import Mapping, Sequence
from math import inf, prod
from typing import Final, NamedTuple

from service.likeness.measures import Traits, read_traits

__all__ = ["Traits", "in_common", "read_traits", "sentence"]

_PHRASES: Final = 4
"""Phrases that are given: more than a reader keeps in mind."""


class _Rule(NamedTuple):
    """A phrase, the measure and the bounds where it is true, and the percent of 3,082 artworks where it is."""

    phrase: str
    measure: str
    least: float
    most: float
    percent: int


_RULES: Final = (
    _Rule("dark tones", "lightness", -inf, 0.36, 16),
    _Rule("light tones", "lightness", 0.67, inf, 20),
    _Rule("soft contrast", "contrast", -inf, 0.105, 10),
    _Rule("strong contrast", "contrast", 0.23, inf, 20),
    _Rule("almost no colour", "accent", -inf, 0.035, 10),
    _Rule("strong colours", "colour", 0.074, inf, 9),
    _Rule("broad smooth areas", "detail", -inf, 0.22, 19),
    _Rule("fine detail", "detail", 0.6, inf, 15),
    _Rule("a plain surround", "calm", -inf, 0.11, 15),
    _Rule("a tall format", "ratio", -inf, 0.7, 19),
    _Rule("a square format", "ratio", 0.96, 1.04, 5),
    _Rule("a wide format", "ratio", 1.42, inf, 18),
    _Rule("a darker upper part", "fall", -inf, -0.12, 11),
    _Rule("a lighter upper part", "fall", 0.18, inf, 17),
    _Rule("more light on the right", "lean", -inf, -0.12, 8),
    _Rule("more light on the left", "lean", 0.12, inf, 7),
    _Rule("a darker middle", "glow", -inf, -0.17, 16),
    _Rule("a lighter middle", "glow", 0.14, inf, 13),
    _Rule("most detail in the upper half", "sink", -inf, -0.11, 8),
    _Rule("most detail in the lower half", "sink", 0.16, inf, 14),
    _Rule("most detail on the left", "tilt", -inf, -0.12, 6),
    _Rule("most detail on the right", "tilt", 0.12, inf, 5),
    _Rule("near mirror symmetry", "symmetry", 0.75, inf, 11),
)
"""Bounds lie where the pictures above and below them look different and a phrase still sets few apart."""

_SHARES: Final = {
    "beige": (0.18, 15),
    "black": (0.2, 15),
    "blue": (0.12, 12),
    "brown": (0.25, 25),
    "cream": (0.15, 16),
    "deep blue": (0.06, 4),
    "green": (0.18, 15),
    "grey": (0.45, 19),
    "ochre": (0.12, 16),
    "olive green": (0.1, 15),
    "orange": (0.06, 1),
    "pale blue": (0.06, 4),
    "pink": (0.1, 5),
    "purple": (0.08, 2),
    "red": (0.08, 7),
    "white": (0.2, 8),
    "yellow": (0.08, 6),
}
"""The share of the area a colour must have in both, and the percent of the same artworks where it has."""

_KIN: Final = {"deep blue": "blue", "pale blue": "blue", "olive green": "green"}
"""Shades that count for their colour too, so that a deep and a pale blue are both blue."""

_NAMED: Final = 3
"""Colours in one phrase."""

_IMPLIED: Final = {
    "black": "dark tones",
    "white": "light tones",
    "grey": "almost no colour",
    "broad smooth areas": "a plain surround",
}
"""What goes without saying where the other has been said."""


_COLUMNS: Final = {
    "style": "",
    "medium": "in ",
    "artist": "by ",
    "collection": "from ",
    "object_id": "views of object ",
}
"""The words before the value of a known column, in the order in which they are said."""


def in_common(a: Traits, b: Traits) -> tuple[str, ...]:
    """Return what both have and few others do, the most telling first; the order of the two is no matter."""
    found = {
        rule.phrase: rule.percent / 100
        for rule in _RULES
        if all(rule.least <= getattr(one, rule.measure) <= rule.most for one in (a, b))
    }
    colors = _shared_colors(a, b, found)
    if colors:
        found[_joined([_plural(color) for color in colors])] = prod(_SHARES[color][1] / 100 for color in colors)
    told = sorted(found, key=lambda phrase: (found[phrase], phrase))
    return tuple(phrase for phrase in told if _IMPLIED.get(phrase) not in found)[:_PHRASES]


def _shared_colors(a: Traits, b: Traits, said: Mapping[str, float]) -> list[str]:
    """Return the colours large in both, the larger first, without what has been said and what a shade says better."""
    one, other = _areas(a), _areas(b)
    least = {color: min(one.get(color, 0.0), other.get(color, 0.0)) for color in _SHARES}
    large = [color for color, share in least.items() if share >= _SHARES[color][0]]
    dropped = {_KIN[color] for color in large if color in _KIN}
    kept = [color for color in large if color not in dropped and _IMPLIED.get(color) not in said]
    return sorted(kept, key=lambda color: (-least[color], color))[:_NAMED]


def _areas(traits: Traits) -> dict[str, float]:
    """Return the share of each colour of the palette, shades counted for their colour as well."""
    areas = dict(traits.palette)
    for shade, color in _KIN.items():
        if shade in areas:
            areas[color] = areas.get(color, 0.0) + areas[shade]
    return areas


def _plural(color: str) -> str:
    return color if color in ("black", "white") else f"{color}s"


CLOSE: Final = "Close as the embedder sees them, though nothing simple names it"
APART: Final = "Nothing simple names what the two have in common"
LONG: Final = "A long step: little that can be named is common to both"
"""What is said where nothing can be named: of neighbours, of others, and of any two that are far apart."""


def sentence(common: Sequence[str], shared: Mapping[str, str], unnamed: str = CLOSE) -> str:
    """Return one plain sentence for a visitor.

    Args:
        common: what :func:`in_common` found.
        shared: the metadata both have, by column; empty values count as missing.
        unnamed: what is said where neither is anything.
    """
    facts = {column: " ".join(value.split()) for column, value in shared.items() if value.strip()}
    known = [f"{words}{facts[column]}" for column, words in _COLUMNS.items() if column in facts]
    others = [f"{_label(column)}: {value}" for column, value in facts.items() if column not in _COLUMNS]
    parts = (("are", ", ".join(known)), ("share", ", ".join(others)))
    told = [f"Both {' and '.join(f'{verb} {words}' for verb, words in parts if words)}"] if facts else []
    if common:
        told.append(f"{'both' if told else 'Both'} have {_joined(common)}")
    text = "; ".join(told) or unnamed
    return text.removesuffix(".") + "."


def _label(column: str) -> str:
    words = " ".join(column.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def _joined(phrases: Sequence[str]) -> str:
    """Return a list in words; a comma before the last where a phrase has an "and" of its own."""
    *others, last = phrases
    if not others:
        return last
    comma = "," if len(others) > 1 or any(" and " in phrase for phrase in phrases) else ""
    return f"{', '.join(others)}{comma} and {last}"
