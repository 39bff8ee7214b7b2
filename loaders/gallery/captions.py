"""Invented titles, artists, years and descriptions; any likeness to a real artist's name is an accident."""

from math import floor
from typing import Final

import numpy as np

from loaders.gallery.works import Work

COLUMNS: Final = ("filename", "title", "artist", "year", "style", "medium", "rights", "alt_text")

RIGHTS: Final = "CC0 1.0"

ARTISTS: Final = (
    # The year of birth keeps each one's works within a lifetime.
    ("Ilse Varnhóf", 1869), ("Bartolomej Hřebíčko", 1874), ("Märta Ölandsjö", 1931),
    ("Ruth Ashendale", 1902), ("Μυρτώ Θαλασσινάκη", 1923), ("Tadeu Serrabranca", 1888),
    ("Людмила Снегирцова", 1896), ("Oskar Lindqvarn", 1868), ("Çağla Denizyolu", 1951),
    ("Élodie Carnavault", 1911), ("Jónas Brimfells", 1939), ("Emőke Szélvári", 1907),
    ("Wilhelmina Thrale-Orrin", 1872), ("Λεωνίδας Πετραδέλης", 1882), ("Aoife Ní Thonnaigh", 1949),
    ("Lucía Peñarrubio", 1917), ("Остап Вербичанко", 1928), ("Giacinta Lumebianco", 1879),
    ("Håkon Fjelltveitsen", 1893), ("Anneke van Duinroos", 1943), ("Kaarina Järvenhelmi", 1914),
    ("Yusuf Taşgözlü", 1935), ("Maëlys Kerguidou", 1953),
)  # fmt: skip
"""Names and years of birth."""

_COLOURS: Final = {
    "Ivory": "f2eadb", "Bone": "e3d9c6", "Chalk": "f4f4f0", "Apricot": "e8b48c", "Peach": "e9a98a",
    "Straw": "e6c987", "Ochre": "d0a040", "Honey": "d8b25f", "Umber": "6b5240", "Rust": "b0653c",
    "Brick": "b4553a", "Coral": "d8745c", "Rose": "c08a8c", "Plum": "7a4a5e", "Aubergine": "3a2433",
    "Lilac": "a99aba", "Periwinkle": "8ea3c4", "Cobalt": "34508c", "Indigo": "1f2740", "Slate": "5c6f7e",
    "Fog": "aab4b8", "Teal": "3e7472", "Petrol": "24434d", "Celadon": "93b8a8", "Sage": "a0aa88",
    "Moss": "5d7357", "Fir": "1d3a33", "Ink": "24262b", "Ash": "8b8c8a",
}  # fmt: skip

_WHEN: Final = (
    "Without Wind", "in March", "Before Rain", "at Low Sun", "After the Fair", "by Lamplight",
    "in a Dry Year", "from Memory", "for Two Hands", "Seen Twice", "on a Sunday", "with Interruptions",
    "in Thaw", "Towards Evening", "for a Slow Reader", "Half Remembered", "under Snow",
    "at the Turn of the Year", "with One Error", "Unhurried",
)  # fmt: skip

_MOODS: Final = (
    "Quiet", "Second", "Small", "Borrowed", "Patient", "Northern", "Unfinished", "Distant", "Ordinary",
    "Winter", "Folded", "Early", "Salt", "Late", "Hidden", "Morning", "Western", "Last", "Lesser",
    "Measured",
)  # fmt: skip

_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")

_FORMS: Final = (
    "{noun} {when}", "{noun} {when}", "{mood} {noun}", "{mood} {noun}, {when_small}",
    "Study in {a} and {b}, No. {number}", "{noun}, {a} and {b}", "{mood} {a} {noun}",
    "{noun} {roman}, {when_small}", "{mood} {noun} in {a}",
)  # fmt: skip

_BRIDGES: Final = (
    "{noun} into {other}",
    "Between {noun} and {other}",
    "{noun}, Almost {other}",
    "{mood} {noun} with {other}",
)


def caption(work: Work) -> dict[str, str]:
    """Return the work's row of the metadata."""
    rng = np.random.default_rng([work.seed, work.index, 1])
    artist, born = ARTISTS[(floor(work.at) * 7 + floor(work.at) // len(ARTISTS)) % len(ARTISTS)]
    return {
        "filename": work.filename,
        "title": _title(work, rng),
        "artist": artist,
        "year": _year(born + 22 + work.drift.walk("age", 0, 45, 0.2), rng),
        "style": work.family.style,
        "medium": _one(rng, work.family.media),
        "rights": RIGHTS,
        "alt_text": _description(work),
    }


def _title(work: Work, rng: np.random.Generator) -> str:
    a, b, *_ = rng.permutation(_colours(work)).tolist() * 2
    when = _one(rng, _WHEN)
    return _one(rng, _BRIDGES if work.bridging > 0 else _FORMS).format(
        noun=_one(rng, work.family.nouns),
        other=_one(rng, work.next_family.nouns),
        when=when,
        when_small=when[0].lower() + when[1:],
        mood=_one(rng, _MOODS),
        a=a,
        b=b,
        number=work.number,
        roman=_one(rng, _ROMAN),
    )


def _year(year: float, rng: np.random.Generator) -> str:
    """Write a year as museums do: some are estimates, some are spans."""
    first = min(2018, floor(year))
    last = first + int(rng.integers(1, 3))
    kind = rng.choice(["exact", "about", "span"], p=[0.73, 0.15, 0.12])
    if kind == "about":
        return f"c. {first}"
    if kind == "span" and first // 100 == last // 100:
        return f"{first}\N{EN DASH}{last % 100:02d}"
    return str(first)


def _description(work: Work) -> str:
    sheet = work.sheet()
    form = "square" if sheet.width == sheet.height else "wide" if sheet.width > sheet.height else "tall"
    colours = _colours(work)
    named = f"{', '.join(colours[:-1])} and {colours[-1]}".lower() if len(colours) > 1 else colours[0].lower()
    turning = f", turning into {work.next_family.looks}" if work.bridging > 0 else ""
    return f"A {form} picture of {work.family.looks}{turning}, in {named}."


def _colours(work: Work) -> list[str]:
    """Name the palette's tones, each name once."""
    tones = work.palette.shade(np.array([0.02, 0.23, 0.46, 0.69]))
    known = np.array([list(bytes.fromhex(colour)) for colour in _COLOURS.values()]) / 255
    nearest = np.linalg.norm(tones[:, None] - known, axis=2).argmin(1)
    return list(dict.fromkeys(list(_COLOURS)[k] for k in nearest))


def _one(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]
