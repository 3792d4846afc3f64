"""Reads, writes, lists and removes objects on S3; each operation is one call, with clear errors (`client.py`).

The module implements `lake.remote.Remote` for addresses that begin with `s3://`.

Files of any size can be uploaded; large files are uploaded in parts. `put` can require that there is no object yet, or
that the object has not changed since it was read, so that no writer overwrites another writer's newer object.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from imdb_assets.aws import s3_requests
from imdb_assets.aws.client import ATTEMPTS, ENCRYPTION, aws_errors, client, code_of, region
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.stored import Stored

REMOTE = "s3://"
"""Beginning of the address of every object on S3."""
DELETED_AT_ONCE = 1000  # S3 removes no more objects in one request
GETS_A_FILE = 3
"""Estimated number of requests with which Polars reads the footer and the columns of a Parquet file."""
_DOES_NOT_HOLD = {"PreconditionFailed", "ConditionalRequestConflict"}
_ABSENT = {"NoSuchKey", "404"}


class ConflictError(Exception):
    """Another writer has changed the object in the meantime; nothing was written."""


def split(address: str) -> tuple[str, str]:
    """Splits `s3://bucket/a/key` into bucket and key."""
    bucket, _, key = address.removeprefix(REMOTE).partition("/")
    return bucket, key


def get(address: str) -> tuple[bytes, str] | None:
    """An object's content and ETag; None if there is no object.

    Raises:
        LakeError: The object cannot be read.
    """
    bucket, key = split(address)
    with aws_errors(f"{address} cannot be read"):
        try:
            answer = client("s3").get_object(Bucket=bucket, Key=key)
            return answer["Body"].read(), answer["ETag"]
        except client("s3").exceptions.NoSuchKey:
            return None


def put(address: str, content: bytes, *, absent: bool = False, etag: str | None = None) -> str:
    """Writes a whole object; returns its new ETag.

    If S3's answer is lost, the client repeats the write, so an object that already has the same content is no conflict.

    Args:
        address: Address of the object.
        content: The content, a few MB at most.
        absent: Whether to write only if there is no object at the address.
        etag: Write only if the object still has this ETag.

    Raises:
        ConflictError: The object exists, or no longer has the given ETag.
        LakeError: The object cannot be written.
    """
    bucket, key = split(address)
    condition = {"IfNoneMatch": "*"} if absent else {"IfMatch": etag} if etag else {}
    with aws_errors(f"{address} cannot be written"):
        try:
            answer = client("s3").put_object(Bucket=bucket, Key=key, Body=content, **condition)
        except client("s3").exceptions.ClientError as error:
            if code_of(error) not in _DOES_NOT_HOLD:
                raise
            found = get(address)
            if found is None or found[0] != content:
                raise ConflictError(f"{address} was written by another process meanwhile") from error
            return found[1]
        return answer["ETag"]


def put_once(address: str, content: bytes) -> bool:
    """Writes an object whose address identifies its content, for example by a hash; returns False if the object exists.

    Raises:
        LakeError: The object cannot be looked up or written.
    """
    if head(address) is not None:
        return False
    try:
        put(address, content, absent=True)
    except ConflictError as error:
        raise LakeError(
            f"{address} exists already, with different content. Remove that object, and run again."
        ) from error
    return True


def upload(path: Path, address: str, **metadata: str) -> None:
    """Copies a file to S3, in parts if the file is large; the parts of a failed upload are removed.

    Raises:
        LakeError: The object cannot be written; no object was created or replaced.
    """
    bucket, key = split(address)
    with aws_errors(f"{address} cannot be written"):
        from boto3.exceptions import S3UploadFailedError  # pyright: ignore[reportMissingTypeStubs]

        try:
            client("s3").upload_file(str(path), bucket, key, ExtraArgs={"Metadata": metadata})
        except S3UploadFailedError as error:  # this error hides its cause
            raise (error.__context__ or error) from None


def download(address: str, path: Path) -> None:
    """Copies an object to a file, in parts if the object is large.

    Raises:
        LakeError: The object cannot be read.
    """
    bucket, key = split(address)
    with aws_errors(f"{address} cannot be read"):
        from boto3.exceptions import RetriesExceededError  # pyright: ignore[reportMissingTypeStubs]

        try:
            client("s3").download_file(bucket, key, str(path))
        except RetriesExceededError as error:  # `aws_errors` converts only botocore's errors
            raise LakeError(
                f"{address} cannot be read: {error}. The connection broke at every attempt; try again later."
            ) from error


def head(address: str) -> dict[str, Any] | None:
    """What S3 knows about an object (size, ETag, our metadata); None if there is no object."""
    bucket, key = split(address)
    with aws_errors(f"{address} cannot be looked up"):
        try:
            return client("s3").head_object(Bucket=bucket, Key=key)
        except client("s3").exceptions.ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise


def listing(prefix: str) -> list[Stored]:
    """All objects whose addresses begin with the given prefix, sorted."""
    bucket, key = split(prefix)
    with aws_errors(f"{prefix} cannot be listed"):
        pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        return [
            Stored(f"{REMOTE}{bucket}/{found['Key']}", found["Size"], found["LastModified"].timestamp())
            for page in pages
            for found in page.get("Contents", [])
        ]


def remove_if(address: str, etag: str) -> None:
    """Removes an object if it still has the given ETag; an object that another writer has replaced stays.

    Raises:
        LakeError: The object cannot be removed.
    """
    bucket, key = split(address)
    with aws_errors(f"{address} cannot be removed"):
        try:
            client("s3").delete_object(Bucket=bucket, Key=key, IfMatch=etag)
        except client("s3").exceptions.ClientError as error:
            if code_of(error) not in _DOES_NOT_HOLD | _ABSENT:
                raise


def remove(addresses: Iterable[str]) -> None:
    """Removes objects; missing objects are ignored.

    Raises:
        LakeError: An object cannot be removed.
    """
    keys: dict[str, list[str]] = {}
    for address in addresses:
        bucket, key = split(address)
        keys.setdefault(bucket, []).append(key)
    for bucket, own in keys.items():
        for start in range(0, len(own), DELETED_AT_ONCE):
            batch = [{"Key": key} for key in own[start : start + DELETED_AT_ONCE]]
            with aws_errors(f"{REMOTE}{bucket}: {len(batch)} objects cannot be removed"):
                answer = client("s3").delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
            if failed := answer.get("Errors"):
                first = failed[0]
                raise LakeError(
                    f"{REMOTE}{bucket}/{first['Key']}: cannot be removed ({first['Code']}: {first['Message']}). "
                    f"{len(failed) - 1} other objects cannot be removed, either. The role needs s3:DeleteObject on s3://{bucket}."
                )


def read_json(address: str) -> Any | None:
    """The JSON value in an object; None if there is no object."""
    found = get(address)
    return json.loads(found[0]) if found else None


def write_json(address: str, value: Any) -> None:
    """Stores a value as JSON, replacing an existing object."""
    put(address, as_json(value))


def as_json(value: Any) -> bytes:
    """A value as JSON text, as it is stored; equal values give equal bytes."""
    return json.dumps(value, indent=2, sort_keys=True).encode()


def polars_options() -> dict[str, Any]:
    """Options that make Polars' own S3 client behave like our client; Polars itself takes the AWS keys from boto3."""
    s3 = client("s3")
    endpoint = str(s3.meta.endpoint_url)
    return {
        "aws_region": region(),
        "aws_server_side_encryption": ENCRYPTION,
        "max_retries": ATTEMPTS - 1,
        **({} if endpoint.endswith((".amazonaws.com", ".amazonaws.com.cn")) else {"aws_endpoint_url": endpoint}),
        **({"aws_allow_http": "true"} if endpoint.startswith("http:") else {}),
    }


def polars_reads(files: int) -> None:
    """Counts the requests that Polars is estimated to send when it reads the given number of files."""
    s3_requests.add(estimated_reads=files * GETS_A_FILE)


def polars_writes(files: int) -> None:
    """Counts one estimated request per file that Polars writes; the parts of a file above 32 MB are not counted."""
    s3_requests.add(estimated_writes=files)
