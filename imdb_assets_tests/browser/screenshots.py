"""`make screenshots`: takes the pictures in `docs/images` anew, from a run on the generated sample, never on real rows.

To add a picture, add a line to `PICTURES`. Names as arguments take only those pictures. Look at each afterwards.
Those of the benchmarks are drawn by `make bench`.
"""

import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import dagster as dg
from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, sync_playwright

from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.dashboards import charts
from imdb_assets.dashboards.data import Reading
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.lake.lake import Lake
from imdb_assets.serving import local
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets_tests.browser.conftest import CHROMIUM
from imdb_assets_tests.browser.dagster_ui import running, write_instance
from imdb_assets_tests.lakes import put
from imdb_assets_tests.support import free_port, look, materialize
from imdb_assets_tests.tables import table

IMAGES = PROJECT_ROOT / "docs" / "images"
FOLDER = PROJECT_ROOT / ".data" / "screenshots"
PATIENCE = 120_000  # milliseconds
MARGIN = 16  # pixels around what is cut out

Server = Literal["dagster", "endpoint"]

DOWNWARDS = """try { localStorage.setItem("asset-graph-direction", '"vertical"') } catch {}"""
"""Has Dagster draw its lineage from top to bottom, which stays legible in the width of a document."""

_DRAWN = "html[data-drawn]"
"""Says that a dashboard's charts are there."""


FILM, SERIES, PERSON = "tt19502640", "tt12928853", "nm12684283"
"""Titles of the sample: its best known film, a series of six seasons, and the film's director."""
REMEMBERED = 200
"""Best known films whose month is simulated."""


def whole_page(page: Page) -> FloatRect | None:
    """All of the page, however long."""
    del page


def down_to(panel: str) -> Callable[[Page], FloatRect]:
    """A dashboard from its top to the end of the row that this panel is in."""

    def clip(page: Page) -> FloatRect:
        box, size = page.locator(f"section#{panel}").bounding_box(), page.viewport_size
        assert box is not None
        assert size is not None
        others = [other for one in page.locator("section").all() if (other := one.bounding_box())]
        end = max(other["y"] + other["height"] for other in others if other["y"] == box["y"]) + MARGIN
        assert end <= size["height"]
        return FloatRect(x=0, y=0, width=size["width"], height=end)

    return clip


def only(panel: str) -> Callable[[Page], FloatRect]:
    """One panel of a dashboard."""

    def clip(page: Page) -> FloatRect:
        box = page.locator(f"section#{panel}").bounding_box()
        assert box is not None
        return FloatRect(
            x=box["x"] - MARGIN, y=box["y"] - MARGIN, width=box["width"] + 2 * MARGIN, height=box["height"] + 2 * MARGIN
        )

    return clip


def graph(page: Page) -> FloatRect:
    """The nodes of Dagster's lineage, whose drawing area is larger."""
    boxes = [box for box in (node.bounding_box() for node in page.locator("svg foreignObject").all()) if box]
    left, top = min(box["x"] for box in boxes) - MARGIN, min(box["y"] for box in boxes) - MARGIN
    right = max(box["x"] + box["width"] for box in boxes) + MARGIN
    bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN
    return FloatRect(x=max(0, left), y=max(0, top), width=right - max(0, left), height=bottom - max(0, top))


def hide_panels(page: Page) -> None:
    """More room for the graph."""
    page.get_by_role("button", name="Hide navigation").click()
    page.get_by_role("button", name="panel_show_right", exact=True).click()
    page.wait_for_timeout(3_000)  # the graph moves into the room it got


def opened(*groups: str) -> str:
    """What the address of the lineage says of groups that are open."""
    return "expanded=" + ",".join(quote(f"global@global:{group}") for group in groups)


def build_a_film(page: Page) -> None:
    """The film of README's request."""
    page.get_by_role("tab", name="Build a film").click()
    page.get_by_role("textbox", name="Title").fill("The Long Winter")
    page.get_by_label("Year").fill("2027")
    page.get_by_label("Runtime, minutes").fill("128")
    for genre in ("Drama", "War"):
        page.get_by_label(genre, exact=True).check()
    for role, name in {"Directors": "Chacirk Glebit", "Writers": "Somebody New", "Cast": "Robreix Cema"}.items():
        box = page.get_by_role("combobox", name=role)
        box.fill(name)
        box.press("Enter")
    page.get_by_role("button", name="Predict").click()
    page.locator(".similar li").first.wait_for()


def sort_by_votes(page: Page) -> None:
    """The hidden gems, most votes first."""
    votes = page.locator("section#hidden-gems").get_by_role("button", name="votes")
    votes.click()
    votes.click()


@dataclass(frozen=True)
class Picture:
    """One picture of a page."""

    name: str
    """File in `docs/images`, without its ending."""
    server: Server
    path: str
    """Of the page."""
    ready: str
    """Selector of what is there once the page is complete."""
    width: int
    height: int
    act: Callable[[Page], None] = lambda _: None
    """What is done on the page first."""
    clip: Callable[[Page], FloatRect | None] = whole_page
    """What is cut out."""
    dark: bool = False


PICTURES = (
    Picture("lineage-groups", "dagster", "/asset-groups", "text=dashboards", 1200, 1000, hide_panels, graph),
    Picture(
        "lineage",
        "dagster",
        f'/asset-groups~group:"gold" or group:"models"?{opened("gold", "models")}',
        "text=rating_model",
        1200,
        1400,
        hide_panels,
        graph,
    ),
    Picture("film-page", "endpoint", "/", "text=What would it be rated?", 1280, 900, build_a_film),
    Picture("browse-film", "endpoint", f"/browse#{FILM}", ".spark", 1280, 900),
    Picture("browse-series", "endpoint", f"/browse#{SERIES}", ".seasons", 1280, 900),
    Picture("browse-person", "endpoint", f"/browse#{PERSON}", "text=Known for", 1280, 900),
    Picture(
        "dashboard-chosen",
        "endpoint",
        "/dashboards/catalogue?decade=2010&genre=Drama",
        _DRAWN,
        1180,
        4000,
        sort_by_votes,
        only("hidden-gems"),
    ),
    Picture("dashboard-catalogue", "endpoint", "/dashboards/catalogue", _DRAWN, 1180, 2000, clip=down_to("decades")),
    Picture("dashboard-people", "endpoint", "/dashboards/people", _DRAWN, 1180, 2000, clip=down_to("careers")),
    Picture("dashboard-quality", "endpoint", "/dashboards/quality", _DRAWN, 1180, 2000, clip=down_to("completeness")),
    Picture("dashboard-model", "endpoint", "/dashboards/model", _DRAWN, 1180, 2000, clip=down_to("bias"), dark=True),
    Picture("dashboard-operations", "endpoint", "/dashboards/operations", _DRAWN, 1180, 2000, clip=down_to("outcomes")),
)


def take(browser: Browser, picture: Picture, address: str, folder: Path) -> Path:
    """Opens the page, does what is to be done there, and takes its picture."""
    context = browser.new_context(
        base_url=address,
        viewport=ViewportSize(width=picture.width, height=picture.height),  # pyright: ignore[reportArgumentType]
        locale="en",
        color_scheme="dark" if picture.dark else "light",
    )
    context.set_default_timeout(PATIENCE)
    context.add_init_script(DOWNWARDS)
    page = context.new_page()
    page.goto(picture.path, wait_until="domcontentloaded")
    page.locator(picture.ready).first.wait_for(state="attached")
    picture.act(page)
    page.wait_for_timeout(2_000)  # what moves has come to rest
    file, cut = folder / f"{picture.name}.png", picture.clip(page)
    if cut is None:
        page.screenshot(path=file, full_page=True)
    else:
        page.screenshot(path=file, clip=cut)
    context.close()
    return file


def take_all(settings: Settings, home: Path, folder: Path, pictures: tuple[Picture, ...] = PICTURES) -> Iterator[Path]:
    """Pictures of a deployment that has run, whose endpoint is up; and the chart of its iterations."""
    panels = [panel for panel in DASHBOARDS["model"].panels if panel.name == "iterations-most-voted"]
    (filled,) = Reading(Lake(settings.lake_folder), panels).fill(panels)
    chart = folder / "iterations.png"
    chart.write_bytes(charts.picture(filled, scale=2.0) or b"")
    yield chart
    deployment = {
        "IMDB_DATA": str(settings.data),
        "IMDB_SAMPLE_TITLES": str(settings.sample_titles),
        "IMDB_SERVING_PORT": str(settings.serving_port),
    }
    with running(home, **deployment) as dagster, _chromium() as browser:
        addresses: dict[Server, str] = {"dagster": dagster, "endpoint": local.url_of(settings)}
        for picture in pictures:
            yield take(browser, picture, addresses[picture.server], folder)


def run(settings: Settings, home: Path) -> None:
    """Everything, from the sample to the endpoint, as the demo does.

    Raises:
        RuntimeError: A step failed.
    """
    with dg.DagsterInstance.from_config(str(write_instance(home))) as instance:
        layers = ("landing", "bronze", "silver", "gold", "warehouse", "models", "serving", "dashboards")
        failures = materialize(settings, *layers, instance=instance).failures
        look(settings, instance)  # for the dashboard of operations
    if failures:
        raise RuntimeError(f"the run failed, so there is nothing to take pictures of: {failures}")


def simulate_a_month(lake: Lake) -> None:
    """Invents a month of ratings for the best known films: a run knows the ratings of one day."""
    films = lake.table("silver.movies").scan().drop_nulls("num_votes").sort("num_votes", descending=True)
    draw, rows = random.Random(7), list[dict[str, Any]]()
    for film in films.head(REMEMBERED).collect().iter_rows(named=True):
        rating, votes, today = film["average_rating"], film["num_votes"], datetime.now(UTC).date()
        for back in range(30):
            day = today - timedelta(back)
            rows.append(
                {"tconst": film["tconst"], "valid_from": day, "average_rating": round(rating, 1), "num_votes": votes}
            )
            rating += draw.choice([*[0] * 9, 0.1, -0.1, -0.1]) if 1.2 < rating < 9.8 else 0
            votes -= draw.randint(0, votes // 500)
    put(lake, RatingHistory, table(RatingHistory, rows))


@contextmanager
def _chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        raise RuntimeError("pictures are taken by the machine's own Chromium: on Debian, apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def main() -> None:
    """Runs the sample in a folder of its own, takes all pictures, and ends what it started."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    settings = Settings(source="sample", data=FOLDER / "data", serving_port=free_port())
    try:
        run(settings, FOLDER / "dagster")
        simulate_a_month(Lake(settings.lake_folder))
        wanted = tuple(picture for picture in PICTURES if not sys.argv[1:] or picture.name in sys.argv[1:])
        for file in take_all(settings, FOLDER / "dagster", IMAGES, wanted):
            sys.stdout.write(f"{file.relative_to(PROJECT_ROOT)}: look at it\n")
    finally:
        local.stop(settings)


if __name__ == "__main__":
    main()
