"""Rows of `ops.metrics` by hand."""

from datetime import UTC, datetime

import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.ops import METRICS, Metrics
from imdb_assets.monitoring.alarms import Alarm

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = "0a1b2c3d"


def measured(*rows: tuple[datetime, str, str, str, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "measured_at": at,
                "metric": metric,
                "asset": asset,
                "part": part,
                "value": value,
                "unit": METRICS[metric].unit,
                "run_id": RUN,
                "reason": f"{RUN} {asset} {part}",
            }
            for at, metric, asset, part, value in rows
        ],
        schema=polars_schema(Metrics),
    )


def example(alarm: Alarm) -> str:
    """An asset that the alarm judges."""
    return f"{alarm.layers[0]}/x" if alarm.layers else ""
