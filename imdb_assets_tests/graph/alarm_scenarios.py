"""One way to make each alarm fire.

Where the cause can be had in seconds it is the real one: a damaged dump, a step that fails, an endpoint that is gone.
Where it cannot, the table that tells of it is written by hand.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import dagster as dg
import numpy as np
import polars as pl
import pytest
import time_machine

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.gold import MovieFeatures
from imdb_assets.contracts.models import LiveAccuracy, Predictions
from imdb_assets.contracts.ops import Runs
from imdb_assets.defs.ops.maintenance import maintenance
from imdb_assets.defs.resources import resources_of
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore
from imdb_assets.lake.publish import publish
from imdb_assets.monitoring.evaluate import firing
from imdb_assets.settings import Settings
from imdb_assets.sources.imdb import ImdbSource
from imdb_assets_tests.integration.download.dump_server import serving
from imdb_assets_tests.lakes import stage
from imdb_assets_tests.support import (
    QUIET,
    Run,
    folder_settings,
    look,
    materialize,
    tiny_rows,
    write_dump,
)

RATINGS = ("landing/title_ratings", "bronze/title_ratings")
AKAS = ("landing/title_akas", "bronze/title_akas", "bronze/title_akas/keys_are_unique")


@dataclass
class Platform:
    """A deployment with its dumps and Dagster's memory."""

    folder: Path
    instance: dg.DagsterInstance
    patch: pytest.MonkeyPatch
    options: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def dumps(self) -> Path:
        return self.folder / "dumps"

    @property
    def settings(self) -> Settings:
        return folder_settings(self.dumps, self.folder / "data", **self.options)

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake_folder)

    def run(self, *selection: str) -> Run:
        """A run of some assets, as a schedule would start it."""
        return materialize(self.settings, *selection, instance=self.instance, tags=MAY_KEEP)

    def look(self) -> pl.DataFrame:
        """What the job `monitoring` does; the alarms that fire then."""
        assert look(self.settings, self.instance).success
        return firing(self.lake.table("ops.alerts").scan().collect())

    def put(self, contract: type[Contract], frame: pl.DataFrame) -> None:
        """Publishes rows as if a run had made them."""
        publish(self.lake, contract, stage(self.lake, contract, frame), {})


def _dump_not_landed(platform: Platform) -> None:
    (platform.dumps / "title.ratings.tsv.gz").write_bytes(b"<html>")
    platform.run(*RATINGS)


def _dump_unreadable(platform: Platform) -> None:
    write_dump(platform.dumps, "title.ratings", tiny_rows()["title.ratings"], *[b"bad"] * 4)
    platform.run(*RATINGS)


def _table_failed(platform: Platform) -> None:
    platform.run(*(f"{layer}/title_{name}" for layer in ("landing", "bronze") for name in ("basics", "ratings")))
    platform.patch.setattr("imdb_assets.engines.polars.conform", lambda frame, _: frame.drop("decade"))
    platform.run("silver/movies")


def _step_failed(asset: str, platform: Platform) -> None:
    assert platform.run(asset).failures  # what it reads is not there yet


def _upkeep_failed(platform: Platform) -> None:
    platform.run(*RATINGS)
    Path(platform.lake.table("bronze.title_ratings").files[0]).unlink()
    job = dg.Definitions(jobs=[maintenance], resources=resources_of(platform.settings)).resolve_job_def("maintenance")
    assert not job.execute_in_process(run_config=QUIET, instance=platform.instance, raise_on_error=False).success


def _run_died(platform: Platform) -> None:
    job = dg.Definitions(jobs=[maintenance], resources=resources_of(platform.settings)).resolve_job_def("maintenance")
    run = platform.instance.create_run_for_job(job)
    platform.instance.report_run_failed(run, "The process of this run ended before the run did.")


def _no_good_run(platform: Platform) -> None:
    ended = datetime.now(UTC) - timedelta(hours=51)
    row = {
        "run_id": "r",
        "job": "everything",
        "started_by": "schedule",
        "status": "success",
        "started_at": ended,
        "ended_at": ended,
        "seconds": 0.0,
        "recorded_at": ended,
    }
    counts = {name: 0 for name, dtype in polars_schema(Runs).items() if dtype.is_integer()}
    platform.put(Runs, pl.DataFrame([{**row, **counts}], schema=polars_schema(Runs)))


def _run_slow(platform: Platform) -> None:
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        slow = Landing.fetch

        def fetch(*arguments: Any) -> Any:
            clock.shift(timedelta(hours=1, seconds=1))
            return slow(*arguments)

        platform.patch.setattr(Landing, "fetch", fetch)
        platform.run("landing/title_ratings")


def _dumps_stale(platform: Platform) -> None:
    with serving(body=(platform.dumps / "title.ratings.tsv.gz").read_bytes()) as server:  # of 2023
        landing = Landing(platform.settings.landing_folder)
        landing.publish(landing.fetch("title.ratings", ImdbSource(server.url)))


def _quarantine_share(platform: Platform) -> None:
    platform.options["max_bad_share"] = 0.2
    write_dump(platform.dumps, "title.ratings", tiny_rows()["title.ratings"], b"bad")
    assert not platform.run(*RATINGS).failures


def _rows_jumped(platform: Platform) -> None:
    platform.run(*RATINGS)
    platform.look()
    more = [{"tconst": f"tt00009{number:02}", "averageRating": 5.0, "numVotes": 9} for number in range(5)]
    write_dump(platform.dumps, "title.ratings", [*tiny_rows()["title.ratings"], *more])
    platform.run(*RATINGS)


def _rows_dropped(platform: Platform) -> None:
    platform.run(*RATINGS)
    platform.look()
    platform.options["max_drop"] = 0.5
    write_dump(platform.dumps, "title.ratings", tiny_rows()["title.ratings"][5:])
    platform.run(*RATINGS)


def _check_failed(platform: Platform) -> None:
    akas = tiny_rows()["title.akas"]
    write_dump(platform.dumps, "title.akas", [row for row in akas for _ in range(2)])
    platform.run("landing/title_akas", "bronze/title_akas")


def _features(shift: float) -> pl.DataFrame:
    films, random = 1_500, np.random.default_rng(5)
    ids = {"tconst": [f"tt{number:07}" for number in range(films)], "decade": [1990] * films}
    columns = {"runtime_minutes": 90 + shift + random.normal(scale=10, size=films), "start_year": [1995] * films}
    schema = polars_schema(MovieFeatures)
    return pl.DataFrame({**ids, **columns}).select(
        (pl.col(name) if name in {*ids, *columns} else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


def _feature_drift(platform: Platform) -> None:
    platform.put(MovieFeatures, _features(0))
    platform.put(MovieFeatures, _features(6))
    platform.run("landing/title_ratings")


def _predictions(*, noise: float, shift: float = 0.0, width: float = 2.0) -> pl.DataFrame:
    films, random = 1_500, np.random.default_rng(5)
    actual = random.uniform(3, 8, films)
    predicted = actual + random.normal(scale=noise, size=films) + shift
    part = {
        "tconst": [f"tt{number:07}" for number in range(films)],
        "regime": ["pre-release"] * films,
        "iteration": ["v11"] * films,
        "actual": actual,
        "predicted": predicted,
        "lower": predicted - width,
        "upper": predicted + width,
        "model_version": ["m"] * films,
        "snapshot_id": [1] * films,
    }
    frame = pl.DataFrame(part)
    both = [frame.with_columns(split=pl.lit(split)) for split in ("temporal", "fold")]
    return pl.concat(both).select(pl.col(name).cast(dtype) for name, dtype in polars_schema(Predictions).items())


def _prediction_drift(platform: Platform) -> None:
    platform.put(Predictions, _predictions(noise=0.1))
    platform.put(Predictions, _predictions(noise=0.1, shift=1.0))
    platform.run("landing/title_ratings")


def _accuracy_dropped(platform: Platform) -> None:
    platform.put(Predictions, _predictions(noise=0.5))
    platform.run("landing/title_ratings")
    assert platform.look().is_empty()
    platform.put(Predictions, _predictions(noise=0.7))
    platform.run("landing/title_ratings")


def _coverage_low(platform: Platform) -> None:
    platform.put(Predictions, _predictions(noise=0.5, width=0.5))
    platform.run("landing/title_ratings")


def _live_error_high(platform: Platform) -> None:
    row = {
        "tconst": "tt0000001",
        "regime": "pre-release",
        "iteration": "v11",
        "model_version": "m",
        "predictions_snapshot_id": 1,
        "predicted_at": "2026-01-01",
        "arrived_on": "2026-01-02",
        "num_votes": 5,
        "predicted": 8.0,
        "actual": 6.4,
        "error": 1.6,
        "inside": False,
    }
    platform.put(LiveAccuracy, pl.DataFrame([row], schema=polars_schema(LiveAccuracy)))
    platform.run("landing/title_ratings")


def _challenger_refused(platform: Platform) -> None:
    store = ModelStore(platform.settings.models_folder)
    Path(store.version("first").path).mkdir(parents=True)
    store.publish(store.version("first"))
    Path(store.version("second").path).mkdir()
    platform.run("landing/title_ratings")


def _endpoint_down(platform: Platform) -> None:
    platform.settings.data.mkdir()
    record = {"pid": 2**22 + 1, "data": str(platform.settings.data.resolve())}
    (platform.settings.data / "endpoint.json").write_text(json.dumps(record))


def _endpoint(platform: Platform, *, status: str, seconds: float) -> None:
    """Something that answers as the endpoint does, one hundred predictions later."""
    _endpoint_down(platform)
    store = ModelStore(platform.settings.models_folder)
    Path(store.version("first").path).mkdir(parents=True)
    store.publish(store.version("first"))
    health = {"model_version": "first", "iterations": {}, "problem": None, "pid": 1}
    health["lake"] = str(platform.settings.lake_folder.resolve())
    bounds = [0.001, 0.5, "+Inf"]
    counts = [100 if bound == "+Inf" or seconds <= float(bound) else 0 for bound in bounds]
    text = "\n".join(
        [
            "# TYPE imdb_requests counter",
            f'imdb_requests_total{{path="/predict",status="{status}"}} 100',
            'imdb_requests_total{path="/ping",status="500"} 5',
            "# TYPE imdb_request_seconds histogram",
            *(
                f'imdb_request_seconds_bucket{{le="{bound}",path="/predict"}} {count}'
                for bound, count in zip(bounds, counts, strict=True)
            ),
            "",
        ]
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (json.dumps({"service": "imdb-assets", **health}) if self.path == "/ping" else text).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    platform.options["serving_port"] = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()

    def end() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    platform.options["end"] = end


def _disk_low(platform: Platform) -> None:
    usage = shutil.disk_usage(platform.folder)
    platform.patch.setattr("imdb_assets.monitoring.measure.shutil.disk_usage", lambda _: usage._replace(free=10**9))


class Scenario(NamedTuple):
    """One way to make an alarm fire."""

    happen: Callable[[Platform], None]
    words: str


SCENARIOS: dict[str, Scenario] = {
    "dump-not-landed": Scenario(_dump_not_landed, "a page of HTML in the dump's place"),
    "dump-unreadable": Scenario(_dump_unreadable, "four lines of a dump that cannot be read"),
    "table-failed": Scenario(_table_failed, "a transform that leaves out a column"),
    "model-failed": Scenario(partial(_step_failed, "models/leak_check"), "a leak check without tables to check"),
    "serving-failed": Scenario(partial(_step_failed, "serving/rating_endpoint"), "an endpoint without a model"),
    "upkeep-failed": Scenario(_upkeep_failed, "maintenance after a file of a table was removed"),
    "run-died": Scenario(_run_died, "a run whose process is gone"),
    "no-good-run": Scenario(_no_good_run, "a last good run that ended 51 hours ago"),
    "run-slow": Scenario(_run_slow, "a landing during which the clock goes on by an hour"),
    "dumps-stale": Scenario(_dumps_stale, "a host whose dump is of 2023"),
    "quarantine-share": Scenario(_quarantine_share, "a line that cannot be read, where a fifth of them may be bad"),
    "rows-jumped": Scenario(_rows_jumped, "a dump with a fifth more rows than the day before"),
    "rows-dropped": Scenario(_rows_dropped, "a dump with a fifth fewer rows, which the settings let pass"),
    "check-failed": Scenario(_check_failed, "a dump with every row twice"),
    "feature-drift": Scenario(_feature_drift, "films that are six minutes longer"),
    "prediction-drift": Scenario(_prediction_drift, "predictions that are a point higher"),
    "accuracy-dropped": Scenario(_accuracy_dropped, "predictions with more noise than the day before"),
    "coverage-low": Scenario(_coverage_low, "intervals of half a point to either side"),
    "live-error-high": Scenario(_live_error_high, "a first rating 1.6 points below its prediction"),
    "challenger-refused": Scenario(_challenger_refused, "a second version that was kept and not put into service"),
    "endpoint-down": Scenario(_endpoint_down, "a server that was started and is gone"),
    "endpoint-slow": Scenario(partial(_endpoint, status="200", seconds=0.3), "a server that says 0.3 s in its metrics"),
    "endpoint-errors": Scenario(
        partial(_endpoint, status="500", seconds=0.001), "a server that says in its metrics that all requests failed"
    ),
    "disk-low": Scenario(_disk_low, "a disk with 1 GB free"),
}

SAID_TOO = {"rows-jumped": {"check-failed"}}
"""Other alarms that the same cause may fire."""
