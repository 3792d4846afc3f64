"""Every alarm, declared once: its metric, threshold, severity, usual cause and remedy.

`evaluate.py` uses `ALARMS`. CloudWatch's alarms are made from `DEPLOYED`, which is derived from `ALARMS`.
`docs/runbook.md` has a heading for each alarm, and `graph/test_alarms.py` makes each of `ALARMS` fire.
"""

from dataclasses import dataclass
from typing import Literal

from imdb_assets.contracts.ops import METRICS

Severity = Literal["critical", "warning", "info"]

RUNBOOK = "docs/runbook.md"


@dataclass(frozen=True)
class Alarm:
    """A declared alarm, which judges its metric's latest value for each asset, regime, feature or check separately."""

    name: str
    """Name of the alarm, and its heading in the runbook."""
    metric: str
    """A key of `METRICS`."""
    beyond: Literal[">", "<"]
    threshold: float
    """Threshold in the metric's unit; a value equal to the threshold does not fire the alarm."""
    severity: Severity
    cause: str
    """The usual cause."""
    remedy: str
    """The action to take, or a note that no action is needed."""
    layers: tuple[str, ...] = ()
    """Layers (first parts of asset keys) that the alarm is limited to. If empty, the alarm judges the values of every
    asset and the values of the whole deployment."""
    covered_by: str | None = None
    """Name of another alarm; while the other alarm fires for the same asset, this alarm is redundant."""

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
        """Address of the alarm's entry in the runbook."""
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
            "A dump could not be downloaded, or was refused: the host is down or slow, or the file is truncated, is "
            "corrupt or has an unexpected header. The previous dump and everything made from it stay in use."
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
            "A dump arrived completely, but too many of its lines cannot be read, or it has lost too many lines since "
            "the previous dump. The dump's bronze table is unchanged."
        ),
        remedy="Look at the quarantine table for the unreadable lines and the reasons. When a good dump arrives, the "
        "next run updates the bronze table.",
        layers=("bronze",),
    ),
    Alarm(
        "table-failed",
        *_above("failed_steps", 0),
        "critical",
        cause=(
            "A table, view or dashboard could not be made, or broke its contract, so nothing was published: readers "
            "still get the previous version. The usual cause is something new in the dumps, or a change in the "
            "code."
        ),
        remedy="Read the error, which names the broken rule and some rows. Change the transform or the contract, then "
        "run the job again.",
        layers=("silver", "gold", "warehouse", "dashboards"),
    ),
    Alarm(
        "model-failed",
        *_above("failed_steps", 0),
        "critical",
        cause="Training, audit, leak check or predictions failed. The previous model version stays in service.",
        remedy="Read the error. If the leak check or the audit failed, do not override the failure, because some "
        "feature contains the rating that the model should predict.",
        layers=("models",),
    ),
    Alarm(
        "serving-failed",
        *_above("failed_steps", 0),
        "critical",
        cause="The endpoint could not be started or updated, or does not answer as expected.",
        remedy="Run `imdb doctor` to check the endpoint's port, and read the end of serving.log in the data folder.",
        layers=("serving",),
    ),
    Alarm(
        "upkeep-failed",
        *_above("failed_steps", 0),
        "warning",
        cause="The job `maintenance` failed. Nothing is lost, but the stored data grow until the job succeeds again.",
        remedy="Read the error: it names the table that has lost or misplaced files.",
        layers=("maintenance",),
    ),
    Alarm(
        "run-died",
        *_above("died_runs", 0),
        "warning",
        cause=(
            "The run ended without success and without a failed step: its process was killed (out of memory, restart), "
            "it was canceled, or it took longer than a run is allowed to. Each table has either its previous snapshot "
            "or its new one."
        ),
        remedy=(
            "Do nothing if the next run has succeeded: a crashed run is restarted once and continues where it stopped. "
            "If the next run has failed too, check the machine's memory with `imdb doctor`."
        ),
    ),
    Alarm(
        "no-good-run",
        *_above("hours_since_good_run", 50),
        "critical",
        cause=(
            "No full run has succeeded for two nights: runs fail, or no run starts. No run starts while the daemon is "
            "down, while the schedule or sensor is turned off, or while another run waits in the queue."
        ),
        remedy="Look at the latest runs in the UI, and at the ticks of the schedule or sensor. The runbook says what "
        "to check first.",
    ),
    Alarm(
        "run-slow",
        *_above("run_seconds", 3600),
        "warning",
        cause="A run took more than 3600 s, half of the time that a run may take, because a download was slow or the "
        "machine had other work.",
        remedy="Compare each step's step_seconds in ops.metrics with its values on earlier days. The runbook explains "
        "the usual patterns of slow steps.",
    ),
    Alarm(
        "dumps-stale",
        *_above("dump_age_hours", 72),
        "warning",
        cause="The source has not replaced this dump for three days; IMDb replaces its dumps daily.",
        remedy="The tables are only as recent as the dumps. Check whether IMDb has moved or renamed the file.",
        layers=("landing",),
    ),
    Alarm(
        "quarantine-share",
        *_above("quarantine_share", 0.0005),
        "warning",
        cause="The share of unreadable lines is above 0.0005. Above IMDB_MAX_BAD_SHARE (0.001 by default), the bronze "
        "table fails.",
        remedy="Read the reasons in the quarantine table; for a new kind of value, change the reader or the contract.",
        layers=("bronze",),
        covered_by="dump-unreadable",
    ),
    Alarm(
        "rows-jumped",
        *_above("rows_change", 0.05),
        "warning",
        cause="A table has over 5 % more rows than usual, although IMDb grows by less than 0.1 % a day.",
        remedy=(
            "Look at the check keys_are_unique of the bronze table that the rows come from, because a doubled file has "
            "repeated keys. If the dump is wrong, roll the tables back; if IMDb really grew, do nothing."
        ),
        layers=("bronze", "silver", "gold"),
    ),
    Alarm(
        "rows-dropped",
        *_below("rows_change", -0.05),
        "critical",
        cause=(
            "A table has lost more than 5 % of its rows. Dumps that are too short are refused (IMDB_MAX_DROP), so the "
            "code has changed, or the dumps have new values in the columns that decide which rows are kept."
        ),
        remedy="Compare the funnel of silver/movies (rows left after each rule) with the previous day's; if the funnel "
        "is wrong, roll the tables back.",
        layers=("bronze", "silver", "gold"),
    ),
    Alarm(
        "check-failed",
        *_above("failed_checks", 0),
        "warning",
        cause="A check of a published table failed; the alert's message says what the check found.",
        remedy="Open the asset's checks in the UI; the check's description says what the check looks at, and why.",
    ),
    Alarm(
        "feature-drift",
        *_above("psi", 0.2),
        "warning",
        cause=(
            "A feature's values are distributed differently from those in the oldest kept snapshot: a column has "
            "changed its meaning or coverage, or the dumps describe another catalogue."
        ),
        remedy="Compare the feature in the current and the oldest kept snapshot of gold.movie_features; if the change "
        "is an error, roll the table back.",
        layers=("gold",),
    ),
    Alarm(
        "prediction-drift",
        *_above("psi", 0.2),
        "warning",
        cause="The model's predictions for all films have shifted since the oldest kept snapshot.",
        remedy="If the alarm feature-drift fires too, treat that alarm first. If only the predictions have drifted, "
        "roll the model back.",
        layers=("models",),
    ),
    Alarm(
        "accuracy-dropped",
        *_below("r2_change", -0.02),
        "critical",
        cause="On the temporal test with today's ratings, the R² of the model in service is more than 0.02 below the "
        "median of the last seven measurements.",
        remedy="Look at the alarm feature-drift and the model card; `imdb models rollback` restores the previous "
        "version.",
        layers=("models",),
    ),
    Alarm(
        "coverage-low",
        *_below("coverage", 0.8),
        "warning",
        cause="The predicted intervals should contain nine of ten ratings, but on the temporal test they contain fewer "
        "than eight of ten.",
        remedy="Treat the intervals as too narrow until a better model is in service. Look at the scores of each slice "
        "in models/champion_scores.",
        layers=("models",),
    ),
    Alarm(
        "live-error-high",
        *_above("live_error", 1.5),
        "warning",
        cause="Predictions that were made before films had a rating miss the films' first ratings by more than 1.5 "
        "points on average.",
        remedy="First ratings with few votes are noisy: look first at num_votes in models.live_accuracy.",
        layers=("models",),
    ),
    Alarm(
        "challenger-refused",
        *_above("challengers", 0),
        "info",
        cause="The latest model version failed the audit or was worse than the version in service, and was not "
        "promoted.",
        remedy="Do nothing: the better version stays in service. `imdb models list` shows both versions, and the "
        "metadata of models/rating_model says why the latest version was refused.",
        layers=("models",),
    ),
    Alarm(
        "endpoint-down",
        *_below("endpoint_up", 1),
        "critical",
        cause="The endpoint does not answer, or answers with another model version than the one in service.",
        remedy="Materialize serving/rating_endpoint: the asset starts the server, or says why the server cannot start.",
        layers=("serving",),
    ),
    Alarm(
        "endpoint-slow",
        *_above("endpoint_p95_ms", 250),
        "warning",
        cause="More than one in twenty requests takes longer than 0.25 s; on an idle machine, a prediction takes 2 ms.",
        remedy="Check what else runs on the machine. Large batches also make requests slow: check the callers' batch "
        "sizes.",
        layers=("serving",),
    ),
    Alarm(
        "endpoint-errors",
        *_above("endpoint_error_share", 0.01),
        "critical",
        cause="More than one in a hundred predictions failed inside the server.",
        remedy="Read serving.log in the data folder; if the failures began with a new model version, roll the model "
        "back.",
        layers=("serving",),
    ),
    Alarm(
        "disk-low",
        *_below("disk_free_bytes", 7e9),
        "warning",
        cause="Little disk space is left: a download of all dumps starts only if 3.5 times their size is free, which "
        "is 7 GB for IMDb's own dumps.",
        remedy="Run `imdb maintain`, make room, or set IMDB_DATA to a larger disk.",
    ),
)
"""All alarms, in the order of the pipeline."""

_SAYS_A_RUN_FAILED = {"failed_steps", "died_runs"}
"""Metrics that report a failed run."""


@dataclass(frozen=True)
class Deployed:
    """A CloudWatch alarm that `imdb deploy` makes, and that represents some of `ALARMS`.

    CloudWatch bills each alarm by the month, so only a few alarms are deployed.

    Each CloudWatch alarm judges one CloudWatch metric, whose dimension `Alarm` is the alarm's name. The metric of the
    alarm `heartbeat` is the number of hours since the last successful run. Any other CloudWatch alarm represents some
    of `ALARMS`, and its metric counts how many of these fire. The platform itself, not CloudWatch, sends the alerts for
    the alarms in `ALARMS`. Only the alert for `heartbeat` comes from CloudWatch, because a dead platform cannot report
    its own death.
    """

    name: str
    """Name of the alarm, and its heading in the runbook."""
    of: tuple[Alarm, ...]
    """The alarms of `ALARMS` that this one CloudWatch alarm represents."""
    cause: str
    remedy: str
    heartbeat_hours: int = 0
    """The alarm `heartbeat` fires after this number of hours without a report of a successful run; 0 for other
    alarms."""

    @property
    def runbook(self) -> str:
        """Address of the alarm's entry in the runbook."""
        return f"{RUNBOOK}#{self.name}"


DEPLOYED = (
    Deployed(
        "heartbeat",
        tuple(alarm for alarm in ALARMS if alarm.metric == "hours_since_good_run"),
        cause=(
            "No successful run has been reported for 28 hours: runs fail, no run starts, or the platform is down or "
            "cannot send messages."
        ),
        remedy="Check whether the host or its task is running, and read the log; then look at the latest runs in "
        "Dagster.",
        heartbeat_hours=28,  # a day between runs, plus a run's longest wait in the queue, plus its longest duration
    ),
    Deployed(
        "run-failed",
        tuple(alarm for alarm in ALARMS if alarm.metric in _SAYS_A_RUN_FAILED),
        cause="A run has failed, because one of its steps failed or its process died. Readers still get the previous "
        "tables.",
        remedy="Read the platform's own message in `ops.alerts`: it names the step, the cause and the remedy.",
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
        cause="At least one alarm of the platform fires: an alarm about the data, the model, the endpoint or the disk.",
        remedy="Read the platform's own message in `ops.alerts`: it names the alarm, the cause and the remedy.",
    ),
)
"""The alarms in CloudWatch, which together represent every alarm of `ALARMS` that a person must know about."""
