"""Files through worker processes: in order, each written once, and none takes another down."""

import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from loaders.ingest import Failed, Ingested, Job, ingest
from stores.pictures import picture_path

DEADLY = (255, 0, 0)
WRONG = (0, 255, 0)


def prepare(image: Image.Image) -> tuple[int, int]:
    """Return a picture's size; one picture kills the process, as a decoder's crash would, and one raises."""
    seen = image.getpixel((0, 0))
    if seen == DEADLY:
        os._exit(1)
    if seen == WRONG:
        raise ArithmeticError("an embedder's own mistake")
    return image.size


def jobs(folder: Path, *pictures: tuple[int, tuple[int, int, int]]) -> list[Job]:
    """Write pictures of these widths and colours."""
    folder.mkdir(exist_ok=True)
    made = []
    for number, (width, colour) in enumerate(pictures):
        made.append(Job(folder / f"{number}.png"))
        Image.new("RGB", (width, 5), colour).save(made[-1].path)
    return made


GREY = (99, 99, 99)


def test_results_come_in_the_order_of_the_jobs_with_more_jobs_than_fit_in_flight(tmp_path: Path) -> None:
    widths = [700 - 20 * n for n in range(34)]
    made = jobs(tmp_path / "in", *((width, GREY) for width in widths))
    results = list(ingest(iter(made), tmp_path / "out", prepare, workers=2))
    assert [result.prepared for result in results if isinstance(result, Ingested)] == [(w, 5) for w in widths]
    hashes = [sha256(job.path.read_bytes()).hexdigest() for job in made]
    assert [result.content_hash for result in results if isinstance(result, Ingested)] == hashes
    assert all(picture_path(tmp_path / "out", name, "thumb").is_file() for name in hashes)


def test_a_bad_file_fails_with_its_reason_and_the_others_do_not(tmp_path: Path) -> None:
    good, other = jobs(tmp_path / "in", (30, GREY), (40, GREY))
    (tmp_path / "in" / "text.jpg").write_text("no picture", encoding="utf-8")
    bad = [Job(tmp_path / "in" / "text.jpg"), Job(tmp_path / "in" / "none.jpg")]
    results = list(ingest([good, *bad, other], tmp_path / "out", prepare, workers=2))
    assert results[1:3] == [
        Failed("not an image of a known format"),
        Failed("cannot be read: No such file or directory"),
    ]
    assert [type(result) for result in results] == [Ingested, Failed, Failed, Ingested]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_kills_its_worker_costs_only_itself(tmp_path: Path, workers: int) -> None:
    made = jobs(tmp_path / "in", (30, GREY), (31, DEADLY), (32, GREY), (33, GREY))
    results = list(ingest(made, tmp_path / "out", prepare, workers=workers))
    assert results[1] == Failed("decoding it ended the process that tried")
    kept = [result.prepared for result in results if isinstance(result, Ingested)]
    assert kept == [(30, 5), (32, 5), (33, 5)]


def test_work_goes_on_in_a_new_pool_after_one_broke(tmp_path: Path) -> None:
    made = jobs(tmp_path / "in", (31, DEADLY), *((40 + n, GREY) for n in range(20)))
    results = list(ingest(made, tmp_path / "out", prepare, workers=1))
    assert [isinstance(result, Failed) for result in results] == [True] + [False] * 20


def test_what_may_not_be_displayed_is_read_but_not_written(tmp_path: Path) -> None:
    (shown,) = jobs(tmp_path / "in", (30, GREY))
    given = [Job(shown.path, "none"), Job(shown.path, "thumb")]
    hidden, small = ingest(given, tmp_path / "out", prepare, workers=1)
    assert isinstance(hidden, Ingested)
    assert isinstance(small, Ingested)
    assert (hidden.images, hidden.prepared, small.images) == ({}, (30, 5), {"thumb": (30, 5)})
    assert [path.name for path in (tmp_path / "out").rglob("*.jpg")] == [f"{small.content_hash}-thumb.jpg"]


def test_pictures_that_cannot_be_written_end_the_run(tmp_path: Path) -> None:
    made = jobs(tmp_path / "in", (30, GREY), (31, GREY))
    (tmp_path / "out").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(OSError, match="out"):
        list(ingest(made, tmp_path / "out", prepare, workers=1))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to here")
def test_a_full_disk_ends_the_run_and_leaves_no_half_picture(tmp_path: Path) -> None:
    (job,) = jobs(tmp_path / "in", (30, GREY))
    name = sha256(job.path.read_bytes()).hexdigest()
    target = picture_path(tmp_path / "out", name, "thumb")
    target.parent.mkdir(parents=True)
    with subprocess.Popen(["true"]) as latest:  # workers get the numbers that come next
        first = latest.pid
    for pid in range(first, first + 2000):
        target.with_suffix(f".{pid}").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        list(ingest([job], tmp_path / "out", prepare, workers=1))
    assert not target.exists()
    assert len(list(target.parent.iterdir())) == 1999


def test_a_mistake_of_an_embedder_is_not_taken_for_a_bad_file(tmp_path: Path) -> None:
    made = jobs(tmp_path / "in", (30, WRONG))
    with pytest.raises(ArithmeticError, match="an embedder's own mistake"):
        list(ingest(made, tmp_path / "out", prepare, workers=1))
