"""The dashboards: every panel answers from the lake, says where from, and is drawn; pages follow the lake."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from imdb_assets.colours import SERIES, STYLE_SHEET, colours
from imdb_assets.contracts import models, ops, silver
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.dashboards import charts, download, look, pages
from imdb_assets.dashboards.base import Bars, Column, Dashboard, Dots, Figures, Heat, Kind, Lines, Panel, Rows
from imdb_assets.dashboards.data import Filled, Reading
from imdb_assets.dashboards.pages import Pages
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.dashboards.selection import ALL_FILMS, Selection
from imdb_assets.dashboards.shown import D3, shown, summary
from imdb_assets.defs.markdown import pictures
from imdb_assets.lake.lake import Lake
from imdb_assets.ml.iterations import SEED_CLAIMS
from imdb_assets_tests.full_lake import full_tables, write_full_lake
from imdb_assets_tests.lakes import put
from imdb_assets_tests.tables import table

PANELS = [(dashboard, panel) for dashboard in DASHBOARDS.values() for panel in dashboard.panels]
IDS = [f"{dashboard.name}/{panel.name}" for dashboard, panel in PANELS]
ATTRIBUTION = "Information courtesy of IMDb (https://www.imdb.com). Used with permission."


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("full") / "lake")
    write_full_lake(lake)
    return lake


@pytest.fixture(scope="module")
def filled(full: Lake) -> dict[str, Filled]:
    """Panel → what there is to show, of all dashboards."""
    found: dict[str, Filled] = {}
    for dashboard in DASHBOARDS.values():
        for part in Reading(full, dashboard.panels).fill(dashboard.panels):
            found[f"{dashboard.name}/{part.panel.name}"] = part
    return found


def _rows(lake: Lake, dashboard: str, panel: str) -> pl.DataFrame:
    """What one panel shows."""
    (wanted,) = [one for one in DASHBOARDS[dashboard].panels if one.name == panel]
    return Reading(lake, [wanted]).fill([wanted])[0].rows


def rated() -> pl.DataFrame:
    return full_tables()[silver.Movies].drop_nulls("average_rating")


@pytest.mark.parametrize(("dashboard", "panel"), PANELS, ids=IDS)
def test_a_panel_has_title_words_and_columns_for_what_it_draws(dashboard: Dashboard, panel: Panel) -> None:
    assert panel.title
    assert panel.words.endswith(".")
    assert re.fullmatch("[a-z-]+", panel.name)
    drawn = {name for name in vars(panel.drawing).values() if isinstance(name, str)}
    assert drawn <= set(panel.columns)
    assert set(panel.reads) <= set(CONTRACTS | VIEWS)
    assert len({other.name for other in dashboard.panels}) == len(dashboard.panels)


@pytest.mark.parametrize("name", IDS)
def test_a_panel_is_filled_with_the_columns_it_declares(name: str, filled: dict[str, Filled], full: Lake) -> None:
    part = filled[name]
    missing = [table for table in part.panel.tables if not full.exists(table)]
    assert part.rows.columns == list(part.panel.columns)
    assert not part.failed, part.problem
    if missing:
        assert part.problem == (
            f"{', '.join(missing)} is not in the lake yet: materialize {missing[0].replace('.', '/')}."
        )
        return
    assert name == "model/arrived" or part.rows.height > 0
    assert {source.table: source.snapshot_id for source in part.sources}.items() >= {
        table: full.table(table).snapshot_id for table in part.panel.tables
    }.items()


@pytest.mark.parametrize("name", IDS)
def test_every_chart_is_drawn(name: str, filled: dict[str, Filled]) -> None:
    part = filled[name]
    spec = charts.specification(part)
    rows_alone = isinstance(part.panel.drawing, Figures | Rows) or name == "quality/volume"  # each table once: no lines
    assert (spec is None) == (part.problem is not None or rows_alone)
    if spec:
        assert json.loads(json.dumps(spec)) == spec
        assert spec["width"] == "container"
        assert summary(part).startswith(f"{part.rows.height} rows; ")


def test_a_picture_of_each_kind_of_chart(filled: dict[str, Filled]) -> None:
    kinds = {type(part.panel.drawing): part for part in filled.values() if not part.problem}
    for kind in (Bars, Lines, Dots, Heat):
        picture = charts.picture(kinds[kind], "dark")
        assert picture is not None
        assert picture.startswith(b"\x89PNG")
    assert charts.picture(kinds[Figures]) is None


def test_an_asset_shows_the_panels_of_its_table_before_it_is_published() -> None:
    scores = full_tables()[models.Iterations]
    shown_there = pictures("models.iterations", scores)
    assert {"Every version, on all clean films", "Every version, on the most voted"} <= shown_there.keys()
    assert all(one.value.startswith(f"![{title}](data:image/png;base64,iVBOR") for title, one in shown_there.items())
    assert list(pictures("models.predictions", full_tables()[models.Predictions])) == [
        "Predicted and actual",
        "Predictions and actual ratings",
    ]


def test_versions_are_shown_with_what_their_source_claims(full: Lake) -> None:
    rows = _rows(full, "model", "iterations-most-voted").filter(split="claimed")
    assert dict(rows.select(pl.col("version").str.head(2), "r2").iter_rows()) == SEED_CLAIMS
    assert rows.filter(pl.col("version").str.ends_with("leaks"))["version"].to_list() == ["v4 leaks"]


def _one_run(name: str, **row: object) -> Filled:
    (panel,) = [panel for panel in DASHBOARDS["operations"].panels if panel.name == name]
    return Filled(panel, pl.DataFrame([row]), ())


def test_charts_of_a_single_run() -> None:
    ended = _one_run("outcomes", day="2026-03-01", status="success", runs=1)
    spec = charts.specification(ended)
    assert spec is not None
    axes = spec["layer"][0]["encoding"]
    assert axes["y"]["axis"]["values"] == [0, 1]  # there is no half of a run
    assert axes["x"]["axis"]["labelAngle"] == 0
    assert summary(ended) == "1 row; runs: 1 (2026-03-01, success)."
    took = _one_run("runs", started_at=datetime(2026, 3, 1, 2), job="daily", seconds=183.3)  # noqa: DTZ001 - as above
    assert charts.specification(took) is None  # no lone dot: the page shows the row


@pytest.mark.parametrize(
    ("apart", "written"),
    [
        (timedelta(seconds=20), "%m-%d %H:%M:%S"),
        (timedelta(hours=1), "%m-%d %H:%M"),
        (timedelta(days=30), "%Y-%m-%d"),
    ],
)
def test_times_below_lines_are_whole(apart: timedelta, written: str) -> None:
    first = _one_run("runs", started_at=datetime(2026, 3, 1, 2), job="daily", seconds=183.3)  # noqa: DTZ001 - as above
    second = first.rows.with_columns(pl.col("started_at") + apart)
    spec = charts.specification(replace(first, rows=pl.concat([first.rows, second])))
    assert spec is not None
    axes = spec["layer"][0]["encoding"]
    assert axes["x"]["axis"]["format"] == written
    assert axes["y"]["scale"] == {"zero": True}
    assert axes["y"]["axis"]["format"] == ",.3~f"  # 0.05 s is not 0.1 s


def test_equal_distances_from_zero_are_equally_dark(filled: dict[str, Filled]) -> None:
    one = filled["catalogue/genre-ratings"]
    spec = charts.specification(one)
    assert spec is not None
    farthest = max(map(abs, one.rows["rating_against_decade"]))
    assert spec["layer"][1]["encoding"]["color"]["scale"]["domain"] == [-farthest, farthest]


def test_a_failed_run_is_not_a_fast_one(filled: dict[str, Filled], full: Lake) -> None:
    runs = full.table("ops.runs").scan().collect()
    assert runs.filter(status="failure").height == 1
    assert filled["operations/runs"].rows["started_at"].len() == runs.height - 1


def test_what_is_missing_is_measured_from_zero(filled: dict[str, Filled]) -> None:
    """At full size, a bar of 99.5 % looks like one of 98.5 %, which fails, and 11 of 12 million titles are no films."""
    assert filled["quality/completeness"].rows["share"].to_list() == [0.0] * 6
    assert filled["quality/dropped"].rows["rule"].to_list()[0] == "is not an adult title"


def test_a_small_table_that_loses_half_its_rows_shows_beside_a_large_one(lake: Lake) -> None:
    """On one axis of rows, 400,000 films beside ten million episodes would seem to stay as they are."""
    for films in (4, 2):
        put(lake, silver.Movies, full_tables()[silver.Movies].head(films))
    assert _rows(lake, "quality", "volume")["share"].to_list() == [1.0, 0.5]


def test_a_line_shows_through_the_one_above_it_and_has_one_legend(filled: dict[str, Filled]) -> None:
    for name, one in filled.items():
        drawing, spec = one.panel.drawing, charts.specification(one)
        if not isinstance(drawing, Lines) or not drawing.series or spec is None:
            continue
        (line,) = [
            layer["encoding"] for layer in spec["layer"] if layer["mark"]["type"] == "line" and "data" not in layer
        ]
        assert ("strokeDash" in line) == (drawing.lower is None), name
        if "strokeDash" in line:
            assert line["strokeDash"]["legend"] == line["color"]["legend"]


def test_a_cell_that_is_left_out_is_not_one_of_zero(filled: dict[str, Filled]) -> None:
    one = filled["catalogue/genre-ratings"]
    spec = charts.specification(one)
    assert spec is not None
    below, cells = spec["layer"]
    assert below["mark"] == {"type": "rect", "style": "missing"}
    every = spec["datasets"][below["data"]["name"]]
    assert len(every) == one.rows["genre"].n_unique() * one.rows["decade"].n_unique()
    assert len(every) > one.rows.height
    assert cells["encoding"]["color"]["field"] == "rating_against_decade"


def test_figures_are_what_the_rows_say(filled: dict[str, Filled]) -> None:
    movies = full_tables()[silver.Movies]
    (figures,) = filled["catalogue/figures"].rows.to_dicts()
    assert (figures["films"], figures["rated_films"]) == (movies.height, rated().height)
    assert figures["votes"] == movies["num_votes"].sum()
    assert figures["mean_rating"] == pytest.approx(rated()["average_rating"].mean())
    (reading,) = filled["quality/figures"].rows.to_dicts()
    assert (reading["quarantined"], reading["dumps"]) == (2, 1)


def test_careers_add_up_to_all_directors(filled: dict[str, Filled]) -> None:
    directed = full_tables()[silver.Credits].filter(role="director").join(rated(), on="tconst")
    films = directed.group_by("nconst").len("films").group_by("films").len("directors")
    staying = filled["people/staying"].rows.filter(pl.col("directors") > 0)
    most = pl.when(pl.col("films") < 20).then(pl.col("films").cast(pl.String)).otherwise(pl.lit("20+"))
    expected = films.sort("films").group_by(most, maintain_order=True).agg(pl.col("directors").sum())
    assert staying.select("films", "directors").rows() == expected.rows()
    assert staying["directors"].sum() == filled["people/figures"].rows["directors"].item()


def test_history_is_of_every_table(filled: dict[str, Filled], full: Lake) -> None:
    published = filled["operations/publishes"].rows
    assert published["table_name"].to_list() == [table.name for table in full.tables()]
    assert published["rows_published"].to_list() == [table.rows for table in full.tables()]
    assert set(published["run_id"]) == {"run"}


def test_only_alarms_that_are_not_over_fire_now(filled: dict[str, Filled]) -> None:
    assert filled["operations/alerts"].rows["alarm"].to_list() == ["drift"]


def test_too_few_requests_are_no_zero_milliseconds(lake: Lake) -> None:
    measured, *_ = full_tables()[ops.Metrics].filter(metric="endpoint_p95_ms").to_dicts()
    put(lake, ops.Metrics, table(ops.Metrics, [{**measured, "value": None}]))
    (panel,) = [panel for panel in DASHBOARDS["operations"].panels if panel.name == "endpoint"]
    (filled,) = Reading(lake, [panel]).fill([panel])
    assert filled.problem == (
        "The endpoint has had too few requests so far; the job monitoring measures again after each run."
    )


def test_what_is_worst_stands_first(lake: Lake) -> None:
    (alert,) = full_tables()[ops.Alerts].filter(alarm="drift").to_dicts()
    severities = ("info", "warning", "critical")
    put(lake, ops.Alerts, table(ops.Alerts, [{**alert, "severity": word, "asset": word} for word in severities]))
    assert _rows(lake, "operations", "alerts")["severity"].to_list() == ["critical", "warning", "info"]


def test_outcomes_are_of_thirty_days_and_time_runs_on(lake: Lake) -> None:
    run, *_ = full_tables()[ops.Runs].to_dicts()
    runs = [
        {**run, "run_id": f"{day} {number} {status}", "status": status, "started_at": at, "ended_at": at}
        for day in range(0, 80, 2)  # none on every second day
        for number in range(2)
        for status in ("failure", "success", "canceled")
        for at in [run["started_at"] + timedelta(day)]
    ]
    put(lake, ops.Runs, table(ops.Runs, runs))
    shown = _rows(lake, "operations", "outcomes")
    days = [str((run["started_at"] + timedelta(day)).date()) for day in range(20, 80, 2)]
    words = ("success", "canceled", "failure")
    assert shown.rows() == [(day, status, 2) for day in days for status in words]


def test_slices_are_in_the_order_of_their_numbers(filled: dict[str, Filled]) -> None:
    shown = filled["model/debuts"].rows["slice"].to_list()
    assert shown[::2] == shown[1::2] == ["debut", "1-2", "3-5", "6 or more", "director unknown"]


def test_fractions_stay_and_sums_of_whole_numbers_are_whole(full: Lake) -> None:
    query = "select 0.5 as half, sum(num_votes) as votes from silver.movies"
    panel = Panel("sums", "Sums", "Words.", query, {"half": Column(""), "votes": Column("")}, Rows())
    (part,) = Reading(full, [panel]).fill([panel])
    assert part.rows.schema == {"half": pl.Float64, "votes": pl.Int64}
    assert part.rows.row(0) == (0.5, full_tables()[silver.Movies]["num_votes"].sum())


def test_moments_are_written_in_utc(filled: dict[str, Filled]) -> None:
    spec = json.dumps(charts.specification(filled["operations/runs"]))
    assert '"started_at": "2026-03-01T02:00:00Z"' in spec


def test_tables_of_other_code_are_told_of_and_the_other_panels_stand(full: Lake) -> None:
    wrong = Panel("wrong", "Wrong", "Words.", "select nothing from silver.movies", {"nothing": Column("")}, Rows())
    right = DASHBOARDS["catalogue"].panels[0]
    failed, good = Reading(full, [wrong, right]).fill([wrong, right])
    assert failed.failed
    assert failed.problem is not None
    assert failed.problem.startswith('Cannot be read: Binder Error: Referenced column "nothing" not found')
    assert failed.problem.endswith("Materialize silver.movies again.")
    assert good.problem is None


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
        ("when", datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04 UTC"),  # noqa: DTZ001 - the lake's are UTC
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
            "at": [datetime(2026, 1, 2, 3, 4, 5)] * 7,  # noqa: DTZ001 - the lake's are UTC
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
    rows = _rows(full, "people", "leaderboard")
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
