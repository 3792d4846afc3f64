"""Measurements of tables, models, endpoint and disk. `defs/ops/run_log.py` measures runs.

Each function returns values of metrics that `contracts/ops.py` lists. None of these functions knows the alarms'
thresholds.
"""

import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, quarantine_contract
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.models import LiveAccuracy, Predictions
from imdb_assets.contracts.ops import METRICS, Metrics
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore
from imdb_assets.monitoring.drift import psi
from imdb_assets.naming import asset_name, landed
from imdb_assets.serving import client, local
from imdb_assets.serving.errors import EndpointError
from imdb_assets.settings import Settings

WHOLE_JOBS = ("everything", "daily")
"""Jobs whose runs cover everything from the dumps to the endpoint."""
GROWING = {name for name, contract in CONTRACTS.items() if contract.incremental}
"""Tables that grow by design, so that their growth is no sign of a problem."""
WEEK = 7
"""A new value is compared with the median of this number of earlier values; daily runs take a week to measure them."""


MIN_REQUESTS = 100
"""Smallest number of requests for which a 95th percentile is computed. The first requests are slow, because they read
tables; these few requests must not decide the percentile."""


class Value(NamedTuple):
    """One measurement."""

    metric: str
    asset: str
    value: float | None
    """The measured value; None if there was too little data for a measurement."""
    part: str = ""
    run_id: str | None = None
    reason: str | None = None
    """The cause, in the words of the failed run or check."""


def as_frame(values: Iterator[Value] | list[Value], now: datetime) -> pl.DataFrame:
    """Rows of `ops.metrics`; of several values with the same metric, asset and `part`, the last value counts."""
    rows = {
        (value.metric, value.asset, value.part): {
            **value._asdict(),
            "value": None if value.value is None else float(value.value),
            "measured_at": now,
            "unit": METRICS[value.metric].unit,
        }
        for value in values
    }
    return pl.DataFrame(list(rows.values()), schema=polars_schema(Metrics))


def of_deployment(settings: Settings, landing: Landing, runs: pl.DataFrame, now: datetime) -> Iterator[Value]:
    """Measures the ages of the dumps and of the last good run, and the disk's free space."""
    for dump in DUMP_CONTRACTS:
        current = landing.current(dump)
        if current and current.origin.startswith("http"):
            age = now - datetime.fromisoformat(current.last_modified)
            yield Value("dump_age_hours", asset_name(landed(dump)), age / timedelta(hours=1))
    good = runs.filter(pl.col("status") == "success", pl.col("job").is_in(WHOLE_JOBS)).sort("ended_at")
    if not good.is_empty():
        last = good.row(-1, named=True)
        yield Value("hours_since_good_run", "", (now - last["ended_at"]) / timedelta(hours=1), run_id=last["run_id"])
    there = next(path for path in (settings.data, *settings.data.parents) if path.exists())
    yield Value("disk_free_bytes", "", shutil.disk_usage(there).free)


def of_endpoint(settings: Settings, lake: Lake, models: ModelStore) -> Iterator[Value]:
    """Health of an endpoint that was deployed and not stopped on purpose."""
    if not local.is_wanted(settings):
        return
    asset = "serving/rating_endpoint"
    endpoint, serving = local.status(settings, lake), models.in_service()
    right = endpoint is not None and serving is not None and endpoint.model_version == serving
    yield Value("endpoint_up", asset, right)
    if endpoint is None:
        return
    try:
        counted = client.counts(endpoint.url)
    except EndpointError:
        yield Value("endpoint_up", asset, 0)
        return
    yield Value("endpoint_requests", asset, counted.requests)
    if counted.requests:
        yield Value("endpoint_error_share", asset, counted.errors / counted.requests)
    # slow answers of an earlier server process may have raised an alarm; a null value ends this alarm
    yield Value("endpoint_p95_ms", asset, counted.p95_ms if counted.requests >= MIN_REQUESTS else None)


def of_tables(lake: Lake, touched: Mapping[str, str], past: pl.DataFrame) -> Iterator[Value]:
    """Measures the tables that runs have materialized: size, growth since last week, and share of quarantined lines."""
    for name, run_id in touched.items():
        if lake.exists(name):
            table, asset = lake.table(name), asset_name(name)
            yield Value("rows", asset, table.rows, run_id=run_id)
            yield Value("bytes", asset, table.bytes, run_id=run_id)
            if name not in GROWING and (usual := _median(past, "rows", asset)):
                yield Value("rows_change", asset, table.rows / usual - 1, run_id=run_id)
    for contract in DUMP_CONTRACTS.values():
        quarantine = quarantine_contract(contract).table
        if lake.exists(contract.table) and lake.exists(quarantine):
            rows, bad = lake.table(contract.table).rows, lake.table(quarantine).rows
            yield Value("quarantine_share", asset_name(contract.table), bad / max(1, rows + bad))


def of_models(lake: Lake, models: ModelStore, past: pl.DataFrame) -> Iterator[Value]:
    """Accuracy of the model in service, its change in a week, and whether the newest version is still a challenger."""
    if models.exists() and (names := models.names()):
        yield Value("challengers", "models/rating_model", models.status(names[-1]) == "challenger")
    if lake.exists(Predictions.table):
        tested = lake.table(Predictions.table).scan().filter(pl.col("split") == "temporal")
        for regime, *scores in _scores(tested).iter_rows():
            for metric, score in zip(("r2", "rmse", "coverage"), scores, strict=True):
                if score is not None:
                    yield Value(metric, "models/predictions", score, regime)
            usual = _median(past, "r2", "models/predictions", regime)
            if scores[0] is not None and usual is not None:
                yield Value("r2_change", "models/predictions", scores[0] - usual, regime)
    if lake.exists(LiveAccuracy.table):
        arrived = lake.table(LiveAccuracy.table)
        yield Value("live_ratings", "models/live_accuracy", arrived.rows)
        if arrived.rows:
            error = arrived.scan().select(pl.col("error").abs().mean()).collect().item()
            yield Value("live_error", "models/live_accuracy", error)


def _median(past: pl.DataFrame, metric: str, asset: str, part: str = "") -> float | None:
    """The median of a metric's last `WEEK` values; None without values. One unusual day hardly changes a median."""
    same = past.filter(pl.col("metric") == metric, pl.col("asset") == asset, pl.col("part") == part)
    middle = same.sort("measured_at")["value"].tail(WEEK).median()
    return middle if isinstance(middle, float) else None


def _scores(tested: pl.LazyFrame) -> pl.DataFrame:
    """R², RMSE and coverage per regime (`pre-release`, `with votes`); R² is null if all ratings are the same."""
    squares = ((pl.col("predicted") - pl.col("actual")) ** 2).mean()
    spread = pl.col("actual").var(ddof=0)
    inside = pl.col("actual").is_between("lower", "upper").mean()
    scores = tested.group_by("regime").agg(
        pl.when(spread > 0).then(1 - squares / spread).alias("r2"), squares.sqrt().alias("rmse"), inside.alias("inside")
    )
    return scores.sort("regime").collect()


def of_drift(lake: Lake) -> Iterator[Value]:
    """Drift of features and predictions between the oldest kept snapshot of their table and the current snapshot."""
    if (both := _now_and_oldest(lake, MovieFeatures.table)) is not None:
        features = [name for name, column in MovieFeatures.columns().items() if (column.metadata or {}).get("regime")]
        for feature, index in psi(*both, features).items():
            yield Value("psi", "gold/movie_features", index, feature)
    if (both := _now_and_oldest(lake, Predictions.table)) is not None:
        for regime in ("pre-release", "with votes"):
            now, before = (frame.filter(pl.col("regime") == regime, pl.col("split") == "fold") for frame in both)
            for index in psi(now, before, ["predicted"]).values():
                yield Value("psi", "models/predictions", index, regime)


def _now_and_oldest(lake: Lake, name: str) -> tuple[pl.LazyFrame, pl.LazyFrame] | None:
    """A table's current rows and the rows of its oldest snapshot; None if both are the same snapshot."""
    history = lake.history(name)
    if not history or not lake.exists(name) or history[0].current:
        return None
    return lake.table(name).scan(), lake.table(name, history[0].snapshot_id).scan()
