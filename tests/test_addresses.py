"""Addresses of pictures: which a row names, how they are asked for and told, and how often hosts are asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.addresses import address_of, key_of, shown, stem_of, url_of
from loaders.download.kinds import suffix_of, told_kind
from loaders.download.polite import Host, least_seconds, rate_of, read_rates, told_time
from loaders.images import FORMATS
from stores.errors import BadInput
from tests.hostile import encoded, plain
from tests.misbehaving import Turned


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"image": "https://a.org/1.jpg"}, "https://a.org/1.jpg"),
        ({"image": "HTTP://a.org/1.jpg "}, "HTTP://a.org/1.jpg"),
        ({"image": ["x.jpg", "https://a.org/1.jpg"]}, "https://a.org/1.jpg"),
        ({"image": "https://a.org/1.jpg; https://a.org/2.jpg"}, "https://a.org/1.jpg"),
        ({"image": "https://a.org/1.jpg|https://a.org/2.jpg"}, "https://a.org/1.jpg"),
        ({"image": "see https://a.org/my picture.jpg"}, "https://a.org/my picture.jpg"),
        ({"image": "https://a.org/full/!512,512/0/default.jpg"}, "https://a.org/full/!512,512/0/default.jpg"),
        ({"filename": "https://a.org/1.jpg"}, "https://a.org/1.jpg"),
        ({"filename": "https://a.org/1.jpg", "image": "https://a.org/2.jpg"}, "https://a.org/2.jpg"),
        ({"image": "1.jpg", "page_url": "https://a.org/1"}, ""),
        ({}, ""),
    ],
)
def test_the_first_address_in_a_picture_field_counts(fields: dict[str, object], address: str) -> None:
    assert address_of(fields) == address


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("HTTP://A.org", "http://a.org/"),
        ("https://a.org:443/x#part", "https://a.org/x"),
        ("http://a.org:8080/x", "http://a.org:8080/x"),
        ("https://a.org/my picture.jpg", "https://a.org/my%20picture.jpg"),
        ("https://a.org/d%2Fe.jpg?a=b c", "https://a.org/d%2Fe.jpg?a=b%20c"),
        ("https://müller.example/ü", "https://xn--mller-kva.example/%C3%BC"),
        ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("https://a.org/iiif/2/ab", "https://a.org/iiif/2/ab/full/!1024,1024/0/default.jpg"),
        ("https://a.org/iiif/2/ab/", "https://a.org/iiif/2/ab/full/!1024,1024/0/default.jpg"),
        ("https://a.org/i/ab/info.json", "https://a.org/i/ab/full/!1024,1024/0/default.jpg"),
        ("https://a.org/x/ab/full/full/0/native.jpg", "https://a.org/x/ab/full/!1024,1024/0/native.jpg"),
        ("https://a.org/x/ab/full/^max/0/default.png", "https://a.org/x/ab/full/!1024,1024/0/default.png"),
        ("https://a.org/iiif/ab/full/843,/0/default.jpg", "https://a.org/iiif/ab/full/843,/0/default.jpg"),
        ("https://a.org/iiif/scan.jpg", "https://a.org/iiif/scan.jpg"),
        ("https://a.org/iiif/2/scan.tif", "https://a.org/iiif/2/scan.tif/full/!1024,1024/0/default.jpg"),
        ("https://a.org/2/ab/info.json/", "https://a.org/2/ab/full/!1024,1024/0/default.jpg"),
        ("https://a.org/ab/full/4000,/0/default.jpg", "https://a.org/ab/full/!1024,1024/0/default.jpg"),
        ("https://a.org/ab/full/^4000,/0/default.jpg", "https://a.org/ab/full/!1024,1024/0/default.jpg"),
        ("https://a.org/ab/square/max/0/default.jpg", "https://a.org/ab/square/!1024,1024/0/default.jpg"),
        ("https://a.org/ab/0,0,9000,9000/full/0/native", "https://a.org/ab/0,0,9000,9000/!1024,1024/0/native"),
        ("https://a.org/ab/full/!800,800/0/default.jpg", "https://a.org/ab/full/!800,800/0/default.jpg"),
        ("https://a.org/full/full.jpg", "https://a.org/full/full.jpg"),
    ],
)
def test_addresses_are_brought_to_what_is_asked(address: str, url: str) -> None:
    assert url_of(address) == url
    assert url_of(url) == url


@given(st.text(max_size=60))
def test_whatever_stands_behind_a_host_is_asked_in_ascii_or_refused(text: str) -> None:
    try:
        url = url_of(f"https://a.org/{text}")
    except ValueError:
        return
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url


@pytest.mark.parametrize(
    "text",
    [
        "ftp://a.org/x",
        "file:///etc/passwd",
        "https://",
        "https://u:p@a.org/",
        "data:,x",
        "",
        "http://a:b/",
        "http://[x/",
        "http://a b/",
        "http://a\0b/",
        "http://[fe80::1%1]/",
    ],
)
def test_what_cannot_be_asked_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no http or https|user and password|no host|cannot be (?:read|a name)"):
        url_of(text)


def test_addresses_are_told_without_what_may_be_secret() -> None:
    assert shown("https://who:word@a.org/x.jpg?token=1#part") == "https://a.org/x.jpg?…"
    assert shown("https://a.org/x.jpg") == "https://a.org/x.jpg"
    assert shown("x?.jpg") == "x?.jpg"


def test_a_key_is_that_of_the_file_and_one_for_every_spelling() -> None:
    assert (
        key_of("HTTPS://A.org:443/x y.jpg") == key_of("https://a.org/x%20y.jpg") == stem_of("https://a.org/x%20y.jpg")
    )
    assert len(key_of("nonsense")) == 32


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_that_is_decoded_is_known_by_its_first_bytes(form: str) -> None:
    assert suffix_of(encoded(plain(), form)[:512])


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"<html>", "a web page (HTML)"),
        (b"\xef\xbb\xbf\n<!doctype HTML>", "a web page (HTML)"),
        (b"<?xml version='1.0'?><Error>", "XML"),
        (b'{"error": 1}', "JSON"),
        (b"%PDF-1.7", "a PDF"),
        (b"", "nothing"),
        (b"8BPS", "something else"),
    ],
)
def test_what_is_no_picture_has_a_name(start: bytes, told: str) -> None:
    assert suffix_of(start) == ""
    assert told_kind(start) == told


def test_rates_are_read_by_second_minute_and_hour() -> None:
    rates = read_rates(["a.org=20/s", "B.org:8080=30/min", "c.org=0.5/s", "d.org=1800/h"])
    assert rates == {"a.org": 20.0, "b.org:8080": 0.5, "c.org": 0.5, "d.org": 0.5}
    assert [rate_of(host, rates) for host in ("a.org", "a.org:81", "b.org:8080", "b.org", "e.org")] == [
        20,
        20,
        0.5,
        1,
        1,
    ]


@pytest.mark.parametrize("text", ["a.org", "a.org=20", "a.org=0/s", "=1/s", "a.org=-1/s", "a.org=x/s"])
def test_a_rate_that_is_none_is_named(text: str) -> None:
    with pytest.raises(BadInput, match=rf"--rate {text}: write it as HOST=NUMBER/s"):
        read_rates([text])


def test_the_least_time_is_that_of_the_longest_host_or_of_all_by_turns() -> None:
    assert least_seconds({"a": 100, "b": 20}, {}) == 100
    assert least_seconds({"a": 100, "b": 20}, {"a": 10.0}) == 20
    assert least_seconds({str(n): 10 for n in range(160)}, {}) == 100
    assert least_seconds({}, {}) == 0
    assert [told_time(s) for s in (0, 90, 150, 7300, 200000)] == ["0 s", "90 s", "2 min", "2 h", "2 days"]


def test_a_success_ends_the_counting_of_refusals() -> None:
    clock = Turned()
    host = Host("a.org", 1.0, clock)
    for _ in range(3):
        for _ in range(5):
            host.turn()
            host.refused("503 Service Unavailable")
        host.answered()
    assert not host.blocked
    assert clock.now() > 3 * (5 + 10 + 20 + 40)
