"""Rows and pictures as Markdown, which Dagster's UI renders in place."""

import base64
from typing import TYPE_CHECKING, Any

import dagster as dg
import polars as pl

from imdb_assets.lake.files import parquet_files, scan
from imdb_assets.lake.table import Staged
from imdb_assets.ml import charts

if TYPE_CHECKING:
    import altair as alt

PREVIEW_ROWS = 5
LONGEST_CELL = 300  # characters, because the event log keeps every preview


def preview(staged: Staged) -> dg.MarkdownMetadataValue:
    """The first rows as a Markdown table."""
    return markdown_table(scan(parquet_files(staged.prefix)[-1:]).head(PREVIEW_ROWS).collect())


def markdown_table(frame: pl.DataFrame) -> dg.MarkdownMetadataValue:
    """A frame as a Markdown table."""
    rows = [frame.columns, ["---"] * frame.width, *([_cell(value) for value in row] for row in frame.iter_rows())]
    return dg.MetadataValue.md("\n".join(f"| {' | '.join(row)} |" for row in rows))


def picture(chart: "alt.FacetChart") -> dg.MarkdownMetadataValue:
    """A chart as an image within Markdown, which the UI shows in place."""
    return dg.MetadataValue.md(image("chart", charts.to_png(chart)))


def image(title: str, png: bytes) -> str:
    """A PNG within Markdown."""
    return f"![{title}](data:image/png;base64,{base64.b64encode(png).decode()})"


def _cell(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    if len(text) > LONGEST_CELL:
        text = f"{text[:LONGEST_CELL]}…"
    return text.replace("|", "\\|").replace("\n", " ")
