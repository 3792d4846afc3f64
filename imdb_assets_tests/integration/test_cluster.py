"""All heavy tables on a standalone Spark cluster that loses a worker, with a PostgreSQL catalog: Polars' rows."""

from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from imdb_assets.lake.lake import Lake
from imdb_assets.settings import Settings
from imdb_assets.wiring import lake_of
from imdb_assets_tests.support import materialize

pytest.importorskip("pyspark", reason="optional: make spark")

from imdb_assets_tests.integration.cluster import (
    PostgresHome,
    cluster,
    measured,
    postgres,
    postgres_binaries,
)
from imdb_assets_tests.integration.steps import NAMES, STEPS

pytestmark = [pytest.mark.slow, pytest.mark.spark]


def test_a_cluster_that_loses_a_worker_makes_the_tables_that_polars_makes(tmp_path: Path) -> None:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    settings = Settings(data=tmp_path / "data", sample_titles=20_000)
    assert materialize(settings, "landing", "bronze", "silver", "gold").failures == {}
    by_polars = lake_of(settings)
    inputs = {name for step in STEPS for name in step.inputs if by_polars.exists(f"bronze.{name}")}
    bronze = {name: by_polars.table(f"bronze.{name}").files for name in inputs}
    with postgres(binaries) as catalog, cluster(tmp_path / "cluster", workers=2) as spark:
        shared = tmp_path / "shared with a space"
        victim = ("silver.credits", spark.processes[-1].pid)
        work = {"bronze": bronze, "lake": str(shared), "catalog": catalog, "kill": victim}
        said = spark.run(work)
        by_spark = Lake(PostgresHome(shared, catalog))
        assert [one["table"] for one in said] == NAMES
        for step, one in zip(STEPS, said, strict=True):
            name, key = step.contract.table, step.contract.primary_key()
            rows, expected = (lake.table(name).scan().collect().sort(key) for lake in (by_spark, by_polars))
            assert_frame_equal(rows, expected, rel_tol=1e-9, abs_tol=0)
            assert one["audited"] == one["published"] == expected.height > 0
        assert spark.processes[-1].poll() is not None, "the worker was killed"
        (events,) = spark.events.glob("app-*")
        assert "SparkListenerExecutorRemoved" in events.read_text()
        ended = measured(events)
        assert ended["ExecutorLostFailure"] + ended["Resubmitted"] + ended["FetchFailed"] > 0, ended
