"""Licences in texts: all of a text is the name of one, or nothing is certain; what denies an open one."""

import pytest

from loaders.licences import is_surely_open, rights_uri
from tests.rightful import made

CC = "https://creativecommons.org"
RS = "http://rightsstatements.org/vocab"


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("CC BY 3.0 DE", f"{CC}/licenses/by/3.0/de/"),
        ("CC BY", ""),
        ("In Copyright", f"{RS}/InC/1.0/"),
        ("no copyright - united states", f"{RS}/NoC-US/1.0/"),
        ("No known copyright restrictions", f"{RS}/NKC/1.0/"),
        ("Copyright Not Evaluated", f"{RS}/CNE/1.0/"),
        ("CC0: no rights reserved", f"{CC}/publicdomain/zero/1.0/"),
        ("Public domain in the United States", ""),
        ("In copyright until 2031", ""),
        ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", f"{CC}/publicdomain/zero/1.0/"),
        ("CC0 Public Domain.", f"{CC}/publicdomain/zero/1.0/"),
        ("This image is in the public domain.", f"{CC}/publicdomain/mark/1.0/"),
        (
            "This work is licensed under a Creative Commons Attribution-ShareAlike 4.0 International License.",
            f"{CC}/licenses/by-sa/4.0/",
        ),
        (f"Licensed under CC BY-SA 3.0: {CC}/licenses/by-sa/3.0/", f"{CC}/licenses/by-sa/3.0/"),
        ("CC BY\u2011NC 4.0", f"{CC}/licenses/by-nc/4.0/"),
        ("CC BY NoDerivs 4.0", f"{CC}/licenses/by-nd/4.0/"),
        ("No Copyright \u2013 United States", f"{RS}/NoC-US/1.0/"),
        (f"CC BY 4.0 {CC}/licenses/by-nc/4.0/", ""),
        ("CC BY 2.7", ""),
    ],
)
def test_a_text_becomes_an_address_only_where_that_is_certain(text: str, uri: str) -> None:
    assert rights_uri(text) == uri


@pytest.mark.parametrize(
    ("fields", "opened"),
    [
        ({"rights": "CC0"}, True),
        ({"rights": "cc-by-sa"}, True),
        ({"rights": "CC BY-NC 4.0"}, False),
        ({"rights_uri": f"{CC}/licenses/by/2.0/"}, True),
        ({"rights_uri": f"{CC}/licenses/by-nd/4.0/"}, False),
        ({"rights_uri": f"{CC}/publicdomain/zero/1.0/", "rights": "All rights reserved"}, False),
        ({"rights_uri": f"{CC}/licenses/by/4.0/", "rights": "CC BY-NC 4.0"}, False),
        ({"rights": "No known copyright restrictions"}, False),
        ({"rights": "No Copyright - United States"}, False),
        ({"rights": "open"}, False),
        ({"rights_uri": f"{CC}/publicdomain/zero/1.0/", "rights": "Open Access at the museum"}, True),
        ({"rights_uri": f"{CC}/publicdomain/mark/1.0/", "rights": "No known copyright restrictions"}, True),
        ({"rights_uri": "CC BY-NC", "rights": f"{CC}/licenses/by/4.0/"}, False),
        ({}, False),
    ],
)
def test_only_what_nothing_denies_is_surely_open(fields: dict[str, str], *, opened: bool) -> None:
    assert is_surely_open(made(**fields)) == opened


DOUBTFUL = (
    "CC BY-SA-NC 4.0",
    "CC BY noncommercial",
    "CC BY\u2013NC",
    "CC BY 4.0 NC",
    "CC BY 4.0 (text), CC BY-NC-ND 4.0 (image)",
    "CC BY 3.0, CC BY 4.0",
    "CC BY 4.0, public domain",
    "Metadata CC0; image © Estate",
    "Public domain?",
    "Possibly public domain",
    "Never public domain",
    "Public domain. Image available under licence",
    "CC0 1.0 applies to metadata only",
    "Public domain mark or CC0",
)
"""Texts that have the name of an open licence in them."""


@pytest.mark.parametrize("text", DOUBTFUL)
def test_a_text_that_says_more_than_one_licence_is_neither_an_address_nor_open(text: str) -> None:
    assert rights_uri(text) == ""
    assert not is_surely_open(made(rights=text))


@pytest.mark.parametrize(
    "text",
    [
        *(DOUBTFUL[place] for place in (0, 1, 2, 3, 4, 7, 8, 9, 10, 12)),
        "© Estate. Permission required",
        "(c) Museum",
        "Noncommercial use",
        "In Copyright",
        f"see {RS}/InC/1.0/",
        f"{CC}/licenses/by-nd/4.0/ applies",
    ],
)
def test_an_open_address_is_not_surely_open_beside_words_that_deny_it(text: str) -> None:
    for name in ("publicdomain/zero/1.0", "licenses/by/4.0"):
        assert not is_surely_open(made(rights_uri=f"{CC}/{name}/", rights=text))
