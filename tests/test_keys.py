"""API keys: made once, kept as digests, read again when they change, compared whole."""

import hmac
import json
import os
import stat
import threading
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from service import keys as module
from service.audit import STRANGERS, Act, AuditLog
from service.cli import main
from service.keys import Keyring
from stores.errors import BadInput, NotFound
from stores.files import write_whole
from stores.settings import Settings, read_settings
from tests.made import made_id

LONG = "a-key-of-somebody-else"


def mode(path: Path) -> int:
    """Who may read and write a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_shown_once_and_only_its_digest_is_kept(settings: Settings) -> None:
    os.umask(os.umask(0))  # the mode is ours, whatever the umask is
    secret = Keyring(settings).new("ingest", ["remove", "add"])
    file = settings.home / "keys.json"
    kept = file.read_text(encoding="utf-8")
    assert secret.startswith("xdegrees_")
    assert len(secret) >= len("xdegrees_") + 43  # 32 bytes in base64
    assert secret not in kept
    assert secret.removeprefix("xdegrees_") not in kept
    assert sha256(secret.encode()).hexdigest() in kept
    assert mode(file) == 0o600
    found = Keyring(settings).find(secret)
    assert found
    assert (found.name, found.scopes, found.place) == ("ingest", ("add", "remove"), str(file))
    assert Keyring(settings).find(secret[:-1]) is None
    assert Keyring(settings).find("") is None


def test_two_keys_are_never_the_same(settings: Settings) -> None:
    assert Keyring(settings).new("a", ["add"]) != Keyring(settings).new("b", ["add"])


def test_a_running_service_takes_new_keys_and_refuses_revoked_ones(settings: Settings) -> None:
    running, office = Keyring(settings), Keyring(settings)
    assert running.all() == ()
    first, second = office.new("a", ["add"]), office.new("b", ["remove"])
    assert [running.find(one) and running.find(one).name for one in (first, second)] == ["a", "b"]  # type: ignore[union-attr]
    office.revoke("a")
    assert running.find(first) is None
    assert running.find(second)
    (settings.home / "keys.json").unlink()
    assert running.all() == ()


def test_every_key_is_compared_in_constant_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring(settings)
    secrets = [keyring.new(name, ["add"]) for name in "abc"]
    compared: list[tuple[str, str]] = []
    monkeypatch.setattr(module, "hmac", _Counting(compared))
    for secret in (*secrets, "wrong"):
        compared.clear()
        keyring.find(secret)
        assert len(compared) == 3
        assert {len(one) for pair in compared for one in pair} == {64}


class _Counting:
    """Stands before hmac and writes down what is compared."""

    def __init__(self, compared: list[tuple[str, str]]) -> None:
        self._compared = compared

    def compare_digest(self, first: str, second: str) -> bool:
        """Compare as hmac does."""
        self._compared.append((first, second))
        return _compare(first, second)


_compare = hmac.compare_digest


def test_keys_of_the_settings_have_all_scopes_or_those_named(tmp_path: Path, settings: Settings) -> None:
    file = tmp_path / "api-keys"
    file.write_text(f"third:{LONG}-3:remove\n", encoding="utf-8")
    told = read_settings(home=settings.home, api_keys=f"first:{LONG}-1, second:{LONG}-2:add", api_keys_file=file)
    keyring = Keyring(told)
    keyring.check()
    assert {key.name: key.scopes for key in keyring.all()} == {
        "first": ("add", "remove"), "second": ("add",), "third": ("remove",)
    }  # fmt: skip
    assert LONG not in str(told.shown())
    assert LONG not in repr(told)
    file.write_text(f"third:{LONG}-3:remove\nfourth:{LONG}-4\n", encoding="utf-8")
    assert keyring.find(f"{LONG}-4")
    file.write_text("broken", encoding="utf-8")
    assert keyring.find(f"{LONG}-4") is None  # what cannot be understood opens nothing
    assert keyring.find(f"{LONG}-1")


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (LONG, "entry 1: write it as name:key"),
        (f"a:{LONG},b c:{LONG}", "entry 2: write it as name:key"),
        ("a:too-short", "'a' has fewer than 16 characters"),
        (f"a:{LONG}:add+delete", "'a' has an unknown scope; there are add and remove"),
        (f"a:{LONG},a:{LONG}-2", "several API keys are named a"),
    ],
)
def test_a_mistake_in_the_keys_is_told_without_showing_one(settings: Settings, told: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        Keyring(read_settings(home=settings.home, api_keys=told)).check()
    assert LONG not in str(caught.value)
    assert "too-short" not in str(caught.value)


def test_a_file_that_is_not_there_or_damaged_is_told_at_start(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        Keyring(read_settings(home=settings.home, api_keys_file=tmp_path / "none")).check()
    write_whole(settings.home / "keys.json", b'{"format": 1, "keys": [{"name": "a", "sha256": "secret"}]}')
    with pytest.raises(BadInput, match=r"keys\.json: .*sha256") as caught:
        Keyring(settings).check()
    assert "secret" not in str(caught.value).replace("keys", "")
    assert Keyring(settings).all() == ()


def test_names_are_taken_once_and_revoked_where_they_were_made(settings: Settings) -> None:
    keyring = Keyring(read_settings(home=settings.home, api_keys=f"told:{LONG}"))
    keyring.new("made", ["add"])
    for name, says in (("made", "already"), ("told", "already"), ("no spaces", "cannot name a key"), ("", "cannot")):
        with pytest.raises(BadInput, match=says):
            keyring.new(name, ["add"])
    with pytest.raises(BadInput, match="XDEGREES_API_KEYS"):
        keyring.revoke("told")
    with pytest.raises(NotFound, match="key list"):
        keyring.revoke("nobody")
    keyring.revoke("made")
    assert [key.name for key in keyring.all()] == ["told"]


def test_keys_made_at_once_are_all_kept(settings: Settings) -> None:
    names = [f"key-{number}" for number in range(12)]
    threads = [threading.Thread(target=Keyring(settings).new, args=(name, ["add"])) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(key.name for key in Keyring(settings).all()) == sorted(names)


def run(*words: str, home: Path, code: int = 0) -> str:
    """Run a command in this process; return what it printed."""
    done = CliRunner().invoke(main, [*words, "--home", str(home)])
    assert done.exit_code == code, done.output
    return done.stdout


def test_keys_are_made_listed_and_revoked_on_the_command_line(settings: Settings) -> None:
    home = settings.home
    assert run("key", "list", home=home) == ""
    secret = run("key", "new", "ingest", "--scope", "add", "--scope", "remove", home=home).strip()
    made = json.loads(run("key", "new", "curator", "--scope", "remove", "--json", home=home))
    ring = Keyring(settings)
    assert [ring.find(one) and ring.find(one).scopes for one in (secret, made["key"])] == [  # type: ignore[union-attr]
        ("add", "remove"), ("remove",)
    ]  # fmt: skip
    shown = run("key", "list", home=home)
    assert "ingest  add+remove" in shown
    assert secret not in shown
    assert [key["name"] for key in json.loads(run("key", "list", "--json", home=home))] == ["ingest", "curator"]
    run("key", "revoke", "ingest", home=home)
    assert Keyring(settings).find(secret) is None
    run("key", "revoke", "ingest", home=home, code=1)
    run("key", "new", "curator", "--scope", "add", home=home, code=2)
    run("key", "new", "nothing", home=home, code=2)
    assert "ingest" not in run("info", home=home)


def lines(home: Path) -> list[dict[str, object]]:
    """Everything in the audit."""
    return [json.loads(line) for line in (home / "audit.jsonl").read_text(encoding="utf-8").splitlines()]


def test_an_act_is_one_line_that_only_its_owner_reads(settings: Settings) -> None:
    audit = AuditLog(settings.home)
    audit.note(Act("ingest", "POST", made_id(3), "added", 7))
    audit.note(Act("", "DELETE", "key:1888.12\n", "unauthorized"))
    first, second = lines(settings.home)
    assert mode(settings.home / "audit.jsonl") == 0o600
    assert set(first) == {"at", "key", "method", "artwork", "outcome", "graph_version"}
    assert (first["key"], first["artwork"], first["graph_version"]) == ("ingest", made_id(3), 7)
    assert set(second) == {"at", "method", "outcome"}  # a key that somebody named may be secret one day


def test_strangers_cannot_fill_the_disk_nor_hide_what_was_done(settings: Settings) -> None:
    audit = AuditLog(settings.home)
    for _ in range(3 * STRANGERS):
        audit.note(Act("", "POST", "", "unauthorized"))
    audit.note(Act("ingest", "POST", made_id(3), "added", 1))
    told = lines(settings.home)
    assert STRANGERS <= len(told) - 1 <= 2 * STRANGERS  # the minute may have passed meanwhile
    assert sum(line["outcome"] == "added" for line in told) == 1
    assert len(told) + sum(int(str(line.get("untold", 0))) for line in told) == 3 * STRANGERS + 1


def test_a_full_disk_is_logged_and_undoes_nothing(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "audit.jsonl").mkdir()
    with capture_logs() as logged:
        AuditLog(settings.home).note(Act("ingest", "POST", made_id(3), "added", 1))
    assert [(line["event"], line["key"]) for line in logged] == [("an act is not in the audit", "ingest")]
