"""The interface of an engine: it runs one transform on some machine, writes Parquet files and judges them there.

This module has the protocol and what all engines share. Engines know no catalog and publish nothing.
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
"""A pure function of lazy frames, passed by keyword under the names of their tables, that returns a lazy frame."""

Facts = dict[str, Any]
"""Facts about a run, for people; empty if the engine has none to add to what the asset knows."""


@dataclass(frozen=True)
class Ran:
    """The result of a run."""

    audit: Audit | None
    """The engine's audit of the staged files, made where they are; None if it was lost on its way."""
    facts: Facts = field(default_factory=dict[str, Any])


class EngineError(Exception):
    """A transform could not be run; the message gives the cause and the remedy. Nothing was published."""

    def __init__(self, message: str, facts: Facts | None = None) -> None:
        """Describes a failed run; its facts are recorded like those of a success, since it may have cost money."""
        super().__init__(message)
        self.facts = facts or {}


class Engine(Protocol):
    """A machine and a way to run transforms."""

    @property
    def name(self) -> str:
        """One word that names the engine in logs and snapshot properties."""
        ...

    def run(
        self,
        transform: Transform,
        inputs: Mapping[str, Table],
        contract: type[Contract],
        destination: str,
        ids: FieldIds | None = None,
    ) -> Ran:
        """Runs the transform, casts to the contract's exact types and column order, writes Parquet, and audits it.

        Args:
            transform: The transform to run.
            inputs: The transform's keyword arguments.
            contract: The contract of the table to make; with `partition_by` each file holds one value of that column,
                in a folder `part_<column>=<value>`, and the column itself stays in the file.
            destination: An existing empty folder, or a prefix of a bucket. A result without rows leaves at least one
                file, with the schema, directly below it, whether partitioned or not.
            ids: Field ids for the files' columns; none by default.

        Raises:
            EngineError: The engine failed; errors of the transform itself pass through.
            LakeError: The staged files cannot be judged.
        """
        ...


@dataclass(frozen=True)
class Engines:
    """The engine of each table."""

    default: Engine
    heavy: Mapping[str, Engine] = field(default_factory=dict[str, Engine])
    """Maps tables to engines other than the default."""

    def of(self, contract: type[Contract]) -> Engine:
        """The engine of a table."""
        return self.heavy.get(contract.table, self.default)


def conform(frame: nw.LazyFrame[Any], contract: type[Contract]) -> nw.LazyFrame[Any]:
    """Casts a frame to the contract's columns, in order, in its types; a missing or inconvertible column raises."""
    return frame.select(nw.col(name).cast(dtype) for name, dtype in column_types(contract).items())
