"""The film page and the dashboards, audited by axe-core and walked through by keyboard: light, dark and on a phone."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from imdb_assets.dashboards.pages import Pages
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.provenance import Provenance
from imdb_assets.serving import title_index
from imdb_assets.serving.app import create_app
from imdb_assets.serving.titles import Titles
from imdb_assets_tests.browser.conftest import served
from imdb_assets_tests.full_lake import write_full_lake
from imdb_assets_tests.titles import tables
from imdb_assets_tests.world import SEEN, World

DESKTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
SECONDS = 20_000
SAME_LINE = 12
"""Points by which things on one line may differ in height."""
MOST = 300
"""Steps of the keyboard through a page."""
WALK = """
() => {
  const element = document.activeElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const area = element.parentElement?.closest(".scroll"), all = [...document.querySelectorAll("*")];
  const visible = style.outlineStyle !== "none" || element.matches(".genres input"); // its label shows the focus
  return {
    place: element === document.body ? null : all.indexOf(element),
    top: (area ?? element).getBoundingClientRect().top + scrollY, left: box.left, visible,
    area: all.indexOf(area), inside: area ? box.top - area.getBoundingClientRect().top + area.scrollTop : 0,
    text: element.tagName + " " + element.textContent.trim().slice(0, 40),
  };
}
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, world: World) -> Iterator[str]:
    """The film page of a small world, and dashboards of another lake that has every table."""
    folder: Path = tmp_path_factory.mktemp("audited")
    full = Lake(folder / "full")
    write_full_lake(full)
    title_index.publish(folder / "titles", tables(), Provenance())
    app = create_app(world.predictor(), Pages(full, folder / "pages"), Titles(folder / "titles"))
    with served(app) as address:
        yield address


@pytest.fixture(params=["light", "dark", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(
        base_url=address,
        viewport=PHONE if request.param == "phone" else DESKTOP,  # pyright: ignore[reportArgumentType]
        has_touch=request.param == "phone",
        color_scheme="dark" if request.param == "dark" else "light",
        locale="en",
    )
    context.set_default_timeout(SECONDS)
    yield context.new_page()
    context.close()


def start(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".similar")).to_have_count(2)


def choose_films(page: Page) -> None:
    page.goto("/dashboards/catalogue?genre=Drama")
    page.wait_for_selector("html[data-drawn]")
    page.locator("#hidden-gems").get_by_role("button", name="votes").press("Enter")


def find_a_film(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox", name="Title").fill(SEEN)
    page.get_by_role("combobox", name="Title").press("Enter")
    expect(page.locator(".similar li")).to_have_count(5)


def build_a_film(page: Page) -> None:
    page.goto("/")
    page.get_by_role("tab", name="Build a film").click()
    page.get_by_role("textbox", name="Title").fill("A New Film")
    for genre in ("Drama", "War", "Western"):
        page.get_by_label(genre, exact=True).check()
    page.get_by_role("combobox", name="Writers").fill("Somebody Nobodyknows")
    page.get_by_role("combobox", name="Writers").press("Enter")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator(".notes")).to_be_visible()
    page.get_by_role("combobox", name="Directors").press_sequentially("ada a")
    expect(page.get_by_role("option")).to_have_count(2)
    page.get_by_role("combobox", name="Directors").press("ArrowDown")


def browse(page: Page, shown: str) -> None:
    page.goto(f"/browse#{shown}")
    expect(page.get_by_label("Answer").get_by_role("heading", level=2)).to_be_visible()
    page.get_by_role("combobox", name="Title").press_sequentially("qui")
    expect(page.locator("#by-title .options li")).to_have_count(3)


def open_everything(name: str) -> Callable[[Page], None]:
    def open_dashboard(page: Page) -> None:
        page.goto(f"/dashboards/{name}")
        page.wait_for_selector("html[data-drawn]")
        page.evaluate("for (const closed of document.querySelectorAll('details')) closed.open = true")

    return open_dashboard


PAGES: dict[str, Callable[[Page], None]] = {
    "start": start,
    "find": find_a_film,
    "build": build_a_film,
    "series": partial(browse, shown="tt0000003"),
    "person": partial(browse, shown="nm0000001"),
    "chosen": choose_films,
    **{name: open_everything(name) for name in DASHBOARDS},
}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name: str, page: Page) -> None:
    PAGES[name](page)
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    said = [f"{one['id']}: {one['help']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
    assert said == []


@pytest.mark.parametrize("page", ["light", pytest.param("dark", marks=pytest.mark.slow), "phone"], indirect=True)
@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_everything_in_the_order_of_the_page_and_shows_where_it_is(name: str, page: Page) -> None:
    PAGES[name](page)
    page.wait_for_load_state("networkidle")  # what arrives later would be missed by the walk, and then counted
    page.get_by_role("link").first.focus()
    reached: list[dict[str, Any]] = [page.evaluate(WALK)]
    while len(reached) < MOST:
        page.keyboard.press("Tab")
        where = page.evaluate(WALK)
        if where["place"] in {None, reached[0]["place"]}:
            break
        reached.append(where)
    backwards = [
        (one["text"], other["text"])
        for one, other in pairwise(reached)
        if other["left"] <= one["left"]  # up is only to the next column
        and (
            other["top"] < one["top"] - SAME_LINE
            or (other["area"] == one["area"] and other["inside"] < one["inside"] - SAME_LINE)
        )
    ]
    assert backwards == []
    assert [where for where in reached if not where["visible"]] == []
    wanted = "a[href], button, summary, select, textarea, input:not(:disabled), [tabindex='0']"
    visible = [one for one in page.locator(wanted).all() if one.is_visible() and one.get_attribute("tabindex") != "-1"]
    assert len(reached) == len(visible)
