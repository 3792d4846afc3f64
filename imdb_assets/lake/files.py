"""Reads and writes local and remote files by address; writes small files durably, and syncs files of other writers.

Before a pointer names a file, the file's bytes must be safe from a power cut. The pointers of the landing zone and of
the model store are JSON files, which are replaced atomically.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from imdb_assets.lake.errors import DamagedError
from imdb_assets.lake.remote import remote_of

if TYPE_CHECKING:  # `imdb tables` reads no rows, so it need not wait for the import of Polars
    import polars as pl

SEAL = "check"
"""Key under which `write_sealed` stores the hash of a record."""


def parquet_files(prefix: str) -> list[str]:
    """Addresses of all Parquet files below a folder or prefix, in a stable order."""
    if remote := remote_of(prefix):
        return [one.address for one in remote.listing(f"{prefix}/") if one.address.endswith(".parquet")]
    return sorted(str(path) for path in Path(prefix).rglob("*.parquet"))


def scan(files: Sequence[str], **more: Any) -> pl.LazyFrame:
    """Rows of exactly these Parquet files: a `*` in a file name is no pattern, and a folder name adds no column.

    Args:
        files: At least one address; either all are paths, or all are in the same remote storage.
        **more: Further arguments of `polars.scan_parquet`.
    """
    import polars as pl

    if remote := remote_of(files[0]):
        remote.polars_reads(len(files))
    return pl.scan_parquet(
        list(files), hive_partitioning=False, glob=False, storage_options=storage_options(files[0]), **more
    )


def storage_options(address: str) -> dict[str, Any] | None:
    """Polars' options for reading or writing an address; None for a path."""
    remote = remote_of(address)
    return remote.polars_options() if remote else None


@contextmanager
def reading(address: str) -> Generator[Path]:
    """A local path for reading a file: the path of the local file, or of a temporary copy of the remote file."""
    remote = remote_of(address)
    if remote is None:
        yield Path(address)
        return
    with tempfile.TemporaryDirectory(prefix="imdb-") as folder:
        copy = Path(folder) / address.rpartition("/")[2]
        remote.download(address, copy)
        yield copy


@contextmanager
def writing(address: str) -> Generator[Path]:
    """A local path to write a file to; a file for a remote address is uploaded if the context ends without error."""
    remote = remote_of(address)
    if remote is None:
        yield Path(address)
        return
    with tempfile.TemporaryDirectory(prefix="imdb-") as folder:
        made = Path(folder) / address.rpartition("/")[2]
        yield made
        remote.upload(made, address)


def write_json(path: Path, value: Any) -> None:
    """Replaces `path` atomically: a reader sees the old or the new text, even after a crash."""
    write_bytes(path, json.dumps(value, indent=2, sort_keys=True).encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Replaces `path` atomically, even if other processes replace `path` at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Yields the path of a new file, which then replaces `path` atomically. After an error, the new file is removed."""
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_sealed(path: Path, record: Mapping[str, Any]) -> None:
    """Like `write_json`, but adds a hash of the record, so that a reader notices a changed byte."""
    write_json(path, {**record, SEAL: _seal(record)})


def read_sealed(path: Path, remedy: str, *needed: str) -> dict[str, Any] | None:
    """The record in `path`; None if there is no such file.

    Args:
        path: A file written by `write_sealed`, or a file without a hash from an earlier version of this code.
        remedy: Advice for the error message if the file is damaged.
        *needed: Keys that every record must have.

    Raises:
        DamagedError: The content of the file differs from what was written.
    """
    try:
        record: Any = json.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return None
    except ValueError as error:  # the content is not UTF-8 or not JSON
        raise DamagedError(f"{path} is damaged ({error}). {remedy}") from error
    if not isinstance(record, dict):
        raise DamagedError(f"{path} is damaged (its content is not a JSON object). {remedy}")
    found: dict[str, Any] = record  # pyright: ignore[reportUnknownVariableType] - JSON's keys are texts
    seal = found.pop(SEAL, None)
    if seal not in {None, _seal(found)} or not found.keys() >= {*needed}:
        raise DamagedError(f"{path} is damaged (its content is not what was written). {remedy}")
    return found


def _seal(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


def state(path: str) -> tuple[int, int, int]:
    """Size and times (in nanoseconds) of a file; these change when somebody writes to the file."""
    found = os.stat(path)  # noqa: PTH116 - three times as fast as Path.stat; called for every file of the lake
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def sync(path: Path) -> None:
    """Forces a file's content, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path, root: Path) -> None:
    """Forces all files below `folder` to the disk, and also all folders from `root` down to these files."""
    for path in folder.rglob("*"):
        sync(path)
    for path in [folder, *folder.parents]:
        sync(path)
        if path == root:
            break
