"""Run history of ephemeral tasks, kept in a bucket: one task at a time fetches, extends and uploads the history."""

import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import dagster as dg

from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place

KEY, LOCK = "runs/history.tar.gz", "runs/lock.json"
STALE = timedelta(hours=3)
"""A lock that is three hours old is ignored, because every task ends itself earlier (`cli/host.py`)."""


@contextmanager
def held(place: Place) -> Iterator[Callable[[], bool]]:
    """Holds the lock that keeps other tasks from running.

    Yields a function that says whether this task still holds the lock; another task may take the lock after three
    hours.

    Raises:
        DeployError: Another task is running.
        LakeError: AWS refused the request or could not be reached.
    """
    from imdb_assets.aws import s3

    lock = f"s3://{place.bucket('artifacts')}/{LOCK}"
    mine = json.dumps({"since": datetime.now(UTC).isoformat(), "by": uuid4().hex}).encode()
    found = s3.get(lock)
    since = datetime.fromisoformat(json.loads(found[0])["since"]) if found else None
    busy = (
        f"another task has been running the daily job since {since or datetime.now(UTC):%Y-%m-%d %H:%M} UTC, so this "
        f"task ends. If the other task is gone, remove its lock {lock}."
    )
    if since and datetime.now(UTC) - since < STALE:
        raise DeployError(busy)
    try:
        taken = s3.put(lock, mine, absent=found is None, etag=found[1] if found else None)
    except s3.ConflictError as error:  # another task took the lock a moment earlier
        raise DeployError(busy) from error

    def still_ours() -> bool:
        now = s3.get(lock)
        return now is not None and now[1] == taken

    try:
        yield still_ours
    finally:
        s3.remove_if(lock, taken)


def fetch(place: Place, instance: dg.DagsterInstance) -> bool:
    """Unpacks the history of earlier tasks into the Dagster instance's folder; returns False if there is no history."""
    from imdb_assets.aws import s3

    found = s3.get(_archive(place))
    if found is None:
        return False
    with tarfile.open(fileobj=io.BytesIO(found[0])) as archive:
        archive.extractall(_folder(instance), filter="data")
    return True


def keep(place: Place, instance: dg.DagsterInstance) -> None:
    """Uploads the run history of the Dagster instance; the bucket keeps the previous upload for a week.

    Dagster's configuration is not uploaded, because each image contains a configuration, and the next task's image may
    be newer.
    """
    from imdb_assets.aws import s3

    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "history.tar.gz"
        with tarfile.open(packed, mode="w:gz") as archive:
            archive.add(_folder(instance), arcname=".", filter=lambda one: None if one.name.endswith(".yaml") else one)
        s3.upload(packed, _archive(place))


def _archive(place: Place) -> str:
    return f"s3://{place.bucket('artifacts')}/{KEY}"


def _folder(instance: dg.DagsterInstance) -> Path:
    """Folder in which a Dagster instance with SQLite storage keeps runs, events and schedules."""
    return Path(instance.storage_directory()).parent
