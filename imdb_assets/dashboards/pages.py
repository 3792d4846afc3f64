"""Dashboards as local pages: one HTML document each, made from the lake's current state, drawn without other servers.

A page is made again only if a table behind it has another current snapshot. `serving/app.py` serves them.
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
from imdb_assets.dashboards.base import Dashboard, Figures, Kind
from imdb_assets.dashboards.data import Filled, Reading, Source
from imdb_assets.dashboards.look import config
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.dashboards.shown import NUMERIC, moment, shown, summary
from imdb_assets.lake.lake import Lake
from imdb_assets.ml.model_card import ATTRIBUTION, SAMPLE

if TYPE_CHECKING:
    import jinja2

FOLDER = Path(__file__).parent
PINNED_SECONDS = 5.0
"""Seconds between look-ups of snapshots: a publish shows within them, and a burst of requests costs one."""


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
    """A banner for pages of a generated sample; IMDb's attribution in the footer for others."""
    if generated:
        return Origin(f'<p class="sample" role="note">{SAMPLE}</p>', "")
    return Origin("", f"<p>{ATTRIBUTION}</p>")


class Pages:
    """Pages by name, each kept until its tables change; safe to share between threads."""

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
        self._pages: dict[str, _Page] = {}
        self._making_vega = threading.Lock()
        self._locks = {name: threading.Lock() for name in DASHBOARDS}

    def html(self, name: str) -> bytes:
        """The page of a dashboard."""
        dashboard = DASHBOARDS[name]
        with self._locks[name]:
            page, now = self._pages.get(name), time.monotonic()
            if page and now - page.checked_at < PINNED_SECONDS:
                return page.html
            reading = Reading(self._lake, dashboard.panels)
            fresh = page is not None and page.mark == reading.mark
            html = page.html if page and fresh else self._render(dashboard, reading)
            self._pages[name] = _Page(html, reading.mark, now)
            return html

    def charts(self) -> bytes:
        """The script that draws a page's charts."""
        return (FOLDER / "charts.js").read_bytes()

    def vega(self) -> bytes:
        """Vega, Vega-Lite and Vega-Embed as one script."""
        with self._making_vega:
            return vega.script(self._cache_folder)

    def _render(self, dashboard: Dashboard, reading: Reading) -> bytes:
        parts = [_part(filled) for filled in reading.fill(dashboard.panels)]
        text = _template().render(
            dashboard=dashboard,
            dashboards=list(DASHBOARDS.values()),
            parts=parts,
            themes={"light": config("light"), "dark": config("dark")},
            origin=origin(generated=self._generated()),
            read_at=moment(self._clock()),
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
    columns = filled.panel.columns
    kinds: list[Kind] = [column.kind for column in columns.values()]
    cells = [[shown(kind, value) for kind, value in zip(kinds, row, strict=True)] for row in filled.rows.rows()]
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


def _words(source: Source) -> str:
    return f"{source.table}, snapshot {source.snapshot_id} of {moment(source.published_at)}"
