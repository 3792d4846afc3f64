"""The analytical views on Athena: made there by their assets, equal to those here, and what they cost is recorded."""

from typing import Any

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from imdb_assets.aws import athena as module
from imdb_assets.aws.athena import Athena
from imdb_assets.contracts.ops import Costs
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.contracts.registry import VIEWS
from imdb_assets.defs.ops.costs import costs
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import Settings
from imdb_assets.warehouse import views
from imdb_assets.warehouse.duckdb import connect
from imdb_assets.wiring import lake_of
from imdb_assets_tests.aws import plain_tables
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.full_lake import full_tables
from imdb_assets_tests.lakes import put
from imdb_assets_tests.support import Run, look, materialize, reason

SETTINGS = Settings(lake="s3", aws_prefix="imdb-views")
OF_THE_DAY = [name for name in VIEWS if RatingHistory.table not in views.tables(views.every()[name].text)]
"""Without the views over the history of ratings, which has a job of its own."""
EMPTY = "warehouse.pairs"
"""No two people of the tests' films worked together often enough."""


class Made:
    """The warehouse, materialized on S3."""

    def __init__(self, athena: plain_tables.Plain, instance: dg.DagsterInstance, run: Run) -> None:
        self.athena = athena
        self.instance = instance
        self.run = run


def publish(lake: Lake) -> None:
    """The tables that views read."""
    read = {table for view in views.every().values() for table in views.tables(view.text)}
    for contract, frame in full_tables().items():
        if contract.table in read:
            put(lake, contract, frame)


@pytest.fixture(scope="module")
def made(aws: Emulator) -> Any:
    buckets = make_buckets(aws, SETTINGS.aws_prefix)
    lake = lake_of(SETTINGS)
    publish(lake)
    results = {"ResultConfiguration": {"OutputLocation": f"{buckets.of('results')}/athena/"}}
    aws.client("athena").create_work_group(Name=SETTINGS.aws_prefix, Configuration=results)
    for table in lake.tables():
        plain_tables.show(aws, table)
    athena, real = plain_tables.Plain(aws), module.client
    with pytest.MonkeyPatch.context() as patch, dg.DagsterInstance.ephemeral() as instance:
        patch.setattr(module, "POLL_SECONDS", 0.02)
        patch.setattr(module, "client", lambda service: athena if service == "athena" else real(service))
        yield Made(athena, instance, materialize(SETTINGS, "warehouse", instance=instance))


def test_every_view_is_made_from_trinos_text(made: Made, aws: Emulator) -> None:
    assert made.run.failures == {}
    created = [query for query in made.athena.asked if query.startswith("CREATE")]
    assert sorted(created) == sorted(
        f'CREATE OR REPLACE VIEW "imdb_views_warehouse"."{name.partition(".")[2]}" AS\n'
        + views.translate(views.every()[name].text, "trino", "imdb_views_")
        for name in OF_THE_DAY
    )
    glue = aws.client("glue")
    entries = glue.get_tables(DatabaseName="imdb_views_warehouse")["TableList"]
    assert {f"warehouse.{entry['Name']}" for entry in entries} == set(OF_THE_DAY)
    assert {entry["TableType"] for entry in entries} == {"VIRTUAL_VIEW"}
    assert glue.get_database(Name="imdb_views_warehouse")["Database"]["LocationUri"].startswith("s3://imdb-views-")


@pytest.mark.parametrize("name", OF_THE_DAY)
def test_a_view_has_the_same_rows_on_athena_as_here(made: Made, name: str) -> None:
    here = connect(lake_of(SETTINGS)).sql(f"from {name}").pl()
    assert made.run.metadata(name.replace(".", "/"))["athena rows"] == here.height
    assert here.height or name == EMPTY
    lists = [column for column, dtype in here.schema.items() if isinstance(dtype, pl.List)]
    there = Athena(SETTINGS).sql(f"select * from imdb_views_{name}").rows
    assert there.columns == here.columns
    assert_frame_equal(there.drop(lists), here.drop(lists), check_row_order=False, check_dtypes=False, rel_tol=1e-9)


def test_what_athena_scanned_is_metadata_and_in_the_costs(made: Made) -> None:
    found = [made.run.metadata(name.replace(".", "/")) for name in OF_THE_DAY]
    scanned = sum(metadata["athena bytes scanned"] for metadata in found)
    assert scanned > 0
    assert sum(metadata["athena usd"] for metadata in found) == pytest.approx(
        0.00005 * len(OF_THE_DAY)
    )  # each at the least
    looked = look(SETTINGS, made.instance, costs)
    assert [reason(event) for event in looked.get_step_failure_events()] == []
    rows = lake_of(SETTINGS).table(Costs.table).scan().collect()
    (row,) = rows.filter(pl.col("item") == "athena_scan", pl.col("run_id") == made.run.result.run_id).to_dicts()
    assert (row["quantity"], row["unit"]) == (scanned, "bytes scanned")
    assert row["usd"] == pytest.approx(scanned * 5e-12)


def test_a_view_that_is_kept_asks_nothing_and_costs_nothing(made: Made) -> None:
    before = len(made.athena.asked)
    run = materialize(SETTINGS, "warehouse", instance=made.instance, tags=MAY_KEEP)
    assert run.failures == {}
    assert len(made.athena.asked) == before
    metadata = run.metadata("warehouse/decade_summary")
    assert metadata["unchanged"] is True
    assert metadata["athena rows"] == metadata["dagster/row_count"]
    assert not {"athena bytes scanned", "athena usd"} & metadata.keys()
    assert look(SETTINGS, made.instance, costs).success
    rows = lake_of(SETTINGS).table(Costs.table).scan().collect()
    assert rows.filter(pl.col("run_id") == run.result.run_id, pl.col("item") == "athena_scan").is_empty()


def test_a_lake_in_a_folder_asks_athena_nothing(tmp_path: Any, made: Made) -> None:
    settings = Settings(data=tmp_path)
    publish(lake_of(settings))
    before = len(made.athena.asked)
    run = materialize(settings, "warehouse/decade_summary")
    assert run.failures == {}
    assert not [name for name in run.metadata("warehouse/decade_summary") if "athena" in name]
    assert len(made.athena.asked) == before
