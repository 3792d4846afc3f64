"""The cost of runs and endpoints on AWS: quantities multiplied by the prices in prices.toml."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from imdb_assets.aws.billing import budget, endpoint_hours, prices
from imdb_assets.aws.billing.endpoint_hours import Life
from imdb_assets.monitoring.costs import Usage
from imdb_assets.settings import Settings

METERED = {
    "glue dpu seconds": "glue_dpu",
    "glue standard dpu seconds": "glue_standard_dpu",
    "athena bytes scanned": "athena_scan",
    "training seconds": "training",
}
"""Maps the name of a step's metadata entry to an item of the price table."""
REQUESTS: dict[str, tuple[str, "Known"]] = {
    "writes": ("s3_writes", "counted"),
    "reads": ("s3_reads", "counted"),
    "estimated_writes": ("s3_writes", "estimated"),
    "estimated_reads": ("s3_reads", "estimated"),
}
"""Maps each kind of request to S3 to an item of the price table, and to how we know the number of requests."""
TASK_CPUS, TASK_GB, TASK_DISK_GB = 2, 4, 40 - 20
"""CPUs, memory and billed disk of the ephemeral task, as in deploy/templates/host.yaml. AWS bills only the disk beyond
the first 20 GB."""
DAYS = 30
"""Days in a month. AWS prices storage by the month, but we charge storage by the day."""
ENDPOINT = "endpoint"
"""Value of the column `job` in the rows for endpoints."""

Known = Literal["reported", "counted", "estimated"]
Used = dict[tuple[str, Known], float]
"""Maps a pair to the quantity used. The pair consists of an item of the price table, and of a word that says how the
quantity is known (`Known`)."""


@dataclass(frozen=True)
class Bill:
    """The bill of one deployment, as rows of `ops.costs`."""

    settings: Settings

    @property
    def limit_usd(self) -> float:
        """See `budget.limit`."""
        return budget.limit(self.settings)

    def of_run(self, usage: Usage, stored_bytes: int, now: datetime) -> Iterator[dict[str, Any]]:
        """The rows of `ops.costs` for one run.

        Args:
            usage: The run.
            stored_bytes: Size of all tables on S3. A run that makes everything, from the dumps to the endpoint, is
                charged for one day's storage of all tables.
            now: The time, UTC.
        """
        used: Used = {}
        for name, value in usage.reported:
            if name in METERED:
                used[METERED[name], "reported"] = used.get((METERED[name], "reported"), 0) + value
        used |= {REQUESTS[kind]: number for kind, number in usage.requests.items()}
        if self.settings.host == "task":
            used |= {
                ("task_cpu", "counted"): usage.seconds * TASK_CPUS,
                ("task_memory", "counted"): usage.seconds * TASK_GB,
                ("task_disk", "counted"): usage.seconds * TASK_DISK_GB,
                ("address", "counted"): usage.seconds,
            }
        if usage.is_whole:
            used["s3_storage", "estimated"] = stored_bytes / DAYS
        yield from _priced(used, usage.run_id, usage.job, usage.ended_at, now)

    def beside_runs(self, now: datetime) -> Iterator[dict[str, Any]]:
        """The rows of `ops.costs` for the endpoints on SageMaker.

        Raises:
            LakeError: AWS refused the request or could not be reached.
        """
        if self.settings.lake == "s3":
            for life in endpoint_hours.lives(self.settings.aws_prefix, now):
                yield from of_endpoint(life, now)


def of_endpoint(life: Life, now: datetime) -> Iterator[dict[str, Any]]:
    """The row of `ops.costs` for one endpoint. If the endpoint is still running, the row has the cost so far.

    Args:
        life: The endpoint.
        now: The time, UTC.
    """
    ended = life.ended or now
    used: Used = {("endpoint", "reported"): (ended - life.began).total_seconds()}
    yield from _priced(used, f"{life.name} {life.began.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", ENDPOINT, ended, now)


def _priced(used: Used, run_id: str, job: str, ended: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    table = prices.prices()
    for (item, known), quantity in sorted(used.items()):
        if quantity:
            yield {
                "run_id": run_id,
                "item": item,
                "known": known,
                "ended_at": ended,
                "job": job,
                "quantity": float(quantity),
                "unit": table[item].unit,
                "usd": table[item].of(quantity),
                "prices_of": prices.dated(),
                "recorded_at": now,
            }
