"""Views and dashboards as assets: what a run shows of them, and that a view which breaks its contract stops them."""

import json
from pathlib import Path

import dagster as dg
import pytest

from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.contracts.registry import VIEWS
from imdb_assets.dashboards import push
from imdb_assets.dashboards.grafana import documents
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import Settings
from imdb_assets.warehouse import check, views
from imdb_assets_tests.full_lake import write_full_lake
from imdb_assets_tests.support import Run, materialize


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data=tmp_path_factory.mktemp("data"))
    write_full_lake(Lake(settings.lake_folder))
    return settings


@pytest.fixture(scope="module")
def run(settings: Settings) -> Run:
    return materialize(settings, "warehouse", "dashboards/people", "dashboards/grafana")


def test_every_view_is_run_and_held_to_its_contract(run: Run) -> None:
    assert run.failures == {}
    checks = {
        result.asset_key.to_user_string(): (result.passed, result.description)
        for result in run.result.get_asset_check_evaluations()
        if result.check_name == "contract"
    }
    of_the_day = [name for name in VIEWS if RatingHistory.table not in views.tables(views.every()[name].text)]
    assert checks.keys() == {name.replace(".", "/") for name in of_the_day}
    assert checks["warehouse/funnel"] == (True, "warehouse.funnel: 10 rows satisfy the contract")


def test_a_view_shows_rows_seconds_sql_preview_and_what_it_read(run: Run, settings: Settings) -> None:
    metadata = run.metadata("warehouse/career_arcs")
    lake = Lake(settings.lake_folder)
    assert metadata["dagster/row_count"] == 20
    assert metadata["seconds"] > 0
    assert metadata["sql"] == f"```sql\n{views.every()['warehouse.career_arcs'].text}```"
    assert metadata["preview"].splitlines()[0] == (
        "| film | directors | mean_rating | mean_rating_of_first | against_first |"
    )
    assert len(metadata["preview"].splitlines()) == 12
    assert metadata["read from"] == {
        name: str(lake.table(name).snapshot_id) for name in ("silver.credits", "silver.movies")
    }
    assert metadata["dagster/column_lineage"].deps_by_column["mean_rating"] == [
        dg.TableColumnDep(asset_key=dg.AssetKey(["silver", "movies"]), column_name="average_rating")
    ]


@pytest.mark.parametrize(
    ("asset", "work"),
    [
        ("dashboards/people", "imdb_assets.defs.dashboards.pages.picture"),
        ("warehouse/funnel", "imdb_assets.warehouse.check.broken"),
    ],
)
def test_a_scheduled_run_shows_anew_only_what_reads_changed_tables(
    asset: str, work: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        first = materialize(settings, asset, instance=instance, tags=MAY_KEEP)
        assert "unchanged" not in first.metadata(asset)

        def again(*_: object) -> None:
            raise AssertionError("done again")

        monkeypatch.setattr(work, again)
        second = materialize(settings, asset, instance=instance, tags=MAY_KEEP)
        assert second.failures == {}
        assert second.metadata(asset) == {**first.metadata(asset), "unchanged": True}
        assert materialize(settings, asset, instance=instance).failures != {}


def test_a_dashboard_shows_its_panels_and_where_its_page_is(run: Run) -> None:
    metadata = run.metadata("dashboards/people")
    assert metadata["page"] == "http://127.0.0.1:8017/dashboards/people"
    assert metadata["How ratings change during careers"].startswith(
        "![How ratings change during careers](data:image/png;base64,"
    )
    assert metadata["Directors"].splitlines()[0] == (
        "| directors of a rated film | directors of five or more films | ranked | best shrunk rating |"
    )
    assert set(metadata["read from"]) == {"bronze.name_basics", "silver.credits", "silver.movies"}
    (result,) = [
        result
        for result in run.result.get_asset_check_evaluations()
        if result.asset_key == dg.AssetKey(["dashboards", "people"])
    ]
    assert (result.passed, result.description) == (True, "6 panels.")


def test_grafanas_json_is_written_and_not_pushed_unless_asked(run: Run, settings: Settings) -> None:
    metadata = run.metadata("dashboards/grafana")
    assert metadata["pushed"] == "no: IMDB_GRAFANA_URL is not set"
    written = {file.stem: json.loads(file.read_text()) for file in Path(metadata["files"]).iterdir()}
    assert written == documents()


def test_grafana_is_pushed_to_where_one_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def pushed(url: str, token: str, _: object) -> dict[str, str]:
        asked.append((url, token))
        if token == "wrong":
            raise push.GrafanaError("refused")
        return {"imdb-assets-people": "created"}

    monkeypatch.setattr(push, "push", pushed)
    named = {**settings.model_dump(), "grafana_url": "https://grafana.example.org"}
    run = materialize(Settings(**{**named, "grafana_token": "glsa"}), "dashboards/grafana")
    assert run.metadata("dashboards/grafana")["pushed"] == {"imdb-assets-people": "created"}
    assert materialize(Settings(**{**named, "grafana_token": "wrong"}), "dashboards/grafana").failure == "refused"
    assert asked == [("https://grafana.example.org", "glsa"), ("https://grafana.example.org", "wrong")]


def test_a_view_that_breaks_its_contract_stops_what_reads_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "broken", lambda contract, _: {"a rule": 3} if "career" in contract.table else {})
    run = materialize(settings, "warehouse/career_arcs", "warehouse/director_leaderboard", "dashboards/people")
    assert run.materialized() == {"warehouse/director_leaderboard"}
    assert run.failures["warehouse/career_arcs"] == (
        "warehouse.career_arcs: 3 rows break 'a rule'. The SQL is in career_arcs.sql, and the contract in "
        "contracts/warehouse.py"
    )
