"""The interface of engines. An engine runs a transform on some machine, and writes and audits Parquet files there.

This module has the interface and the code that all engines share. Engines do not know the catalog and publish nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import narwhals as nw

from imdb_assets.contracts.base import Contract, column_types
from imdb_assets.contracts.parquet import FieldIds
from imdb_assets.lake.audit import Audit
from imdb_assets.lake.table import Table

Transform = Callable[..., nw.LazyFrame[Any]]
"""A pure function from lazy frames to a lazy frame. Each argument is a keyword argument named after its table."""

Facts = dict[str, Any]
"""Facts that an engine reports about a run, for people to read; may be empty."""


@dataclass(frozen=True)
class Ran:
    """The result of a run."""

    audit: Audit | None
    """The engine's audit of the staged files; None if no result of the audit reached this process."""
    facts: Facts = field(default_factory=dict[str, Any])


class EngineError(Exception):
    """A transform could not be run; the message gives the cause and the remedy. Nothing was published."""

    def __init__(self, message: str, facts: Facts | None = None) -> None:
        """Describes a failed run.

        The facts of a failed run are recorded, too, because the run may have cost money.
        """
        super().__init__(message)
        self.facts = facts or {}


class Engine(Protocol):
    """A way to run transforms on some machine."""

    @property
    def name(self) -> str:
        """The engine's name in logs and snapshot properties, one word."""
        ...

    def run(
        self,
        transform: Transform,
        inputs: Mapping[str, Table],
        contract: type[Contract],
        destination: str,
        ids: FieldIds | None = None,
    ) -> Ran:
        """Runs the transform, casts its result to the contract's columns, writes Parquet files, and audits the files.

        Args:
            transform: The transform to run.
            inputs: The transform's keyword arguments.
            contract: The contract of the table to make. If the contract names a partition column (`partition_by`), each
                file holds the rows with one value of this column. The files of a partitioned table are in folders
                `part_<column>=<value>`; the files also contain the partition column.
            destination: An existing empty folder, or a prefix in a bucket. If the result has no rows, the engine still
                writes a file with the schema, directly below the destination, even if the table is partitioned.
            ids: Field ids for the files' columns; none by default.

        Raises:
            EngineError: The engine failed. Errors of the transform itself are raised unchanged.
            LakeError: The staged files cannot be audited.
        """
        ...


@dataclass(frozen=True)
class Engines:
    """The engine of each table."""

    default: Engine
    heavy: Mapping[str, Engine] = field(default_factory=dict[str, Engine])
    """Exceptions to the default engine: maps a table to the engine that makes the table."""

    def of(self, contract: type[Contract]) -> Engine:
        """The engine of a table."""
        return self.heavy.get(contract.table, self.default)


def conform(frame: nw.LazyFrame[Any], contract: type[Contract]) -> nw.LazyFrame[Any]:
    """Casts a frame to the contract's columns, in their order and types.

    Raises an error if a column is missing or cannot be cast.
    """
    return frame.select(nw.col(name).cast(dtype) for name, dtype in column_types(contract).items())
