"""Upkeep: a daily job removes expired data. The command `imdb maintain` removes the same data by hand."""

from datetime import timedelta

import dagster as dg
from pydantic import Field

from imdb_assets.defs.automation import initially
from imdb_assets.lake.maintenance import maintain
from imdb_assets.lake.retention import LONGEST, Policy
from imdb_assets.settings import Settings, load_settings
from imdb_assets.wiring import stores_of

KEEP = Policy()
DAY = timedelta(days=1)


class Retention(dg.Config):
    """The retention policy of one maintenance run."""

    snapshots: int = Field(default=KEEP.snapshots, ge=1)
    snapshot_days: float = Field(default=KEEP.snapshot_age / DAY, ge=0, le=LONGEST / DAY)
    dry_run: bool = False


@dg.op(name="maintain")
def maintain_stores(context: dg.OpExecutionContext, config: Retention, settings: dg.ResourceParam[Settings]) -> None:
    """Removes expired snapshots, dumps that no kept snapshot needs, unreferenced files, old models and old samples."""
    policy = Policy(snapshots=config.snapshots, snapshot_age=config.snapshot_days * DAY)
    removals = maintain(stores_of(settings), policy, dry_run=config.dry_run)
    context.add_output_metadata(
        {
            "removed": dg.MetadataValue.table(
                [dg.TableRecord(vars(removal)) for removal in removals],
                schema=dg.TableSchema([dg.TableColumn(name) for name in ("kind", "name", "files", "bytes")]),
            ),
            "bytes": sum(removal.bytes for removal in removals),
        }
    )


@dg.job(description="Removes old snapshots and dumps, files that belong to no snapshot, old models and old samples.")
def maintenance() -> None:
    """Runs one step. `lake/maintenance.py` defines what is removed, and what is never removed."""
    maintain_stores()


@dg.definitions
def upkeep() -> dg.Definitions:
    """The job and its schedule; IMDB_SCHEDULE decides whether the schedule is initially on."""
    return dg.Definitions(
        jobs=[maintenance],
        schedules=[
            dg.ScheduleDefinition(
                name="maintenance_at_06_utc",
                job=maintenance,
                cron_schedule="0 6 * * *",  # hours after the daily job; if the daily job still runs, maintenance waits
                execution_timezone="UTC",
                default_status=initially(running=load_settings().schedule == "running"),
            )
        ],
    )
