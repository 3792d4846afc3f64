#!/usr/bin/env bash
# Question: plotly.express draws the votes of films by year. Does a chart with color="genre" show the same votes, if some
#   films have no genre?
# Guess: Yes, with a further bar for films without a genre, as px.pie has a further slice.
# What happens: Films without a genre vanish: of 307 votes, 7 are drawn. So do they with facet_col, animation_frame,
#   line_group, symbol or pattern_shape; each such column takes rows away. Without these columns, in pie, and in box
#   with x="genre", all films are there. It is the same for pandas and Polars, and no warning comes.
# Versions: plotly 7.1.0, pandas 3.1.1, polars 2.1.0.
# For a user: Fill missing groups with a word before the chart.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile plotly==7.1.0 pandas==3.1.1 polars==2.1.0 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import pandas as pd
import plotly
import plotly.express as px
import polars as pl

print("plotly", plotly.__version__, "| pandas", pd.__version__, "| polars", pl.__version__)
films = {"genre": ["Drama", "Drama", "War", None, None], "region": ["US", "DE", None, "US", "DE"], "year": [2000, 2001, 2000, 2001, 2000], "votes": [1, 2, 4, 100, 200]}


def drawn(figure):
    """The sum of the votes in all traces, and in all frames of an animation."""
    parts = figure.frames or [figure]
    return int(sum(sum(trace.y) for part in parts for trace in part.data))


for name, frame in {"pandas": pd.DataFrame(films), "polars": pl.DataFrame(films)}.items():
    by_year = {"data_frame": frame, "x": "year", "y": "votes"}
    kinds = [px.bar, px.histogram, px.box, px.line, px.scatter, px.area]
    expect(f"{name}: without color", [drawn(kind(**by_year)) for kind in kinds], [307] * 6)
    expect(f"{name}: by genre", [drawn(kind(**by_year, color="genre")) for kind in kinds], [7] * 6)
    expect(f"{name}: by region", [drawn(kind(**by_year, color="region")) for kind in kinds], [303] * 6)
    others = [px.bar(**by_year, facet_col="genre"), px.bar(**by_year, animation_frame="genre"), px.bar(**by_year, pattern_shape="genre"), px.line(**by_year, line_group="genre"), px.scatter(**by_year, symbol="genre")]
    expect(f"{name}: facets and others", [drawn(figure) for figure in others], [7] * 5)
    expect(f"{name}: color and facet", drawn(px.bar(**by_year, color="genre", facet_col="region")), 3)
    expect(f"{name}: pie", int(sum(px.pie(frame, names="genre", values="votes").data[0].values)), 307)
    expect(f"{name}: box by genre", drawn(px.box(frame, x="genre", y="votes")), 307)
filled = pl.DataFrame(films).with_columns(pl.col("genre").fill_null("none"))
expect("filled", drawn(px.bar(filled, x="year", y="votes", color="genre")), 307)
PY
