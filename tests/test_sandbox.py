"""Pictures that strangers send: the same pixels as in a load, and nothing that one does reaches anybody else."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image, ImageCms

from loaders.embedders.base import Prepare, Recipe
from loaders.embedders.blend import Blend
from loaders.embedders.classic import Classic, vector_of
from loaders.images import FORMATS, BadImage, decode, shrink, write_shrunk
from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from loaders.sandbox import Looked, Sandbox
from service.sight import Sight
from stores.connect import open_stores
from stores.errors import Busy, Unavailable
from stores.pictures import picture_path
from stores.settings import read_settings
from tests import hostile
from tests.hostile import encoded
from tests.memory import children, forget_peak, peak
from tests.trials import TRIALS, Trying

RECIPE: Final = Recipe(256, 224, "bilinear", "shortest", (0.5,) * 3, (0.5,) * 3)
PICTURE: Final = encoded(Image.effect_mandelbrot((300, 200), (-3, -2.5, 2, 2.5), 100).convert("RGB"), "PNG")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox for the classic embedder."""
    kept = Sandbox(vector_of)
    yield kept
    kept.close()


def trying(what: str) -> Looked:
    """Look at a picture while something is tried."""
    box = Sandbox(Trying(what))
    try:
        return box.look(PICTURE)
    finally:
        box.close()


def drawn(mode: str, size: tuple[int, int]) -> Image.Image:
    """Draw noise in any mode."""
    values = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    return Image.fromarray(values, "RGBA").convert(mode)


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


PROFILE: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SAME: Final = {
    **{form: encoded(drawn("RGB", (310, 200)), form) for form in FORMATS},
    "a large JPEG": encoded(drawn("RGB", (8200, 4200)), "JPEG", quality=20),
    "a turned JPEG": encoded(drawn("RGB", (310, 200)), "JPEG", exif=turned()),
    "a CMYK TIFF": encoded(drawn("CMYK", (310, 200)), "TIFF", compression="tiff_lzw"),
    "a clear PNG": encoded(drawn("RGBA", (310, 200)), "PNG", icc_profile=PROFILE),
    "a clear WebP": encoded(drawn("RGBA", (310, 200)), "WEBP", lossless=True),
    "a grey PNG of 16 bits": encoded(Image.fromarray(np.arange(62_000, dtype=np.uint16).reshape(200, 310)), "PNG"),
    "a strip": encoded(drawn("RGB", (9000, 3)), "PNG"),
}


@pytest.mark.parametrize("prepare", [RECIPE, Blend(Classic(), Classic(), 0.5).prepare], ids=["network", "blend"])
def test_what_comes_back_is_what_a_load_would_see(prepare: Prepare) -> None:
    box = Sandbox(prepare)
    for name, data in SAME.items():
        image, looked = decode(data), box.look(data)
        wanted = prepare(image)
        both = zip(wanted, looked.prepared, strict=True) if isinstance(wanted, tuple) else [(wanted, looked.prepared)]
        assert all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in both), name
        pictures = shrink(image, "full")
        assert {n: (p.size, p.tobytes()) for n, p in looked.pictures.items()} == {
            n: (p.size, p.tobytes()) for n, p in pictures.items()
        }, name
    assert set(box.look(PICTURE, "thumb").pictures) == {"thumb"}
    assert box.look(PICTURE, "none").pictures == {}
    box.close()


def test_a_copy_of_an_artwork_gets_its_vector_and_its_pictures_to_the_last_bit(tmp_path: Path) -> None:
    forms: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 60}, "PNG": {}, "TIFF": {"compression": "tiff_lzw"}, "WEBP": {"quality": 50},
    }  # fmt: skip
    folder = tmp_path / "in"
    folder.mkdir()
    for number, (form, options) in enumerate(forms.items()):
        (folder / f"{form}.{form.lower()}").write_bytes(
            encoded(drawn("RGB", (1400 - 99 * number, 1100)), form, **options)
        )
    settings = read_settings(home=tmp_path / "home")
    with open_stores(settings) as stores:
        load(LoadRequest(folder, "a"), stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        batches = list(stores.vectors.scan())
        held = {p["content_hash"]: v for batch in batches for p, v in zip(batch.payloads, batch.vectors, strict=True)}
        sight, stats = Sight(settings), stores.graph.stats()
        for file in folder.iterdir():
            seen = sight.look(file.read_bytes(), stats)
            assert np.array_equal(seen.vector, held[seen.content_hash])
            assert seen.facts == stats.facts.embedder  # type: ignore[union-attr]  # something was loaded
            write_shrunk(seen.pictures, seen.content_hash, tmp_path / "out")
            for size in seen.pictures:
                loaded, sent = (
                    picture_path(where, seen.content_hash, size) for where in (settings.images, tmp_path / "out")
                )
                assert loaded.read_bytes() == sent.read_bytes()
        sight.close()


FILES: Final[dict[str, tuple[Callable[[], bytes], str | None]]] = {
    "a text that unpacks to 500 MB": (hostile.text_bomb, "too large"),
    "200 texts of a megabyte": (hostile.many_texts, "Too much memory used in text"),
    "a profile that unpacks to 500 MB": (hostile.packed_profile, "too large"),
    "a profile of 2 million parts": (hostile.endless_profile, None),
    **{
        f"64 million pixels of {form} in a few kilobytes": (
            partial(hostile.pixels_in_few_bytes, form, 8000),
            "8000 x 8000 pixels: more than the 50,000,000",
        )
        for form in ("PNG", "TIFF", "GIF", "JPEG", "WEBP", "AVIF", "JPEG2000")
    },
    "a JPEG 2000 that says it has 100 a side": (lambda: hostile.understated("JPEG2000", 8000), "broken data stream"),
    "an AVIF that says it has 100 a side": (lambda: hostile.understated("AVIF", 12_000), None),
    "a GIF that says it has 1 a side": (hostile.understated_gif, "more than the 50,000,000"),
    "a TIFF of 500 million strips": (hostile.lying_strips, "decoder error"),
    "a TIFF with a tile of 11 GB": (hostile.vast_tiles, "decoder error"),
    "a TIFF that begins again": (hostile.circular_tiff, None),
    "a TIFF of 900 pages": (lambda: hostile.many_pages("TIFF", 900), None),
    "a GIF of 2,000 pages": (lambda: hostile.many_pages("GIF", 2000), None),
    "a WebP of 1,000 pages": (lambda: hostile.many_pages("WEBP", 1000), None),
    "a PNG of 500 pages": (lambda: hostile.many_pages("PNG", 500), None),
    "a PNG of 49 million pixels in a row": (
        lambda: encoded(Image.new("RGB", (49_000_000, 1)), "PNG", compress_level=1),
        "needs more memory than a picture may",  # to squeeze it into a square
    ),
    "an EXIF that begins again": (hostile.circular_exif, None),
    "an EXIF of 4 billion values": (hostile.vast_exif, None),
}
"""Each file made to hurt, and why it is refused; None where it is a picture in spite of it, and decoded as one."""


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_made_to_hurt_hurts_nobody(sandbox: Sandbox, name: str) -> None:
    make, reason = FILES[name]
    data, before = make(), forget_peak(os.getpid())
    if reason is None:
        assert set(sandbox.look(data).pictures) == {"thumb", "medium"}
    else:
        with pytest.raises(BadImage, match=reason):
            sandbox.look(data)
    assert peak(os.getpid()) - before < 40_000_000
    assert sandbox.look(PICTURE).pictures["medium"].size == (300, 200)


def test_a_jpeg_of_20_000_scans_gets_its_time_and_no_more() -> None:
    data, box = hostile.many_scans(7000, 20_000), Sandbox(vector_of, seconds=2)
    box.look(PICTURE)
    began = time.monotonic()
    with pytest.raises(BadImage, match="takes more than 2 seconds to decode"):
        box.look(data)
    assert 2 <= time.monotonic() - began < 10
    assert box.look(PICTURE).pictures["medium"].size == (300, 200)
    box.close()


@pytest.mark.parametrize("what", ["read a file", "open a socket", "start a program", "take 2 GB"])
def test_a_decoder_that_was_taken_over_cannot(what: str) -> None:
    assert TRIALS[what]() >= 0
    assert trying(what).prepared == [-1]


def test_the_process_is_small_has_no_secrets_and_may_open_and_write_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "a password")
    assert TRIALS["count secrets"]() == 1
    assert trying("count secrets").prepared == [0]
    assert trying("count limits").prepared == [0]
    assert trying("count what is heavy").prepared == [0]


@pytest.mark.parametrize(
    "what", ["crash", "exit", "loop", "send garbage", "send parts without end", "send 5 GB", "send objects"]
)
def test_a_process_that_does_not_answer_costs_its_picture_alone(what: str) -> None:
    late = what == "loop"
    reason = "takes more than 1 seconds to decode" if late else "decoding it ended the process that tried"
    box = Sandbox(Trying(what), seconds=1 if late else 20)
    for _ in range(2):  # the second by the process that replaced it
        with pytest.raises(BadImage, match=reason):
            box.look(PICTURE)
    with pytest.raises(BadImage, match="empty file"):
        box.look(b"")
    box.close()


def test_one_picture_is_decoded_at_a_time_and_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    box = Sandbox(Trying("loop"), seconds=3)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(box.look, PICTURE)
        time.sleep(0.5)
        monkeypatch.setattr("loaders.sandbox.PATIENCE", 0.1)
        with pytest.raises(Busy, match="try again"):
            box.look(PICTURE)
        with pytest.raises(BadImage, match="takes more than 3 seconds"):
            first.result()
    box.close()


def test_a_sandbox_that_was_closed_or_lost_its_process_goes_on_with_another(sandbox: Sandbox) -> None:
    sandbox.close()
    assert sandbox.look(PICTURE).pictures["thumb"].size == (256, 171)


def test_a_process_that_does_not_start_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", shutil.which("false"))
        box = Sandbox(vector_of)
        with pytest.raises(Unavailable, match="does not start"):
            box.look(PICTURE)
    assert box.look(PICTURE).pictures["thumb"].size == (256, 171)
    box.close()


def test_the_process_ends_when_the_service_is_killed() -> None:
    program = (
        "import time; from loaders.sandbox import Sandbox; from loaders.embedders.classic import vector_of; "
        "box = Sandbox(vector_of); print('there', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"there\n"
        (child,) = children(parent.pid)
        parent.kill()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{child}/cmdline").exists() and time.monotonic() < deadline:
        if not Path(f"/proc/{child}/cmdline").read_bytes():
            break  # ended, and waited for by nobody
        time.sleep(0.05)
    assert time.monotonic() < deadline


def test_a_picture_that_is_a_page_or_an_archive_as_well_is_kept_as_its_pixels_alone(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    for name, data in hostile.polyglots().items():
        assert hostile.PAYLOAD in data
        write_shrunk(sandbox.look(data).pictures, name.encode().hex().ljust(64, "0"), tmp_path)
    written = list(tmp_path.rglob("*.jpg"))
    assert len(written) == 2 * len(hostile.polyglots())
    for file in written:
        kept = file.read_bytes()
        assert b"script" not in kept
        assert b"PK" not in kept
        with Image.open(file) as image:
            assert (image.format, image.size, set(image.info)) == (
                "JPEG",
                (64, 64),
                {"jfif", "jfif_version", "jfif_unit", "jfif_density"},
            )
