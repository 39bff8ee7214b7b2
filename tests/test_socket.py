"""The socket of a home: what it can carry, whose turn it is, and what cannot hurt the process that listens there."""

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stores import doorway, handing
from stores.crossing import PORTION
from stores.errors import Busy, TooLarge, Unavailable
from stores.frames import MARK, MOST_BODY, MOST_HEADER, Broken, Header, Wire
from stores.holder import Holder, Telling
from stores.qdrant_edge import EdgeVectors
from stores.records import EmbedderFacts
from stores.remote import RemoteVectors
from stores.turns import WAITING, Turns
from tests.conftest import ROOT
from tests.made import made_ids, made_vectors

FACTS = EmbedderFacts("made", 8)


@dataclass(frozen=True)
class Held:
    """A home that this process holds and answers for."""

    home: Path
    vectors: EdgeVectors
    turns: Turns

    def fill(self, count: int) -> None:
        """Write so many vectors."""
        self.vectors.prepare(FACTS)
        self.vectors.upsert(made_ids(count).tolist(), made_vectors(count), [{"n": n} for n in range(count)])

    @contextmanager
    def visited(self) -> Iterator[Wire]:
        """Connect as a command does, with nothing said yet."""
        link = doorway.knock(self.home)
        assert link
        with closing(Wire(link, 20)) as wire:
            yield wire


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    """An empty home."""
    turns = Turns()
    with EdgeVectors(tmp_path / "vectors") as vectors, handing.handing(tmp_path, vectors, turns):
        yield Held(tmp_path, vectors, turns)


def until(true: Callable[[], object]) -> bool:
    """Wait some seconds for something to become true."""
    deadline = time.monotonic() + 20
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(true())


def still_answers(held: Held) -> bool:
    """Whether a new command is answered, and may write."""
    with RemoteVectors(held.home) as remote, remote.turn(0.0, print):
        return remote.stats() == held.vectors.stats()


def test_large_answers_and_requests_go_in_portions(held: Held) -> None:
    long = {"text": "ä" * (PORTION // 10)}
    ids, vectors = made_ids(2500), made_vectors(2500)
    with RemoteVectors(held.home) as remote, remote.turn(0.0, print):
        remote.prepare(FACTS)
        remote.upsert(ids.tolist(), vectors, [long if n in (3, 4, 5, 1999) else {} for n in range(2500)])
        assert (remote.get(ids.tolist()).vectors == vectors).all()
        batches = list(remote.scan())
        assert len(batches) > 3
        assert np.concatenate([batch.ids for batch in batches]).tolist() == ids.tolist()
        assert [p for batch in batches for p in batch.payloads][1999] == long
        near, exact = remote.vicinity(vectors, 60), held.vectors.vicinity(vectors, 60)
        assert (near.ids == exact.ids).all()
        assert (near.angles == exact.angles).all()
        remote.delete(ids.tolist())
        assert held.vectors.stats().count == 0


def test_what_no_message_can_hold_is_refused_before_it_is_sent(held: Held) -> None:
    held.fill(1)
    with RemoteVectors(held.home) as remote:
        with remote.turn(0.0, print), pytest.raises(TooLarge, match="artwork"):
            remote.upsert([str(made_ids(1)[0])], made_vectors(1), [{"text": "a" * MOST_HEADER}])
        assert remote.get(made_ids(1).tolist()).payloads == ({"n": 0},)
    assert still_answers(held)


def test_a_scan_that_nobody_reads_to_its_end_disturbs_nothing(held: Held) -> None:
    held.fill(3000)
    with RemoteVectors(held.home) as remote, remote.turn(0.0, print):
        for batch in remote.scan():
            remote.upsert(batch.ids[:1].tolist(), batch.vectors[:1], [{"again": True}])
            assert remote.get(batch.ids[:1].tolist()).payloads == ({"again": True},)
            break
        assert remote.stats().count == 3000
    assert still_answers(held)


def test_threads_ask_at_once(held: Held) -> None:
    held.fill(500)
    wrong: list[object] = []

    def ask(row: int) -> None:
        for _ in range(20):
            found = remote.nearest(made_vectors(500)[row : row + 1], 1)
            if found.ids[0, 0] != made_ids(500)[row]:
                wrong.append(found)

    with RemoteVectors(held.home) as remote:
        threads = [threading.Thread(target=ask, args=(row,)) for row in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


def test_a_turn_lasts_as_long_as_its_block_and_is_one_for_all(held: Held) -> None:
    held.fill(1)
    with RemoteVectors(held.home) as first, RemoteVectors(held.home) as second:
        with first.turn(0.0, print):
            with pytest.raises(Busy, match=f"process {os.getpid()}"), second.turn(0.0, print):
                pytest.fail("two wrote at once")
            with pytest.raises(Busy, match=f"process {os.getpid()}"), held.turns.take(patience=0.0):
                pytest.fail("two wrote at once")
            assert second.stats().count == 1  # readers do not wait
        with second.turn(0.0, print):
            assert held.turns.holder


def test_an_interrupted_write_cannot_spoil_the_next_turn(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    held.fill(1)
    received, own = Wire.receive, threading.current_thread()

    def interrupted(wire: Wire) -> tuple[Header, list[NDArray[Any]]]:
        if threading.current_thread() is own:
            raise KeyboardInterrupt
        return received(wire)

    def write(remote: RemoteVectors) -> None:
        with remote.turn(0.0, print), monkeypatch.context() as patched:
            patched.setattr(Wire, "receive", interrupted)
            remote.upsert(made_ids(1).tolist(), made_vectors(1), [{"n": 1}])  # its answer is never read

    with RemoteVectors(held.home) as remote:
        with pytest.raises(KeyboardInterrupt):
            write(remote)
        with remote.turn(5.0, print) as clean:
            assert not clean
            assert remote.get(made_ids(1).tolist()).payloads == ({"n": 1},)
        assert held.turns.clean


def test_other_threads_of_a_command_read_while_one_writes(held: Held) -> None:
    held.fill(3)
    counted = list[int]()
    with RemoteVectors(held.home) as remote, remote.turn(0.0, print):
        thread = threading.Thread(target=lambda: counted.append(remote.stats().count))
        thread.start()
        thread.join(20)
    assert counted == [3]


def test_nothing_can_be_written_without_a_turn(held: Held) -> None:
    held.fill(2)
    with held.visited() as wire:
        wire.receive()
        wire.send(Holder.own().written())
        wire.send({"do": "delete", "ids": made_ids(2).tolist()})
        answer, _ = wire.receive()
        assert answer["error"] == "bad-input"
    assert held.vectors.stats().count == 2


def writer(home: Path) -> subprocess.Popen[str]:
    """Another process that holds the turn to write, and says so."""
    code = (
        "import time; from pathlib import Path; from stores.remote import RemoteVectors\n"
        f"with RemoteVectors(Path({str(home)!r})) as remote, remote.turn(20.0, print):\n"
        "    print('writing', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout
    assert process.stdout.readline() == "writing\n"
    return process


def test_a_writer_that_is_killed_gives_its_turn_back(held: Held) -> None:
    told = list[Holder | None]()
    with writer(held.home) as process:
        killing = threading.Timer(0.6, process.send_signal, [signal.SIGKILL])
        killing.start()
        with RemoteVectors(held.home) as remote, remote.turn(20.0, told.append) as clean:
            assert not clean
        killing.join()
    assert {holder.pid for holder in told if holder} == {process.pid}
    assert not held.turns.holder


def test_who_ends_while_waiting_leaves_the_queue(held: Held) -> None:
    with held.turns.take(Holder("first", 1, "")), RemoteVectors(held.home) as remote:
        with ExitStack() as impatient:
            for wire in [impatient.enter_context(held.visited()) for _ in range(WAITING)]:
                wire.receive()
                wire.send(Holder.own().written())
                wire.send({"do": "write", "patience": 60})
                assert "waiting" in wire.receive()[0]
            with pytest.raises(Busy, match="4 wait already"), remote.turn(600.0, Telling()):
                pytest.fail("the queue has no end")
        assert until(lambda: held.turns.waiting == 0)
        with pytest.raises(Busy, match="'first'"), remote.turn(0.1, print):
            pytest.fail("two wrote at once")


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x00" * 64,
        os.urandom(4096),
        struct.pack("<4sII", MARK, MOST_HEADER + 1, 0),
        struct.pack("<4sII", MARK, 2, MOST_BODY + 1),
        struct.pack("<4sII", MARK, 2, 0) + b"[]",
        struct.pack("<4sII", MARK, 2, 0) + b"{}",
        struct.pack("<4sII", MARK, 4, 0) + b"\xff\xfe{}",
        struct.pack("<4sII", MARK, 200_000, 0) + b"[" * 200_000,
        struct.pack("<4sII", MARK, 24, 0) + b'{"arrays":[["O",[1,1]]]}',
        struct.pack("<4sII", MARK, 29, 8) + b'{"arrays":[["<f4",[-1,-2]]]}',
        struct.pack("<4sII", MARK, 39, 8) + b'{"arrays":[["<f4",[1000000,100000000]]]}'[:39],
        struct.pack("<4sII", MARK, 100, 0) + b"{",
        b"",
    ],
    ids=lambda sent: f"{sent[:12]!r}+{len(sent)}",
)
@pytest.mark.parametrize("greeted", [False, True])
def test_bytes_that_are_no_message_end_their_connection_and_nothing_else(
    held: Held, bytes_sent: bytes, *, greeted: bool
) -> None:
    held.fill(3)
    link = doorway.knock(held.home)
    assert link
    with link:
        wire = Wire(link, 20)
        wire.receive()
        if greeted:
            wire.send(Holder.own().written())
        link.sendall(bytes_sent)
        link.shutdown(socket.SHUT_WR)
        with pytest.raises(Broken):
            wire.receive()
    assert still_answers(held)


@pytest.mark.parametrize(
    "request_sent",
    [
        {},
        {"do": None},
        {"do": "close"},
        {"do": "__init__"},
        {"do": "get"},
        {"do": "get", "ids": 7},
        {"do": "get", "ids": [{"a": 1}]},
        {"do": "nearest", "k": "many", "where": None, "exact": True},
        {"do": "scan"},
        {"do": "upsert", "ids": ["a"], "payloads": []},
        {"do": "release"},
    ],
)
def test_a_request_that_cannot_be_is_answered_with_what_is_wrong(held: Held, request_sent: dict[str, object]) -> None:
    held.fill(3)
    with held.visited() as wire:
        wire.receive()
        wire.send(Holder.own().written())
        wire.send(request_sent)
        answer, _ = wire.receive()
        assert answer["error"] in ("bad-input", "not-found", "unavailable")
        wire.send({"do": "stats"})  # and the connection goes on
        assert wire.receive()[0]["count"] == 3
    assert still_answers(held)


@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_gets_nothing_however_open_the_file_is(held: Held) -> None:
    for folder in (held.home, *held.home.parents):
        if folder != Path("/tmp") and folder != Path("/"):  # noqa: S108 -- every folder above the home
            folder.chmod(0o755)
    (held.home / doorway.NAME).chmod(0o666)
    asked = os.fork()
    if not asked:  # pragma: no cover -- another process
        os.setuid(65534)
        with held.visited() as wire:
            answer, _ = wire.receive()
            os._exit(0 if answer.get("error") == "refused" and "holder" not in answer else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(asked, 0)[1]) == 0
    assert still_answers(held)


def test_more_connections_than_can_be_answered_are_told_so(held: Held) -> None:
    with ExitStack() as visits:
        wires = [visits.enter_context(held.visited()) for _ in range(handing.CONNECTIONS + 3)]
        answers = [wire.receive()[0].get("error") for wire in wires]
        assert answers == [None] * handing.CONNECTIONS + ["busy"] * 3
    assert until(lambda: "handing" not in [thread.name for thread in threading.enumerate()])
    assert still_answers(held)


def test_nothing_is_left_of_a_hand_that_was_withdrawn(tmp_path: Path) -> None:
    with EdgeVectors(tmp_path / "vectors") as vectors:
        with ExitStack() as handed:
            handed.enter_context(handing.handing(tmp_path, vectors, Turns()))
            remote = RemoteVectors(tmp_path)
            with remote.turn(0.0, print):
                remote.prepare(FACTS)
                handed.close()  # what was written before is written, so this is no error
        with pytest.raises(Unavailable, match="run the command again"):
            remote.stats()
        assert RemoteVectors.open(tmp_path) is None
        remote.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("hand")]


def test_who_listens_but_does_not_answer_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.remote.GREETS_WITHIN", 0.2)
    door = doorway.listen(tmp_path)
    assert RemoteVectors.open(tmp_path) is None
    doorway.shut(tmp_path, door)
