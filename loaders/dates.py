"""The span of years that a museum's date text means."""

import re
from functools import lru_cache
from typing import Final

Span = tuple[int | None, int | None]

_BEFORE: Final = r"(?:b\.?\s?c\.?(?:\s?e\.?)?(?![a-z])|v\.?\s?chr\.?|av\.?\s?j\.?-?\s?c\.?|a\.\s?c\.)"
_AFTER: Final = r"(?:a\.?\s?d\.?(?![a-z])|c\.\s?e\.|ce\b|n\.?\s?chr\.?|ap\.?\s?j\.?-?\s?c\.?)"
_ERA: Final = rf"(?:\s*({_BEFORE}|{_AFTER}))?"
_DASH: Final = r"\s*(?:-|–|—|/|&|\b(?:to|bis|and|und|et|à|or|ou|oder|through)\b|\bu\.)\s*"
_ABOUT: Final = r"(?:(?:the|early|mid|late|circa|c\.(?!\s?e\b)|ca?\b(?!\.\s?e\b)\.?|about|um|vers|\?)[\s-]*+)*+"
"""Possessive: what was read as one of these is never tried as another, which would take for ever."""

_LONGEST: Final = 1000
"""Characters in which a date is looked for."""

_ROMAN: Final = {"i": 1, "v": 5, "x": 10}

_THOUSANDS: Final = re.compile(r"(?<![\d,.])(\d{1,3}),(\d{3})(?!\d)")
_NUMBER: Final = re.compile(r"(-\d{1,5}|\d{3,4})(?:\.0+)?")
_SIGNED: Final = re.compile(rf"(-\d{{1,5}}){_DASH}(-?\d{{1,5}})")
_ISO: Final = re.compile(r"(\d{4})-(?:(?:0[1-9]|1[0-2])(?:-\d{2})?|00-00)(?:t[^/]*)?(?:/(\d{4})-\d{2}.*)?")
_DAY: Final = re.compile(r"\b\d{1,2}[./]\d{1,2}[./](\d{4})\b")
_ORDINAL: Final = r"(\d{1,2})(?:st|nd|rd|th|\.|er?|ème)?"
_CENTURY_WORD: Final = (
    r"[\s-]*(?:century|centuries|cent\.|(?<=(?:st|nd|rd|th)\s)c\b\.?|jahrhunderts?|jh\.|jhdt?\.|siècles?|eeuw|世[纪紀])"
)
_MILLENNIUM_WORD: Final = r"[\s-]*(?:millenni(?:um|a|ums)|jahrtausends?|jt\.|millénaires?|millennio|milenio)"


def _reign(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d)(?:{_ORDINAL}(?:{word})?{_ERA}{_DASH}{_ABOUT})?{_ORDINAL}{word}{_ERA}")


_REIGNS: Final = ((_reign(_CENTURY_WORD), 100), (_reign(_MILLENNIUM_WORD), 1000))
"""How centuries and millennia are written, and how many years they are."""

_ORDINALS: Final = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
    *("twentieth", "twenty-first"),
)
_SPELLED: Final = re.compile(
    rf"\b({'|'.join(reversed(_ORDINALS))})\b(?!\s+(?:half|quarter|third|decades?|years?)\b)".replace("-", "[ -]")
)
_OF_LONG: Final = re.compile("centur|millenni")
"""Only beside these are spelled ordinals numbers of something."""

_ROMANS: Final = rf"\b([ivx]+)(?:e|ème)?(?:{_DASH}([ivx]+)(?:e|ème)?)?"
_ROMAN_CENTURY: Final = (
    re.compile(rf"\b(?:siglos?|secol[oi]|secc?\.|ss?\.)\s*{_ROMANS}\b{_ERA}"),
    re.compile(rf"{_ROMANS}\s+(?:siècles?|secol[oi]|century|centuries|век|вв?\.){_ERA}"),
)
_LAST_ROMAN: Final = 21
_YEAR: Final = (
    rf"(?:({_AFTER})\s*)?(?<!\d)(?<!\d\.)(\d{{1,5}})(?!\d|\.\d)('?s\b|er\b|-tall?et\b)?{_ERA}(?:\s*\(?\?\)?)?"
)
_FIRST: Final = re.compile(_YEAR)
_REST: Final = re.compile(rf"{_DASH}{_ABOUT}{_YEAR}")
_PLAIN_YEARS: Final = (3, 4)
"""Digits of a number that is a year without anybody saying so."""


@lru_cache(maxsize=2**12)
def years(text: str) -> Span:
    """Return (first, last), negative before the common era; (None, None) where the text says no year.

    Centuries and decades are taken whole; "after 1850" and "before 1900" are that year; of several dates the
    first counts.
    """
    plain = _THOUSANDS.sub(r"\1\2", " ".join(text[:_LONGEST].casefold().split()))
    if _OF_LONG.search(plain):
        plain = _SPELLED.sub(_in_digits, plain)
    for reading in (_number, _signed_range, _iso, _day, _centuries, _roman_centuries, _range):
        if span := reading(plain):
            return (min(span), max(span)) if any(span) else (None, None)
    return None, None


def _number(text: str) -> tuple[int, int] | None:
    match = _NUMBER.fullmatch(text)
    return (int(match[1]), int(match[1])) if match else None


def _signed_range(text: str) -> tuple[int, int] | None:
    match = _SIGNED.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def _iso(text: str) -> tuple[int, int] | None:
    match = _ISO.fullmatch(text)
    return (int(match[1]), int(match[2] or match[1])) if match else None


def _day(text: str) -> tuple[int, int] | None:
    match = _DAY.search(text)
    return (int(match[1]), int(match[1])) if match else None


def _in_digits(match: re.Match[str]) -> str:
    return f"{_ORDINALS.index(match[1].replace(' ', '-')) + 1}th"


def _centuries(text: str) -> tuple[int, int] | None:
    for pattern, length in _REIGNS:
        if match := pattern.search(text):
            first, era, last, last_era = match.groups()
            begun = era or (last_era if _is_before(last_era) else None)
            return _both(int(first or last), int(last), begun, last_era, length)
    return None


def _roman_centuries(text: str) -> tuple[int, int] | None:
    for pattern in _ROMAN_CENTURY:
        if match := pattern.search(text):
            first, last, era = _roman(match[1]), _roman(match[2] or match[1]), match[3]
            return _both(first, last, era, era) if 0 < first <= _LAST_ROMAN and 0 < last <= _LAST_ROMAN else None
    return None


def _both(first: int, last: int, era: str | None, last_era: str | None, length: int = 100) -> tuple[int, int]:
    """Two centuries (or what is ``length`` years long) and all between them."""
    spans = _long(first, era, length), _long(last, last_era, length)
    return min(span[0] for span in spans), max(span[1] for span in spans)


def _long(number: int, era: str | None, length: int) -> tuple[int, int]:
    first = (number - 1) * length + 1
    return (-(first + length - 1), -first) if _is_before(era) else (first, first + length - 1)


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    return sum(-v if any(w > v for w in values[q + 1 :]) else v for q, v in enumerate(values))


def _range(text: str) -> tuple[int, int] | None:
    """Read a year or a decade, or two of them and all between."""
    for match in _FIRST.finditer(text):
        rest = _REST.match(text, match.end())
        before, first, decade, after = match.groups()
        last_era = (rest[1] or rest[4]) if rest else None
        era = before or after or (last_era if _is_before(last_era) else None)
        if not (era or last_era or len(first) in _PLAIN_YEARS):
            continue
        begin = _signed(int(first), era)
        if rest is None:
            return begin, _whole(begin, decade, hundred=True)
        return begin, _whole(_end(first, rest[2], begin, last_era), rest[3], hundred=begin % 100 == 0)
    return None


def _whole(year: int, decade: str | None, *, hundred: bool) -> int:
    """Return the last year of the 1890s, or of the 1800s, which are a century unless a decade stands before."""
    if not decade:
        return year
    return year + (99 if hundred and year % 100 == 0 else 9)


def _end(first: str, last: str, begin: int, era: str | None) -> int:
    """Last year of a range; one written short, as in 1889-90, takes its century from the first, or the next."""
    if era is not None or begin <= 0 or len(last) >= len(first):
        return _signed(int(last), era)
    whole = int(first[: len(first) - len(last)] + last)
    if whole < begin and len(last) > 1:
        whole += 10 ** len(last)
    return max(whole, begin)


def _signed(year: int, era: str | None) -> int:
    return -year if _is_before(era) else year


def _is_before(era: str | None) -> bool:
    return bool(era and re.fullmatch(_BEFORE, era))
