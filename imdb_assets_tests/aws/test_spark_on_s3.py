"""The Spark engine on a lake on S3: a cluster reads and writes objects by Hadoop's S3A, and makes what Polars makes."""

from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.settings import Settings
from imdb_assets.wiring import lake_of
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.conftest import led_to
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.integration import steps
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.integration.environments import environment
from imdb_assets_tests.lakes import put

pytest.importorskip("pyspark", reason="optional: make spark")

from imdb_assets_tests.integration.cluster import cluster

pytestmark = [pytest.mark.slow, pytest.mark.spark]

PREFIX = "imdb-spark"
JARS = "sagemaker-pyspark==1.4.5"
"""The one package with both jars of S3A: Hadoop's 3.3.1 and AWS' SDK 1.11.901. Pyspark 3.5 comes with Hadoop 3.3.4."""


def s3a() -> str:
    """The classpath of S3A."""
    python = environment("s3a", "--no-deps", JARS)
    (jars,) = python.parent.parent.glob("lib/python3*/site-packages/sagemaker_pyspark/jars")
    (hadoop,), (sdk,) = jars.glob("hadoop-aws-*.jar"), jars.glob("aws-java-sdk-bundle-*.jar")
    return f"{hadoop}:{sdk}"


def test_a_cluster_makes_on_s3_the_tables_that_polars_makes(moto: Emulator, tmp_path: Path) -> None:
    (tmp_path / "polars").mkdir()
    by_polars = steps.lake_of(tmp_path / "polars", awkward_bronze())
    conf = {
        "spark.driver.extraClassPath": s3a(),
        "spark.executor.extraClassPath": s3a(),
        "spark.hadoop.fs.s3a.endpoint": moto.url,
        "spark.hadoop.fs.s3a.path.style.access": "true",
    }
    with cluster(tmp_path / "cluster", workers=1, **conf) as spark, led_to(moto.environment):
        make_buckets(moto, PREFIX)
        by_spark = lake_of(Settings(lake="s3", aws_prefix=PREFIX))
        bronze = {
            name: put(by_spark, CONTRACTS[f"bronze.{name}"], frame).files for name, frame in awkward_bronze().items()
        }
        said = spark.run({"bronze": bronze, "prefix": PREFIX})
        assert [one["table"] for one in said] == steps.NAMES
        for step, one in zip(steps.STEPS, said, strict=True):
            name, key = step.contract.table, step.contract.primary_key()
            tables = by_spark.table(name), by_polars[name.partition(".")[2]]
            assert all(file.startswith("s3://") for file in tables[0].files)
            rows, expected = (table.scan().collect().sort(key) for table in tables)
            assert_frame_equal(rows, expected, rel_tol=1e-9, abs_tol=0)
            assert one["audited"] == one["published"] == expected.height > 100
