"""The configuration of Vega-Lite for light and dark charts in the project's colours."""

from typing import Any

from imdb_assets.colours import SERIES, Theme, colours

FONT = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif'
REFERENCE = "reference"
"""Style of marks that show no data, such as the line of zero error."""
MISSING = "missing"
"""Style of empty cells in a heat map. Empty cells need a colour, because the background's colour stands for zero."""


def config(theme: Theme) -> dict[str, Any]:
    """Vega-Lite's configuration."""
    colour = colours(theme)
    axis = {
        "labelColor": colour["soft"],
        "titleColor": colour["soft"],
        "gridColor": colour["line"],
        "domainColor": colour["line"],
        "tickColor": colour["line"],
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titlePadding": 8,
    }
    return {
        "aria": False,  # screen readers get title, description and data from the page, beside each chart
        "background": None,
        "font": FONT,
        "view": {"stroke": None},
        "mark": {"color": colour["c1"]},
        "bar": {"color": colour["c1"]},
        "line": {"strokeWidth": 2},
        "point": {"filled": True, "size": 45, "opacity": 1},
        "rule": {"color": colour["ink"]},
        "style": {
            REFERENCE: {"stroke": colour["soft"], "strokeDash": [5, 4], "strokeWidth": 1},
            MISSING: {"color": colour["line"]},
        },
        "rect": {"stroke": colour["card"], "strokeWidth": 1},
        "axis": axis,
        "axisX": {"grid": False, "labelFlush": False},
        "axisBand": {"grid": False, "ticks": False, "domain": False},
        "legend": {
            "labelColor": colour["ink"],
            "titleColor": colour["soft"],
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "orient": "top",
            "symbolOpacity": 1,
            "columnPadding": 16,
        },
        "range": {
            "category": [colour[name] for name in SERIES],
            "heatmap": [colour["wash"], colour["c1"]],
            "ramp": [colour["wash"], colour["c1"]],
            "diverging": [colour["c2"], colour["card"], colour["c1"]],
        },
    }
