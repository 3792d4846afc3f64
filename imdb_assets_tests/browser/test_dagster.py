"""Dagster's UI on a tiny deployment in a real Chromium: what a person sees and clicks, up to a failed check."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg
import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from imdb_assets.cli import doctor
from imdb_assets.defs.policies import group
from imdb_assets.settings import Settings
from imdb_assets_tests.browser.dagster_ui import running, write_instance
from imdb_assets_tests.support import definitions, folder_settings, materialize, tiny_rows, write_dump, write_tiny_dumps

pytestmark = pytest.mark.slow

PATIENCE = 120_000  # milliseconds; a run is a process of its own and takes seconds to start
BAD_LINES = [b"tt0000001\tonly two"] * 10
"""After the 30 rows of title.crew."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_instance(tmp_path_factory.mktemp("dagster"))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of dumps with one that has every rating three times, and one with too many lines that cannot be read."""
    folder = tmp_path_factory.mktemp("deployment")
    dumps = write_tiny_dumps(folder / "dumps")
    rows = tiny_rows()
    write_dump(dumps, "title.ratings", [row for row in rows["title.ratings"] for _ in range(3)])
    write_dump(dumps, "title.crew", rows["title.crew"], *BAD_LINES)
    return folder_settings(dumps, folder / "data")


@pytest.fixture(scope="module")
def address(home: Path, settings: Settings) -> Iterator[str]:
    """The UI, with the history of one run up to silver."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run = materialize(settings, "landing", "bronze", "silver/movies", instance=instance)
    assert set(run.failures) == {"bronze/title_crew"}
    deployment = {
        "IMDB_DATA": str(settings.data),
        "IMDB_SOURCE": "folder",
        "IMDB_SOURCE_FOLDER": str(settings.source_folder),
    }
    with running(home, **deployment) as address:
        yield address


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    # In this order: nothing runs an event loop of its own once the browser is there.
    context = browser.new_context(
        base_url=address,
        viewport=ViewportSize(width=1400, height=1000),  # pyright: ignore[reportArgumentType]
        locale="en",
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield context.new_page()
    context.close()
    expect.set_options(timeout=5_000)


def _open(page: Page, path: str) -> None:
    page.goto(path, wait_until="domcontentloaded")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example"}, 400),
        ({"Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_page_of_another_site_gets_no_answer(address: str, headers: dict[str, str], status: int) -> None:
    asked = httpx.post(f"{address}/graphql", json={"query": "{ version }"}, headers=headers)
    assert asked.status_code == status
    assert (dg.__version__ in asked.text) == (status == 200)


def test_the_doctor_knows_the_ui(address: str, settings: Settings) -> None:
    found = {
        one.subject: one for one in doctor.examine(settings.model_copy(update={"ui_port": urlsplit(address).port}))
    }
    assert found["UI port"].ok


def test_the_lineage_shows_every_group_and_leads_to_an_asset(page: Page) -> None:
    _open(page, "/asset-groups")
    groups = {spec.key.path[0] for spec in definitions().resolve_all_asset_specs()}
    for layer in groups:
        expect(page.get_by_role("button", name=group(layer)).first).to_be_visible()
    _open(page, "/assets/silver/movies")
    page.get_by_role("link", name="bronze / title_ratings").click()
    expect(page).to_have_url(re.compile("/assets/bronze/title_ratings"))
    page.get_by_role("link", name="landing / title_ratings").click()
    expect(page).to_have_url(re.compile("/assets/landing/title_ratings"))


def test_an_asset_is_materialized_by_a_click_and_tells_what_it_is_made_of(page: Page) -> None:
    _open(page, "/assets/silver/movies")
    page.get_by_role("button", name="Materialize").click()
    expect(page.get_by_text("Launched run")).to_be_visible()
    _open(page, "/runs")
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()  # the run of the fixture has failed
    _open(page, "/assets/silver/movies")
    expect(page.get_by_text("is rated (clean films)")).to_be_visible()  # the funnel
    expect(page.get_by_text("Row count", exact=True)).to_be_visible()
    expect(page.get_by_text("30", exact=True).first).to_be_visible()
    for name, value in {"clean films": "26", "engine": "polars"}.items():
        row = page.get_by_role("row").filter(has_text=name)
        expect(row.get_by_text(value, exact=True).first).to_be_visible()
    page.get_by_role("button", name="Plots").click()
    for name in ("dagster/row_count", "bytes", "clean films"):
        expect(page.get_by_text(name, exact=True).last).to_be_visible()  # the description speaks of clean films too
    expect(page.locator("canvas")).not_to_have_count(0)


def test_passed_checks_say_what_they_found(page: Page) -> None:
    _open(page, "/assets/silver/movies?view=checks")
    expect(page.get_by_text("critical_columns_complete").first).to_be_visible()
    _open(page, "/assets/silver/movies?view=checks&checkDetail=contract")
    expect(page.get_by_text("silver.movies: 30 rows satisfy the contract").first).to_be_visible()
    expect(page.get_by_text("Passed").first).to_be_visible()


def test_a_failed_check_is_seen(page: Page) -> None:
    _open(page, "/assets/bronze/title_ratings?view=checks&checkDetail=keys_are_unique")
    expect(page.get_by_text("52 of 78 rows have the same tconst as an earlier row").first).to_be_visible()
    expect(page.get_by_text("Failed").first).to_be_visible()


def test_a_dump_with_too_many_bad_lines_fails_its_run_and_says_which(page: Page) -> None:
    _open(page, "/runs")
    expect(page.get_by_text("Failure", exact=True).first).to_be_visible()
    _open(page, "/assets/quarantine/title_crew")
    expect(page.get_by_text("expected 3 tab-separated fields, found 2").first).to_be_visible()


def test_the_schedule_is_turned_on_and_off(page: Page) -> None:
    for on in (True, False):
        _open(page, "/locations/imdb_assets/schedules/daily_at_02_utc")
        switch = page.get_by_role("row", name="Running").get_by_role("checkbox")
        expect(switch).to_be_checked(checked=not on)
        switch.locator("xpath=..").click()
        expect(switch).to_be_checked(checked=on)
        page.reload(wait_until="domcontentloaded")
        expect(page.get_by_role("row", name="Running").get_by_role("checkbox")).to_be_checked(checked=on)
