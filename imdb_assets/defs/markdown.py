"""Rows and pictures as Markdown, which Dagster's UI renders in place."""

import base64
from typing import Any

import dagster as dg
import polars as pl

from imdb_assets.dashboards.charts import picture
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.lake.files import parquet_files, scan
from imdb_assets.lake.table import Staged

PREVIEW_ROWS = 5
LONGEST_CELL = 300  # characters; previews must be small, because the event log keeps every preview


def preview(staged: Staged) -> dg.MarkdownMetadataValue:
    """The first rows as a Markdown table."""
    return markdown_table(scan(parquet_files(staged.prefix)[-1:]).head(PREVIEW_ROWS).collect())


def markdown_table(frame: pl.DataFrame) -> dg.MarkdownMetadataValue:
    """A frame as a Markdown table."""
    rows = [frame.columns, ["---"] * frame.width, *([_cell(value) for value in row] for row in frame.iter_rows())]
    return dg.MetadataValue.md("\n".join(f"| {' | '.join(row)} |" for row in rows))


def pictures(table: str, rows: pl.DataFrame) -> dict[str, dg.MarkdownMetadataValue]:
    """Images of the dashboard panels that read only the given table, drawn from rows that are not published yet."""
    from imdb_assets.dashboards.data import Filled, rows_of
    from imdb_assets.warehouse.duckdb import over

    warehouse = over([], None, {table: rows})
    panels = [panel for dashboard in DASHBOARDS.values() for panel in dashboard.panels if panel.tables == [table]]
    drawn = {panel.title: picture(Filled(panel, rows_of(panel, warehouse), ())) for panel in panels}
    return {title: dg.MetadataValue.md(image(title, png)) for title, png in drawn.items() if png}


def image(title: str, png: bytes) -> str:
    """Markdown that shows a PNG image, and contains the image itself."""
    return f"![{title}](data:image/png;base64,{base64.b64encode(png).decode()})"


def _cell(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    if len(text) > LONGEST_CELL:
        text = f"{text[:LONGEST_CELL]}…"
    return text.replace("|", "\\|").replace("\n", " ")
