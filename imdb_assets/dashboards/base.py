"""The parts of a dashboard: panels, each with a query, its columns and a drawing. This module draws nothing.

Each dashboard is declared once, and becomes both a local page (`charts.py`, `pages.py`) and a Grafana dashboard
(`grafana.py`). Queries are written for DuckDB over tables and views of the lake; in a query, the table `lake.snapshots`
has the snapshots of all tables.
"""

from dataclasses import dataclass
from typing import Literal

from imdb_assets.warehouse import views

Kind = Literal["text", "id", "year", "count", "number", "rating", "points", "share", "seconds", "ms", "bytes", "when"]
"""Format of a column's values: ratings with two decimals, points with a sign, shares in per cent."""

SNAPSHOTS = "lake.snapshots"
"""Table of all unexpired snapshots. Its columns are table_name, snapshot_id, published_at, rows, current and run_id."""


@dataclass(frozen=True)
class Column:
    """One column of a panel's query."""

    title: str
    kind: Kind = "text"
    leads_to: str | None = None
    """Name of the column with the ids of the titles or people that this column names; pages link names by these ids."""


@dataclass(frozen=True)
class Figures:
    """One row of numbers in large type."""


@dataclass(frozen=True)
class Rows:
    """A table."""


@dataclass(frozen=True)
class Bars:
    """Bars, in the order of the rows; horizontal if the categories have long names."""

    category: str
    value: str
    series: str | None = None
    lying: bool = False
    stacked: bool = False
    reference: float | None = None
    """Value at which to draw a line for comparison."""


@dataclass(frozen=True)
class Lines:
    """Lines; the horizontal axis is a number, a year or a time."""

    x: str
    y: str
    series: str | None = None
    lower: str | None = None
    upper: str | None = None
    reference: float | None = None
    diagonal: tuple[float, float] | None = None
    """Values at the two ends of a reference line on which both axes have equal values; None for no line."""


@dataclass(frozen=True)
class Dots:
    """One row of dots per category, in the query's order; dots have intervals if `lower` and `upper` are set."""

    category: str
    value: str
    series: str | None = None
    lower: str | None = None
    upper: str | None = None
    reference: float | None = None


@dataclass(frozen=True)
class Heat:
    """A heat map of coloured cells; if `diverging` is true, the colours diverge around zero."""

    x: str
    y: str
    value: str
    diverging: bool = False


Drawing = Figures | Rows | Bars | Lines | Dots | Heat


@dataclass(frozen=True)
class Metrics:
    """Metrics of a panel, which Grafana reads from CloudWatch and the local page reads from `ops.metrics`."""

    names: tuple[str, ...]
    statistic: Literal["Average", "Sum", "Maximum", "Minimum"] = "Average"


@dataclass(frozen=True)
class Panel:
    """A question, and the chart or table that answers it."""

    name: str
    """The panel's name, unique in the dashboard; also the panel's anchor on the page."""
    title: str
    words: str
    """Describes the chart and how to read it, for readers who can see the chart and for readers who cannot."""
    query: str
    columns: dict[str, Column]
    """Columns of the query, in the query's order."""
    drawing: Drawing
    wide: bool = False
    """Whether the panel takes the whole width of a page."""
    metrics: Metrics | None = None
    """The panel's data as metrics in CloudWatch; None if CloudWatch does not have the data."""
    nothing: str = "No rows."
    """Text shown if the query has no rows."""
    whole_dumps: bool = False
    """Whether the panel counts lines of dumps; if so, the panel is left out when a reader selects films."""

    @property
    def shown(self) -> dict[str, Column]:
        """The columns that a page shows: all except ids that only serve as link targets of other columns."""
        ids = {column.leads_to for column in self.columns.values()}
        return {name: column for name, column in self.columns.items() if name not in ids}

    @property
    def reads(self) -> list[str]:
        """Tables and views that the query names."""
        return [name for name in views.tables(self.query) if name != SNAPSHOTS]

    @property
    def tables(self) -> list[str]:
        """Tables that the panel's rows come from, including the tables that views read, sorted."""
        return sorted({table for name in self.reads for table in behind(name)})

    @property
    def reads_history(self) -> bool:
        """Whether the query reads `lake.snapshots`, the list of all tables' snapshots."""
        return SNAPSHOTS in views.tables(self.query)


@dataclass(frozen=True)
class Dashboard:
    """A set of panels on one subject."""

    name: str
    title: str
    words: str
    panels: tuple[Panel, ...]
    selects_films: bool = False
    """Whether readers can restrict the dashboard's page to some films (`selection.py`)."""

    @property
    def reads(self) -> list[str]:
        """Tables and views that the dashboard's queries name, sorted."""
        return sorted({name for panel in self.panels for name in panel.reads})


def behind(name: str) -> list[str]:
    """All tables that a query reads through the given table or view; for a table, only the table itself."""
    return views.tables(views.every()[name].text) if name in views.every() else [name]


def series_of(drawing: Drawing) -> str | None:
    """The column whose values the colours distinguish; None if the colours distinguish nothing."""
    return getattr(drawing, "series", None)
