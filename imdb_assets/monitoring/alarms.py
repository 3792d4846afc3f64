"""Every alarm, declared once: its metric, threshold, severity, usual cause and remedy.

Evaluation and messages read `ALARMS`; CloudWatch's series and alarms read `DEPLOYED`, which is derived from `ALARMS`.
`docs/runbook.md` has a heading for each alarm, and `graph/test_alarms.py` makes each of `ALARMS` fire.
"""

from dataclasses import dataclass
from typing import Literal

from imdb_assets.contracts.ops import METRICS

Severity = Literal["critical", "warning", "info"]

RUNBOOK = "docs/runbook.md"


@dataclass(frozen=True)
class Alarm:
    """One alarm. It judges the latest value of its metric separately for each asset and part."""

    name: str
    """Also the heading in the runbook."""
    metric: str
    """A key of `METRICS`."""
    beyond: Literal[">", "<"]
    threshold: float
    """Threshold in the metric's unit; a value equal to it does not fire the alarm."""
    severity: Severity
    cause: str
    """The usual cause."""
    remedy: str
    """The action to take, or a note that none is needed."""
    layers: tuple[str, ...] = ()
    """Layers (first parts of asset keys) that the alarm judges; if empty, it judges all layers and the deployment."""
    covered_by: str | None = None
    """Name of an alarm that makes this one redundant when it fires for the same asset."""

    def judges(self, metric: str, asset: str) -> bool:
        """Whether the alarm applies to this metric and asset."""
        return metric == self.metric and (not self.layers or asset.partition("/")[0] in self.layers)

    def fires(self, value: float) -> bool:
        """Whether the value is beyond the threshold."""
        return value > self.threshold if self.beyond == ">" else value < self.threshold

    @property
    def condition(self) -> str:
        """The condition in words."""
        unit = METRICS[self.metric].unit
        return f"{self.metric} {self.beyond} {self.threshold:g}{'' if unit in {'count', 'score'} else f' {unit}'}"

    @property
    def runbook(self) -> str:
        """Address of its entry in the runbook."""
        return f"{RUNBOOK}#{self.name}"


def _above(metric: str, threshold: float) -> tuple[str, Literal[">"], float]:
    return metric, ">", threshold


def _below(metric: str, threshold: float) -> tuple[str, Literal["<"], float]:
    return metric, "<", threshold


ALARMS = (
    Alarm(
        "dump-not-landed",
        *_above("failed_steps", 0),
        "warning",
        cause=(
            "A dump could not be downloaded, or was refused: the host is down or slow, the file is truncated or "
            "corrupt, or it has another header. The previous dump and everything made from it stay in use."
        ),
        remedy=(
            "Do nothing at first: the next run tries again, and resumes the download. If the message is the same on a "
            "second day, follow the runbook."
        ),
        layers=("landing",),
    ),
    Alarm(
        "dump-unreadable",
        *_above("failed_steps", 0),
        "warning",
        cause=(
            "A dump landed completely, but too many of its lines cannot be read, or too many are gone since the "
            "previous one. Its bronze table is as before."
        ),
        remedy="Look at the quarantine table for the lines and reasons. The next good dump repairs it by itself.",
        layers=("bronze",),
    ),
    Alarm(
        "table-failed",
        *_above("failed_steps", 0),
        "critical",
        cause=(
            "A table, view or dashboard could not be made, or broke its contract, so nothing was published: readers "
            "have the previous one. Usually the dumps contain something new, or the code has changed."
        ),
        remedy="Read the error: it names the rule and some rows. Change the transform or the contract, then re-run.",
        layers=("silver", "gold", "warehouse", "dashboards"),
    ),
    Alarm(
        "model-failed",
        *_above("failed_steps", 0),
        "critical",
        cause="Training, audit, leak check or predictions failed. The previous model version stays in service.",
        remedy="Read the error. If the leak check or the audit failed, do not override it: a feature knows the answer.",
        layers=("models",),
    ),
    Alarm(
        "serving-failed",
        *_above("failed_steps", 0),
        "critical",
        cause="The endpoint could not be started or updated, or does not answer as expected.",
        remedy="Run `imdb doctor` for the port, and read the end of serving.log in the data folder.",
        layers=("serving",),
    ),
    Alarm(
        "upkeep-failed",
        *_above("failed_steps", 0),
        "warning",
        cause="The job `maintenance` failed. Nothing is lost, but the stored data grow until it works again.",
        remedy="Read the error: it names the table whose files are not where they must be.",
        layers=("maintenance",),
    ),
    Alarm(
        "run-died",
        *_above("died_runs", 0),
        "warning",
        cause=(
            "The run ended without success and without a failed step: its process was killed (out of memory, restart), "
            "it was canceled, or it took longer than a run is allowed to. "
            "Each table has its previous snapshot or its new one."
        ),
        remedy=(
            "Do nothing if the next run has succeeded: a crashed run is restarted once and continues where it stopped. "
            "Otherwise look at memory with `imdb doctor`."
        ),
    ),
    Alarm(
        "no-good-run",
        *_above("hours_since_good_run", 50),
        "critical",
        cause=(
            "No full run has succeeded for two nights: runs fail, or none is started because the daemon does not run, "
            "the starter is turned off, or a run waits in the queue."
        ),
        remedy="Look at the latest runs and the starter's ticks in the UI. The runbook says what to check first.",
    ),
    Alarm(
        "run-slow",
        *_above("run_seconds", 3600),
        "warning",
        cause="A run took more than half of its limit (7200 s): a slow download, or a machine with other work.",
        remedy="Compare step_seconds in ops.metrics with earlier days. The runbook says what each pattern means.",
    ),
    Alarm(
        "dumps-stale",
        *_above("dump_age_hours", 72),
        "warning",
        cause="The source has not replaced this dump for three days; IMDb does it daily.",
        remedy="The tables are as recent as the dumps. See whether IMDb has moved or renamed the file.",
        layers=("landing",),
    ),
    Alarm(
        "quarantine-share",
        *_above("quarantine_share", 0.0005),
        "warning",
        cause="The unreadable lines reach half the share at which the bronze table fails (IMDB_MAX_BAD_SHARE).",
        remedy="Read the reasons in the quarantine table: a new kind of value needs another reader or contract.",
        layers=("bronze",),
        covered_by="dump-unreadable",
    ),
    Alarm(
        "rows-jumped",
        *_above("rows_change", 0.05),
        "warning",
        cause="A table has 5 % more rows than usual; IMDb grows by less than 0.1 % a day.",
        remedy=(
            "Look at keys_are_unique of the dump behind it: a doubled file has repeated keys. If the dump is wrong, "
            "roll the tables back; if IMDb really grew, do nothing."
        ),
        layers=("bronze", "silver", "gold"),
    ),
    Alarm(
        "rows-dropped",
        *_below("rows_change", -0.05),
        "critical",
        cause=(
            "A table has lost more than 5 % of its rows. Dumps that are too short are refused (IMDB_MAX_DROP), so the "
            "code has changed, or values that decide which rows are kept."
        ),
        remedy="Compare the funnel of silver/movies with the day before, and roll back the tables if it is wrong.",
        layers=("bronze", "silver", "gold"),
    ),
    Alarm(
        "check-failed",
        *_above("failed_checks", 0),
        "warning",
        cause="A check of a published table failed; the message has its finding.",
        remedy="Open the asset's checks in the UI; the check's description says what it looks at, and why.",
    ),
    Alarm(
        "feature-drift",
        *_above("psi", 0.2),
        "warning",
        cause=(
            "A feature's values are distributed differently from the oldest kept snapshot: a column has changed its "
            "meaning or coverage, or the dumps are of another catalogue."
        ),
        remedy="Compare the feature in both snapshots of gold.movie_features; if it is an error, roll back.",
        layers=("gold",),
    ),
    Alarm(
        "prediction-drift",
        *_above("psi", 0.2),
        "warning",
        cause="The model's predictions for all films have shifted since the oldest kept snapshot.",
        remedy="If features drifted too, start there. If only predictions did, roll the model back.",
        layers=("models",),
    ),
    Alarm(
        "accuracy-dropped",
        *_below("r2_change", -0.02),
        "critical",
        cause="Measured on today's ratings, the model in service explains less of the temporal test than a week ago.",
        remedy="Look at feature-drift and the model card; `imdb models rollback` restores the previous version.",
        layers=("models",),
    ),
    Alarm(
        "coverage-low",
        *_below("coverage", 0.8),
        "warning",
        cause="Intervals should contain nine of ten ratings, but contain fewer than eight on the temporal test.",
        remedy="Take the intervals as too narrow until the next good model. Look at models/champion_scores by slice.",
        layers=("models",),
    ),
    Alarm(
        "live-error-high",
        *_above("live_error", 1.5),
        "warning",
        cause="Predictions made before a film had a rating miss its first rating by more than 1.5 points on average.",
        remedy="First ratings with few votes are noisy: look first at num_votes in models.live_accuracy.",
        layers=("models",),
    ),
    Alarm(
        "challenger-refused",
        *_above("challengers", 0),
        "info",
        cause="The latest model version failed the audit or was worse than the one in service, and was not promoted.",
        remedy="Do nothing: the better version stays in service. `imdb models list` shows both, the asset the verdict.",
        layers=("models",),
    ),
    Alarm(
        "endpoint-down",
        *_below("endpoint_up", 1),
        "critical",
        cause="The endpoint does not answer, or answers with another model version than the one in service.",
        remedy="Materialize serving/rating_endpoint: it starts the server, and says why if it cannot.",
        layers=("serving",),
    ),
    Alarm(
        "endpoint-slow",
        *_above("endpoint_p95_ms", 250),
        "warning",
        cause="One in twenty predictions takes longer than 0.25 s; on an idle machine, one takes 2 ms.",
        remedy="Look at what else the machine does. Large batches count, too: check the callers' batch sizes.",
        layers=("serving",),
    ),
    Alarm(
        "endpoint-errors",
        *_above("endpoint_error_share", 0.01),
        "critical",
        cause="More than one in a hundred predictions failed inside the server.",
        remedy="Read serving.log in the data folder; if the failures began with a new model version, roll it back.",
        layers=("serving",),
    ),
    Alarm(
        "disk-low",
        *_below("disk_free_bytes", 7e9),
        "warning",
        cause="A download of all dumps starts only if 3.5 times their size is free: 7 GB at full size.",
        remedy="Run `imdb maintain`, make room, or set IMDB_DATA to a larger disk.",
    ),
)
"""All alarms, in the order of the pipeline."""

_SAYS_A_RUN_FAILED = {"failed_steps", "died_runs"}
"""Metrics that report a failed run."""


@dataclass(frozen=True)
class Deployed:
    """An alarm that `imdb deploy` makes in CloudWatch from declared ones.

    CloudWatch bills each alarm by the month, so there are few.

    A CloudWatch alarm judges one series, identified by the dimension `Alarm`: the number of declared alarms that fire.
    The platform itself sends the alerts for the declared alarms. A heartbeat is different: it fires and sends an alert
    when no successful run has been reported for some hours, since a dead process cannot report its own death.
    """

    name: str
    """Also the heading in the runbook."""
    of: tuple[Alarm, ...]
    """The declared alarms that it represents."""
    cause: str
    remedy: str
    heartbeat_hours: int = 0
    """Hours without a report of a successful run after which the heartbeat fires; 0 if the alarm is no heartbeat."""

    @property
    def runbook(self) -> str:
        """Address of its entry in the runbook."""
        return f"{RUNBOOK}#{self.name}"


DEPLOYED = (
    Deployed(
        "heartbeat",
        tuple(alarm for alarm in ALARMS if alarm.metric == "hours_since_good_run"),
        cause=(
            "For a day no run was reported as having just succeeded: runs fail, or none is started, or the platform "
            "is dead or cannot send messages."
        ),
        remedy="Check whether the host or its task runs, and its log; then look at the latest runs in Dagster.",
        heartbeat_hours=28,  # a day, plus the longest time of a run and its wait in the queue
    ),
    Deployed(
        "run-failed",
        tuple(alarm for alarm in ALARMS if alarm.metric in _SAYS_A_RUN_FAILED),
        cause="A run has failed: a step of it did, or its process died. Readers have the previous tables.",
        remedy="The platform's own message has the step, the cause and the remedy; `ops.alerts` keeps it.",
    ),
    Deployed(
        "alarms-raised",
        tuple(
            alarm
            for alarm in ALARMS
            if alarm.severity != "info"
            and alarm.metric not in _SAYS_A_RUN_FAILED
            and alarm.metric != "hours_since_good_run"
        ),
        cause="Another of the platform's alarms fires, about data, model, endpoint or disk.",
        remedy="The platform's own message says which, why, and what to do; `ops.alerts` keeps it.",
    ),
)
"""The alarms in CloudWatch. Together they represent every declared alarm that a person must know about."""
