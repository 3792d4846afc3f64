"""Formats values for people: one format per kind of column, in tables, tooltips, axes and sentences."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from imdb_assets.dashboards.base import Bars, Column, Dots, Drawing, Heat, Kind, Lines

if TYPE_CHECKING:  # avoids importing DuckDB when definitions load
    from imdb_assets.dashboards.data import Filled

D3: dict[Kind, str] = {
    "year": "d",
    "count": ",d",
    "number": ".3~f",
    "rating": ".2f",
    "points": "+.2f",
    "share": ".3~%",
    "seconds": ",.1f",
    "ms": ",.1f",
    "bytes": ".3~s",
}
"""Maps a kind of column to the D3 format for charts. Columns that are not numeric have no format."""
NUMERIC = frozenset(D3)

FEW = 0.01
"""Distance from 0 or 1 below which a share is shown with more decimals."""


def shown(kind: Kind, value: Any) -> str:
    """A value as text; empty for null."""
    return "" if value is None else _WRITTEN[kind](value)


def _share(value: float) -> str:
    """A share as text, with enough decimals that only an exact 0 or 1 is shown as 0 % or 100 %."""
    near = round(min(value, 1 - value), 12)  # rounded, because 1 - 0.9999 is less than 0.0001 in floats
    return f"{value:.{1 - math.floor(math.log10(near * 100))}%}" if 0 < near < FEW else f"{value:.1%}"


def moment(value: datetime) -> str:
    """A date and time in UTC."""
    return f"{value:%Y-%m-%d %H:%M} UTC"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


_WRITTEN: dict[Kind, Callable[[Any], str]] = {
    "text": str,
    "id": str,
    "year": lambda value: f"{value:.0f}",
    "count": lambda value: f"{value:,.0f}",
    "number": _number,
    "rating": lambda value: f"{value:.2f}",
    "points": lambda value: f"{value:+.2f}".replace("-", "\u2212"),
    "share": _share,
    "seconds": lambda value: f"{value:,.1f}",
    "ms": lambda value: f"{value:,.1f}",
    "bytes": lambda value: f"{value / 1e6:,.1f} MB",
    "when": moment,
}


def summary(filled: "Filled") -> str:
    """The chart in one sentence: the number of rows, and the lowest and the highest value with their names."""
    if filled.problem:
        return filled.problem
    value, of = _measured(filled.panel.drawing)
    known = filled.rows.drop_nulls(value) if value else filled.rows
    count = f"{filled.rows.height:,} {'row' if filled.rows.height == 1 else 'rows'}"
    if value is None or known.is_empty():
        return f"{count}."
    lowest, highest = known.sort(value).row(0, named=True), known.sort(value).row(-1, named=True)
    ends = [
        f"{_said(filled, value, row)} ({', '.join(_said(filled, name, row) for name in of)})"
        for row in (lowest, highest)
    ]
    title = filled.panel.columns[value].title
    return f"{count}; {title}: {ends[0]}." if ends[0] == ends[1] else f"{count}; {title}: from {ends[0]} to {ends[1]}."


def _said(filled: "Filled", name: str, row: dict[str, Any]) -> str:
    column = filled.panel.columns.get(name, Column(name))
    return shown(column.kind, row[name])


def _measured(drawing: Drawing) -> tuple[str | None, list[str]]:
    """The column with a chart's values, and the columns that tell the values apart, such as category and series."""
    match drawing:
        case Bars() | Dots():
            return drawing.value, [name for name in (drawing.category, drawing.series) if name]
        case Lines():
            return drawing.y, [name for name in (drawing.x, drawing.series) if name]
        case Heat():
            return drawing.value, [drawing.y, drawing.x]
        case _:
            return None, []
