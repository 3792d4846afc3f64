"""The script that runs inside Glue, or any Spark: one transform of the project's, from Parquet files to Parquet files.

What to run comes through Dagster Pipes; what became of it goes back the same way. It knows no catalog and publishes
nothing. Glue has neither Dagster nor Iceberg for Python, so nothing of them is imported here.
"""

import importlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any

from dagster_pipes import (
    PipesCliArgsParamsLoader,
    PipesParams,
    PipesS3ContextLoader,
    PipesS3MessageWriter,
    PipesS3MessageWriterChannel,
    open_dagster_pipes,  # pyright: ignore[reportUnknownVariableType]
)

from imdb_assets.contracts.parquet import FieldIds
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.engines.base import Transform
from imdb_assets.engines.spark import stage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("imdb_assets.job")
SECONDS = 5.0
"""Between uploads of messages."""


@dataclass(frozen=True)
class Work:
    """What one run of the job has to do."""

    transform: str
    """`module:function`."""
    table: str
    """Of which contract the result is."""
    inputs: Mapping[str, Sequence[str]]
    """The transform's keyword arguments: addresses of their Parquet files."""
    destination: str
    """Prefix for the result's files."""
    ids: FieldIds | None = None
    """Field ids for their columns."""

    @classmethod
    def of(
        cls,
        transform: Transform,
        table: str,
        inputs: Mapping[str, Sequence[str]],
        destination: str,
        ids: FieldIds | None = None,
    ) -> "Work":
        """The work that a transform is."""
        return cls(f"{transform.__module__}:{transform.__qualname__}", table, inputs, destination, ids)

    def as_json(self) -> dict[str, Any]:
        """For Pipes."""
        return asdict(self)


@dataclass(frozen=True)
class Done:
    """What one run of the job did."""

    rows: int
    files: int
    bytes: int
    """Of the files that hold rows."""
    seconds: float
    """Of the transform with its reading and writing, without the start of Spark."""


def perform(work: Work, session: "SparkSession") -> Done:
    """Runs the transform and stages its result."""
    module, _, name = work.transform.partition(":")
    transform: Transform = getattr(importlib.import_module(module), name)
    started = time.monotonic()
    stage(session, transform, work.inputs, CONTRACTS[work.table], work.destination, work.ids)
    seconds = time.monotonic() - started
    written = session.read.option("recursiveFileLookup", "true").parquet(work.destination)
    sizes = written.groupBy("_metadata.file_path", "_metadata.file_size").count().collect()
    return Done(
        rows=sum(size["count"] for size in sizes),
        files=len(written.inputFiles()),
        bytes=sum(size["file_size"] for size in sizes),
        seconds=round(seconds, 1),
    )


def main() -> None:
    """Does what Pipes says."""
    from pyspark.sql import SparkSession

    spark: Any = SparkSession.builder
    client = s3()
    with open_dagster_pipes(
        context_loader=PipesS3ContextLoader(client),
        message_writer=_Writer(client, interval=SECONDS),
        params_loader=PipesCliArgsParamsLoader(),
    ) as pipes:
        done = perform(Work(**pipes.extras), spark.getOrCreate())
        pipes.report_custom_message(asdict(done))


def s3() -> Any:
    """The client by which the job and Dagster talk; the package of the SDK is Glue's."""
    from imdb_assets.aws.client import client

    return client("s3")


class _Channel(PipesS3MessageWriterChannel):
    """Messages are worth less than the result: that one is lost is no reason to fail."""

    def upload_messages_chunk(self, payload: IO[str], index: int) -> None:
        try:
            super().upload_messages_chunk(payload, index)  # pyright: ignore[reportUnknownMemberType]
        except Exception:  # whatever it is, the files are staged or not
            log.exception("messages to Dagster are lost")


class _Writer(PipesS3MessageWriter):
    def make_channel(self, params: PipesParams) -> _Channel:
        return _Channel(self._client, params["bucket"], params.get("key_prefix"), interval=self.interval)


if __name__ == "__main__":
    main()
