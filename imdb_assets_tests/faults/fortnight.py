"""Fourteen nights without anyone: a clock, dumps that change or do not, and what goes wrong.

Real are the schedule's tick, the runs over HTTP, the sensor that has them monitored, the alarms and the webhook. Acted
is the daemon: this module asks the schedule at 02:00 and the sensor some times a day, runs what they ask for, and
starts a run whose process died once more, as `dagster.yaml` says. `python -m imdb_assets_tests.faults.fortnight` prints
the log.
"""

import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import dagster as dg
import time_machine
import yaml
from pydantic import SecretStr

from imdb_assets.defs.automation import automation
from imdb_assets.defs.ops.records import reason
from imdb_assets.defs.ops.watch import look_after_runs, monitoring
from imdb_assets.defs.resources import resources_of
from imdb_assets.engines.base import Facts
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets.sources.imdb import ImdbSource, Limits
from imdb_assets_tests.integration.dump_server import DumpServer, serving, status
from imdb_assets_tests.support import QUIET, TABLES_TO_GOLD, definitions, tiny_rows, write_dump, write_tiny_dumps
from imdb_assets_tests.webhooks import Web, web

FIRST = datetime(2026, 3, 2, 2, tzinfo=UTC)
LOOKS = (timedelta(minutes=10), timedelta(hours=6), timedelta(hours=18))
"""After the schedule's time, when the sensor of the monitoring is asked; under a daemon it is every minute."""
IMPATIENT = Limits(first_pause=0.01, longest_pause=0.02)
MODULE = "imdb_assets_tests.faults.fortnight"
AKAS, RATINGS = "title.akas", "title.ratings"


@dataclass
class Night:
    """What one night brought."""

    day: int
    what: str
    runs: list[str] = field(default_factory=list[str])
    """How each run ended."""
    published: int = 0
    """Tables that readers got anew, without quarantine and ops."""
    said: list[str] = field(default_factory=list[str])
    """Subjects of the messages."""


@dataclass
class Fortnight:
    """A deployment, the host of its dumps, and the clock."""

    folder: Path
    server: DumpServer
    people: Web
    instance: dg.DagsterInstance
    clock: time_machine.Traveller
    crash: bool = False
    """Whether the next run's process is to be killed."""
    versions: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def settings(self) -> Settings:
        return _settings(self.server.url, self.folder, self.people.url)

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake_folder)

    def replace(self, *dumps: str, besides: tuple[str, ...] = ()) -> None:
        """IMDb replaces these dumps, or all, by ones in which films have more votes."""
        for name in dumps or tiny_rows():
            if name not in besides:
                number = self.versions[name] = self.versions.get(name, 0) + 1
                rows = tiny_rows()[name]
                if name == RATINGS:
                    rows = [{**row, "numVotes": cast("int", row["numVotes"]) + number} for row in rows]
                self.serve(name, rows)

    def serve(self, name: str, rows: list[dict[str, object]]) -> None:
        """Puts a dump on the host."""
        self.put(name, write_dump(self.folder / "new", name, rows).read_bytes())

    def put(self, name: str, content: bytes) -> None:
        """Puts any bytes on the host, in place of a dump."""
        self.server.files[f"{name}.tsv.gz"] = content
        self.server.etags[f"{name}.tsv.gz"] = f'"{hash(content)}-{datetime.now(UTC):%d}"'
        self.server.last_modified = f"{datetime.now(UTC):%a, %d %b %Y} 01:00:00 GMT"

    def night(self, day: int, what: str, event: Callable[["Fortnight"], None]) -> Night:
        """Everything from the schedule's tick to the evening."""
        at = FIRST + timedelta(days=day - 1)
        self.clock.move_to(at)
        self.people.got.clear()
        event(self)
        night, before = Night(day, what), self._snapshots()
        self._run_what_is_due(at, night)
        self.server.scripts.clear()
        for look in LOOKS:
            self.clock.move_to(at + look)
            self._look()
        night.published = len(set(self._snapshots().items()) - set(before.items()))
        night.said = [message["subject"] for message in self.people.got]
        return night

    def _run_what_is_due(self, at: datetime, night: Night) -> None:
        repository = self._definitions().get_repository_def()
        context = dg.build_schedule_context(
            self.instance, repository_def=repository, resources={"lake": self.lake}, scheduled_execution_time=at
        )
        tick = repository.get_schedule_def("daily_at_02_utc").evaluate_tick(context)
        for request in tick.run_requests or []:
            tags = {**request.tags, "dagster/schedule_name": "daily_at_02_utc"}
            if self.crash:
                self.crash = False
                tags = self._killed(tags, night)
            self._run("everything", night, tags)

    def _run(self, job: str, night: Night | None = None, tags: dict[str, str] | None = None) -> None:
        done = _execute(self._definitions(), job, self.instance, tags or {})
        if night:
            night.runs.append("succeeded" if done.success else "failed")
        else:
            assert done.success, [reason(event) for event in done.get_step_failure_events()]

    def _killed(self, tags: dict[str, str], night: Night) -> dict[str, str]:
        """A run whose process is killed, as far as the daemon notices it; the tags of the run that follows it."""
        known = {run.run_id for run in self.instance.get_runs()}
        order = {"folder": str(self.folder), "url": self.server.url, "tags": tags, "now": datetime.now(UTC).isoformat()}
        done = subprocess.run(
            [sys.executable, "-m", MODULE, json.dumps(order)], cwd=PROJECT_ROOT, capture_output=True, check=False
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        (run,) = [run for run in self.instance.get_runs() if run.run_id not in known]
        self.instance.report_run_failed(run, "The process of this run is gone.")
        night.runs.append("killed")
        told = self.instance.get_run_by_id(run.run_id)
        assert told is not None
        assert told.tags["dagster/will_retry"] == "true"
        family = {"dagster/parent_run_id": run.run_id, "dagster/root_run_id": run.run_id, "dagster/retry_number": "1"}
        return {**tags, **family}

    def _look(self) -> None:
        seen = self.folder / "cursor"
        context = dg.build_sensor_context(self.instance, cursor=seen.read_text() if seen.exists() else None)
        asked = look_after_runs(context)
        if isinstance(asked, dg.SensorResult):
            seen.write_text(asked.cursor or "")
            for request in asked.run_requests or []:
                self._run(request.job_name or "")

    def _definitions(self) -> dg.Definitions:
        return _definitions(self.server.url, self.folder, self.people.url)

    def _snapshots(self) -> dict[str, int]:
        skipped = ("ops.", "quarantine.")
        return {table.name: table.snapshot_id for table in self.lake.tables() if not table.name.startswith(skipped)}


def _settings(dumps: str, folder: Path, people: str) -> Settings:
    return Settings(
        source="imdb",
        accept_terms="yes",
        dumps_url=dumps,
        data=folder / "data",
        alert_webhook=SecretStr(people),
        schedule="running",
    )


@cache
def _definitions(dumps: str, folder: Path, people: str) -> dg.Definitions:
    project, settings = definitions(), _settings(dumps, folder, people)
    resources = {**resources_of(settings), "source": ImdbSource(settings.dumps_url, IMPATIENT)}
    own = dg.Definitions(
        assets=project.assets,
        asset_checks=project.asset_checks,
        jobs=[monitoring],
        resources=resources,
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(own, cast("Any", automation)(None))


def _execute(
    defs: dg.Definitions, job: str, instance: dg.DagsterInstance, tags: dict[str, str]
) -> dg.ExecuteInProcessResult:
    """A run of a job in this process, of the tables only: models take minutes, and have tests of their own."""
    made = defs.resolve_job_def(job)
    layers = {*TABLES_TO_GOLD, "ops"}
    keys = [key for key in made.asset_layer.executable_asset_keys if key.path[0] in layers]
    return made.execute_in_process(
        asset_selection=keys, instance=instance, raise_on_error=False, run_config=QUIET, tags=tags
    )


def _instance(folder: Path) -> dg.DagsterInstance:
    project = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    folder.mkdir(exist_ok=True)
    return dg.DagsterInstance.local_temp(
        str(folder), overrides={name: project[name] for name in ("run_retries", "telemetry")}
    )


@contextmanager
def fortnight(folder: Path) -> Iterator[Fortnight]:
    """Before the first night."""
    write_tiny_dumps(folder / "new")
    with (
        serving() as server,
        web() as people,
        time_machine.travel(FIRST - timedelta(hours=1), tick=True) as clock,
        _instance(folder / "dagster") as instance,
    ):
        yield Fortnight(folder, server, people, instance, clock)


def _nothing(_: Fortnight) -> None:
    """The dumps stay as they are."""


def _cut_off(it: Fortnight) -> None:
    it.replace()
    whole = gzip.compress(os.urandom(100_000))
    it.put(RATINGS, whole[:-1_000])


def _outage(it: Fortnight) -> None:
    it.replace()
    it.server.scripts = {f"{name}.tsv.gz": [status(503)] * 100 for name in tiny_rows()}


def _crash(it: Fortnight) -> None:
    it.replace()
    it.crash = True


def _new_schema(it: Fortnight) -> None:
    it.replace()
    text = gzip.decompress(it.server.files[f"{AKAS}.tsv.gz"]).replace(b"\tisOriginalTitle\n", b"\tisOriginal\n", 1)
    it.put(AKAS, gzip.compress(text, mtime=0))


def _jump(it: Fortnight) -> None:
    it.replace()
    it.serve(AKAS, [row for row in tiny_rows()[AKAS] for _ in range(2)])


GOOD = Fortnight.replace

NIGHTS: list[tuple[str, Callable[[Fortnight], None]]] = [
    ("all dumps are there for the first time", GOOD),
    (f"{AKAS} is late, the others are new", partial(Fortnight.replace, besides=(AKAS,))),
    (f"{AKAS} comes, the others are newer", GOOD),
    ("unchanged", _nothing),
    ("unchanged", _nothing),
    ("all are new", GOOD),
    (f"{RATINGS} is cut off", _cut_off),
    ("all are new", GOOD),
    ("the host answers 503", _outage),
    ("all are new", GOOD),
    ("all are new; the run's process is killed", _crash),
    (f"a column of {AKAS} has another name", _new_schema),
    (f"{AKAS} has every row twice, its columns are as before", _jump),
    ("all are new", GOOD),
]


def log(nights: Iterable[Night]) -> Iterator[str]:
    """The log as Markdown."""
    yield "| night | dumps | run | tables published | messages |"
    yield "|---|---|---|---|---|"
    for night in nights:
        said = "<br>".join(night.said) or "none"
        yield f"| {night.day} | {night.what} | {', '.join(night.runs)} | {night.published} | {said} |"


def _be_killed(order: dict[str, Any]) -> None:
    """The process that dies in the middle of a run: when the features are to be computed."""
    run = PolarsEngine.run

    def until_features(self: PolarsEngine, transform: Any, inputs: Any, contract: Any, destination: str) -> Facts:
        if contract.table == "gold.movie_features":
            os.kill(os.getpid(), signal.SIGKILL)
        return run(self, transform, inputs, contract, destination)

    PolarsEngine.run = until_features
    with (
        time_machine.travel(datetime.fromisoformat(order["now"]), tick=True),
        _instance(Path(order["folder"]) / "dagster") as instance,
    ):
        own = _definitions(order["url"], Path(order["folder"]), "http://127.0.0.1:9")
        _execute(own, "everything", instance, order["tags"])


def main() -> None:
    """Prints the log, or dies on order."""
    Settings.model_config["env_file"] = None
    if len(sys.argv) > 1:
        _be_killed(json.loads(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder, fortnight(Path(folder)) as it:
        for line in log(it.night(day, what, event) for day, (what, event) in enumerate(NIGHTS, start=1)):
            print(line, flush=True)  # noqa: T201 - its output is the page


if __name__ == "__main__":
    main()
