"""Why a step is a step: percentiles against all edges, words against a planted space, sentences that say something."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from service.likeness.traits import APART, LONG
from service.likeness.vocabulary import WORDS, Vocabulary
from service.likeness.why import FAR, Explainer
from service.paths.describe import describe_given
from service.paths.find import find_path
from service.paths.records import Question
from service.paths.space import Space
from service.sight import Sight
from stores.angles import angles, unit
from stores.connect import Stores, open_stores
from stores.records import Search
from stores.settings import Settings, read_settings


@pytest.fixture(scope="module")
def gallery_settings(demo_home: Path) -> Settings:
    """Settings of the drawn gallery."""
    return read_settings(home=demo_home)


@pytest.fixture(scope="module")
def gallery(gallery_settings: Settings) -> Iterator[Stores]:
    """The drawn gallery, opened."""
    with open_stores(gallery_settings, writing=False) as stores:
        yield stores


def explainer(stores: Stores, settings: Settings) -> Explainer:
    """What explains its steps."""
    return Explainer(Space(stores.graph, stores.vectors), settings.images, Sight(settings))


@pytest.mark.parametrize("images", [None, 6])
def test_every_step_has_a_reason(gallery: Stores, gallery_settings: Settings, images: int | None) -> None:
    edges = gallery.graph.edges()
    ids = [str(one) for one in edges.ids]
    found = find_path(Space(gallery.graph, gallery.vectors), Question(ids[0], ids[60], images, alternatives=1))
    explained = explainer(gallery, gallery_settings).explain(found)
    neighbors = edges.angle[~edges.bridge]
    for path in (explained, *explained.alternatives):
        for step in path.steps:
            assert step.why is not None
            assert step.angle is not None
            assert step.why.sentence.endswith(".")
            assert all(part in step.why.sentence for part in step.why.common)
            assert step.why.percentile == pytest.approx(100 * np.mean(neighbors < step.angle))
            assert step.why.words == ()
    assert any(step.why and step.why.common for path in (explained, *explained.alternatives) for step in path.steps)


def test_what_most_artworks_share_is_no_reason(tmp_path: Path) -> None:
    keys, rng = [f"{row}" for row in range(40)], np.random.default_rng(3)
    np.savez(tmp_path / "v.npz", keys=np.array(keys), vectors=rng.normal(size=(40, 8)).astype(np.float32))
    rows = [f"{key},Everywhere,{'Rare' if row % 4 == 0 else row}" for row, key in enumerate(keys)]
    (tmp_path / "m.csv").write_text("\n".join(["id,lender,school", *rows]), encoding="utf-8")
    settings = read_settings(home=tmp_path / "home")
    request = LoadRequest(
        folder=None, source="a", metadata=tmp_path / "m.csv", vectors=tmp_path / "v.npz", embedder="theirs"
    )
    with open_stores(settings) as stores:
        load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        named = [stores.graph.find(Search(key=key)).artworks[0].id for key in ("0", "4")]
        found = describe_given(Space(stores.graph, stores.vectors), named)
        assert set(found.steps[0].shared) == {"lender", "school"}
        explaining = explainer(stores, settings)
        why = explaining.explain(found).steps[0].why
        rows = [f"{key},{'Few' if row % 4 == 0 else row},Everywhere" for row, key in enumerate(keys)]
        (tmp_path / "m.csv").write_text("\n".join(["id,lender,school", *rows]), encoding="utf-8")
        load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        rewritten = explaining.explain(describe_given(Space(stores.graph, stores.vectors), named)).steps[0].why
    assert why is not None
    assert why.sentence == "Both share School: Rare."
    assert rewritten is not None
    assert rewritten.sentence == "Both share Lender: Few."


def test_only_neighbors_are_called_close_and_nothing_is_said_beside_a_gap(tmp_path: Path) -> None:
    """Of artworks without pictures or metadata nothing else can be said."""
    keys, rng = [f"{row}" for row in range(60)], np.random.default_rng(3)
    np.savez(tmp_path / "v.npz", keys=np.array(keys), vectors=rng.normal(size=(60, 8)).astype(np.float32))
    settings = read_settings(home=tmp_path / "home")
    request = LoadRequest(folder=None, source="a", vectors=tmp_path / "v.npz", embedder="theirs")
    with open_stores(settings) as stores:
        load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        space, explaining, edges = (
            Space(stores.graph, stores.vectors),
            explainer(stores, settings),
            stores.graph.edges(),
        )
        ids, by_angle = [str(one) for one in edges.ids], np.argsort(edges.angle)
        pairs = [(ids[edges.a[row]], ids[edges.b[row]]) for row in (by_angle[0], by_angle[-1])]
        joined = {frozenset((ids[a], ids[b])) for a, b in zip(edges.a.tolist(), edges.b.tolist(), strict=True)}
        apart = [pair for pair in combinations(ids, 2) if frozenset(pair) not in joined]
        ends = (stores.vectors.get([pair[side] for pair in apart]).vectors for side in (0, 1))
        pairs.append(apart[int(np.argmin(angles(*ends)))])
        gone = "00000000-0000-5000-8000-000000000000"
        close, longest, chord = (explaining.explain(describe_given(space, pair)).steps[0].why for pair in pairs)
        beside = explaining.explain(describe_given(space, [ids[0], gone, ids[1]])).steps
        leap = explaining.explain(find_path(space, Question(*pairs[2], 2))).steps[0]
    assert [step.why for step in beside] == [None, None]
    assert leap.kind == "chord"
    assert close is not None
    assert close.sentence.startswith("Close ")
    for why in (longest, chord, leap.why):
        assert why is not None
        assert why.percentile is not None
        assert why.sentence == f"{LONG if why.percentile > FAR else APART}."
    assert leap.why is not None
    assert leap.why.percentile is not None
    assert leap.why.percentile <= FAR


def test_the_words_are_those_that_fit_both_and_few_others() -> None:
    rng = np.random.default_rng(5)
    words = unit(rng.normal(size=(len(WORDS), 64)))
    sample = unit(rng.normal(size=(500, 64)) + 8 * words[0])
    vocabulary = Vocabulary.over(words, sample)
    first, second = (unit((words[0] + words[7] + words[row])[None])[0] for row in (20, 30))
    assert vocabulary.closest(first, second)[0] == WORDS[7]
    assert WORDS[0] not in vocabulary.closest(first, second)
    assert len(set(WORDS)) == len(WORDS)
