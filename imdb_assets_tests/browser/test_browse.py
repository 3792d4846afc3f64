"""The browse page in a real Chromium: titles, series with their seasons, people, deep links, the way back."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.lake.provenance import Provenance
from imdb_assets.serving import title_index
from imdb_assets.serving.app import create_app
from imdb_assets.serving.titles import Titles
from imdb_assets_tests.browser.conftest import served
from imdb_assets_tests.tables import table
from imdb_assets_tests.titles import tables
from imdb_assets_tests.world import SEEN, World, write


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("browse")
    title_index.publish(folder / "titles", tables(), Provenance())
    world = World.build(folder / "world")
    days = [(1, 5.5, 10), (8, 6.25, 20), (20, 6.0, 30)]
    rows = [
        {"tconst": "tt0000001", "valid_from": date(2026, 1, day), "average_rating": rating, "num_votes": votes}
        for day, rating, votes in days
    ]
    write(world.lake, RatingHistory, table(RatingHistory, rows))
    with served(create_app(world.predictor(), titles=Titles(folder / "titles"))) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, locale="en")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def test_a_series_is_found_and_its_seasons_lead_to_episodes_and_back(page: Page) -> None:
    page.goto("/browse")
    page.get_by_label("Kind").select_option("Series")
    words = page.get_by_role("combobox", name="Title")
    words.press_sequentially("quick")
    expect(page.locator("#by-title .options li")).to_have_count(1)
    words.press("Enter")
    answer = page.get_by_label("Answer")
    expect(answer.get_by_role("heading", level=2)).to_have_text("The Quick Series (1990\u20131995)")
    cells = answer.get_by_role("region", name="Ratings of the episodes by season").get_by_role("link")
    expect(cells).to_have_text(["\u2013", "9.5", "\u2013"])  # two episodes are in one place
    expect(answer.get_by_role("region", name="Episodes without season")).to_contain_text("Lost Season")
    cells.nth(1).click()
    expect(answer.get_by_role("heading", level=2)).to_have_text("Second (1991)")
    expect(answer).to_contain_text("season 1, episode 2")
    answer.get_by_role("link", name="The Quick Series").click()
    expect(answer.get_by_role("heading", level=2)).to_contain_text("The Quick Series")
    page.go_back()
    expect(answer.get_by_role("heading", level=2)).to_have_text("Second (1991)")
    expect(page).to_have_title("Second (1991) · imdb-assets")


def test_a_link_to_a_person_shows_their_films_by_role(page: Page) -> None:
    page.goto("/browse#nm0000001")
    answer = page.get_by_label("Answer")
    expect(answer.get_by_role("heading", level=2)).to_have_text("Ada Árbol (born 1950)")
    rows = answer.get_by_role("region", name="Films").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("writer")
    expect(rows).to_have_count(3)


def test_a_film_leads_to_the_reasons_of_its_prediction_and_back(page: Page) -> None:
    page.goto(f"/browse#{SEEN}")
    answer = page.get_by_label("Answer")
    expect(answer.locator(".predicted strong")).to_have_text("4.3")
    answer.get_by_role("link", name="Why").click()
    expect(answer.locator(".similar li")).to_have_count(5)
    answer.get_by_role("heading", level=2).get_by_role("link").click()
    expect(answer.get_by_role("heading", level=2)).to_contain_text("A film of the lake")


def test_a_film_shows_how_its_rating_moved(page: Page) -> None:
    page.goto("/browse#tt0000001")
    answer = page.get_by_label("Answer")
    expect(answer.get_by_role("img", name="Rating from 2026-01-01 to 2026-01-20: 5.5 to 6.0")).to_be_visible()
    expect(answer).to_contain_text("5.5 on 2026-01-01, 6.0 on 2026-01-20; the rating was always between 5.5 and 6.3.")
    answer.get_by_role("link", name="Ada Árbol").click()
    expect(answer.get_by_role("heading", level=2)).to_contain_text("Ada Árbol")
    page.go_back()
    newest_first = answer.get_by_role("region", name="Rating by day").get_by_role("row")
    expect(newest_first.nth(1)).to_have_text("2026-01-206.030")


def test_an_id_that_nobody_has_is_said(page: Page) -> None:
    page.goto("/browse#tt9999999")
    expect(page.get_by_role("alert")).to_contain_text("no title has this id")
