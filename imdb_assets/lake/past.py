"""The lake as it was at a past moment, if the snapshots of that time have not expired."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake, handle
from imdb_assets.lake.table import Table

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable


class NoSnapshotError(LakeError):
    """A table has no snapshot from a past moment: the table had not been made by then, or the snapshot has expired."""


def moment(lake: Lake, text: str) -> datetime:
    """The point in time that a text names.

    Args:
        lake: The lake.
        text: A date, a time in ISO 8601, or the id of any table's snapshot. A date means the end of the day in UTC, a
            time without an offset is in UTC, and a snapshot means the time when it was published.

    Raises:
        LakeError: The text is no date, no time and no id of a snapshot.
    """
    if text.isdecimal():
        for name in lake.names():
            iceberg = lake.find(name)
            snapshot = iceberg.snapshot_by_id(int(text)) if iceberg else None
            if snapshot:
                return _utc(snapshot.timestamp_ms)
        raise LakeError(
            f"no table has a snapshot {text} (it may have expired); `imdb history TABLE` lists the snapshots that a "
            "table still has."
        )
    try:
        if len(text) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(text) + timedelta(days=1), datetime.min.time(), UTC)
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise LakeError(
            f"{text or repr(text)}: not a point in time; expected a date such as 2026-01-31, a time such as "
            "2026-01-31T12:00, or a snapshot from `imdb history TABLE`."
        ) from error


def survey(lake: Lake, at: datetime) -> tuple[list[Table], dict[str, LakeError]]:
    """Like `Lake.survey`, but each table is at the snapshot that was current at the time `at`.

    If a table has no snapshot from the time `at`, the errors map the table's name to a `NoSnapshotError`.
    """
    tables: list[Table] = []
    problems: dict[str, LakeError] = {}
    for name in lake.names():
        try:
            iceberg = lake.find(name)
            if iceberg:
                tables.append(handle(iceberg, name, _current(iceberg, name, at)))
        except LakeError as error:
            problems[name] = error
    return tables, problems


def _current(iceberg: IcebergTable, name: str, at: datetime) -> int:
    log = iceberg.history()  # the history has no entries of expired snapshots
    entries = [entry for entry in log if _utc(entry.timestamp_ms) <= at]
    if entries:
        return entries[-1].snapshot_id
    since = f"since {_utc(log[0].timestamp_ms):%Y-%m-%d %H:%M} UTC" if log else "never"
    raise NoSnapshotError(
        f"{name}: no snapshot of {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC; the table has snapshots {since} (`imdb "
        f"history {name}`), because older snapshots expire."
    )


def _utc(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
