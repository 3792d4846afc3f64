"""Run history of ephemeral tasks, one at a time: fetched from the artifacts bucket before a run, kept there after."""

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from imdb_assets.deploy.cloud import DeployError, client, explained
from imdb_assets.deploy.stacks import Place

KEY, LOCK = "runs/history.tar.gz", "runs/lock.json"
STALE = timedelta(hours=3)
"""After it a lock is that of a task that died: runs end within two hours."""


@contextmanager
def held(place: Place) -> Iterator[None]:
    """Nobody else runs meanwhile.

    Raises:
        DeployError: Another task does.
    """
    from botocore.exceptions import ClientError

    s3, bucket = client("s3"), place.bucket("artifacts")
    with explained(f"reserving {bucket}/{LOCK}"):
        try:
            taken = _take(s3, bucket, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise
            found = s3.get_object(Bucket=bucket, Key=LOCK)
            since = datetime.fromisoformat(json.load(found["Body"])["since"])
            if datetime.now(UTC) - since < STALE:
                raise DeployError(
                    f"another task has been at the daily job since {since:%Y-%m-%d %H:%M} UTC; this one ends. If that "
                    f"task is gone, remove s3://{bucket}/{LOCK}."
                ) from error
            taken = _take(s3, bucket, IfMatch=found["ETag"])
    try:
        yield
    finally:
        with explained(f"releasing {bucket}/{LOCK}"):
            try:
                s3.delete_object(Bucket=bucket, Key=LOCK, IfMatch=taken)
            except ClientError as error:  # another task took it for one that had died
                if error.response["Error"]["Code"] not in ("PreconditionFailed", "NoSuchKey"):
                    raise


def _take(s3: Any, bucket: str, **condition: str) -> str:
    body = json.dumps({"since": datetime.now(UTC).isoformat()}).encode()
    return s3.put_object(Bucket=bucket, Key=LOCK, Body=body, **condition)["ETag"]


def fetch(place: Place, instance: dg.DagsterInstance) -> bool:
    """Puts the history of earlier tasks where the instance has its own; False if there is none."""
    from botocore.exceptions import ClientError

    bucket = place.bucket("artifacts")
    with explained(f"fetching the run history from {bucket}"):
        try:
            content = client("s3").get_object(Bucket=bucket, Key=KEY)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return False
            raise
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(_folder(instance), filter="data")
    return True


def keep(place: Place, instance: dg.DagsterInstance) -> None:
    """Puts the instance's history into the bucket; versions there keep the one before for a week."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        archive.add(_folder(instance), arcname=".")
    bucket = place.bucket("artifacts")
    with explained(f"keeping the run history in {bucket}"):
        client("s3").put_object(Bucket=bucket, Key=KEY, Body=content.getvalue())


def _folder(instance: dg.DagsterInstance) -> Path:
    """Where an instance with SQLite storage keeps runs, events and schedules."""
    return Path(instance.storage_directory()).parent
