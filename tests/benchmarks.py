"""``make bench``: what a user waits for, as ratios to what they would use instead, in the same run.

Needs the real artworks beside the checkout. Prints the tables of docs/benchmarks.md.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import igraph
import numpy as np
import torch
import torchvision
from PIL import Image
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from loaders.neighbors import nearest_neighbors
from stores.connect import open_stores
from stores.dijkstra import Csr, Workspace, shortest_path
from stores.ports import PACES
from stores.records import Edges, Vectors
from stores.settings import read_settings
from tests.benchmarks_exactly import print_exactly
from tests.benchmarks_servers import print_servers
from tests.benchmarks_updates import print_updates

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
WEIGHTS = DATA / "weights" / "mobilenet_v2-80b10a02.pth"
XDEGREES = str(Path(sys.executable).with_name("xdegrees"))
SAMPLE = 640
"""Pictures of the embedding benchmark; all 3,082 give the same ratios and take five times as long."""

PAIRS = 200


def main() -> None:
    """Run every benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        print_embedding(Path(folder))
        vectors, edges = real_graph(Path(folder))
        print_servers(Path(folder) / "home")
        print_exactly(Path(folder) / "home")
    print_join(vectors)
    print_paths(edges)
    print_updates()


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def print_embedding(folder: Path) -> None:
    """Pictures per second of a whole load against a plain loop: PIL, torchvision's transforms, batches of 64."""
    sample = sorted((DATA / "artworks").glob("*.jpg"))[:: 3082 // SAMPLE][:SAMPLE]
    linked = folder / "sample"
    linked.mkdir()
    for path in sample:
        (linked / path.name).symlink_to(path)
    rounds = [(seconds(lambda: plain_loop(sample)), whole_load(linked, folder / f"home{turn}")) for turn in range(3)]
    plain, ours = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(
        f"\n| {len(sample)} pictures, MobileNetV2, {os.cpu_count()} cores | pictures/s | ratio |\n| --- | --- | --- |"
    )
    print(f"| plain loop | {len(sample) / plain:.1f} | 1 |")
    print(f"| `xdegrees load`, decoding, writing two pictures each | {len(sample) / ours:.1f} | {plain / ours:.2f} |")


def plain_loop(files: list[Path]) -> None:
    """Embed as a notebook does."""
    model = torchvision.models.mobilenet_v2()
    model.load_state_dict(torch.load(WEIGHTS, weights_only=True))
    model.classifier = torch.nn.Identity()
    model.eval()
    transform = torchvision.models.MobileNet_V2_Weights.IMAGENET1K_V1.transforms()
    with torch.inference_mode():
        for batch in batches(files, 64):
            model(torch.stack([transform(Image.open(path).convert("RGB")) for path in batch]))


def batches(files: list[Path], size: int) -> Iterator[list[Path]]:
    """Cut a list."""
    yield from (files[at : at + size] for at in range(0, len(files), size))


def whole_load(folder: Path, home: Path) -> float:
    """Seconds of the embedding stage of a load, the start of the workers included."""
    return float(run_load(folder, home)["seconds"]["embed"])


def run_load(folder: Path, home: Path) -> dict[str, Any]:
    """Load as a user does, in a process of its own."""
    command = [XDEGREES, "load", str(folder), "--home", str(home), "--json"]
    options = ["--embedder", "mobilenet_v2", "--checkpoint", str(WEIGHTS)]
    report: dict[str, Any] = json.loads(subprocess.run([*command, *options], check=True, capture_output=True).stdout)
    return report


def real_graph(folder: Path) -> tuple[Vectors, Edges]:
    """Load all artworks; the second load is timed as its own process."""
    home = folder / "home"
    report = run_load(DATA / "artworks", home)
    with open_stores(read_settings(home=home)) as stores:
        vectors = np.concatenate([batch.vectors for batch in stores.vectors.scan()])
        edges = stores.graph.edges()
    again = statistics.median(seconds(lambda: run_load(DATA / "artworks", home)) for _ in range(3))
    print(f"\n| load of {report['artworks']} artworks | seconds |\n| --- | --- |")
    for stage, spent in report["seconds"].items():
        print(f"| {stage} | {spent:.1f} |")
    print(f"| the same load again, nothing to do (whole process) | {again:.1f} |")
    return vectors, edges


def print_join(vectors: Vectors) -> None:
    """The join against a plain N x N product and sort."""
    nearest_neighbors(vectors[:64], 15)
    plain = statistics.median(seconds(lambda: np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:16]) for _ in range(3))
    ours = statistics.median(seconds(lambda: nearest_neighbors(vectors, 15)) for _ in range(5))
    print("\n| 15 neighbours of 3,082 | seconds | ratio |\n| --- | --- | --- |")
    print(f"| numpy: all products, all sorted | {plain:.2f} | 1 |\n| exact join | {ours:.2f} | {plain / ours:.1f} |")


def print_paths(edges: Edges) -> None:
    """Paths against igraph and scipy on the same random pairs."""
    n = len(edges.ids)
    pairs = np.random.default_rng(11).integers(0, n, (PAIRS, 2)).tolist()
    csr, space = Csr.of(n, edges.a, edges.b, edges.weight), Workspace(n)
    graph = igraph.Graph(n=n, edges=list(zip(edges.a.tolist(), edges.b.tolist(), strict=True)))
    shortest_path(csr, space, 0, 1, 8)
    print(f"\n| p50 of {PAIRS} random pairs, ms | ours | igraph | ratio | scipy | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for pace, power in PACES.items():
        weights = (edges.weight**power).tolist()
        matrix = csr_matrix((edges.weight**power, (edges.a, edges.b)), shape=(n, n))
        ours = p50(pairs, partial(search, csr, space, power))
        theirs = p50(pairs, partial(graph.get_shortest_path, weights=weights))
        scipys = p50(pairs, partial(scipy_path, matrix))
        print(f"| {pace} | {ours:.3f} | {theirs:.2f} | {theirs / ours:.1f} | {scipys:.2f} | {scipys / ours:.1f} |")


def search(csr: Csr, space: Workspace, power: int, source: int, target: int) -> None:
    """Ask ourselves."""
    shortest_path(csr, space, source, target, power)


def scipy_path(matrix: csr_matrix, source: int, _target: int) -> None:
    """Ask scipy, which always goes to every artwork."""
    dijkstra(matrix, directed=False, indices=source)


def p50(pairs: list[list[int]], ask: Callable[[int, int], object]) -> float:
    """Median milliseconds of one question."""
    return 1e3 * statistics.median(seconds(partial(ask, *pair)) for pair in pairs)


if __name__ == "__main__":
    main()
