"""Pages of the dashboards: they follow the lake and a choice of films, and show values as people read them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from imdb_assets.colours import SERIES, STYLE_SHEET, colours
from imdb_assets.contracts import silver
from imdb_assets.dashboards import download, look, pages
from imdb_assets.dashboards.base import Kind
from imdb_assets.dashboards.data import Reading
from imdb_assets.dashboards.pages import Pages
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.dashboards.selection import ALL_FILMS, Selection
from imdb_assets.dashboards.shown import D3, shown
from imdb_assets.lake.lake import Lake
from imdb_assets_tests.full_lake import full_tables, panel_rows, write_full_lake
from imdb_assets_tests.lakes import put

ATTRIBUTION = "Information courtesy of IMDb (https://www.imdb.com). Used with permission."


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("count", 1234567, "1,234,567"),
        ("year", 1994, "1994"),
        ("number", 0.4730, "0.473"),
        ("number", 2, "2"),
        ("rating", 7.256, "7.26"),
        ("points", -0.5, "\u22120.50"),
        ("points", 0.5, "+0.50"),
        ("share", 0.5, "50.0%"),
        ("share", 0.0, "0.0%"),
        ("share", 1.0, "100.0%"),
        ("share", 0.9999, "99.990%"),
        ("share", 0.9999996, "99.999960%"),
        ("share", 0.0016, "0.16%"),
        ("share", 0.0003475, "0.035%"),
        ("share", 0.0000038, "0.00038%"),
        ("seconds", 1234.56, "1,234.6"),
        ("bytes", 2_500_000, "2.5 MB"),
        ("when", datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04 UTC"),  # noqa: DTZ001 - the lake's times are UTC
        ("text", "as is", "as is"),
        ("rating", None, ""),
    ],
)
def test_values_in_words(kind: Kind, value: object, words: str) -> None:
    assert shown(kind, value) == words


def test_formats_of_charts_are_for_numbers_alone() -> None:
    assert set(D3).isdisjoint({"text", "id", "when"})


def test_colours_are_the_style_sheets() -> None:
    light, dark = colours("light"), colours("dark")
    assert light.keys() == dark.keys()
    assert light["c1"] != dark["c1"]
    assert set(SERIES) <= light.keys()
    for theme in ("light", "dark"):
        assert look.config(theme)["range"]["category"] == [colours(theme)[name] for name in SERIES]


def test_no_other_file_writes_a_colour() -> None:
    root = STYLE_SHEET.parents[1]
    files = [file for kind in ("py", "html", "css", "js") for file in root.rglob(f"*.{kind}")]
    written = {
        file.relative_to(root).as_posix()
        for file in [*files, *(root.parent / "benchmarks").glob("*.py")]
        if re.search(r"[\"' ]#[0-9a-fA-F]{3,8}\b", file.read_text(encoding="utf-8"))
    }
    assert written == {"serving/page.css"}


def _pages(lake: Lake, folder: Path) -> Pages:
    return Pages(lake, folder, lambda: datetime(2026, 1, 2, 3, 4, tzinfo=UTC))


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_page_stands_alone_attributes_and_names_snapshots(name: str, full: Lake, tmp_path: Path) -> None:
    html = _pages(full, tmp_path).html(name).decode()
    assert ATTRIBUTION in html
    assert "Read at 2026-01-02 03:04 UTC" in html
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", html)
    assert "<i>Film" not in html  # a title of the catalogue is text
    for panel in DASHBOARDS[name].panels:
        section = html.partition(f'id="{panel.name}" aria-labelledby')[2].partition("</section>")[0]
        for read in panel.tables:
            if full.exists(read):
                assert f"{read}, snapshot {full.table(read).snapshot_id} of 20" in section, (panel.name, read)


def test_an_empty_lake_says_what_to_do(lake: Lake, tmp_path: Path) -> None:
    html = _pages(lake, tmp_path).html("people").decode()
    assert "silver.credits, silver.movies are not in the lake yet: materialize silver/credits, silver/movies." in html


def test_a_page_is_made_anew_only_when_its_tables_change(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PINNED_SECONDS", 0.0)
    write_full_lake(lake)
    made = _pages(lake, tmp_path)
    first = made.html("catalogue")
    assert made.html("catalogue") is first
    put(lake, silver.Movies, full_tables()[silver.Movies].head(100))
    second = made.html("catalogue")
    assert re.search(rb"<dt>films</dt><dd>600</dd>", first)
    assert re.search(rb"<dt>films</dt><dd>100</dd>", second)


def test_a_page_of_some_films_counts_no_others(full: Lake) -> None:
    chosen = Selection(decade=1980, genre="Drama", votes=1_000)
    films = full_tables()[silver.Movies].filter(
        pl.col("genres").list.contains("Drama"), pl.col("num_votes") >= 1_000, decade=1980
    )
    assert 0 < films.height < 60
    panels = {panel.name: panel for panel in DASHBOARDS["catalogue"].panels}
    found = Reading(full, panels.values()).fill([panels["figures"], panels["decades"], panels["hidden-gems"]], chosen)
    figures, decades, gems = (part.rows for part in found)
    assert figures["films"].to_list() == [films.height]
    assert set(decades["decade"]) == {1980}
    assert set(gems["tconst"]) <= set(films["tconst"])
    (roles,) = [panel for panel in DASHBOARDS["people"].panels if panel.name == "roles"]
    (credited,) = Reading(full, [roles]).fill([roles], chosen)
    expected = full_tables()[silver.Credits].join(films, on="tconst").group_by("role").len("credits")
    assert dict(credited.rows.select("role", "credits").iter_rows()) == dict(expected.iter_rows())


@pytest.mark.parametrize("name", ["catalogue", "people"])
@pytest.mark.parametrize("chosen", [Selection(decade=1890), Selection(genre="Drama")], ids=["none", "some"])
def test_every_panel_can_be_drawn_of_some_films(name: str, chosen: Selection, full: Lake, tmp_path: Path) -> None:
    html = _pages(full, tmp_path).html(name, chosen).decode()
    assert f"Only films: {chosen.words}." in html
    assert "Cannot be read" not in html
    assert "From raw to clean" not in html  # lines of dumps are of no decade
    chosen_text = str(chosen.decade or chosen.genre)
    assert re.search(f'<option value="{chosen_text}" selected>', html)
    assert html.count(f'.csv{chosen.query}" download') == html.count(" download ")


def test_a_choice_of_films_in_words_and_in_an_address() -> None:
    chosen = Selection(decade=1980, genre="Sci-Fi", votes=1_000)
    assert chosen.words == "Sci-Fi, of the 1980s, with at least 1,000 votes"
    assert chosen.query == "?decade=1980&genre=Sci-Fi&votes=1000"
    assert chosen.condition == "decade = 1980 and list_contains(genres, 'Sci-Fi') and num_votes >= 1000"
    assert (ALL_FILMS.words, ALL_FILMS.query, ALL_FILMS.condition) == ("", "", "")


def test_only_the_last_choices_of_films_are_kept(full: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _pages(full, tmp_path)
    rendered: list[int | None] = []
    monkeypatch.setattr(made, "_render", lambda _, __, chosen: rendered.append(chosen.decade) or b"page")
    for decade in (None, 1900, *range(1910, 1970, 10), None, 1990, 1900, None, 1990):
        made.html("people", Selection(decade=decade))
    assert rendered == [None, 1900, *range(1910, 1970, 10), 1990, 1900]  # asked for longest ago: 1900


def test_what_spreadsheets_would_run_is_text_and_numbers_are_numbers() -> None:
    rows = pl.DataFrame(
        {
            "title": ['=HYPERLINK("x")', "+1", "-30-", "@home", "1=1", None, 'Say "hi", you'],
            "change": [-0.5, 1 / 3, 0.0, 1e-7, None, 2.0, 3.0],
            "at": [datetime(2026, 1, 2, 3, 4, 5)] * 7,  # noqa: DTZ001 - the lake's times are UTC
        }
    )
    assert download.csv(rows).decode("utf-8-sig").splitlines() == [
        "title,change,at",
        '"\'=HYPERLINK(""x"")",-0.5,2026-01-02T03:04:05Z',
        "'+1,0.3333333333333333,2026-01-02T03:04:05Z",
        "'-30-,0.0,2026-01-02T03:04:05Z",
        "'@home,1e-7,2026-01-02T03:04:05Z",
        "1=1,,2026-01-02T03:04:05Z",
        ",2.0,2026-01-02T03:04:05Z",
        '"Say ""hi"", you",3.0,2026-01-02T03:04:05Z',
    ]


def test_ids_are_links_and_no_columns(full: Lake, tmp_path: Path) -> None:
    html = _pages(full, tmp_path).html("people").decode()
    table = html.partition('id="leaderboard" aria-labelledby')[2].partition("</table>")[0]
    rows = panel_rows(full, "people", "leaderboard")
    linked = re.findall(r'<a href="../browse#(\w+)">([^<]*)</a>', table)
    assert linked[:2] == [
        (rows["nconst"][0], rows["director"][0]),
        (rows["best_tconst"][0], rows["best_title"][0]),
    ]
    assert re.findall(r'scope="col"[^>]*>([^<]+)<', table)[:2] == ["place", "director"]
    assert f'data-number="{rows["mean_rating"][0]}">{rows["mean_rating"][0]:.2f}<' in re.sub(r"\n\s*", "", table)


def test_snapshots_are_looked_up_once_in_a_burst(full: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _pages(full, tmp_path)
    first = made.html("people")
    monkeypatch.setattr(full, "table", lambda _: 1 // 0)
    assert made.html("people") is first


def test_vega_is_put_together_once(full: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = _pages(full, tmp_path / "kept").vega()
    assert len(script) > 500_000
    assert b"window.vegaEmbed" in script
    monkeypatch.setattr("subprocess.run", lambda *_: 1 // 0)
    assert _pages(full, tmp_path / "kept").vega() == script
    assert [file.suffix for file in (tmp_path / "kept").iterdir()] == [".js"]
