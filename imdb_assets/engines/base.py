"""What an engine is: it runs one transform on some machine and leaves Parquet files of the contract's exact shape.

Only the protocol and what all engines share. Engines know no catalog and publish nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import narwhals as nw
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.parquet import FieldIds
from imdb_assets.lake.table import Table

Transform = Callable[..., nw.LazyFrame[Any]]
"""A pure function of lazy frames, named by keyword like the tables they hold, to a lazy frame."""

Facts = dict[str, Any]
"""What an engine has to say of a run, for people; empty if nothing that an asset does not know itself."""


class EngineError(Exception):
    """A transform could not be run; the message says what failed and what to do. Nothing was published."""

    def __init__(self, message: str, facts: Facts | None = None) -> None:
        """Of a run that failed; it has facts as one that succeeds has, since it may have cost something."""
        super().__init__(message)
        self.facts = facts or {}


class Engine(Protocol):
    """Where a transform runs."""

    @property
    def name(self) -> str:
        """One word for logs and snapshot properties."""
        ...

    def run(
        self,
        transform: Transform,
        inputs: Mapping[str, Table],
        contract: type[Contract],
        destination: str,
        ids: FieldIds | None = None,
    ) -> Facts:
        """Runs the transform, casts to the contract's exact types and column order, writes Parquet.

        Args:
            transform: What to run.
            inputs: The transform's keyword arguments.
            contract: The table that is made; with `partition_by` each file holds one value of that column, in a folder
                `part_<column>=<value>`, and the column itself stays in the file.
            destination: An existing empty folder, or a prefix of a bucket. A result without rows leaves at least one
                file, with the schema, directly below it, whether partitioned or not.
            ids: Field ids for the files' columns; they have none by default.

        Raises:
            EngineError: The engine failed, not the transform.
        """
        ...


@dataclass(frozen=True)
class Engines:
    """Which engine makes which table."""

    default: Engine
    heavy: Mapping[str, Engine] = field(default_factory=dict[str, Engine])
    """Table → its engine, where that is another one."""

    def of(self, contract: type[Contract]) -> Engine:
        """The engine of a table."""
        return self.heavy.get(contract.table, self.default)


def conform(frame: nw.LazyFrame[Any], contract: type[Contract]) -> nw.LazyFrame[Any]:
    """The frame with the contract's columns, in order, in its types; a missing or inconvertible column raises."""
    types = nw.from_native(pl.DataFrame(schema=polars_schema(contract))).schema
    return frame.select(nw.col(name).cast(dtype) for name, dtype in types.items())
