"""Script that runs one of the project's transforms on Glue's Spark or another Spark.

The script reads Parquet files, and stages new Parquet files.

Dagster Pipes passes the work to the script and the result back to Dagster. The script uses no catalog and publishes
nothing. Glue has neither Dagster nor PyIceberg, so this module imports neither.
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
from imdb_assets.engines.spark import audit, stage
from imdb_assets.lake.audit import Audit
from imdb_assets.lake.table import Staged

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("imdb_assets.job")
SECONDS = 5.0
"""Seconds between uploads of messages."""


@dataclass(frozen=True)
class Work:
    """A description of the work that one run of the job does."""

    transform: str
    """The transform as `module:function`."""
    table: str
    """The table whose contract the result must meet."""
    inputs: Mapping[str, Sequence[str]]
    """Maps a keyword argument of the transform to the addresses of the Parquet files that the argument stands for."""
    destination: str
    """Prefix of the addresses of the result's files."""
    ids: FieldIds | None = None
    """Field ids for the columns of the result's files."""

    @classmethod
    def of(
        cls,
        transform: Transform,
        table: str,
        inputs: Mapping[str, Sequence[str]],
        destination: str,
        ids: FieldIds | None = None,
    ) -> "Work":
        """A description of the work for a transform."""
        return cls(f"{transform.__module__}:{transform.__qualname__}", table, inputs, destination, ids)

    def as_json(self) -> dict[str, Any]:
        """The description in JSON's types, which Dagster Pipes can pass on."""
        return asdict(self)


@dataclass(frozen=True)
class Done:
    """The result of one run of the job."""

    rows: int
    files: int
    bytes: int
    """Total size of the files that have rows."""
    seconds: float
    """Duration of the transform including reading and writing, without the start of Spark."""
    audit: Audit


def perform(work: Work, session: "SparkSession") -> Done:
    """Runs the transform, stages its result and audits it."""
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
        audit=audit(session, CONTRACTS[work.table], Staged(work.table, work.destination, "glue")),
    )


def main() -> None:
    """Does the work that Dagster Pipes passes to this process."""
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
    """The S3 client for messages between the job and Dagster; Glue provides AWS's SDK."""
    from imdb_assets.aws.client import client

    return client("s3")


class _Channel(PipesS3MessageWriterChannel):
    """Channel for messages to Dagster; ignores failures, because a lost message is no reason to lose the result."""

    def upload_messages_chunk(self, payload: IO[str], index: int) -> None:
        try:
            super().upload_messages_chunk(payload, index)  # pyright: ignore[reportUnknownMemberType]
        except Exception:  # whatever fails here, the files are already staged
            log.exception("messages to Dagster are lost")


class _Writer(PipesS3MessageWriter):
    def make_channel(self, params: PipesParams) -> _Channel:
        return _Channel(self._client, params["bucket"], params.get("key_prefix"), interval=self.interval)


if __name__ == "__main__":
    main()
