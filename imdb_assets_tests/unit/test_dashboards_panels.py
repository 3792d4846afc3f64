"""Panels of the dashboards: every panel answers from the lake, says where from, and is drawn."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
import pytest

from imdb_assets.contracts import models, ops, silver
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.dashboards import charts
from imdb_assets.dashboards.base import Bars, Column, Dashboard, Dots, Figures, Heat, Lines, Panel, Rows
from imdb_assets.dashboards.data import Filled, Reading
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.dashboards.shown import summary
from imdb_assets.defs.markdown import pictures
from imdb_assets.lake.lake import Lake
from imdb_assets.ml.iterations import SEED_CLAIMS
from imdb_assets_tests.full_lake import full_tables, panel_rows
from imdb_assets_tests.lakes import put
from imdb_assets_tests.tables import table

PANELS = [(dashboard, panel) for dashboard in DASHBOARDS.values() for panel in dashboard.panels]
IDS = [f"{dashboard.name}/{panel.name}" for dashboard, panel in PANELS]


@pytest.fixture(scope="module")
def filled(full: Lake) -> dict[str, Filled]:
    """Panel → what there is to show, of all dashboards."""
    found: dict[str, Filled] = {}
    for dashboard in DASHBOARDS.values():
        for part in Reading(full, dashboard.panels).fill(dashboard.panels):
            found[f"{dashboard.name}/{part.panel.name}"] = part
    return found


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
    assert {"Every version, on all clean films", "Every version, on the most voted films"} <= shown_there.keys()
    assert all(one.value.startswith(f"![{title}](data:image/png;base64,iVBOR") for title, one in shown_there.items())
    assert list(pictures("models.predictions", full_tables()[models.Predictions])) == [
        "Predicted and actual",
        "Predictions and actual ratings",
    ]


def test_versions_are_shown_with_what_their_source_claims(full: Lake) -> None:
    rows = panel_rows(full, "model", "iterations-most-voted").filter(split="claimed")
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
    assert panel_rows(lake, "quality", "volume")["share"].to_list() == [1.0, 0.5]


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
        "The endpoint has had too few requests so far; the job `monitoring` measures again after each run."
    )


def test_what_is_worst_stands_first(lake: Lake) -> None:
    (alert,) = full_tables()[ops.Alerts].filter(alarm="drift").to_dicts()
    severities = ("info", "warning", "critical")
    put(lake, ops.Alerts, table(ops.Alerts, [{**alert, "severity": word, "asset": word} for word in severities]))
    assert panel_rows(lake, "operations", "alerts")["severity"].to_list() == ["critical", "warning", "info"]


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
    shown = panel_rows(lake, "operations", "outcomes")
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
