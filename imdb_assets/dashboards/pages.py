"""Dashboards as local pages: each is one HTML document that shows the lake's current state and needs no other server.

A page is made again only if a table behind it has a new current snapshot. `serving/app.py` serves the pages.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from imdb_assets.dashboards import charts, vega
from imdb_assets.dashboards.base import Column, Dashboard, Figures
from imdb_assets.dashboards.data import Filled, Reading, Source
from imdb_assets.dashboards.look import config
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.dashboards.selection import ALL_FILMS, OLDEST, VOTES, Selection
from imdb_assets.dashboards.shown import NUMERIC, moment, shown, summary
from imdb_assets.lake.lake import Lake
from imdb_assets.ml.model_card import ATTRIBUTION, SAMPLE
from imdb_assets.transforms.film_facts import GENRES

if TYPE_CHECKING:
    import jinja2

FOLDER = Path(__file__).parent
KEPT = 8
"""Largest number of cached pages per dashboard; each choice of films has its own page."""
PINNED_SECONDS = 5.0
"""Seconds for which a page reuses its last look-up of snapshots; a burst of requests then causes only one look-up."""


@dataclass(frozen=True)
class _Page:
    html: bytes
    mark: frozenset[tuple[str, int]]
    checked_at: float


class Origin(NamedTuple):
    """The statement on every page about the origin of its data, as HTML."""

    banner: str
    attribution: str


def origin(*, generated: bool) -> Origin:
    """A banner for pages of a generated sample; IMDb's attribution in the footer for all other pages."""
    if generated:
        return Origin(f'<p class="sample" role="note">{SAMPLE}</p>', "")
    return Origin("", f"<p>{ATTRIBUTION}</p>")


class Pages:
    """A cache of pages by name; each page is kept until its tables change. Threads may share the cache."""

    def __init__(
        self,
        lake: Lake,
        cache_folder: Path,
        clock: Callable[[], datetime] | None = None,
        generated: Callable[[], bool] = lambda: False,
    ) -> None:
        """Reads nothing before the first request; `cache_folder` keeps the script that draws charts."""
        self._lake = lake
        self._cache_folder = cache_folder
        self._clock = clock or (lambda: datetime.now(UTC))
        self._generated = generated
        self._pages: dict[str, dict[Selection, _Page]] = {name: {} for name in DASHBOARDS}
        self._making_vega = threading.Lock()
        self._locks = {name: threading.Lock() for name in DASHBOARDS}

    def html(self, name: str, chosen: Selection = ALL_FILMS) -> bytes:
        """The page of a dashboard, about all films or about the films that the reader has chosen."""
        dashboard, pages = DASHBOARDS[name], self._pages[name]
        with self._locks[name]:
            page, now = pages.pop(chosen, None), time.monotonic()
            if page is None or now - page.checked_at >= PINNED_SECONDS:
                reading = Reading(self._lake, dashboard.panels)
                fresh = page is not None and page.mark == reading.mark
                html = page.html if page and fresh else self._render(dashboard, reading, chosen)
                page = _Page(html, reading.mark, now)
            pages[chosen] = page
            for longest_unasked in list(pages)[:-KEPT]:
                del pages[longest_unasked]
            return page.html

    def rows(self, name: str, panel: str, chosen: Selection = ALL_FILMS) -> Filled | None:
        """One panel of a dashboard with all its rows; None if there is no such dashboard or panel."""
        panels = [one for one in DASHBOARDS[name].panels if one.name == panel] if name in DASHBOARDS else []
        return Reading(self._lake, panels).fill(panels, chosen)[0] if panels else None

    def charts(self) -> bytes:
        """The script that draws a page's charts."""
        return (FOLDER / "charts.js").read_bytes()

    def tables(self) -> bytes:
        """The script that sorts a page's tables."""
        return (FOLDER / "tables.js").read_bytes()

    def vega(self) -> bytes:
        """Vega, Vega-Lite and Vega-Embed as one script."""
        with self._making_vega:
            return vega.script(self._cache_folder)

    def _render(self, dashboard: Dashboard, reading: Reading, chosen: Selection) -> bytes:
        panels = [panel for panel in dashboard.panels if chosen == ALL_FILMS or not panel.whole_dumps]
        parts = [_part(filled) for filled in reading.fill(panels, chosen)]
        now = self._clock()
        text = _template().render(
            dashboard=dashboard,
            chosen=chosen,
            choices={
                "decade": range(now.year // 10 * 10, OLDEST - 1, -10),
                "genre": sorted(GENRES.values()),
                "votes": VOTES,
            },
            dashboards=list(DASHBOARDS.values()),
            parts=parts,
            themes={"light": config("light"), "dark": config("dark")},
            origin=origin(generated=self._generated()),
            read_at=moment(now),
        )
        return text.encode()


@cache
def _template() -> "jinja2.Template":
    import jinja2

    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("page.html")


def _part(filled: Filled) -> dict[str, Any]:
    """The template's values for a panel."""
    columns = filled.panel.shown
    cells = [[_cell(column, name, row) for name, column in columns.items()] for row in filled.rows.to_dicts()]
    figures = isinstance(filled.panel.drawing, Figures) and not filled.problem
    return {
        "panel": filled.panel,
        "problem": filled.problem,
        "figures": list(zip([column.title for column in columns.values()], cells[0], strict=True)) if figures else [],
        "chart": charts.specification(filled),
        "summary": summary(filled),
        "columns": [{"title": column.title, "number": column.kind in NUMERIC} for column in columns.values()],
        "cells": cells,
        "sources": [_words(source) for source in filled.sources],
        "newest": moment(max(source.published_at for source in filled.sources)) if filled.sources else "",
    }


def _cell(column: Column, name: str, row: dict[str, Any]) -> dict[str, Any]:
    """A table cell: the value as text, the number to sort by, and the id of the title or person named."""
    value = row[name]
    return {
        "text": shown(column.kind, value),
        "id": row[column.leads_to] if column.leads_to else None,
        "number": value if column.kind in NUMERIC else None,
    }


def _words(source: Source) -> str:
    return f"{source.table}, snapshot {source.snapshot_id} of {moment(source.published_at)}"
