"""Steering the path: how many artworks, how large the steps, through what, without what, other ways."""

from playwright.sync_api import Page, expect

from tests.serving import Served
from tests.visits.visitor import Visitor, another_path, ids, query


def test_the_slider_sets_the_number_and_a_link_takes_it_back(page: Page) -> None:
    natural = len(ids(page))
    slider = page.get_by_role("slider", name="Number of artworks")
    slider.focus()
    with another_path(page):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
    assert len(ids(page)) == natural + 2
    assert query(page)["images"] == [str(natural + 2)]
    expect(slider).to_be_focused()
    expect(page.locator("output")).to_have_text(str(natural + 2))
    expect(page.locator("#natural option")).to_have_attribute("value", str(natural))
    with another_path(page):
        page.get_by_role("link", name=f"As many as it takes: {natural}").click()
    assert len(ids(page)) == natural
    assert "images" not in query(page)


def test_the_slider_is_drawn_with_the_mouse(page: Page) -> None:
    box = page.get_by_role("slider", name="Number of artworks").bounding_box()
    assert box
    with another_path(page):
        page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert len(ids(page)) == 20


def test_the_pace_changes_the_number_of_steps(page: Page) -> None:
    lengths = {}
    for pace, words in (("direct", "Few and large"), ("scenic", "Many and small")):
        with another_path(page):
            page.get_by_role("radio", name=words).check()
        lengths[pace] = len(ids(page))
        assert query(page)["pace"] == [pace]
        expect(page.get_by_role("radio", name=words)).to_be_checked()
    assert lengths["direct"] < lengths["scenic"]


def test_a_path_goes_through_an_artwork_until_that_is_taken_back(page: Page, site: Served) -> None:
    before = ids(page)
    page.locator("#strip a.open").nth(1).click()
    dialog = page.get_by_role("dialog")
    neighbor = dialog.locator(".neighbors a").last
    title = str(neighbor.get_attribute("title")).split(", ")[0]
    neighbor.click()
    expect(dialog.get_by_role("heading", level=1)).to_have_text(title)
    with another_path(page):
        dialog.get_by_role("link", name="Go through this").click()
    expect(dialog).to_be_hidden()
    (via,) = query(page)["via"]
    assert via in ids(page)[1:-1]
    assert site.ask(f"/api/v1/artworks/{via}")["title"] == title
    chip = page.locator(".chip")
    expect(chip).to_contain_text(f"through {title}")
    with another_path(page):
        chip.click()
    assert ids(page) == before


def test_a_path_avoids_an_artwork_until_that_is_taken_back(page: Page) -> None:
    before = ids(page)
    page.locator("#strip a.open").nth(1).click()
    with another_path(page):
        page.get_by_role("dialog").get_by_role("link", name="Not this one").click()
    assert before[1] not in ids(page)
    assert query(page)["avoid"] == [before[1]]
    with another_path(page):
        page.get_by_role("link", name="Remove: without").click()
    assert ids(page) == before


def test_an_artwork_can_become_either_end(page: Page) -> None:
    first, second, *_, last = ids(page)
    page.locator("#strip a.open").nth(1).click()
    with another_path(page):
        page.get_by_role("dialog").get_by_role("link", name="Begin here").click()
    assert (ids(page)[0], ids(page)[-1]) == (second, last)
    page.locator("#strip a.open").last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    with another_path(page):
        page.go_back()
    assert ids(page)[0] == first


def test_a_facet_narrows_the_path_and_says_how_many_there_are(page: Page, site: Served) -> None:
    choice = page.get_by_label("Only artworks of")
    option = choice.locator("optgroup[label=Style] option").first
    value = str(option.get_attribute("value"))
    style = value.removeprefix("style:")
    found = site.ask(f"/api/v1/artworks?limit=1&where={value}")["total"]
    expect(option).to_have_text(f"{style} ({found})")
    with another_path(page):
        choice.select_option(value)
    between = [site.ask(f"/api/v1/artworks/{one}")["style"] for one in ids(page)[1:-1]]
    assert set(between) <= {style}
    assert query(page)["where"] == [value]
    with another_path(page):
        page.get_by_role("link", name=f"Remove: only {value}").click()
    assert "where" not in query(page)


def test_years_narrow_the_path(page: Page, site: Served) -> None:
    before = ids(page)
    page.get_by_label("From year").fill("1900")
    page.keyboard.press("Tab")
    page.keyboard.type("1950")
    with another_path(page):
        page.keyboard.press("Tab")
    between = [site.ask(f"/api/v1/artworks/{one}") for one in ids(page)[1:-1]]
    assert all(one["year_to"] >= 1900 and one["year_from"] <= 1950 for one in between)
    assert ids(page) != before
    assert (query(page)["year_from"], query(page)["year_to"]) == (["1900"], ["1950"])
    expect(page.get_by_label("From year")).to_have_value("1900")


def test_other_ways_are_seen_beside_and_one_is_taken(page: Page) -> None:
    before = ids(page)
    with another_path(page):
        page.get_by_label("Show other ways beside this one").check()
    ways = page.get_by_role("region", name="Other ways").get_by_role("link")
    assert ids(page) == before
    assert 1 <= ways.count() <= 2
    with another_path(page):
        ways.first.click()
    taken = ids(page)
    assert not set(before[1:-1]) & set(taken)
    assert (taken[0], taken[-1]) == (before[0], before[-1])
    page.reload()
    assert ids(page) == taken
    with another_path(page):
        page.go_back()
    assert ids(page) == before


def test_what_is_chosen_survives_what_is_chosen_next(visitor: Visitor) -> None:
    page = visitor.open(f"{visitor.PATH}&via=key:waves-0001.jpg&avoid=key:stars-0001.jpg&year_from=1800")
    via = query(page)["via"]
    slider = page.get_by_role("slider", name="Number of artworks")
    slider.focus()
    with another_path(page):
        page.keyboard.press("End")
    with another_path(page):
        page.locator("#swap").click()
    assert query(page)["via"] == via
    assert query(page)["year_from"] == ["1800"]
    assert len(query(page)["avoid"]) == 1
    assert len(ids(page)) == 20
