"""The dashboards in a real Chromium: light, dark and on a phone; what they show is what SQL says of the lake.

No request leaves the server, the strict content security policy holds, and the console stays silent.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from imdb_assets.dashboards.base import Figures
from imdb_assets.dashboards.pages import Pages
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.dashboards.shown import shown
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore
from imdb_assets.serving.app import create_app
from imdb_assets.serving.predictor import Predictor
from imdb_assets.warehouse.duckdb import connect
from imdb_assets_tests.browser.conftest import served
from imdb_assets_tests.full_lake import write_full_lake

DESKTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
CELLS = """
id => [...document.querySelectorAll(`#${id} tbody tr`)].map(row => [...row.cells].map(cell => cell.textContent))
"""
(GEMS,) = [panel for panel in DASHBOARDS["catalogue"].panels if panel.name == "hidden-gems"]
SECONDS = 60_000
"""For a page to be drawn on a machine that does much else."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("full") / "lake")
    write_full_lake(lake)
    return lake


@pytest.fixture(scope="module")
def address(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("served")
    app = create_app(Predictor(lake, ModelStore(folder / "models")), Pages(lake, folder / "pages"))
    with served(app) as address:
        yield address


class Visit:
    """A page in a browser that reaches no other host, and everything that its console complained about."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        context.route(
            lambda url: not url.startswith(address),
            lambda route: (self.elsewhere.append(route.request.url), route.abort()),
        )
        context.set_default_timeout(SECONDS)
        self.page = context.new_page()
        self.page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def drawn(self) -> Page:
        """Waits until every chart is drawn, and holds the page to what no page may do."""
        self.page.wait_for_selector("html[data-drawn]")
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (self.elsewhere, self.complaints, wide) == ([], [], 0)
        return self.page


@pytest.fixture(params=["light", "dark", "phone"])
def visit(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Visit]:
    context = browser.new_context(
        viewport=PHONE if request.param == "phone" else DESKTOP,  # pyright: ignore[reportArgumentType]
        has_touch=request.param == "phone",
        color_scheme="dark" if request.param == "dark" else "light",
        locale="en",
    )
    yield Visit(context, address)
    context.close()


def test_every_page_is_reached_by_clicking_and_every_panel_is_there(visit: Visit, address: str) -> None:
    page = visit.page
    page.goto(address)
    for dashboard in DASHBOARDS.values():
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=dashboard.title).click()
        page.wait_for_url(f"{address}dashboards/{dashboard.name}")
        visit.drawn()
        expect(page.get_by_role("heading", level=1)).to_have_text(dashboard.title)
        expect(page.get_by_role("link", name=dashboard.title)).to_have_attribute("aria-current", "page")
        expect(page.get_by_role("heading", level=2)).to_have_text([panel.title for panel in dashboard.panels])
        expect(
            page.get_by_text("Information courtesy of IMDb (https://www.imdb.com). Used with permission.")
        ).to_be_visible()
        for chart in page.locator("[data-chart]").all():
            expect(chart.locator("svg")).to_be_visible()
            box = chart.locator("svg").bounding_box()
            assert box is not None
            assert box["width"] > 200
            assert chart.get_attribute("role") == "img"
            assert len(chart.get_attribute("aria-label") or "") > 30
            assert chart.locator("svg path").count() > 3
    page.get_by_role("link", name="Film", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What would it be rated?")
    assert (visit.elsewhere, visit.complaints) == ([], [])


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_value_is_what_sql_says(name: str, browser: Browser, address: str, lake: Lake) -> None:
    visit = Visit(browser.new_context(viewport=DESKTOP), address)  # pyright: ignore[reportArgumentType]
    visit.page.goto(f"{address}dashboards/{name}")
    page, warehouse = visit.drawn(), connect(lake)
    for panel in DASHBOARDS[name].panels:
        if panel.reads_history:
            continue
        rows = [
            [shown(column.kind, row[name]) for name, column in panel.shown.items()]
            for row in warehouse.sql(panel.query).pl().to_dicts()
        ]
        section = page.locator(f"section#{panel.name}")
        if not rows:
            expect(section.locator(".hint")).to_have_text(panel.nothing)
        elif isinstance(panel.drawing, Figures):
            assert section.locator("dd").all_text_contents() == rows[0]
        else:
            cells = page.evaluate(
                CELLS,
                panel.name,
            )
            assert cells == rows, panel.name
    page.context.close()


def test_the_history_of_tables_is_the_lakes(visit: Visit, address: str, lake: Lake) -> None:
    visit.page.goto(f"{address}dashboards/operations")
    page = visit.drawn()
    tables = lake.tables()
    numbers = page.locator("section#figures dd").all_text_contents()
    assert numbers[:3] == [str(len(tables)), f"{sum(table.rows for table in tables):,}", "1"]
    expect(page.locator("section#publishes tbody tr")).to_have_count(len(tables))
    page.locator("section#figures summary").click()
    expect(page.locator("section#figures .origin li")).to_have_count(len(tables))
    expect(page.locator("section#figures .origin li").first).to_contain_text(f"snapshot {tables[0].snapshot_id} of 20")


def test_the_keyboard_opens_the_data_of_a_chart(visit: Visit, address: str) -> None:
    visit.page.goto(f"{address}dashboards/catalogue")
    page = visit.drawn()
    data = page.locator("section#funnel details.data")
    expect(data.get_by_role("table")).to_be_hidden()
    data.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(data.get_by_role("table")).to_be_visible()
    expect(data.get_by_role("columnheader").first).to_have_text("rule")
    page.keyboard.press("Tab")
    expect(data.get_by_role("region", name="From raw to clean: data")).to_be_focused()


def test_a_table_is_sorted_by_its_headings_with_the_keyboard(visit: Visit, address: str, lake: Lake) -> None:
    visit.page.goto(f"{address}dashboards/catalogue#hidden-gems")
    page = visit.drawn()
    votes = page.locator("section#hidden-gems").get_by_role("columnheader", name="votes")
    rows = connect(lake).sql(GEMS.query).pl()
    for order, descending in (("ascending", False), ("descending", True)):
        votes.get_by_role("button").focus()
        page.keyboard.press("Enter")
        expect(votes).to_have_attribute("aria-sort", order)
        shown_votes = [int(row[-1].replace(",", "")) for row in page.evaluate(CELLS, "hidden-gems")]
        assert shown_votes == rows["num_votes"].sort(descending=descending).to_list()
    page.locator("section#hidden-gems").get_by_role("button", name="film", exact=True).click()
    expect(votes).not_to_have_attribute("aria-sort", "descending")
    numbers = [int(row[1].removeprefix("Film ")) for row in page.evaluate(CELLS, "hidden-gems")]
    assert numbers == sorted(numbers)  # not as text, where 10 is before 9
    visit.drawn()


def test_films_are_chosen_and_their_rows_lead_on_and_are_downloaded(visit: Visit, address: str, lake: Lake) -> None:
    visit.page.goto(f"{address}dashboards/catalogue")
    page = visit.drawn()
    form = page.get_by_role("form", name="Which films")
    form.get_by_label("Genre").select_option("Drama")
    form.get_by_label("Votes").select_option("1,000 and more")
    form.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**/dashboards/catalogue?decade=&genre=Drama&votes=1000")
    visit.drawn()
    films = (
        lake.table("silver.movies").scan().filter(pl.col("genres").list.contains("Drama"), pl.col("num_votes") >= 1000)
    )
    gems = page.locator("section#hidden-gems")
    expect(page.locator("section#figures dd").first).to_have_text(f"{films.collect().height:,}")
    expect(form.get_by_label("Genre")).to_have_value("Drama")
    with page.expect_download() as downloading:
        gems.get_by_role("link", name="Download as CSV").click()
    assert downloading.value.suggested_filename == "hidden-gems.csv"
    rows = pl.read_csv(downloading.value.path())
    assert rows.columns == list(GEMS.columns)
    assert rows["primary_title"].to_list() == [row[1] for row in page.evaluate(CELLS, "hidden-gems")]
    assert set(rows["tconst"]) <= set(films.collect()["tconst"])
    assert gems.get_by_role("link").first.get_attribute("href") == f"../browse#{rows['tconst'][0]}"
    page.get_by_role("link", name="All films").click()
    page.wait_for_url("**/dashboards/catalogue")
    visit.drawn()
    page.go_back()
    gems.get_by_role("link").first.click()
    page.wait_for_url(f"{address}browse#{rows['tconst'][0]}")


def test_charts_follow_the_readers_theme(browser: Browser, address: str) -> None:
    visit = Visit(browser.new_context(viewport=DESKTOP, color_scheme="light"), address)  # pyright: ignore[reportArgumentType]
    visit.page.goto(f"{address}dashboards/catalogue")
    page = visit.drawn()
    bar = page.locator("section#funnel .mark-rect path").first
    light = bar.get_attribute("fill")
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector('html[data-drawn="2"]')
    assert {light, bar.get_attribute("fill")} == {"#1f5f8b", "#7db8de"}
    visit.drawn()
    page.context.close()


def test_a_chart_says_its_values_to_a_pointer(browser: Browser, address: str, lake: Lake) -> None:
    visit = Visit(browser.new_context(viewport=DESKTOP), address)  # pyright: ignore[reportArgumentType]
    visit.page.goto(f"{address}dashboards/catalogue")
    page = visit.drawn()
    page.locator("section#funnel .mark-rect path").first.hover()
    lines = connect(lake).sql("select titles_left from warehouse.funnel where step = 0").fetchall()[0][0]
    expect(page.locator("#vg-tooltip-element")).to_be_visible()
    expect(page.locator("#vg-tooltip-element")).to_contain_text(f"{lines:,}")
    visit.drawn()
    page.context.close()


def test_pages_work_without_a_network_once_they_are_there(browser: Browser, address: str) -> None:
    visit = Visit(browser.new_context(viewport=PHONE), address)  # pyright: ignore[reportArgumentType]
    visit.page.goto(f"{address}dashboards/people")
    page = visit.drawn()
    page.context.set_offline(True)
    page.set_viewport_size({"width": 800, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector('html[data-drawn="2"]')
    visit.drawn()
    page.context.close()
