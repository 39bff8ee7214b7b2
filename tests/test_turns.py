"""One writer: threads take turns, processes hold a home, and how the last one ended is known."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from stores.connect import Stores, held, open_stores, open_to_serve, open_vectors
from stores.errors import Busy
from stores.holder import Holder
from stores.lock import hold
from stores.qdrant import QdrantVectors
from stores.settings import Settings
from stores.sqlite import SqliteGraph
from stores.turns import WAITING, Turns
from tests.conftest import ROOT

ANNA, BERT = Holder("anna", 1, "noon"), Holder("bert", 2, "one")


def until(true: Callable[[], object]) -> bool:
    """Wait some seconds for something to become true."""
    deadline = time.monotonic() + 20
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(true())


@contextmanager
def another_thread_writes(turns: Turns) -> Iterator[threading.Event]:
    """Let another thread hold the lock until the block, or the event, says that it is enough."""
    begun, enough = threading.Event(), threading.Event()

    def write() -> None:
        with turns.take(ANNA):
            begun.set()
            enough.wait(20)

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait(20)
    yield enough
    enough.set()
    thread.join()


def test_writers_take_turns_in_the_order_in_which_they_came() -> None:
    turns, order = Turns(), []

    def write(number: int) -> None:
        with turns.take(Holder(str(number), number, "")):
            order.append(number)
            time.sleep(0.01)
            order.append(number)

    with another_thread_writes(turns):
        threads = [threading.Thread(target=write, args=(number,)) for number in range(WAITING)]
        for thread in threads:
            thread.start()
            time.sleep(0.05)
    for thread in threads:
        thread.join()
    assert order == [number for number in range(WAITING) for _ in range(2)]


def test_more_than_a_few_do_not_wait() -> None:
    turns, refused = Turns(), []

    def write() -> None:
        try:
            with turns.take(BERT):
                pass
        except Busy as error:
            refused.append(str(error))

    with another_thread_writes(turns):
        threads = [threading.Thread(target=write) for _ in range(WAITING + 2)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        assert len(refused) == 2
        assert "'anna' (process 1, since noon) is writing" in refused[0]
    for thread in threads:
        thread.join()
    assert len(refused) == 2


def test_who_waits_is_told_for_whom_and_gives_up_in_the_end() -> None:
    turns, told = Turns(), list[Holder | None]()
    with another_thread_writes(turns), pytest.raises(Busy, match="'anna'"), turns.take(BERT, 0.6, told.append):
        pytest.fail("the lock was held twice")
    assert set(told) == {ANNA}
    with turns.take(BERT, 0.0):
        assert turns.holder == BERT


def test_a_thread_goes_on_within_its_own_turn() -> None:
    turns = Turns()
    with turns.take() as outer, turns.take() as inner:
        assert (outer, inner) == (True, False)
    with another_thread_writes(turns):  # it was given back once, not twice
        assert turns.holder == ANNA


def test_it_is_known_whether_the_last_turn_ended_well() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="half done"), turns.take():
        raise ValueError("half done")
    assert not turns.clean
    with turns.take():
        assert not turns.clean
    assert turns.clean


def test_an_error_that_was_caught_within_a_turn_counts_until_it_was_made_good() -> None:
    turns = Turns()
    with turns.take():
        with pytest.raises(ValueError, match="half done"), turns.take():
            raise ValueError("half done")
        assert not turns.clean
    assert not turns.clean
    with turns.take():
        with pytest.raises(ValueError, match="half done"), turns.take():
            raise ValueError("half done")
        with turns.take():
            pass
    assert turns.clean


def killed_while_writing(home: Path) -> None:
    """Let another process be killed while it holds a home."""
    code = (
        "import sys, time; from pathlib import Path; from stores.lock import hold\n"
        f"with hold(Path({str(home)!r})): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Busy, match=f"process {other.pid}"), hold(home):
            pytest.fail("the home was held twice")
        other.kill()


def was_clean(home: Path) -> bool:
    """Whether the last who held a home ended well."""
    with hold(home) as ending:
        return ending.clean


def test_who_only_reads_does_not_hide_that_somebody_was_killed(settings: Settings) -> None:
    with open_stores(settings):
        pass
    assert was_clean(settings.home)
    killed_while_writing(settings.home)
    with open_vectors(settings), pytest.raises(Busy), hold(settings.home):
        pytest.fail("the home was held twice")
    with open_stores(settings, writing=False) as stores:
        assert not stores.clean
    assert not was_clean(settings.home)
    with open_stores(settings) as stores:
        assert not stores.clean
    assert was_clean(settings.home)


def test_who_reads_and_fails_leaves_nothing_half_done(settings: Settings) -> None:
    with open_stores(settings):
        pass
    with pytest.raises(ValueError, match="of a reader"), open_stores(settings, writing=False):
        raise ValueError("of a reader")
    assert was_clean(settings.home)
    with pytest.raises(ValueError, match="of a writer"), open_stores(settings):
        raise ValueError("of a writer")
    assert not was_clean(settings.home)


def test_a_service_tells_the_next_what_a_command_left_half_done(settings: Settings) -> None:
    with open_to_serve(settings) as served:
        with pytest.raises(ValueError, match="half done"), open_stores(settings):
            raise ValueError("half done")
        assert until(lambda: not served.clean)
    with open_to_serve(settings) as served:
        assert not served.clean
        with open_stores(settings) as stores:
            assert not stores.clean
        assert until(lambda: served.clean)
    assert was_clean(settings.home)


def test_a_service_waits_a_moment_for_one_that_was_killed(settings: Settings) -> None:
    held = threading.Event()

    def linger() -> None:
        with hold(settings.home):
            held.set()
            time.sleep(1)

    lingering = threading.Thread(target=linger)
    lingering.start()
    held.wait(20)
    with open_to_serve(settings) as stores:
        assert stores.vectors.stats().count == 0
        with pytest.raises(Busy, match=f"process {os.getpid()}"), open_to_serve(settings):
            pytest.fail("two served one home")
    lingering.join()


def test_vectors_on_a_server_leave_the_home_to_who_is_writing(settings: Settings) -> None:
    vectors = QdrantVectors(QdrantClient(":memory:"), "made", ":memory:")
    settings.home.mkdir()
    with vectors, SqliteGraph(settings.home / "graph.sqlite") as graph:
        one, another = (Stores(vectors, graph, Turns(), (partial(held, settings.home),)) for _ in range(2))
        with one.writing(), pytest.raises(Busy, match=f"process {os.getpid()}"), another.writing(0.0):
            pytest.fail("two wrote at once")
        with pytest.raises(ValueError, match="half done"), one.writing():
            raise ValueError("half done")
        with another.writing():
            assert not another.clean
        with one.writing(), pytest.raises(Busy), hold(settings.home):
            pytest.fail("two wrote at once")
        with another.writing():
            assert another.clean
