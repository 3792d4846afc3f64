"""The analytical views: one reviewed SQL file each in `views/`, written for DuckDB, and their text for other engines.

Columns and types are the contracts' in `contracts/warehouse.py`. What runs them here is in `duckdb.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from imdb_assets.contracts.base import Contract
from imdb_assets.contracts.registry import CONTRACTS, VIEWS

Dialect = Literal["duckdb", "trino", "redshift", "spark"]
"""trino is Athena's."""

_COMMENT = re.compile(r"--.*")
_READ = re.compile(r"\b(?:from|join)\s+([a-z_]+\.[a-z_]+)")
"""Loading definitions need not wait half a second for a parser; a test holds this to what sqlglot finds."""

SCHEMAS = {name.partition(".")[0] for name in [*CONTRACTS, *VIEWS]}
"""Of tables and views: on AWS each is a Glue database."""

FOLDER = Path(__file__).with_name("views")


@dataclass(frozen=True)
class View:
    """A view: its contract and its query."""

    contract: type[Contract]

    @property
    def name(self) -> str:
        """`warehouse.decade_summary`."""
        return self.contract.table

    @property
    def file(self) -> Path:
        """Where its SQL is."""
        return FOLDER / f"{self.name.partition('.')[2]}.sql"

    @property
    def text(self) -> str:
        """The query as written, for DuckDB, with its comment."""
        return self.file.read_text(encoding="utf-8")


ALL: dict[str, View] = {name: View(contract) for name, contract in VIEWS.items()}
"""By name, in the order of the data dictionary."""


def select(name: str, dialect: Dialect = "duckdb") -> str:
    """The query of a view, for `create view … as` in an engine whose databases are named like the lake's.

    Args:
        name: Such as `warehouse.decade_summary`.
        dialect: Whose SQL; `trino` for Athena.
    """
    return ALL[name].text.rstrip() if dialect == "duckdb" else translate(ALL[name].text, dialect)


def translate(query: str, dialect: Dialect, prefix: str = "") -> str:
    """DuckDB's SQL as another engine's; raises rather than to leave out what that engine cannot do.

    Args:
        query: Of tables named `schema.table`.
        dialect: Whose SQL.
        prefix: Starts the names of the engine's databases, before those of our schemas.
    """
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(query, read="duckdb")
    for table in tree.find_all(exp.Table) if prefix else ():
        if table.db in SCHEMAS:
            table.set("db", exp.to_identifier(f"{prefix}{table.db}", quoted=True))
    if dialect == "redshift":
        tree = tree.transform(_redshift_length)
    return tree.sql(dialect=dialect, pretty=True, unsupported_level=sqlglot.ErrorLevel.RAISE)


def tables(query: str) -> list[str]:
    """Names of the tables and views that a query of this project reads, sorted: `from` or `join`, `schema.table`."""
    return sorted(set(_READ.findall(_COMMENT.sub("", query))))


def _redshift_length(node: Any) -> Any:
    """Redshift's own name for the length of an array, which sqlglot does not know."""
    from sqlglot import exp

    return exp.Anonymous(this="get_array_length", expressions=[node.this]) if isinstance(node, exp.ArraySize) else node
