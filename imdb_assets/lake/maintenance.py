"""What may go: expired snapshots, files that no snapshot has, superseded models and samples. And nothing else.

Two rules keep a run safe that is under way meanwhile. A snapshot expires some days after it was *superseded*, so that
whoever pinned it has finished. A file without a snapshot goes when it is older than any run takes: until its commit, a
staged file is one of those. There is no compaction, because every publish is one: it writes the whole table anew, a
file per partition, and keeps nothing of the snapshot before (`replace.py`).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from imdb_assets.lake.errors import LakeError, disk_errors
from imdb_assets.lake.files import read_json
from imdb_assets.lake.lake import Lake, local_path, snapshot_files
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore
from imdb_assets.lake.retention import Policy
from imdb_assets.settings import Settings

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot as IcebergSnapshot

EXPIRY_ATTEMPTS = 5  # each can lose to one commit of a run


@dataclass(frozen=True)
class Stores:
    """All that grows with every run."""

    lake: Lake
    landing: Landing
    models: ModelStore
    samples: Path
    """Folder of generated samples, which their source makes anew at need."""

    @classmethod
    def of(cls, settings: Settings) -> Stores:
        """Those of a deployment."""
        return cls(
            Lake(settings.lake_folder),
            Landing(settings.landing_folder),
            ModelStore(settings.models_folder),
            settings.samples_folder,
        )


@dataclass(frozen=True)
class Removal:
    """Something that goes."""

    kind: str
    """`snapshot`, `unreferenced`, `dump`, `model`, `sample` or `leftover`."""
    name: str
    """The table, with the snapshot if it is one; else the path."""
    files: int
    bytes: int


@dataclass(frozen=True)
class _Work:
    """One pass: the policy as points in time."""

    policy: Policy
    now: float
    dry_run: bool

    def is_old(self, path: Path) -> bool:
        """Whether a path that nothing refers to has been so for longer than any run takes."""
        return path.lstat().st_mtime <= self.now - self.policy.file_age.total_seconds()


def maintain(stores: Stores, policy: Policy, *, dry_run: bool = False) -> list[Removal]:
    """Removes what the policy does not keep.

    Args:
        stores: Where from.
        policy: What is kept.
        dry_run: Only say what would go.

    Returns:
        What went, or would. A file counts once, with the first thing that it belongs to.

    Raises:
        LakeError: A table's metadata or live files are not where they must be; nothing of that table was removed.
    """
    work = _Work(policy, time.time(), dry_run)
    removals: list[Removal] = []
    with disk_errors("maintenance stopped", stores.lake.root):
        for folder in sorted(path for path in stores.lake.root.glob("*/*") if path.is_dir()):
            removals += _maintain_table(stores.lake, f"{folder.parent.name}.{folder.name}", folder, work)
        removals += _prune_dumps(stores, work)
        removals += _prune_models(stores.models, work)
        removals += _prune_samples(stores.samples, work)
    return removals


def dumps_in_use(lake: Lake) -> set[str]:
    """Hashes of the dumps that live snapshots were made from."""
    return {
        version
        for table in lake.tables()
        for snapshot in lake.history(table.name)
        for source, version in snapshot.inputs.items()
        if source.startswith("landing.")
    }


def _maintain_table(lake: Lake, name: str, folder: Path, work: _Work) -> list[Removal]:
    # Listed before the metadata is read: a file that a commit takes up in between is then found to be live.
    old = {os.path.realpath(path): path for path in folder.rglob("*") if path.is_file() and work.is_old(path)}
    old_folders = [path for path in (folder / "data").rglob("*") if path.is_dir() and work.is_old(path)]
    iceberg = lake.find(name)
    if iceberg is None:
        if any((folder / "metadata").glob("*.metadata.json")):
            return []  # a first publish that crashed, or a table that the catalog has lost: not for us to judge
        live: set[str] = set()
        expired: list[tuple[int, set[str]]] = []
    else:
        expired_snapshots, iceberg = _expire(lake, name, iceberg, work)
        ids = {snapshot.snapshot_id for snapshot in expired_snapshots}
        kept = [snapshot for snapshot in iceberg.snapshots() if snapshot.snapshot_id not in ids]
        live = _referenced(iceberg, kept) | _recent_metadata(iceberg, work)
        _require_in_place(name, live, folder)
        expired = [(one.snapshot_id, _referenced(iceberg, [one])) for one in expired_snapshots]
    removals: list[Removal] = []
    for snapshot_id, files in expired:
        own = [old.pop(path) for path in files - live if path in old]
        removals.append(_remove("snapshot", f"{name} {snapshot_id}", own, work))
    rest = [path for real, path in old.items() if real not in live]
    if rest:
        removals.append(_remove("unreferenced", name, rest, work))
    if not work.dry_run:
        for path in sorted(old_folders, reverse=True):
            if not any(path.iterdir()):
                path.rmdir()
    return removals


def _expire(lake: Lake, name: str, iceberg: IcebergTable, work: _Work) -> tuple[list[IcebergSnapshot], IcebergTable]:
    """The snapshots that the policy drops, and the table without them, unless nothing is to be changed."""
    from pyiceberg.exceptions import CommitFailedException
    from pyiceberg.table.refs import MAIN_BRANCH
    from pyiceberg.table.update import AssertRefSnapshotId, AssertTableUUID, RemoveSnapshotsUpdate

    for _ in range(EXPIRY_ATTEMPTS):
        expired = _expired(iceberg, name, work)
        if not expired or work.dry_run:
            return expired, iceberg
        # pyiceberg's own expiry does not ask whether the current snapshot is still the same: one that is rolled back
        # to at this moment would be lost.
        current = AssertRefSnapshotId.model_validate(
            {"ref": MAIN_BRANCH, "snapshot-id": iceberg.metadata.current_snapshot_id}
        )
        update = RemoveSnapshotsUpdate.model_validate({"snapshot-ids": [snapshot.snapshot_id for snapshot in expired]})
        try:
            lake.catalog.commit_table(iceberg, (AssertTableUUID(uuid=iceberg.metadata.table_uuid), current), (update,))
        except CommitFailedException:
            iceberg = _found(lake, name)
        else:
            return expired, _found(lake, name)
    raise LakeError(f"{name}: published again and again while old snapshots were to expire; run maintenance later.")


def _expired(iceberg: IcebergTable, name: str, work: _Work) -> list[IcebergSnapshot]:
    superseded = {
        entry.snapshot_id: after.timestamp_ms / 1000 for entry, after in pairwise(iceberg.metadata.snapshot_log)
    }
    held = {ref.snapshot_id for ref in iceberg.metadata.refs.values()}  # the current one, and any that a person tagged

    def until(snapshot: IcebergSnapshot) -> float:
        return superseded.get(snapshot.snapshot_id, snapshot.timestamp_ms / 1000)

    past = sorted((one for one in iceberg.snapshots() if one.snapshot_id not in held), key=until, reverse=True)
    number, age = work.policy.of(name)
    limit = work.now - age.total_seconds()
    return [snapshot for snapshot in past[number - 1 :] if until(snapshot) <= limit]


def _referenced(iceberg: IcebergTable, snapshots: Iterable[IcebergSnapshot]) -> set[str]:
    """All files that these snapshots are made of."""
    files: set[str] = set()
    for snapshot in snapshots:
        files.add(snapshot.manifest_list)
        files.update(manifest.manifest_path for manifest in snapshot.manifests(iceberg.io))
        files.update(file.file_path for file in snapshot_files(iceberg, snapshot))
    return {os.path.realpath(local_path(file)) for file in files}


def _recent_metadata(iceberg: IcebergTable, work: _Work) -> set[str]:
    """The current metadata file, and those superseded so lately that a reader may be about to open one."""
    log = [local_path(entry.metadata_file) for entry in iceberg.metadata.metadata_log]
    chain = [Path(path) for path in [*log, local_path(iceberg.metadata_location)]]
    there = [path for path in chain if path.exists()]  # maintenance that was interrupted has removed some
    recent = [path for path, after in pairwise(there) if not work.is_old(after)]
    return {os.path.realpath(path) for path in [*recent, chain[-1]]}


def _require_in_place(name: str, live: set[str], folder: Path) -> None:
    """Refuses a table whose live files are lost, or elsewhere: what is here could be what is left of them."""
    root = os.path.realpath(folder)
    wrong = sorted(path for path in live if not path.startswith(f"{root}{os.sep}") or not Path(path).is_file())
    if wrong:
        raise LakeError(
            f"{name}: {len(wrong)} files of live snapshots are not below {root}, such as {wrong[0]}. Nothing of this "
            "table was removed. Roll back to a snapshot that is whole (`imdb history {name}`) or "
            f"materialize {name.replace('.', '/')}."
        )


def _prune_dumps(stores: Stores, work: _Work) -> list[Removal]:
    gone = stores.landing.prune(
        dumps_in_use(stores.lake),
        last=work.policy.dumps,
        safe_age=work.policy.file_age,
        dry_run=work.dry_run,
    )
    return [Removal("dump", one.path, one.files, one.bytes) for one in gone]


def _prune_models(models: ModelStore, work: _Work) -> list[Removal]:
    pointer = read_json(models.root / "current.json")
    in_service = pointer and pointer["version"]
    versions = [path for path in _folders(models.root) if path.name != in_service]
    surplus = sorted(versions, key=lambda path: path.lstat().st_mtime, reverse=True)[work.policy.models :]
    return [
        *(_remove_folder("model", path, work) for path in surplus if work.is_old(path)),
        *_remove_leftovers(models.root, work),
    ]


def _prune_samples(samples: Path, work: _Work) -> list[Removal]:
    """Of each size and seed (`<titles>-<seed>-<version of the generator>`) the latest is kept."""
    latest: dict[str, Path] = {}
    folders = sorted(_folders(samples), key=lambda path: path.lstat().st_mtime)
    for path in folders:
        latest[path.name.rpartition("-")[0]] = path
    surplus = [path for path in folders if path not in latest.values() and work.is_old(path)]
    return [*(_remove_folder("sample", path, work) for path in surplus), *_remove_leftovers(samples, work)]


def _folders(root: Path) -> list[Path]:
    return [path for path in root.glob("*") if path.is_dir() and not path.name.startswith(".")]


def _remove_leftovers(folder: Path, work: _Work) -> list[Removal]:
    """What a crash left half written; such names start with a dot."""
    leftovers = [path for path in sorted(folder.glob(".*")) if path.name != ".lock" and work.is_old(path)]
    return [_remove_folder("leftover", path, work) for path in leftovers]


def _remove_folder(kind: str, path: Path, work: _Work) -> Removal:
    """Removes a folder, or a file; never leaves half a folder under its name."""
    files = [inner for inner in path.rglob("*") if inner.is_file()] if path.is_dir() else [path]
    removal = Removal(kind, str(path), len(files), sum(file.lstat().st_size for file in files))
    if not work.dry_run and path.is_dir():
        hidden = path.with_name(f".{path.name.lstrip('.')}.removed")
        path.rename(hidden)
        shutil.rmtree(hidden)
    elif not work.dry_run:
        path.unlink()
    return removal


def _remove(kind: str, name: str, files: list[Path], work: _Work) -> Removal:
    removal = Removal(kind, name, len(files), sum(file.lstat().st_size for file in files))
    if not work.dry_run:
        for file in files:
            file.unlink(missing_ok=True)
    return removal


def _found(lake: Lake, name: str) -> IcebergTable:
    iceberg = lake.find(name)
    assert iceberg is not None  # tables are never dropped
    return iceberg
