"""A deployment that nobody attends to: a clock that is set, a host of dumps, and everything that a day brings.

Real are the schedules' ticks, the runs over HTTP, the model server, the sensor that has runs monitored, the alarms and
the webhook. Acted is the daemon: this module asks the schedules at their times and the sensor some times a day, runs
what they ask for, and starts a run whose process died once more, as `dagster.yaml` says.
"""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import dagster as dg
import time_machine
import yaml
from pydantic import SecretStr

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.defs.automation import automation
from imdb_assets.defs.ops.run_log import reason
from imdb_assets.defs.ops.watch import look_after_runs, monitoring
from imdb_assets.defs.resources import resources_of
from imdb_assets.engines.base import Facts
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore
from imdb_assets.serving import local
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets.sources.imdb import ImdbSource, Limits
from imdb_assets.sources.sample.generator import write_sample
from imdb_assets.wiring import lake_of
from imdb_assets_tests.integration.download.dump_server import DumpServer, serving
from imdb_assets_tests.support import QUIET, TABLES_TO_GOLD, definitions, free_port, write_tiny_dumps
from imdb_assets_tests.webhooks import Web, web

FIRST = datetime(2026, 3, 2, 2, tzinfo=UTC)
"""A Monday."""
SUNDAY = 6
SOON, WEEKLY, MORNING = timedelta(minutes=10), timedelta(hours=2), timedelta(hours=6)
AFTERNOON, EVENING = timedelta(hours=13), timedelta(hours=18)
"""After the daily schedule's time. The sensor of the monitoring is asked soon, in the morning and in the evening; under
a daemon it is every minute."""
IMPATIENT = Limits(first_pause=0.01, longest_pause=0.02)
TITLES = 20_000
"""Of the sample that models learn from: about 3,000 clean films."""
WHOLE = (*TABLES_TO_GOLD, "warehouse", "models", "serving", "dashboards")
RATINGS = "title.ratings"


class Place(NamedTuple):
    """Where a deployment is, to be told to another process."""

    folder: str
    dumps: str
    people: str
    port: int
    layers: tuple[str, ...]

    @property
    def settings(self) -> Settings:
        return Settings(
            source="imdb",
            accept_terms="yes",
            dumps_url=self.dumps,
            data=Path(self.folder) / "data",
            alert_webhook=SecretStr(self.people),
            schedule="running",
            serving_port=self.port,
        )


@dataclass
class Night:
    """What one night, and the day after it, brought."""

    day: int
    what: str
    runs: list[str] = field(default_factory=list[str])
    """How each run ended."""
    published: int = 0
    """Tables that readers got anew, without quarantine and ops."""
    model: str = "as before"
    """What became of the version in service."""
    drawn: set[str] = field(default_factory=set[str])
    """Dashboards that some run of the night has drawn anew, by name; a run that was killed counts, since which steps it
    had come to is Dagster's affair."""
    answers: bool = True
    """Whether, in the evening, the endpoint answers with the version in service."""
    said: list[str] = field(default_factory=list[str])
    """Subjects of the messages."""


@dataclass
class Unattended:
    """The deployment, its surroundings and the clock."""

    place: Place
    originals: dict[str, bytes]
    """Dump → its text."""
    server: DumpServer
    people: Web
    instance: dg.DagsterInstance
    clock: time_machine.Traveller
    crash: bool = False
    """Whether the next run's process is to be killed."""
    versions: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def settings(self) -> Settings:
        return self.place.settings

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake_folder)

    @property
    def models(self) -> ModelStore:
        return ModelStore(self.settings.models_folder)

    def replace(self, besides: tuple[str, ...] = ()) -> None:
        """IMDb replaces all dumps but these by ones in which one film of ten has more votes."""
        for name, text in self.originals.items():
            if name not in besides:
                number = self.versions[name] = self.versions.get(name, 0) + 1
                self.serve(name, _with_more_votes(text, number) if name == RATINGS else text)

    def serve(self, name: str, text: bytes) -> None:
        """Puts a dump on the host."""
        self.put(name, gzip.compress(text, mtime=0))

    def put(self, name: str, content: bytes) -> None:
        """Puts any bytes on the host, in place of a dump."""
        self.server.files[f"{name}.tsv.gz"] = content
        self.server.etags[f"{name}.tsv.gz"] = f'"{hash(content)}-{datetime.now(UTC):%d}"'
        self.server.last_modified = f"{datetime.now(UTC):%a, %d %b %Y} 01:00:00 GMT"

    def night(self, day: int, what: str, before: "Happening", later: "Happening | None" = None) -> Night:
        """Everything from the schedule's tick to the evening.

        Args:
            day: Counted from 1.
            what: Happens, in words.
            before: What happens before the run.
            later: What happens in the afternoon.
        """
        at = FIRST + timedelta(days=day - 1)
        self.clock.move_to(at)
        self.people.got.clear()
        before(self)
        night, snapshots, models = Night(day, what), self._snapshots(), self._models()
        self._tick("daily_at_02_utc", at, night)
        self.server.scripts.clear()
        self._look(at + SOON)
        if at.weekday() == SUNDAY and "models" in self.place.layers:
            self._tick("iterations_on_sundays_at_04_utc", at + WEEKLY, night)
        self._look(at + MORNING)
        if later:
            self.clock.move_to(at + AFTERNOON)
            later(self)
        self._look(at + EVENING)
        night.published = len(set(self._snapshots().items()) - set(snapshots.items()))
        night.model = _fate(models, self._models())
        night.answers = "serving" not in self.place.layers or self._answers()
        night.said = [message["subject"] for message in self.people.got]
        return night

    def kill_the_model_server(self) -> None:
        """As a machine does that has no memory left."""
        endpoint = local.status(self.settings, lake_of(self.settings))
        assert endpoint is not None
        os.kill(endpoint.pid, signal.SIGKILL)

    def _tick(self, name: str, at: datetime, night: Night) -> None:
        self.clock.move_to(at)
        repository = _definitions(self.place).get_repository_def()
        schedule = repository.get_schedule_def(name)
        with dg.build_schedule_context(
            self.instance, repository_def=repository, resources={"lake": self.lake}, scheduled_execution_time=at
        ) as context:  # one that is left to the garbage collector leaves Dagster with an instance that is gone
            requests = schedule.evaluate_tick(context).run_requests or []
        for request in requests:
            tags = {**request.tags, "dagster/schedule_name": name}
            wanted = [key.to_user_string() for key in request.asset_selection or []]
            if self.crash:
                self.crash = False
                tags = self._killed(schedule.job_name, wanted, tags, night)
            done = _execute(self.place, schedule.job_name, wanted, self.instance, tags)
            night.runs.append("succeeded" if done.success else "failed")
            night.drawn |= _drawn(self.instance, done.run_id)

    def _killed(self, job: str, wanted: list[str], tags: dict[str, str], night: Night) -> dict[str, str]:
        """A run whose process is killed, as far as the daemon notices it; the tags of the run that follows it."""
        known = {run.run_id for run in self.instance.get_runs()}
        order = {"place": self.place, "job": job, "wanted": wanted, "tags": tags, "now": datetime.now(UTC).isoformat()}
        done = subprocess.run(
            [sys.executable, "-m", __name__, json.dumps(order)], cwd=PROJECT_ROOT, capture_output=True, check=False
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        (run,) = [run for run in self.instance.get_runs() if run.run_id not in known]
        self.instance.report_run_failed(run, "The process of this run is gone.")
        night.runs.append("killed")
        night.drawn |= _drawn(self.instance, run.run_id)
        told = self.instance.get_run_by_id(run.run_id)
        assert told is not None
        assert told.tags["dagster/will_retry"] == "true"
        family = {"dagster/parent_run_id": run.run_id, "dagster/root_run_id": run.run_id, "dagster/retry_number": "1"}
        return {**tags, **family}

    def _look(self, at: datetime) -> None:
        """What the sensor does at this time; it remembers by its cursor when it looked last."""
        self.clock.move_to(at)
        seen = Path(self.place.folder) / "cursor"
        cursor = seen.read_text() if seen.exists() else None
        with dg.build_sensor_context(self.instance, cursor=cursor) as context:
            asked = look_after_runs(context)
        if isinstance(asked, dg.SensorResult):
            seen.write_text(asked.cursor or "")
            for request in asked.run_requests or []:
                done = _execute(self.place, request.job_name or "", [], self.instance, {})
                assert done.success, [reason(event) for event in done.get_step_failure_events()]

    def _snapshots(self) -> dict[str, int]:
        skipped = ("ops.", "quarantine.")
        return {table.name: table.snapshot_id for table in self.lake.tables() if not table.name.startswith(skipped)}

    def _models(self) -> list[str]:
        """Versions that are kept, with the one in service first."""
        store = self.models
        return [store.current().version, *store.names()] if store.exists() else []

    def _answers(self) -> bool:
        endpoint = local.status(self.settings, lake_of(self.settings))
        return endpoint is not None and endpoint.model_version == self.models.current().version


Happening = Callable[[Unattended], None]


@contextmanager
def unattended(folder: Path, layers: tuple[str, ...] = TABLES_TO_GOLD) -> Iterator[Unattended]:
    """The deployment before its first night: of the tiny catalogue, or with models of a small generated sample."""
    made = folder / "new"
    if "models" in layers:
        made.mkdir(parents=True)
        write_sample(made, titles=TITLES, seed=7)
    else:
        write_tiny_dumps(made)
    texts = {name: gzip.decompress((made / f"{name}.tsv.gz").read_bytes()) for name in DUMP_CONTRACTS}
    with (
        serving() as server,
        web() as people,
        time_machine.travel(FIRST - timedelta(hours=1), tick=True) as clock,
        _instance(folder / "dagster") as instance,
    ):
        place = Place(str(folder), server.url, people.url, free_port(), layers)
        try:
            yield Unattended(place, texts, server, people, instance, clock)
        finally:
            local.stop(place.settings)


def lines_changed(text: bytes, change: Callable[[list[bytes]], Iterable[list[bytes]]]) -> bytes:
    """A dump with each of its lines after the header changed: from its values to those of any number of lines."""
    header, *lines, end = text.split(b"\n")
    changed = [b"\t".join(values) for line in lines for values in change(line.split(b"\t"))]
    return b"\n".join([header, *changed, end])


def _with_more_votes(text: bytes, more: int) -> bytes:
    def change(values: list[bytes]) -> list[list[bytes]]:
        *others, votes = values
        changes = votes.isdigit() and values[0].endswith(b"7")
        return [[*others, str(int(votes) + more).encode()] if changes else values]

    return lines_changed(text, change)


def _fate(before: list[str], after: list[str]) -> str:
    """What became of the version in service, from `_models` of before and after."""
    if before[:1] != after[:1]:
        return "promoted"
    return "refused" if len(after) > len(before) else "as before"


def _drawn(instance: dg.DagsterInstance, run_id: str) -> set[str]:
    """Which dashboards a run has drawn anew."""
    entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    made = [entry.dagster_event.step_materialization_data.materialization for entry in entries if entry.dagster_event]
    return {
        one.asset_key.path[-1]
        for one in made
        if one.asset_key.path[0] == "dashboards" and "read from" in one.metadata and "unchanged" not in one.metadata
    }


@cache
def _definitions(place: Place) -> dg.Definitions:
    project, settings = definitions(), place.settings
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
    place: Place, job: str, wanted: list[str], instance: dg.DagsterInstance, tags: dict[str, str]
) -> dg.ExecuteInProcessResult:
    """A run of a job in this process: of the assets asked for, or all, as far as the deployment has their layers."""
    made = _definitions(place).resolve_job_def(job)
    keys = [
        key
        for key in made.asset_layer.executable_asset_keys
        if key.path[0] in {*place.layers, "ops"} and (not wanted or key.to_user_string() in wanted)
    ]
    return made.execute_in_process(
        asset_selection=keys, instance=instance, raise_on_error=False, run_config=QUIET, tags=tags
    )


def _instance(folder: Path) -> dg.DagsterInstance:
    project = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    folder.mkdir(exist_ok=True)
    return dg.DagsterInstance.local_temp(
        str(folder), overrides={name: project[name] for name in ("run_retries", "telemetry")}
    )


def _be_killed(order: dict[str, Any]) -> None:
    """The process that dies in the middle of a run: when the features are to be computed."""
    run = PolarsEngine.run

    def until_features(  # noqa: PLR0917 - as the engine's
        self: PolarsEngine, transform: Any, inputs: Any, contract: Any, destination: str, ids: Any = None
    ) -> Facts:
        if contract.table == "gold.movie_features":
            os.kill(os.getpid(), signal.SIGKILL)
        return run(self, transform, inputs, contract, destination, ids)

    PolarsEngine.run = until_features
    *where, layers = order["place"]
    place = Place(*where, layers=tuple(layers))
    with (
        time_machine.travel(datetime.fromisoformat(order["now"]), tick=True),
        _instance(Path(place.folder) / "dagster") as instance,
    ):
        _execute(place, order["job"], order["wanted"], instance, order["tags"])


if __name__ == "__main__":
    Settings.model_config["env_file"] = None
    _be_killed(json.loads(sys.argv[1]))
