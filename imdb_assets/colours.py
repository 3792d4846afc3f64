"""The project's colours, light and dark.

The module reads the colours from the pages' style sheet, the only file that defines colours.

`dashboards/look.py` uses the project's colours for charts.
"""

import re
from functools import cache
from pathlib import Path
from typing import Literal

Theme = Literal["light", "dark"]

STYLE_SHEET = Path(__file__).parent / "serving" / "page.css"
SERIES = ("c1", "c2", "c3", "c4", "c5")
"""Custom properties of the style sheet: each holds the colour of one series in charts. Any two of the colours
look different to people with impaired colour vision, too."""


@cache
def colours(theme: Theme) -> dict[str, str]:
    """Maps each custom property of the style sheet to its colour in the given theme."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE_SHEET.read_text(encoding="utf-8"), re.DOTALL)
    found = [dict(re.findall(r"--([a-z0-9]+): *([^;]+);", block)) for block in blocks]
    return found[0] if theme == "light" else found[0] | found[1]
