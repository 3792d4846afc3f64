"""The pages that the endpoint serves: whose the data are, dashboards, and what can be downloaded from them."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from imdb_assets.dashboards.pages import Pages
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.dashboards.selection import ALL_FILMS, Selection
from imdb_assets.serving.app import create_app
from imdb_assets_tests.world import World, ask, refusal


@pytest.mark.parametrize("generated", [True, False])
def test_every_page_says_whose_the_data_are(world: World, tmp_path: Path, *, generated: bool) -> None:
    pages = Pages(world.lake, tmp_path, generated=lambda: generated)
    app = create_app(world.predictor(), pages, generated=lambda: generated)
    for address in ("/", "/openapi.json", *(f"/dashboards/{name}" for name in DASHBOARDS)):
        text = ask(app, "GET", address).text
        assert ("This is a generated sample: its films, people and ratings are made up" in text) is generated, address
        assert ("Information courtesy of IMDb (https://www.imdb.com). Used with permission." in text) is not generated
        assert not re.search("IMDb ratings|IMDb's dump", text)  # of a sample, neither is IMDb's
        assert "<!-- " not in text


def test_page_stands_alone_and_attributes(app: FastAPI) -> None:
    response = ask(app, "GET", "/")
    assert response.headers["content-type"].startswith("text/html")
    assert "Information courtesy of IMDb (https://www.imdb.com). Used with permission." in response.text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", response.text)
    documented = ask(app, "GET", "/openapi.json").json()["paths"]
    assert documented.keys() == {"/ping", "/features", "/predict", "/people", "/films", "/invocations", "/metrics"}
    assert all(path in response.text for path in documented)


def test_dashboards_are_served_where_there_are_pages(world: World, tmp_path: Path) -> None:
    class Stub(Pages):
        def html(self, name: str, chosen: Selection = ALL_FILMS) -> bytes:
            return f"<!doctype html>{name}{chosen.query}".encode()

        def vega(self) -> bytes:
            return b"vega"

    app = create_app(world.predictor(), Stub(world.lake, tmp_path))
    moved = ask(app, "GET", "/dashboards")
    assert (moved.status_code, moved.headers["location"]) == (307, "dashboards/catalogue")
    for name in DASHBOARDS:
        page = ask(app, "GET", f"/dashboards/{name}")
        assert (page.status_code, page.text) == (200, f"<!doctype html>{name}")
        assert page.headers["content-type"].startswith("text/html")
        assert "script-src 'self';" in page.headers["content-security-policy"]
    script = ask(app, "GET", "/dashboards/vega.js")
    assert (script.text, script.headers["cache-control"]) == ("vega", "max-age=86400")
    assert "vegaEmbed" in ask(app, "GET", "/dashboards/charts.js").text
    assert "aria-sort" in ask(app, "GET", "/dashboards/tables.js").text
    assert ask(app, "GET", "/dashboards/nothing").status_code == 404
    asked = "decade=1980&genre=Sci-Fi&votes=1000"
    chosen = ask(app, "GET", f"/dashboards/people?{asked}")
    assert chosen.text == f"<!doctype html>people?{asked}"
    assert ask(app, "GET", "/dashboards/people?decade=&genre=&votes=").text == "<!doctype html>people"  # an empty form
    page = ask(app, "GET", "/").text
    assert re.findall(r'<a href="dashboards/(\w+)">([^<]+)</a>', page) == [
        (name, dashboard.title) for name, dashboard in DASHBOARDS.items()
    ]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ("decade=1985", "decade: Input should be a multiple of 10."),
        ("genre=Scifi", "genre: 'Scifi' is not one of Action, Adventure, "),
        ("votes=many", "votes: Input should be a valid integer"),
    ],
)
def test_a_wrong_choice_of_films_is_said(world: World, tmp_path: Path, asked: str, error: str) -> None:
    app = create_app(world.predictor(), Pages(world.lake, tmp_path))
    status, said = refusal(ask(app, "GET", f"/dashboards/catalogue?{asked}"))
    assert status == 422
    assert said.startswith(error)


def test_the_rows_of_a_panel_can_be_downloaded(world: World, tmp_path: Path) -> None:
    app = create_app(world.predictor(), Pages(world.lake, tmp_path))
    decades = ask(app, "GET", "/dashboards/catalogue/decades.json").json()
    chosen = decades[0]["decade"]
    answer = ask(app, "GET", f"/dashboards/catalogue/decades.csv?decade={chosen}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="decades.csv"'
    of_the_decade = [f"{row['decade']},{row['state']},{row['films']}" for row in decades if row["decade"] == chosen]
    assert answer.text.lstrip("\ufeff").splitlines() == ["decade,state,films", *of_the_decade]
    assert refusal(ask(app, "GET", "/dashboards/catalogue/nothing.csv"))[0] == 404
    assert refusal(ask(app, "GET", "/dashboards/catalogue/decades.xlsx"))[0] == 422
    status, error = refusal(ask(app, "GET", "/dashboards/model/audit.csv"))
    assert (status, error) == (
        503,
        "model/audit: models.audit is not in the lake yet: materialize models/audit.",
    )


def test_without_a_lake_there_are_no_dashboards(app: FastAPI) -> None:
    assert ask(app, "GET", "/dashboards").status_code == 404
