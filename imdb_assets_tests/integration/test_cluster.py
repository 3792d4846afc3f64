"""All heavy tables on a standalone Spark cluster that loses a worker, with a PostgreSQL catalog: Polars' rows."""

from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from benchmarks.cluster_run import PostgresHome
from benchmarks.steps import NAMES, STEPS
from imdb_assets.lake.lake import Lake
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.integration.made_tables import lake_of
from imdb_assets_tests.integration.postgres import postgres, postgres_binaries

pytest.importorskip("pyspark", reason="optional: make spark")

from benchmarks.spark_cluster import cluster, measured

pytestmark = [pytest.mark.slow, pytest.mark.spark]


def test_a_cluster_that_loses_a_worker_makes_the_tables_that_polars_makes(tmp_path: Path) -> None:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    (tmp_path / "polars").mkdir()
    by_polars = lake_of(tmp_path / "polars", awkward_bronze())
    bronze = {name: by_polars[name].files for name in awkward_bronze()}
    with postgres(binaries) as catalog, cluster(tmp_path / "cluster", workers=2) as spark:
        shared = tmp_path / "shared with a space"
        victim = ("silver.credits", spark.processes[-1].pid)
        work = {"bronze": bronze, "lake": str(shared), "catalog": catalog, "kill": victim}
        said = spark.run(work)
        by_spark = Lake(PostgresHome(shared, catalog))
        assert [one["table"] for one in said] == NAMES
        for step, one in zip(STEPS, said, strict=True):
            name, key = step.contract.table, step.contract.primary_key()
            tables = by_spark.table(name), by_polars[name.partition(".")[2]]
            rows, expected = (table.scan().collect().sort(key) for table in tables)
            assert_frame_equal(rows, expected, rel_tol=1e-9, abs_tol=0)
            assert one["audited"] == one["published"] == expected.height > 100
        assert spark.processes[-1].poll() is not None, "the worker was killed"
        (events,) = spark.events.glob("app-*")
        assert "SparkListenerExecutorRemoved" in events.read_text()
        ended = measured(events)
        assert ended["ExecutorLostFailure"] + ended["Resubmitted"] + ended["FetchFailed"] > 0, ended
