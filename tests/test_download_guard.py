"""Where a download may lead: to public addresses alone, whatever names mean and servers say."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from loaders.addresses import Fetched
from loaders.download.guard import Client, Limits, is_public, resolve
from loaders.download.stage import Downloads, agent
from loaders.progress import Progress
from loaders.request import Download
from tests.misbehaving import Internet, Turned, museum

QUICK = Limits(megabytes=1.0, connect=5.0, idle=2.0, total=5.0)
PUBLIC = "93.184.216.34"


def fetch(folder: Path, url: str, internet: Internet | None, *, allow: bool = False, **more: object) -> Fetched:
    """Download one address over this internet; over the real one where there is none."""
    ways = {"resolve": internet.resolve, "inner": internet} if internet else {}

    def opened(download: Download) -> Client:
        return Client(agent(download.contact), QUICK, allow_private=allow, **ways, **more)  # type: ignore[arg-type]

    wish = Download("who@example.org", allow_private=allow)
    return Downloads(folder, wish, frozenset, Progress(quiet=True), Turned(), opened)([url])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "0.0.0.0",  # noqa: S104 -- that it is refused is the point
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "ff0e::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "fec0::1",
        "3fff::1",
        "2001:db8::1",
        "192.88.99.1",
    ],
)
def test_no_address_of_a_private_network_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "127.1", "0"]
)
def test_this_machine_is_never_asked_however_it_is_spelt(tmp_path: Path, host: str) -> None:
    with museum() as shop:
        found = fetch(tmp_path, f"http://{host}:{shop.port}/ok/a", None)
        (reason,) = found.failed.values()
        assert "which is no public address (--allow-private asks it all the same)" in reason or "not known" in reason
        assert shop.log == []


def test_private_networks_are_asked_where_that_is_allowed(tmp_path: Path) -> None:
    with museum() as shop:
        assert len(fetch(tmp_path, shop.url("/ok/a"), None, allow=True).files) == 1


@pytest.mark.parametrize(
    ("leads", "is_at"),
    [
        ("http://127.0.0.1:PORT/ok/a", "127.0.0.1"),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254"),
        ("//inside.example/ok/a", "10.0.0.7"),
        ("http://[::ffff:127.0.0.1]:PORT/ok/a", "::ffff:127.0.0.1"),
    ],
)
def test_a_redirect_to_a_private_network_is_not_followed(tmp_path: Path, leads: str, is_at: str) -> None:
    internet = Internet({"museum.example": [PUBLIC], "inside.example": ["10.0.0.7"], "::ffff:7f00:1": [is_at]})
    with museum() as shop:
        url = shop.url("/moved?" + leads.replace("PORT", str(shop.port)), "museum.example")
        found = fetch(tmp_path, url, internet)
    (reason,) = found.failed.values()
    assert reason.startswith("redirected: ")
    assert f"is {is_at}, which is no public address" in reason
    assert internet.connected == [PUBLIC]
    assert len(shop.log) == 1


def test_a_name_that_means_another_machine_a_moment_later_leads_nowhere_else(tmp_path: Path) -> None:
    internet = Internet({"rebind.example": [PUBLIC, "127.0.0.1"]})
    with museum() as shop:
        assert len(fetch(tmp_path, shop.url("/plain/a", "rebind.example"), internet).files) == 1
        assert internet.connected == [PUBLIC]
        found = fetch(tmp_path, shop.url("/plain/b", "rebind.example"), internet)
    assert "rebind.example is 127.0.0.1, which is no public address" in "".join(found.failed.values())
    assert internet.connected == [PUBLIC]
    assert [asked.headers["Host"] for asked in shop.log] == [f"rebind.example:{shop.port}"]


def test_of_a_name_with_several_addresses_only_public_ones_are_tried(tmp_path: Path) -> None:
    class Mixed(Internet):
        def resolve(self, host: str, _port: int) -> list[str]:
            return ["10.0.0.1", *super().resolve(host, _port), "::1"]

    internet = Mixed({"mixed.example": [PUBLIC]})
    with museum() as shop:
        assert len(fetch(tmp_path, shop.url("/ok/a", "mixed.example"), internet).files) == 1
    assert internet.connected == [PUBLIC]


def test_the_system_is_asked_once_a_connection() -> None:
    assert list(resolve("127.0.0.1", 80)) == ["127.0.0.1"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for museum.example that signs itself, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "made.pem", folder / "key.pem"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    named = [
        "-subj",
        "/CN=museum.example",
        "-addext",
        "subjectAltName=DNS:museum.example",
        "-keyout",
        str(made[1]),
        "-out",
        str(made[0]),
    ]
    subprocess.run(["openssl", *words, *named], check=True, capture_output=True)
    return made


def speaking_tls(certificate: tuple[Path, Path], names: list[str | None]) -> ssl.SSLContext:
    """Make what lets a server speak TLS, and note which names it is called by."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(*certificate)
    serving.sni_callback = lambda _socket, name, _context: names.append(name)
    return serving


def test_tls_is_for_the_name_though_a_checked_address_is_connected_to(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    internet = Internet({"museum.example": [PUBLIC], "other.example": [PUBLIC]})
    names: list[str | None] = []
    with museum(tls=speaking_tls(certificate, names)) as opened:
        url = opened.url("/plain/a", "museum.example").replace("http:", "https:")
        assert len(fetch(tmp_path, url, internet, tls=trusting).files) == 1
        assert opened.log[0].headers["Host"] == f"museum.example:{opened.port}"
        found = fetch(tmp_path, url.replace("museum.", "other."), internet, tls=trusting)
    assert names[:2] == ["museum.example", "other.example"]
    assert "certificate" in "".join(found.failed.values()).lower()
    assert set(internet.connected) == {PUBLIC}
