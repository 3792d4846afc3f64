"""The Spark engine with a lake on S3: through Hadoop's S3A, Spark makes and audits the tables that Polars makes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal
from pyiceberg.table.name_mapping import NameMapping

from benchmarks.steps import NAMES
from imdb_assets.aws import s3
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.schema import ids_in
from imdb_assets.lake.table import Table
from imdb_assets.settings import Settings
from imdb_assets.wiring import lake_of
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.conftest import led_to
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.integration.environments import environment
from imdb_assets_tests.integration.made_tables import lake_of as polars_lake
from imdb_assets_tests.lakes import put

pytest.importorskip("pyspark", reason="optional: make spark")

from benchmarks.spark_cluster import cluster, run_tables
from imdb_assets.engines.spark import CLASSIC
from imdb_assets_tests.integration.connect import connect_server

pytestmark = [pytest.mark.slow, pytest.mark.spark]

JARS = "sagemaker-pyspark==1.4.5"
"""The only package with the JARs of S3A: hadoop-aws 3.3.1, AWS SDK 1.11.901. PySpark 3.5 itself has Hadoop 3.3.4."""
OLD = {
    "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
    "connection.establish.timeout": "30000",
    "connection.timeout": "200000",
    "multipart.purge.age": "86400",
    "threads.keepalivetime": "60",
}
"""Settings whose defaults in Spark 4.2, which has Hadoop 3.5.0, mean nothing to hadoop-aws 3.3.1."""


def test_a_cluster_makes_on_s3_the_tables_that_polars_makes(moto: Emulator, tmp_path: Path) -> None:
    conf = {"spark.driver.extraClassPath": s3a(), "spark.executor.extraClassPath": s3a(), **settings(moto)}
    # The worker starts before the keys are set, so its executor can have them only from the driver.
    with cluster(tmp_path / "cluster", workers=1, **conf) as spark, led_to(moto.environment):
        work = {"address": spark.address, "prefix": "imdb-cluster", "tables": NAMES}
        lake = made_lake(moto, work["prefix"])
        by_polars = assert_made(lake, work, spark.environment, tmp_path)
        s3.download(lake.table("silver.movies").files[0], tmp_path / "movies.parquet")
        files = tmp_path / "movies.parquet", by_polars["movies"].files[0]
        found, expected = (ids_in(pq.read_schema(file), NameMapping([])) for file in files)
        assert found == expected, "with those of the elements of lists"
        no_rows = bronze(lake, {name: frame.clear() for name, frame in awkward_bronze().items()})
        (nothing,) = spark.run({**work, "bronze": no_rows, "tables": ["silver.movies"]})
        assert (nothing["audited"], nothing["published"]) == (0, 0)


def test_a_server_of_spark_connect_makes_on_s3_the_tables_that_polars_makes(moto: Emulator, tmp_path: Path) -> None:
    conf = {"spark.hadoop.fs.s3.impl": CLASSIC["spark.hadoop.fs.s3.impl"], **settings(moto, **OLD)}
    tables = ["silver.movies", "silver.credits", "gold.director_reputation"]
    with led_to(moto.environment), connect_server(tmp_path / "server", s3a(), **conf) as server:
        work = {"address": server.address(), "prefix": "imdb-connect", "tables": tables}
        assert_made(made_lake(moto, work["prefix"]), work, server.environment, tmp_path)


def s3a() -> str:
    """The class path of S3A."""
    python = environment("s3a", "--no-deps", JARS)
    (jars,) = python.parent.parent.glob("lib/python3*/site-packages/sagemaker_pyspark/jars")
    (hadoop,), (sdk,) = jars.glob("hadoop-aws-*.jar"), jars.glob("aws-java-sdk-bundle-*.jar")
    return f"{hadoop}:{sdk}"


def settings(emulator: Emulator, **more: str) -> dict[str, str]:
    """Settings of S3A, as Spark names them."""
    own = {"endpoint": emulator.url, "path.style.access": "true", **more}
    return {f"spark.hadoop.fs.s3a.{name}": value for name, value in own.items()}


def made_lake(emulator: Emulator, prefix: str) -> Lake:
    """A new lake on S3."""
    make_buckets(emulator, prefix)
    return lake_of(Settings(lake="s3", aws_prefix=prefix))


def bronze(lake: Lake, frames: dict[str, pl.DataFrame]) -> dict[str, tuple[str, ...]]:
    """Publishes bronze tables; table → its files."""
    return {name: put(lake, CONTRACTS[f"bronze.{name}"], frame).files for name, frame in frames.items()}


def assert_made(lake: Lake, work: dict[str, Any], spark: Mapping[str, str], folder: Path) -> dict[str, Table]:
    """That Spark makes, audits and leaves in the buckets what Polars makes.

    Args:
        lake: An empty lake.
        work: For `run_tables`, without bronze.
        spark: The environment of Spark's client.
        folder: For what Polars makes.

    Returns:
        The tables by Polars, by asset name.
    """
    (folder / "polars").mkdir()
    by_polars = polars_lake(folder / "polars", awkward_bronze())
    said = run_tables({**work, "bronze": bronze(lake, awkward_bronze())}, spark)
    assert [one["table"] for one in said] == work["tables"]
    for one in said:
        name = one["table"]
        table, polars = lake.table(name), by_polars[name.partition(".")[2]]
        rows, expected = (frame.scan().collect().sort(CONTRACTS[name].primary_key()) for frame in (table, polars))
        assert_frame_equal(rows, expected, rel_tol=1e-9, abs_tol=0)
        assert one["audited"] == one["published"] == expected.height > 100
        assert {file.address for file in s3.listing(f"{lake.home.location(name)}/data/")} == set(table.files)
    return by_polars
