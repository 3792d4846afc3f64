"""The analytical views: each is one SQL file in `views/`, written for DuckDB and translated for other engines.

The views' contracts declare columns and types. `duckdb.py` runs the queries on this machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from imdb_assets.naming import parameter

if TYPE_CHECKING:  # queries need only the views' SQL; importing the contracts takes longer than most queries
    from imdb_assets.contracts.base import Contract

Dialect = Literal["duckdb", "trino", "redshift", "spark"]
"""SQL dialects; `trino` is Athena's dialect."""

_COMMENT = re.compile(r"--.*")
_READ = re.compile(r"\b(?:from|join)\s+([a-z_]+\.[a-z_]+)")
"""Finds the tables in a query without sqlglot, whose import takes half a second; a test proves that sqlglot finds the
same tables."""

FOLDER = Path(__file__).with_name("views")


@dataclass(frozen=True)
class View:
    """A view: its contract and its query."""

    name: str
    """The view's name, such as `warehouse.decade_summary`."""

    @property
    def contract(self) -> type[Contract]:
        """The view's columns and types."""
        from imdb_assets.contracts.registry import VIEWS

        return VIEWS[self.name]

    @property
    def file(self) -> Path:
        """The file with the view's SQL."""
        return FOLDER / f"{parameter(self.name)}.sql"

    @property
    def text(self) -> str:
        """The query as written, for DuckDB, with its comment."""
        return self.file.read_text(encoding="utf-8")

    @property
    def checked(self) -> str:
        """The query for the rows to check: all rows, or only some if a check of all rows would take too long."""
        condition = self.contract.checked_where
        return f"from {self.name} where {condition}" if condition else self.text


@cache
def every() -> dict[str, View]:
    """Maps each view's name to the view; each SQL file in `views/` is one view."""
    return {f"warehouse.{file.stem}": View(f"warehouse.{file.stem}") for file in sorted(FOLDER.glob("*.sql"))}


def select(name: str, dialect: Dialect = "duckdb") -> str:
    """A view's query for use in `create view`, in an engine whose databases are named like the lake's schemas."""
    text = every()[name].text
    return text.rstrip() if dialect == "duckdb" else translate(text, dialect)


def translate(query: str, dialect: Dialect, prefix: str = "") -> str:
    """Translates DuckDB's SQL for another engine.

    Args:
        query: SQL over tables named `schema.table`.
        dialect: The engine's dialect.
        prefix: Prefix of the engine's database names; the rest of each database name is the name of the lake's schema.

    Raises:
        sqlglot.errors.UnsupportedError: sqlglot reports that the engine lacks a construct of the query. Some functions
            are mistranslated by sqlglot without an error (`docs/surprises-tables.md`); no view uses them.
    """
    import sqlglot
    from sqlglot import exp

    from imdb_assets.contracts.registry import SCHEMAS

    tree = sqlglot.parse_one(query, read="duckdb")
    for table in tree.find_all(exp.Table) if prefix else ():
        if table.db in SCHEMAS:
            table.set("db", exp.to_identifier(f"{prefix}{table.db}", quoted=True))
    if dialect == "redshift":
        tree = tree.transform(_redshift_length)
    return tree.sql(dialect=dialect, pretty=True, unsupported_level=sqlglot.ErrorLevel.RAISE)


def tables(query: str) -> list[str]:
    """Sorted names (`schema.table`) of the tables that a query of this project reads."""
    return sorted(set(_READ.findall(_COMMENT.sub("", query))))


def _redshift_length(node: Any) -> Any:
    """Replaces the function for an array's length by Redshift's function, which sqlglot does not know."""
    from sqlglot import exp

    return exp.Anonymous(this="get_array_length", expressions=[node.this]) if isinstance(node, exp.ArraySize) else node
