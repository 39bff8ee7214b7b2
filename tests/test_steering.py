"""The steering file: what an editor decides is obeyed, at once, and a mistake is told."""

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from service.chance import random_path
from service.paths.find import find_path
from service.paths.records import Question
from service.paths.space import Space
from service.steering import SteeringFile
from service.web.app import create_app
from stores.connect import Stores, open_stores
from stores.errors import BadInput
from stores.settings import Settings, read_settings
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def gallery(demo_home: Path) -> Iterator[Stores]:
    """The drawn gallery, opened."""
    with open_stores(read_settings(home=demo_home), writing=False) as stores:
        yield stores


@pytest.fixture
def steered(demo_home: Path, tmp_path: Path) -> Settings:
    """Settings that name a steering file, which is not there yet."""
    return read_settings(home=demo_home, steering=tmp_path / "steering.toml", rate_limit="")


def write(settings: Settings, text: str) -> None:
    """Write the file; its time moves as it would for a person."""
    assert settings.steering is not None
    settings.steering.write_text(text, encoding="utf-8")
    seen = settings.steering.stat()
    os.utime(settings.steering, ns=(seen.st_atime_ns, seen.st_mtime_ns + write.count))  # type: ignore[attr-defined]
    write.count += 10**9  # type: ignore[attr-defined]


write.count = 10**9  # type: ignore[attr-defined]


@pytest.mark.parametrize("images", [None, 7])
def test_excluded_artworks_are_not_passed_and_groups_are_kept_apart(
    gallery: Stores, steered: Settings, images: int | None
) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids]
    space, file = Space(gallery.graph, gallery.vectors), SteeringFile(steered, gallery.graph)
    question = Question(ids[3], ids[40], images)
    before = [artwork.id for artwork in find_path(space, file.current().steer(question)).artworks]
    write(steered, f'exclude = ["{before[1]}", "{ids[3]}"]\nnever_together = [["{before[2]}", "{before[-1]}"]]')
    after = [artwork.id for artwork in find_path(space, file.current().steer(question)).artworks]
    assert (after[0], after[-1]) == (ids[3], ids[40])
    assert not {before[1], before[2]} & set(after)
    named = Question(ids[3], ids[40], images, via=(before[1],))
    title = gallery.graph.artworks([before[1]])[0].title
    with pytest.raises(BadInput, match=f"^via: {re.escape(title)} is kept out of paths by the collection's editor"):
        find_path(space, file.current().steer(named))
    as_an_end = Question(before[1], ids[40], images)
    assert find_path(space, file.current().steer(as_an_end)).artworks[0].id == before[1]
    write(steered, "")
    assert before == [artwork.id for artwork in find_path(space, file.current().steer(question)).artworks]


def test_random_pairs_obey(gallery: Stores, steered: Settings) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids]
    featured, kept = (ids[5], ids[60]), set(ids[::8])
    out = [one for one in ids if one not in kept]
    write(steered, f'exclude = {out}\nfeatured = [["{featured[0]}", "{featured[1]}"]]'.replace("'", '"'))
    steering, chance = SteeringFile(steered, gallery.graph).current(), random.Random(2)
    pairs = []
    for _ in range(30):
        found = random_path(Space(gallery.graph, gallery.vectors), steering, chance)
        pairs.append((found.artworks[0].id, found.artworks[-1].id))
        assert not set(out) & {artwork.id for artwork in found.artworks[1:-1]}
    assert 8 <= pairs.count(featured) <= 22
    assert all(set(pair) <= kept for pair in pairs if pair != featured)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("exclude = 3", "exclude: Input should be a valid list"),
        ("exclud = []", "exclud: Extra inputs"),
        ('featured = [["a"]]', "featured.0"),
        ("exclude = [", "Invalid value"),
    ],
)
def test_a_mistake_is_told_at_start_and_changes_nothing_later(
    gallery: Stores, steered: Settings, text: str, says: str
) -> None:
    one = str(gallery.graph.edges().ids[4])
    file = SteeringFile(steered, gallery.graph)
    with pytest.raises(BadInput, match="there is no steering file"):
        file.check()
    write(steered, f'exclude = ["{one}", "key:not-there"]')
    file.check()
    assert file.current().exclude == {one}
    assert file.mistake() == ""
    write(steered, text)
    with pytest.raises(BadInput, match=f"{re.escape(says)}.*; mend it, or move it away: it may have exclude = "):
        create_app(gallery, steered)
    assert file.current().exclude == {one}
    assert says in file.mistake()


def test_the_example_of_the_readme_is_one(gallery: Stores, steered: Settings) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("## An editor's hand")[2]
    example = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    write(steered, example[0])
    found = SteeringFile(steered, gallery.graph).current()
    assert (len(found.exclude), len(found.featured), len(found.apart)) == (1, 0, 1)


def test_the_service_obeys(gallery: Stores, steered: Settings) -> None:
    write(steered, "")
    client = create_app(gallery, steered).test_client()
    query = {"from": "key:stripes-0001.jpg", "to": "key:trees-0001.jpg"}
    before = client.get("/api/v1/path", query_string=query)
    passed = before.get_json()["ids"][1]
    write(steered, f'exclude = ["{passed}"]')
    after = client.get("/api/v1/path", query_string=query, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert passed not in after.get_json()["ids"]
    found = client.get("/api/v1/artworks", query_string={"q": ""}).get_json()
    assert found["total"] == len(gallery.graph.edges().ids)
    assert client.get(f"/api/v1/artworks/{passed}").status_code == 200


def test_operators_are_told_what_is_not_obeyed_and_what_holds_instead(gallery: Stores, steered: Settings) -> None:
    file = steered.steering
    assert file
    home = steered.model_copy(update={"steering": None, "home": file.parent})
    client = create_app(gallery, home).test_client()

    def told(text: str) -> tuple[str, str]:
        write(steered, text)
        with capture_logs() as logs:
            return client.get("/readyz").get_json()["steering"], "".join(log.get("instead", "") for log in logs)

    assert client.get("/readyz").get_json()["steering"] == "obeyed"
    answer, log = told("exclude = [")
    assert answer == "not obeyed: the log says why"
    assert log == "nothing is steered"
    assert told('exclude = ["key:trees-0001.jpg"]')[0] == "obeyed"
    answer, log = told("exclude = 3")
    assert answer == "not obeyed: the log says why"
    assert log == "what it said before still holds"
    file.unlink()
    assert client.get("/readyz").get_json()["steering"] == "obeyed"
    assert told("exclude = 3")[1] == "nothing is steered"
