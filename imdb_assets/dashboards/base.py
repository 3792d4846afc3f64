"""What a dashboard is made of: panels, each a query, its columns and how to draw them. Data; nothing is drawn here.

The same declaration becomes a local page (`charts.py`, `pages.py`) and a Grafana dashboard (`grafana.py`). Queries are
written for DuckDB over tables and views of the lake; `lake.snapshots` stands for the history of all tables.
"""

from dataclasses import dataclass
from typing import Literal

from imdb_assets.warehouse import views

Kind = Literal["text", "id", "year", "count", "number", "rating", "points", "share", "seconds", "ms", "bytes", "when"]
"""How a column's values are shown: rating with two decimals, points with a sign, share in per cent."""

SNAPSHOTS = "lake.snapshots"
"""Every snapshot of every table that has not expired: table_name, snapshot_id, published_at, rows, current, run_id."""


@dataclass(frozen=True)
class Column:
    """One column of a panel's query."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Figures:
    """One row of numbers, shown large."""


@dataclass(frozen=True)
class Rows:
    """A table."""


@dataclass(frozen=True)
class Bars:
    """Bars, in the order of the rows; lying ones where categories have long names."""

    category: str
    value: str
    series: str | None = None
    lying: bool = False
    stacked: bool = False
    reference: float | None = None
    """Where to draw a line to compare with."""


@dataclass(frozen=True)
class Lines:
    """Lines over a number, a year or a time."""

    x: str
    y: str
    series: str | None = None
    lower: str | None = None
    upper: str | None = None
    reference: float | None = None
    diagonal: tuple[float, float] | None = None
    """From where to where to draw the line on which both axes say the same."""


@dataclass(frozen=True)
class Dots:
    """One line of dots per category, in the order of the rows, with the ends of an interval where there is one."""

    category: str
    value: str
    series: str | None = None
    lower: str | None = None
    upper: str | None = None
    reference: float | None = None


@dataclass(frozen=True)
class Heat:
    """Coloured cells; around zero where `diverging`."""

    x: str
    y: str
    value: str
    diverging: bool = False


Drawing = Figures | Rows | Bars | Lines | Dots | Heat


@dataclass(frozen=True)
class Metrics:
    """Metrics that CloudWatch has too: in Grafana they are read there, on a page from `ops.metrics`."""

    names: tuple[str, ...]
    statistic: Literal["Average", "Sum", "Maximum", "Minimum"] = "Average"


@dataclass(frozen=True)
class Panel:
    """One question and its answer."""

    name: str
    """Unique in the dashboard; its address on the page."""
    title: str
    words: str
    """What is drawn and how to read it, for those who see it and those who do not."""
    query: str
    columns: dict[str, Column]
    """Those of the query, in its order."""
    drawing: Drawing
    wide: bool = False
    """Takes the whole width of a page."""
    metrics: Metrics | None = None
    """What the query's rows are in CloudWatch, if they are there."""
    nothing: str = "No rows."
    """What it means if there are none."""

    @property
    def reads(self) -> list[str]:
        """Tables and views that the query names."""
        return [name for name in views.tables(self.query) if name != SNAPSHOTS]

    @property
    def tables(self) -> list[str]:
        """Tables that its rows come from, those behind views included, sorted."""
        return sorted({table for name in self.reads for table in behind(name)})

    @property
    def reads_history(self) -> bool:
        """Whether it reads the snapshots of all tables."""
        return SNAPSHOTS in views.tables(self.query)


@dataclass(frozen=True)
class Dashboard:
    """Some panels on one subject."""

    name: str
    title: str
    words: str
    panels: tuple[Panel, ...]

    @property
    def reads(self) -> list[str]:
        """Tables and views that its queries name, sorted."""
        return sorted({name for panel in self.panels for name in panel.reads})


def behind(name: str) -> list[str]:
    """The tables behind a table or view: itself, or what the view reads."""
    return views.tables(views.ALL[name].text) if name in views.ALL else [name]


def series_of(drawing: Drawing) -> str | None:
    """The column that colours tell apart."""
    return getattr(drawing, "series", None)
