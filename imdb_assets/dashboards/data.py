"""The data of panels: the rows of the panels' queries, and the snapshots that the rows come from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
from polars import selectors

from imdb_assets.dashboards.base import SNAPSHOTS, Panel
from imdb_assets.dashboards.selection import ALL_FILMS, Selection
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.table import Snapshot, Table
from imdb_assets.naming import asset_name

if TYPE_CHECKING:  # importing DuckDB takes a fifth of a second; only `fill` needs DuckDB
    from imdb_assets.warehouse.duckdb import Warehouse

MOVIES = "silver.movies"
_HISTORY = {
    "table_name": pl.String,
    "snapshot_id": pl.Int64,
    "published_at": pl.Datetime("us"),
    "rows_published": pl.Int64,
    "is_current": pl.Boolean,
    "run_id": pl.String,
}


class Source(NamedTuple):
    """A table at the snapshot that a panel has read."""

    table: str
    snapshot_id: int
    published_at: datetime
    """Time of publication in UTC, stored without a time zone."""


@dataclass(frozen=True)
class Filled:
    """A panel with its data."""

    panel: Panel
    rows: pl.DataFrame
    sources: tuple[Source, ...]
    """All tables that the rows come from."""
    problem: str | None = None
    """Reason why there are no rows; None if there are rows."""
    failed: bool = False
    """Whether the query could not run on the existing tables, so that there are no rows."""


class Reading:
    """The tables that some panels need, each pinned to the snapshot that was current when this object was made."""

    def __init__(self, lake: Lake, panels: Iterable[Panel]) -> None:
        """Looks up snapshots and reads no rows."""
        panels = list(panels)
        wanted = {table for panel in panels for table in panel.tables}
        reads_history = any(panel.reads_history for panel in panels)
        found = lake.tables() if reads_history else filter(None, map(lake.published, sorted(wanted)))
        self._tables = {table.name: table for table in found}
        self._lake = lake

    @cached_property
    def _history(self) -> dict[str, list[Snapshot]]:
        """The snapshots of each table, read only when panels are filled."""
        return {name: self._lake.history(name) for name in self._tables}

    @property
    def mark(self) -> frozenset[tuple[str, int]]:
        """The pinned snapshots of all tables; two `Reading` objects with the same snapshots show the same data."""
        return frozenset((table.name, table.snapshot_id) for table in self._tables.values())

    def fill(self, panels: Iterable[Panel], chosen: Selection = ALL_FILMS) -> list[Filled]:
        """The panels in the given order, each with its rows or with the reason why it cannot be filled.

        Args:
            panels: The panels.
            chosen: The films that the reader has selected; a panel's query sees no other films, even through a view.
        """
        from imdb_assets.warehouse.duckdb import over

        history = pl.DataFrame(self._snapshots(), schema=_HISTORY, orient="row")
        where = {MOVIES: chosen.condition} if chosen.condition else None
        warehouse = over(list(self._tables.values()), self._lake.folder, {SNAPSHOTS: history}, where=where)
        return [self._fill(warehouse, panel) for panel in panels]

    def _fill(self, warehouse: "Warehouse", panel: Panel) -> Filled:
        import duckdb

        nothing = pl.DataFrame(schema=dict.fromkeys(panel.columns, pl.Null))
        missing = [name for name in panel.tables if name not in self._tables]
        sources = tuple(self._source(self._tables[name]) for name in panel.tables if name in self._tables)
        if panel.reads_history:
            sources = tuple(self._source(table) for table in self._tables.values())
        if missing:
            verb, assets = "is" if len(missing) == 1 else "are", ", ".join(map(asset_name, missing))
            return Filled(
                panel, nothing, sources, f"{', '.join(missing)} {verb} not in the lake yet: materialize {assets}."
            )
        try:
            rows = rows_of(panel, warehouse)
        except duckdb.Error as error:
            words = f"Cannot be read: {str(error).splitlines()[0]}. Materialize {', '.join(panel.tables)} again."
            return Filled(panel, nothing, sources, words, failed=True)
        empty = rows.is_empty() or all(value is None for row in rows.rows() for value in row)
        return Filled(panel, rows, sources, panel.nothing if empty else None)

    def _source(self, table: Table) -> Source:
        published = next(old.published_at for old in self._history[table.name] if old.snapshot_id == table.snapshot_id)
        return Source(table.name, table.snapshot_id, _moment(published))

    def _snapshots(self) -> list[tuple[object, ...]]:
        return [_row(name, snapshot) for name, snapshots in self._history.items() for snapshot in snapshots]


def rows_of(panel: Panel, warehouse: "Warehouse") -> pl.DataFrame:
    """The rows of the panel's query, in types that charts can draw: no decimal types, and times in UTC."""
    rows = warehouse.sql(panel.query).pl()
    # JSON has no decimal type; DuckDB's 128-bit sums of integers are decimals without a fraction
    decimals = {name: kind for name, kind in rows.schema.items() if isinstance(kind, pl.Decimal)}
    return rows.cast({name: pl.Float64 if kind.scale else pl.Int64 for name, kind in decimals.items()}).with_columns(
        selectors.datetime(time_zone="*").dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    )


def _row(name: str, snapshot: Snapshot) -> tuple[object, ...]:
    run = snapshot.provenance.run_id or None
    return (name, snapshot.snapshot_id, _moment(snapshot.published_at), snapshot.rows, snapshot.current, run)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)
