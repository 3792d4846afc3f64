"""`imdb materialize` and `imdb demo`: what a run is asked to make, and what is said before and after it."""

from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import polars as pl
import pytest
from rich.console import Console

from imdb_assets.cli import private_dagster, run, summary
from imdb_assets.cli.demo import expectations
from imdb_assets.cli.run import Report
from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.defs.policies import asset_key
from imdb_assets.lake.table import Table
from imdb_assets.ml import splits
from imdb_assets.ml.iterations import POPULATIONS
from imdb_assets.settings import Settings
from imdb_assets_tests.commands import Command
from imdb_assets_tests.support import definitions


def test_the_summary_prints_what_checks_say_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Empty:
        def tables(self) -> list[Table]:
            return []

        def table(self, name: str) -> SimpleNamespace:
            return SimpleNamespace(scan=lambda: pl.LazyFrame(schema=polars_schema(CONTRACTS[name])))

    monkeypatch.setattr(summary, "lake_of", lambda _: Empty())
    check, folder = "silver/movies: 'a' matches [a-z]+ in [/x], not :x: (tt1)", tmp_path / "[/films]"
    text = StringIO()
    settings = Settings(source="folder", source_folder=folder)
    summary.show(Console(file=text, width=2000, emoji=False), settings, Report("run", failed_checks=[check]))
    assert f"! {check}\n" in text.getvalue()
    assert f"on the dumps in {folder}. Where" in text.getvalue()


def test_the_summary_shows_an_iteration_in_red_if_one_feature_leaks() -> None:
    cells = [{"split": split, "population": population} for split in splits.SPLITS for population in POPULATIONS]
    scores = pl.DataFrame(
        {"iteration": name, "description": name, "leaking_features": leaking, "r2": 0.5, **cell}
        for name, leaking in (("v1", 0), ("v4", 1))
        for cell in cells
    )
    assert [row.style for row in summary._scores(scores).rows] == [None, "red"]


def test_materialize_refuses_what_no_asset_is_called_before_dagster_starts(imdb: Command) -> None:
    ended = imdb("materialize", "silver/movis+")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("silver/movis: no such asset; did you mean silver/movies")


@pytest.mark.parametrize(
    ("arguments", "chosen", "days"),
    [
        (["bronze/title_ratings+"], {"warehouse/hidden_gems": True, "warehouse/rating_movers": False}, []),
        (["silver/movies,warehouse/rating_movers"], {"silver/movies": True, "warehouse/rating_movers": True}, []),
        (["+models/live_accuracy"], {"models/live_accuracy": True}, []),
        (["silver/*"], {"silver/movies": True, "gold/movie_features": False}, []),
        (
            ["silver/rating_history", "--days", "2026-01-31"],
            {"warehouse/rating_movers": False},
            ["2026-01-31", "2026-01-31"],
        ),
        (
            ["silver/rating_history+", "--days", "2026-01-01...2026-01-31"],
            {"warehouse/rating_movers": True, "silver/movies": False},
            ["2026-01-01", "2026-01-31"],
        ),
    ],
)
def test_materialize_makes_the_history_of_ratings_only_for_days(
    imdb: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str], chosen: dict[str, bool], days: list[str]
) -> None:
    made: list[tuple[set[str], list[str]]] = []

    def run_assets(_: Any, __: Any, keys: set[dg.AssetKey], tags: dict[str, str]) -> Report:
        made.append(({key.to_user_string() for key in keys}, list(tags.values())))
        return Report(run_id="", succeeded=True)

    monkeypatch.setattr("imdb_assets.definitions.defs", definitions)
    monkeypatch.setattr("imdb_assets.cli.run.run_assets", run_assets)
    assert imdb("materialize", *arguments) == (0, "Done in 0 s.\n", "")
    ((keys, given),) = made
    expected = {**chosen, "silver/rating_history": bool(days)}
    assert {name: name in keys for name in expected} == expected
    assert given == days


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["movies"], "movies: no such asset; did you mean silver/movies or gold/movie_features?"),
        (
            ["silver.movies+"],
            "silver.movies: no such asset; did you mean silver/movies or silver/series or silver/episodes?",
        ),
        (["silver/*,"], "silver/*,: not a selection of assets, such as silver/movies, silver/movies+ or silver/*."),
        (["nope/*"], "nope/*: no run can make any of these assets; `make ui` shows all assets."),
        (
            ["silver/movies", "--days", "2026-01-31"],
            "silver/movies: --days is for silver/rating_history alone; leave it out.",
        ),
        (
            ["silver/rating_history", "--days", "31.1.2026"],
            "--days 31.1.2026: '31.1.2026' is not a possible day. Write days as 2026-01-31, from 2018-01-01 to today.",
        ),
        (
            ["silver/rating_history", "--days", "2026-01-31...2026-01-01"],
            "--days 2026-01-31...2026-01-01: the first day is after the last.",
        ),
        (
            ["silver/rating_history", "--days", "2026-01-31..."],
            "--days 2026-01-31...: '' is not a possible day. Write days as 2026-01-31, from 2018-01-01 to today.",
        ),
    ],
)
def test_materialize_refuses_what_no_run_can_make(
    imdb: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.setattr("imdb_assets.definitions.defs", definitions)
    assert imdb("materialize", *arguments) == (1, "", f"{said}\n")


def test_materialize_says_what_failed_and_where_to_see_more(
    imdb: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    imdb.set("DAGSTER_HOME", str(tmp_path))
    imdb.set("IMDB_UI_PORT", "3999")
    monkeypatch.setattr("imdb_assets.cli.run.use_project_instance", lambda: None)
    ended = imdb("materialize", "silver/movies")
    with dg.DagsterInstance.get() as instance:
        (made,) = instance.get_runs()
    why = (
        f"silver/movies: bronze.title_basics: not in the lake at {imdb.data / 'lake'} yet. Materialize the asset "
        "bronze/title_basics first (`make demo`, or `make materialize ASSETS=bronze/title_basics`)."
    )
    assert ended.code == 1
    assert ended.out.split("\n") == [f"✗ {why}", "", ""]
    assert ended.err.splitlines() == [
        "The run failed.",
        why,
        "Published before that: nothing.",
        f"Details: make ui, then http://127.0.0.1:3999/runs/{made.run_id}",
    ]
    assert made.status == dg.DagsterRunStatus.FAILURE
    assert made.asset_selection == {asset_key("silver.movies")}
    assert made.tags["dagster/max_retries"] == "0"
    assert made.remote_job_origin is not None, "the UI's first page shows the run"


def test_materialize_asks_for_the_days_of_the_history_of_ratings(imdb: Command) -> None:
    ended = imdb("materialize", "silver/rating_history+")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("silver/rating_history: is made day by day; add --days 2026-01-31")


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        (
            {"sample_titles": 20_000},
            ("a sample of 20,000 titles, which is generated first; nothing is downloaded.", "1.5 to 5 minutes"),
        ),
        (
            {"source": "folder", "source_folder": Path("/dumps")},
            ("the dumps in /dumps; nothing is downloaded.", "a quarter of an hour or more, and 10 GB of disk"),
        ),
        (
            {"source": "imdb", "accept_terms": "yes"},
            ("IMDb's dumps; up to 1.9 GB are downloaded.", "a quarter of an hour or more, and 10 GB of disk"),
        ),
    ],
)
def test_the_demo_says_at_once_how_long_it_takes(settings: dict[str, Any], lines: tuple[str, str]) -> None:
    first, second = expectations(Settings(**settings))
    assert first == f"Running everything once on {lines[0]}"
    assert lines[1] in second


def test_a_run_made_in_process_is_one_of_the_code_location(tmp_path: Path) -> None:
    @dg.job
    def nothing() -> None:
        pass

    origin = private_dagster.origin_of(dg.Definitions(jobs=[nothing]))
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        done = nothing.execute_in_process(instance=instance, tags={run.REPOSITORY_TAG: origin.get_label()})
        private_dagster.place(instance, done.run_id, origin)
        (found,) = instance.get_runs(dg.RunsFilter(tags={".dagster/repository": "__repository__@imdb_assets"}))
        assert (found.run_id, found.status) == (done.run_id, dg.DagsterRunStatus.SUCCESS)
        assert found.remote_job_origin is not None
        assert found.remote_job_origin.job_name == "nothing"
        assert found.remote_job_origin.repository_origin == origin
