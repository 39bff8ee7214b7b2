"""The span of years that a museum's date text means."""

import re
from typing import Final

Span = tuple[int | None, int | None]

_BEFORE: Final = r"(?:b\.?\s?c\.?\s?e?\.?|v\.?\s?chr\.?|av\.?\s?j\.?-?\s?c\.?|a\.\s?c\.)"
_AFTER: Final = r"(?:a\.?\s?d\.?|c\.\s?e\.|ce\b|n\.?\s?chr\.?|ap\.?\s?j\.?-?\s?c\.?)"
_DASH: Final = r"\s*(?:-|–|—|/|\bto\b|\bbis\b|\band\b|\bund\b|\bet\b|\bà\b|\bu\.)\s*"
_ROMAN: Final = {"i": 1, "v": 5, "x": 10}

_WHOLE_NUMBER: Final = re.compile(r"-\d{1,5}")
_ISO: Final = re.compile(r"(\d{4})-(?:0[1-9]|1[0-2])(?:-\d{2})?(?:t.*)?")
_DAY: Final = re.compile(r"\b\d{1,2}[./]\d{1,2}[./](\d{4})\b")
_DECADE: Final = re.compile(r"\b(\d{3}0)(?:'?s|er|er jahre)\b")
_CENTURY: Final = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th|\.|e|ème)?{_DASH})?(\d{{1,2}})(?:st|nd|rd|th|\.|e|ème)?[\s-]*"
    rf"(?:century|centuries|cent\.|jahrhunderts?|jh\.|jhdt?\.|siècle)\s*({_BEFORE})?"
)
_ROMAN_CENTURY: Final = re.compile(
    rf"\b(?:siglo|secolo|sec\.|s\.)\s*([ivx]+)\b\s*({_BEFORE})?|\b([ivx]+)e\s+siècle\s*({_BEFORE})?"
)
_YEARS: Final = re.compile(
    rf"(?<!\d)(?<!\d\.)(\d{{1,4}})(?![\d]|\.\d)\s*({_BEFORE}|{_AFTER})?(?:\s*\(?\?\)?)?"
    rf"(?:{_DASH}(?:c\.|ca\.?|circa|um|vers)?\s*(\d{{1,4}})(?![\d.]\d)\s*({_BEFORE}|{_AFTER})?)?"
)
_SHORTEST_YEAR: Final = 3
"""Digits of a number that is a year without anybody saying so."""


def years(text: str) -> Span:
    """Return (first, last), negative before the common era; (None, None) where the text says no year.

    Centuries and decades are taken whole; "after 1850" and "before 1900" are that year; of several dates the
    first counts.
    """
    plain = " ".join(text.casefold().split())
    for reading in (_number, _iso, _day, _centuries, _roman_centuries, _decade, _range):
        if span := reading(plain):
            return (min(span), max(span))
    return None, None


def _number(text: str) -> tuple[int, int] | None:
    return (int(text), int(text)) if _WHOLE_NUMBER.fullmatch(text) else None


def _iso(text: str) -> tuple[int, int] | None:
    match = _ISO.fullmatch(text)
    return (int(match[1]), int(match[1])) if match else None


def _day(text: str) -> tuple[int, int] | None:
    match = _DAY.search(text)
    return (int(match[1]), int(match[1])) if match else None


def _decade(text: str) -> tuple[int, int] | None:
    match = _DECADE.search(text)
    return (int(match[1]), int(match[1]) + 9) if match else None


def _centuries(text: str) -> tuple[int, int] | None:
    match = _CENTURY.search(text)
    if not match:
        return None
    numbers = [int(match[1] or match[2]), int(match[2])]
    spans = [_century(number, bool(match[3])) for number in numbers]
    return min(span[0] for span in spans), max(span[1] for span in spans)


def _roman_centuries(text: str) -> tuple[int, int] | None:
    match = _ROMAN_CENTURY.search(text)
    if not match:
        return None
    number = _roman(match[1] or match[3])
    return _century(number, bool(match[2] or match[4])) if number else None


def _century(number: int, before: bool) -> tuple[int, int]:  # noqa: FBT001 -- two readings of one number
    first = (number - 1) * 100 + 1
    return (-(first + 99), -first) if before else (first, first + 99)


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    return sum(-v if any(w > v for w in values[q + 1 :]) else v for q, v in enumerate(values))


def _range(text: str) -> tuple[int, int] | None:
    for match in _YEARS.finditer(text):
        first, era, last, last_era = match.groups()
        if not (era or last_era or len(first) >= _SHORTEST_YEAR):
            continue
        begin = _signed(int(first), era or (last_era if _is_before(last_era) else None))
        return (begin, _end(first, last, begin, last_era)) if last else (begin, begin)
    return None


def _end(first: str, last: str, begin: int, era: str | None) -> int:
    """Last year of a range; one written short, as in 1889-90, takes its century from the first."""
    if era is None and begin > 0 and len(last) < len(first):
        whole = int(first[: len(first) - len(last)] + last)
        return max(whole, begin)
    return _signed(int(last), era)


def _signed(year: int, era: str | None) -> int:
    return -year if _is_before(era) else year


def _is_before(era: str | None) -> bool:
    return bool(era and re.fullmatch(_BEFORE, era))
