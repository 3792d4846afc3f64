"""Files by address, wherever they are; small durable files, and durability of what others wrote.

Nothing may point at bytes that a power cut can take. JSON is replaced whole or not at all: pointers of the landing zone
and the model store.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from imdb_assets.lake.errors import DamagedError
from imdb_assets.lake.remote import remote_of

SEAL = "check"
"""Key of a record's hash."""


def parquet_files(prefix: str) -> list[str]:
    """Addresses of all Parquet files below a folder or prefix, in a stable order."""
    if remote := remote_of(prefix):
        return [one.address for one in remote.listing(f"{prefix}/") if one.address.endswith(".parquet")]
    return sorted(str(path) for path in Path(prefix).rglob("*.parquet"))


def scan(files: Sequence[str], **more: Any) -> pl.LazyFrame:
    """Rows of Parquet files at these addresses, exactly these: no name is a pattern, no folder a column.

    Args:
        files: At least one; all paths, or all of one remote storage.
        **more: Further arguments of `polars.scan_parquet`.
    """
    if remote := remote_of(files[0]):
        remote.polars_reads(len(files))
    return pl.scan_parquet(
        list(files), hive_partitioning=False, glob=False, storage_options=storage_options(files[0]), **more
    )


def storage_options(address: str) -> dict[str, Any] | None:
    """What Polars must be told to read or write an address; None for a path."""
    remote = remote_of(address)
    return remote.polars_options() if remote else None


@contextmanager
def reading(address: str) -> Generator[Path]:
    """A file to read by programs that know only paths: itself, or a copy for as long as the context lasts."""
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
    """A file to write by programs that know only paths; it is at its address when the context ends without an error."""
    remote = remote_of(address)
    if remote is None:
        yield Path(address)
        return
    with tempfile.TemporaryDirectory(prefix="imdb-") as folder:
        made = Path(folder) / address.rpartition("/")[2]
        yield made
        remote.upload(made, address)


def write_json(path: Path, value: Any) -> None:
    """Replaces `path` atomically: a reader sees the old or the new text, also after a crash."""
    write_bytes(path, json.dumps(value, indent=2, sort_keys=True).encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Replaces `path` atomically, whoever else does so at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    with temporary.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    sync(path.parent)


def write_sealed(path: Path, record: Mapping[str, Any]) -> None:
    """As `write_json`, with a hash of the record in it: a reader notices a changed byte."""
    write_json(path, {**record, SEAL: _seal(record)})


def read_sealed(path: Path, remedy: str, *needed: str) -> dict[str, Any] | None:
    """The record in `path`; None if there is no such file.

    Args:
        path: Written by `write_sealed`, or by an earlier version, which wrote no hash.
        remedy: What to do about a damaged file.
        *needed: Keys that every such record has.

    Raises:
        DamagedError: The file is not what was written.
    """
    try:
        record: Any = json.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return None
    except ValueError as error:  # no UTF-8, no JSON
        raise DamagedError(f"{path} is damaged ({error}). {remedy}") from error
    if not isinstance(record, dict):
        raise DamagedError(f"{path} is damaged (it holds no record). {remedy}")
    found: dict[str, Any] = record  # pyright: ignore[reportUnknownVariableType] - JSON's keys are texts
    seal = found.pop(SEAL, None)
    if seal not in {None, _seal(found)} or not found.keys() >= {*needed}:
        raise DamagedError(f"{path} is damaged (its content is not what was written). {remedy}")
    return found


def _seal(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


def sync(path: Path) -> None:
    """Brings a file's content, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path, root: Path) -> None:
    """Brings all files below `folder` to the disk, and the way from `root` down to them."""
    for path in folder.rglob("*"):
        sync(path)
    for path in [folder, *folder.parents]:
        sync(path)
        if path == root:
            break
