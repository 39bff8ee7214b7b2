"""One writer of a collection in Neo4j, whatever machine it is on: a lock that dies with its holder."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from stores.connect import open_stores, open_to_serve
from stores.errors import Busy
from stores.holder import Holder
from stores.neo4j import Neo4jGraph
from stores.neo4j_driver import Address, Locked, Neo4jDriver
from stores.settings import Settings
from tests import servers
from tests.conftest import ROOT
from tests.test_graph_store_contract import whole

NAMES = (f"locked-{number}" for number in itertools.count())


@pytest.fixture
def collection() -> str:
    """A collection of this test's own."""
    return next(NAMES)


@pytest.fixture
def graph(collection: str) -> Iterator[Neo4jGraph]:
    """It, on the server."""
    with opened(collection) as found:
        yield found


def opened(collection: str) -> Neo4jGraph:
    """Open a collection, as another machine does."""
    return Neo4jGraph(Address(servers.neo4j().uri), collection)


def writer(collection: str) -> subprocess.Popen[str]:
    """Another process that writes, and says so."""
    code = (
        "import time; from stores.neo4j import Neo4jGraph; from stores.neo4j_driver import Address\n"
        f"with Neo4jGraph(Address({servers.neo4j().uri!r}), {collection!r}) as graph, graph.writing(20.0, print):\n"
        "    print('writing', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout
    assert process.stdout.readline() == "writing\n"
    return process


def test_only_one_writes_at_a_time_from_the_very_first(collection: str) -> None:
    inside, most, turns = 0, 0, 0
    wrong = list[BaseException]()
    together = threading.Barrier(4)

    def write(graph: Neo4jGraph) -> None:
        nonlocal inside, most, turns
        together.wait()  # none of what they lock is there yet
        try:
            for _ in range(3):
                with graph.writing(120.0, lambda _: None):
                    inside += 1
                    most = max(most, inside)
                    time.sleep(0.05)
                    turns += 1
                    inside -= 1
        except BaseException as error:  # noqa: BLE001 -- in a thread; told below
            wrong.append(error)

    with ExitStack() as stack:
        graphs = [stack.enter_context(opened(collection)) for _ in range(4)]
        threads = [threading.Thread(target=write, args=(graph,)) for graph in graphs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert (most, turns) == (1, 12)


def test_what_is_not_there_is_not_taken_for_locked(collection: str) -> None:
    with (
        Neo4jDriver(Address(servers.neo4j().uri)) as driver,
        pytest.raises(Locked, match="nothing to lock"),
        driver.holding("lock_writer", 1.0, collection=collection, part="turn"),
    ):
        pytest.fail("nothing was held")


def test_who_waits_is_told_for_whom_and_on_which_machine(graph: Neo4jGraph, collection: str) -> None:
    told = list[Holder | None]()
    with opened(collection) as other, other.writing(0.0, print):
        with pytest.raises(Busy, match=f"process {os.getpid()} on {socket.gethostname()}"):
            graph.writing(8.0, told.append).__enter__()  # the server looks up every 2 s, a busy one later
        assert graph.stats().version == 0  # readers do not wait
    assert {(holder.pid, holder.host) for holder in told if holder} == {(os.getpid(), socket.gethostname())}
    with graph.writing(0.0, print) as clean:
        assert clean


def test_a_writer_that_is_killed_gives_the_turn_back_and_is_known_to_have_been(
    graph: Neo4jGraph, collection: str
) -> None:
    told = list[Holder | None]()
    with writer(collection) as process:
        killing = threading.Timer(6.0, process.send_signal, [signal.SIGKILL])
        killing.start()
        with graph.writing(30.0, told.append) as clean:
            assert not clean
        killing.join()
    assert {holder.pid for holder in told if holder} == {process.pid}
    with graph.writing(0.0, print) as clean:
        assert clean


def test_a_graph_is_written_for_the_first_time_while_the_turn_is_held(graph: Neo4jGraph) -> None:
    with graph.writing(0.0, print):
        assert graph.apply(whole(40)) == 1
        assert graph.stats().artworks == 40


def test_what_goes_wrong_within_a_turn_is_raised_as_it_is(graph: Neo4jGraph) -> None:
    with pytest.raises(FileNotFoundError), graph.writing(0.0, print):
        raise FileNotFoundError("a picture")
    with graph.writing(0.0, print) as clean:
        assert not clean


def test_two_homes_of_one_collection_take_turns(settings: Settings, collection: str, tmp_path: Path) -> None:
    here, there = (
        settings.model_copy(
            update={"home": tmp_path / name, "neo4j_uri": servers.neo4j().uri, "collection": collection}
        )
        for name in ("here", "there")
    )
    with open_to_serve(here) as serving:
        with open_stores(there), pytest.raises(Busy, match=f"process {os.getpid()} on "), serving.writing(0.5):
            pytest.fail("two wrote at once")
        with serving.writing():
            pass
        with open_stores(here) as beside:  # a command on the home that is served has both turns
            with pytest.raises(Busy), serving.writing(0.5):
                pytest.fail("two wrote at once")
            assert beside.clean
        with pytest.raises(ValueError, match="half done"), open_stores(there):
            raise ValueError("half done")
        with serving.writing():
            assert not serving.clean  # what was left half done elsewhere is known here
        assert serving.clean
