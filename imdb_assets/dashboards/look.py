"""How charts look, light and dark: read off the pages' style sheet, so that a colour is written once."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

Theme = Literal["light", "dark"]

STYLE_SHEET = Path(__file__).parents[1] / "serving" / "page.css"
FONT = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif'
SERIES = ("c1", "c2", "c3", "c4", "c5")
"""Custom properties of the style sheet: colours that tell series apart, also for those who see few colours."""


@cache
def colours(theme: Theme) -> dict[str, str]:
    """Custom property → colour."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE_SHEET.read_text(encoding="utf-8"), re.DOTALL)
    found = [dict(re.findall(r"--([a-z0-9]+): *([^;]+);", block)) for block in blocks]
    return found[0] if theme == "light" else found[0] | found[1]


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
        "aria": False,  # title, words and data of each chart stand beside it, for screen readers too
        "background": None,
        "font": FONT,
        "view": {"stroke": None},
        "mark": {"color": colour["c1"]},
        "bar": {"color": colour["c1"]},
        "line": {"strokeWidth": 2},
        "point": {"filled": True, "size": 45, "opacity": 1},
        "rule": {"color": colour["ink"]},
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
