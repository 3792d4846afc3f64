"""Draws a panel from its declaration and its rows, with Altair: as a Vega-Lite specification or as a picture."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from imdb_assets.colours import Theme, colours
from imdb_assets.dashboards.base import Bars, Column, Dots, Drawing, Figures, Heat, Kind, Lines, Panel, Rows, series_of
from imdb_assets.dashboards.look import MISSING, REFERENCE, config
from imdb_assets.dashboards.shown import D3, NUMERIC

if TYPE_CHECKING:
    from imdb_assets.dashboards.data import Filled

STEP, HEIGHT = 22, 240
"""`STEP` is the height of one category in a chart with horizontal bars; `HEIGHT` is the height of any other chart. Both
are in points."""
PICTURE_WIDTH = 560
SHORT = 3
"""Length in characters of the longest names that fit below vertical bars without rotation."""
WIDEST = 48
"""Largest width of a vertical bar in points, for charts with few bars."""
FEW = 5
"""An axis that ends at `FEW` or below has labels only at whole numbers; Vega's default would also label halves."""
FROM_ZERO: set[Kind] = {"seconds", "ms"}
"""Kinds of durations. A line chart of durations begins at zero, so that twice the height means twice the time."""
DASHES = [[1, 0], [6, 4], [2, 4], [10, 4, 2, 4]]
"""One dash pattern per series of a chart. A pattern alternates the lengths of dashes and gaps, in points."""
APART: dict[str, Any] = {"labelOverlap": True, "labelSeparation": 8}
"""Options of the horizontal axis of a line chart: labels that would touch are left out."""
LABELS = 150
"""Largest width of a category's name in points, so that bars have room on a phone, which is 390 points wide."""


def specification(filled: Filled) -> dict[str, Any] | None:
    """The chart as Vega-Lite, as wide as its container; None if there is nothing to draw.

    There is nothing to draw if the panel is not a chart, has no rows, or has only lines with a single point each.
    `look.config` has the colours for each theme.
    """
    import altair as alt

    drawing = filled.panel.drawing
    if filled.problem or isinstance(drawing, Figures | Rows):
        return None
    if isinstance(drawing, Lines) and not _has_lines(filled, drawing):
        return None
    chart = _drawn(filled).properties(data=alt.InlineData(_values(filled)), width="container")
    spec: dict[str, Any] = chart.to_dict()
    del spec["config"]
    return spec | {"autosize": {"type": "fit-x", "contains": "padding"}}


def _has_lines(filled: Filled, drawing: Lines) -> bool:
    """Whether some line has at least two points; after the first run, every line has only one point."""
    return filled.rows.height > (_distinct(filled, drawing.series) if drawing.series else 1)


def picture(filled: Filled, theme: Theme = "light", scale: float = 1.0) -> bytes | None:
    """The chart as PNG with its title, rendered in this process without a browser; None if there is no chart."""
    import vl_convert

    spec = specification(filled)
    if spec is None:
        return None
    colour = colours(theme)
    looks = config(theme) | {"background": colour["card"], "title": {"color": colour["ink"], "anchor": "start"}}
    titled = spec | {"width": PICTURE_WIDTH, "title": filled.panel.title, "padding": 12}
    return vl_convert.vegalite_to_png(titled, config=looks, scale=scale)


def _values(filled: Filled) -> list[dict[str, Any]]:
    """Converts rows to JSON's types; times become text, in UTC."""
    return [
        {name: value.isoformat() + "Z" if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in filled.rows.to_dicts()
    ]


def _drawn(filled: Filled) -> Any:
    panel, drawing = filled.panel, filled.panel.drawing
    match drawing:
        case Bars():
            names = filled.rows[drawing.category].cast(pl.String).str.len_chars().to_list()
            short = max(names) <= SHORT
            return _bars(
                panel, drawing, rows=_distinct(filled, drawing.category), short=short, most=_most(filled, drawing)
            )
        case Lines():
            return _lines(panel, drawing, filled.rows[drawing.x])
        case Dots():
            return _dots(panel, drawing, rows=_distinct(filled, drawing.category))
        case Heat():
            return _heat(panel, drawing, filled.rows)
        case Figures() | Rows():
            raise ValueError(f"{panel.name}: a table or a row of single numbers cannot be drawn as a chart")


def _distinct(filled: Filled, column: str) -> int:
    """Number of distinct values.

    A chart's height is computed from the number of categories, because Vega warns about heights that are given per bar.
    """
    return filled.rows[column].n_unique()


def _most(filled: Filled, drawing: Bars) -> float:
    """Length of the longest bar, in the units of the axis."""
    values = filled.rows.group_by(drawing.category).agg(pl.col(drawing.value).sum()) if drawing.stacked else filled.rows
    most = values[drawing.value].max()
    return most if isinstance(most, int | float) else 0


def _bars(panel: Panel, drawing: Bars, *, rows: int, short: bool, most: float) -> Any:
    import altair as alt

    category = panel.columns[drawing.category]
    few = not drawing.lying and rows * WIDEST < PICTURE_WIDTH / 2
    bars: Any = (
        alt.Chart().mark_bar(size=WIDEST if few else alt.Undefined).encode(tooltip=_tooltip(panel), **_colour(drawing))
    )
    value = _value(drawing.value, panel, zero=True, most=most, stack="zero" if drawing.stacked else None)
    if drawing.lying:
        names = alt.Y(f"{drawing.category}:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABELS))
        whole = alt.layer(bars.encode(x=alt.X(**value), y=names), *_reference(drawing.reference, "x"))
        return whole.properties(height=rows * STEP)
    angle = 0 if category.kind in NUMERIC or short or few else alt.Undefined
    names = alt.X(
        f"{drawing.category}:O", sort=None, title=category.title, axis=alt.Axis(labelAngle=angle, labelOverlap=True)
    )
    whole = alt.layer(bars.encode(x=names, y=alt.Y(**value)), *_reference(drawing.reference, "y"))
    return whole.properties(height=HEIGHT)


def _lines(panel: Panel, drawing: Lines, places: pl.Series) -> Any:
    import altair as alt

    column = panel.columns[drawing.x]
    kind = "T" if column.kind == "when" else "Q"
    axis = (
        alt.Axis(tickCount=6, format=_moments(places), **APART)
        if kind == "T"
        else alt.Axis(
            format=_trimmed(column.kind), tickMinStep=1 if column.kind in {"year", "count"} else alt.Undefined, **APART
        )
    )
    scale = alt.Scale(type="utc") if kind == "T" else alt.Scale(zero=False, nice=False)
    x = alt.X(f"{drawing.x}:{kind}", title=column.title, axis=axis, scale=scale)
    y = alt.Y(**_value(drawing.y, panel, zero=panel.columns[drawing.y].kind in FROM_ZERO))
    layers: list[Any] = []
    if drawing.lower and drawing.upper:
        band: Any = alt.Chart().mark_area(opacity=0.18, line=False)
        low = alt.Y(f"{drawing.lower}:Q", title=panel.columns[drawing.y].title, scale=alt.Scale(zero=False))
        layers.append(band.encode(x=x, y=low, y2=f"{drawing.upper}:Q", **_colour(drawing)))
    line: Any = alt.Chart().mark_line(point=True)
    layers.append(line.encode(x=x, y=y, tooltip=_tooltip(panel), **_colour(drawing), **_dashes(drawing)))
    return alt.layer(*_diagonal(drawing), *layers, *_reference(drawing.reference, "y")).properties(height=HEIGHT)


def _moments(places: pl.Series) -> str:
    """The format of times on an axis; Vega's own format would leave out parts that labels share, such as the hour."""
    first, last = places.min(), places.max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    if last - first > 6 * timedelta(days=1):
        return "%Y-%m-%d"
    return "%m-%d %H:%M" if last - first > timedelta(minutes=6) else "%m-%d %H:%M:%S"


def _dots(panel: Panel, drawing: Dots, *, rows: int) -> Any:
    import altair as alt

    names = alt.Y(f"{drawing.category}:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABELS, grid=True))
    encoded: dict[str, Any] = {"y": names, **_colour(drawing)}
    layers: list[Any] = []
    if drawing.lower and drawing.upper:
        if drawing.series:
            encoded["yOffset"] = alt.YOffset(f"{drawing.series}:N")
        ends = {"x": alt.X(**_value(drawing.lower, panel, zero=False, title=drawing.value)), "x2": f"{drawing.upper}:Q"}
        rule: Any = alt.Chart().mark_rule(strokeWidth=2, opacity=0.5)
        layers.append(rule.encode(**encoded, **ends))
    dots: Any = alt.Chart().mark_point(size=70)
    layers.append(dots.encode(**encoded, x=alt.X(**_value(drawing.value, panel, zero=False)), tooltip=_tooltip(panel)))
    return alt.layer(*layers, *_reference(drawing.reference, "x")).properties(height=rows * STEP)


def _heat(panel: Panel, drawing: Heat, rows: pl.DataFrame) -> Any:
    import altair as alt

    x, y, value = (panel.columns[name] for name in (drawing.x, drawing.y, drawing.value))
    scale = alt.Scale(type="sqrt")
    if drawing.diverging:  # a symmetric scale, so that equal distances from 0 are equally dark
        farthest: float = rows.select(pl.col(drawing.value).abs().max()).item() or 1
        scale = alt.Scale(domain=[-farthest, farthest], domainMid=0, range="diverging", interpolate="rgb")
    # numbers increase from bottom to top; names are sorted from top to bottom
    order = "descending" if y.kind in NUMERIC else "ascending"
    cells: Any = alt.Chart().mark_rect()
    places: dict[str, Any] = {
        "x": alt.X(f"{drawing.x}:O", title=x.title, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        "y": alt.Y(f"{drawing.y}:O", sort=order, title=None if order == "ascending" else y.title),
    }
    columns, lines = rows.select(pl.col(drawing.x).unique()), rows.select(pl.col(drawing.y).unique())
    every = alt.InlineData(columns.join(lines, how="cross").sort(drawing.x, drawing.y).to_dicts())
    missing: Any = alt.Chart(every).mark_rect(style=MISSING)
    return alt.layer(
        *([missing.encode(**places)] if drawing.diverging else []),
        cells.encode(
            **places,
            color=alt.Color(
                f"{drawing.value}:Q",
                title=value.title,
                scale=scale,
                legend=alt.Legend(format=D3[value.kind], gradientLength=140, tickCount=3),
            ),
            tooltip=_tooltip(panel),
        ),
    ).properties(height=lines.height * (STEP - 4))


def _value(
    name: str, panel: Panel, *, zero: bool, title: str | None = None, most: float = FEW + 1, **more: Any
) -> dict[str, Any]:
    """The axis of the measured value."""
    import altair as alt

    column = panel.columns[title or name]
    counted = column.kind == "count"
    axis = alt.Axis(
        format="~s" if counted else _trimmed(column.kind),
        tickCount=5,
        tickMinStep=1 if counted else alt.Undefined,
        values=list(range(int(most) + 1)) if counted and most <= FEW else alt.Undefined,
        # By itself, Vega would label zero as "0k".
        labelExpr="datum.value === 0 ? '0' : datum.label" if counted else alt.Undefined,
    )
    return {
        "shorthand": f"{name}:Q",
        "title": column.title,
        "scale": alt.Scale(zero=zero),
        "axis": axis,
        **{key: value for key, value in more.items() if value is not None},
    }


def _trimmed(kind: Kind) -> str:
    """The number format of an axis for a kind of column: no trailing zeros, because an axis has round numbers."""
    if kind in FROM_ZERO:
        return ",.3~f"
    return D3[kind].replace("f", "~f").replace("~~", "~")


def _colour(drawing: Drawing) -> dict[str, Any]:
    """One colour per series, in the order of the rows."""
    import altair as alt

    series = series_of(drawing)
    return {"color": alt.Color(f"{series}:N", title=None, sort=None, legend=_legend(drawing))} if series else {}


def _dashes(drawing: Lines) -> dict[str, Any]:
    """Gives each series its own dashes, so that overlapping lines stay visible; no dashes if the lines have bands."""
    import altair as alt

    if not drawing.series or drawing.lower:
        return {}
    scale, legend = alt.Scale(range=DASHES), _legend(drawing)  # equal to the legend of `_colour`, so Vega merges both
    return {"strokeDash": alt.StrokeDash(f"{drawing.series}:N", title=None, sort=None, legend=legend, scale=scale)}


def _legend(drawing: Drawing) -> Any:
    """The legend, with two columns of entries, so that it fits on a phone. Entries for lines show the lines' dashes."""
    import altair as alt

    return (
        alt.Legend(columns=2, symbolType="stroke", symbolSize=300)
        if isinstance(drawing, Lines)
        else alt.Legend(columns=2)
    )


def _reference(value: float | None, channel: str) -> list[Any]:
    import altair as alt

    if value is None:
        return []
    rule: Any = alt.Chart(alt.InlineData([{"reference": value}])).mark_rule(strokeDash=[5, 4])
    return [rule.encode(**{channel: "reference:Q"})]


def _diagonal(drawing: Lines) -> list[Any]:
    """The line on which both axes have the same value."""
    import altair as alt

    if drawing.diagonal is None:
        return []
    ends = [{"x": end, "y": end} for end in drawing.diagonal]
    line: Any = alt.Chart(alt.InlineData(ends)).mark_line(style=REFERENCE)
    return [line.encode(x="x:Q", y="y:Q")]


def _tooltip(panel: Panel) -> list[Any]:
    import altair as alt

    return [_hint(alt, name, column) for name, column in panel.shown.items()]


def _hint(alt: Any, name: str, column: Column) -> Any:
    title = column.title or name
    if column.kind == "when":
        return alt.Tooltip(f"{name}:T", title=title, format="%Y-%m-%d %H:%M")
    if column.kind in NUMERIC:
        return alt.Tooltip(f"{name}:Q", title=title, format=D3[column.kind])
    return alt.Tooltip(f"{name}:N", title=title)
