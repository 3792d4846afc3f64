"""Removes expired snapshots, files that belong to no snapshot, surplus dumps, models and samples, and crash leftovers.

Two rules protect a run in progress. A snapshot expires only some days after it was *superseded*; by then, every run
that reads the snapshot has finished. A file that belongs to no snapshot is removed only when the file is older than the
longest run, because staged files belong to no snapshot until they are committed. No compaction is needed, because a
publish writes one file per partition, and the new snapshot has no older files in these partitions (`replace.py`). If a
contract is incremental, a publish replaces only some partitions; the other partitions stay in the current snapshot, so
their files are kept, however old the files are.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from imdb_assets.lake import integrity, known
from imdb_assets.lake.errors import DamagedError, LakeError, disk_errors
from imdb_assets.lake.lake import Lake, snapshot_files
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore
from imdb_assets.lake.retention import Policy
from imdb_assets.lake.stored import Stored
from imdb_assets.lake.verification import require_sound
from imdb_assets.naming import maker

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot as IcebergSnapshot

EXPIRY_ATTEMPTS = 5  # an attempt fails if a run commits at the same time


@dataclass(frozen=True)
class Stores:
    """All stores that grow with each run."""

    lake: Lake
    landing: Landing
    models: ModelStore
    samples: Path
    """Folder of generated samples; a missing sample is generated again when it is needed."""


@dataclass(frozen=True)
class Removal:
    """One entry in the list of what maintenance removes."""

    kind: str
    """`snapshot`, `unreferenced`, `dump`, `model`, `sample` or `leftover`."""
    name: str
    """For a snapshot, the table and the snapshot id; for unreferenced files, the table; for anything else, the path."""
    files: int
    bytes: int


@dataclass(frozen=True)
class _Work:
    """What one pass of maintenance needs to know."""

    policy: Policy
    now: float
    dry_run: bool

    def is_old(self, changed: float) -> bool:
        """Whether an unreferenced file or folder, last written at `changed`, is old enough to be removed."""
        return changed <= self.now - self.policy.file_age.total_seconds()


def maintain(stores: Stores, policy: Policy, *, dry_run: bool = False) -> list[Removal]:
    """Removes what the policy does not keep, then verifies that the tables' files still have the published content.

    Returns:
        Everything that was removed, or, in a dry run, would be removed. If several expired snapshots share a file, the
        file is counted for the first of these snapshots.

    Raises:
        LakeError: A table's metadata or live files are not where they must be; no file of that table was removed. If
            the only fault is damaged data files of current snapshots, the error is raised after all removals.
    """
    work = _Work(policy, time.time(), dry_run)
    removals: list[Removal] = []
    with disk_errors("maintenance stopped", stores.samples.parent), stores.lake.home.errors("maintenance stopped"):
        for name in stores.lake.home.tables():
            removals += _maintain_table(stores.lake, name, work)
        removals += _prune_dumps(stores, work)
        removals += _prune_models(stores.models, work)
        removals += _prune_samples(stores.samples, work)
        if stores.lake.folder:
            for records in (integrity.CHECKED, known.FOLDER):
                removals += _remove_leftovers(stores.lake.root / records, work)
        if not dry_run:
            require_sound(stores.lake)
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


def _maintain_table(lake: Lake, name: str, work: _Work) -> list[Removal]:
    # Files are listed before the metadata is read, so a file that is committed between the two steps counts as live.
    found = {one.address: one for one in lake.home.files(name)}
    old_folders = lake.home.old_folders(name, work.now - work.policy.file_age.total_seconds())
    iceberg = lake.find(name)
    if iceberg is None:
        if any(address.endswith(".metadata.json") for address in found):
            return []  # the catalog may have lost the table, or a first publish may have crashed
        live: set[str] = set()
        expired: list[tuple[int, set[str]]] = []
        unknown = False
    else:
        expired_snapshots, iceberg = _expire(lake, name, iceberg, work)
        ids = {snapshot.snapshot_id for snapshot in expired_snapshots}
        kept = [snapshot for snapshot in iceberg.snapshots() if snapshot.snapshot_id not in ids]
        needed, past = _needed(lake, iceberg), [_past(lake, iceberg, one) for one in kept]
        live = needed.union(_recent_metadata(lake, iceberg, found, work), *filter(None, past))
        _require_in_place(lake, name, live, needed, found)
        expired = [(one.snapshot_id, _past(lake, iceberg, one) or set()) for one in expired_snapshots]
        unknown = None in past  # a damaged manifest may name files that seem unreferenced
    old = {address: one for address, one in found.items() if work.is_old(one.changed)}
    removals: list[Removal] = []
    for snapshot_id, files in expired:
        own = [old.pop(address) for address in files - live if address in old]
        removals.append(_remove(lake, "snapshot", f"{name} {snapshot_id}", own, work))
    rest = [one for address, one in old.items() if address not in live]
    if rest and not unknown:
        removals.append(_remove(lake, "unreferenced", name, rest, work))
    if not work.dry_run:
        lake.home.tidy(old_folders)
    return removals


def _expire(lake: Lake, name: str, iceberg: IcebergTable, work: _Work) -> tuple[list[IcebergSnapshot], IcebergTable]:
    """Expires the snapshots that the policy drops, except in a dry run; returns these snapshots and the table."""
    from pyiceberg.exceptions import CommitFailedException
    from pyiceberg.table.refs import MAIN_BRANCH
    from pyiceberg.table.update import AssertRefSnapshotId, AssertTableUUID, RemoveSnapshotsUpdate

    for _ in range(EXPIRY_ATTEMPTS):
        expired = _expired(iceberg, name, work)
        if not expired or work.dry_run:
            return expired, iceberg
        # pyiceberg's own expiry does not check whether another snapshot has become current. If a rollback made one of
        # the expired snapshots current in the meantime, the current snapshot would be lost.
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
    raise LakeError(
        f"{name}: other runs kept publishing this table, so none of its snapshots could be expired; run maintenance "
        "later."
    )


def _expired(iceberg: IcebergTable, name: str, work: _Work) -> list[IcebergSnapshot]:
    superseded = {
        entry.snapshot_id: after.timestamp_ms / 1000 for entry, after in pairwise(iceberg.metadata.snapshot_log)
    }
    held = {ref.snapshot_id for ref in iceberg.metadata.refs.values()}  # the current and the tagged snapshots

    def until(snapshot: IcebergSnapshot) -> float:
        return superseded.get(snapshot.snapshot_id, snapshot.timestamp_ms / 1000)

    past = sorted((one for one in iceberg.snapshots() if one.snapshot_id not in held), key=until, reverse=True)
    number, age = work.policy.of(name)
    limit = work.now - age.total_seconds()
    return [snapshot for snapshot in past[number - 1 :] if until(snapshot) <= limit]


def _referenced(lake: Lake, iceberg: IcebergTable, snapshots: Iterable[IcebergSnapshot]) -> set[str]:
    """Addresses of all files of the given snapshots."""
    files: set[str] = set()
    for snapshot in snapshots:
        files.add(snapshot.manifest_list)
        # `snapshot_files` is called before `manifests`, because the errors of `snapshot_files` name the file.
        files.update(file.file_path for file in snapshot_files(iceberg, snapshot))
        files.update(manifest.manifest_path for manifest in snapshot.manifests(iceberg.io))
    return set(map(lake.home.canonical, files))


def _past(lake: Lake, iceberg: IcebergTable, snapshot: IcebergSnapshot) -> set[str] | None:
    """All files of a past snapshot; None if the snapshot is unreadable because one of its manifests is damaged."""
    try:
        return _referenced(lake, iceberg, [snapshot])
    except DamagedError:
        return None


def _recent_metadata(lake: Lake, iceberg: IcebergTable, found: Mapping[str, Stored], work: _Work) -> set[str]:
    """The current metadata file, and metadata files superseded so recently that a reader may still open them."""
    log = [lake.home.canonical(entry.metadata_file) for entry in iceberg.metadata.metadata_log]
    current = lake.home.canonical(iceberg.metadata_location)
    there = [address for address in log if address in found]  # an interrupted maintenance may have removed some files
    changed = {address: found[address].changed for address in there}
    # A current metadata file that is not in `found` was committed after the files were listed.
    changed[current] = found[current].changed if current in found else float("inf")
    return {current, *(address for address, after in pairwise([*there, current]) if not work.is_old(changed[after]))}


def _needed(lake: Lake, iceberg: IcebergTable) -> set[str]:
    """The files that readers of the current snapshot need.

    Past snapshots do not count: a lost file of a past snapshot does not harm readers of the current snapshot.
    """
    current = iceberg.current_snapshot()
    files = _referenced(lake, iceberg, [current]) if current else set[str]()
    return files | {lake.home.canonical(iceberg.metadata_location)}


def _require_in_place(lake: Lake, name: str, live: set[str], needed: set[str], found: Mapping[str, Stored]) -> None:
    """Raises an error if a needed file is lost, because a file to be removed may be the last copy of the lost file."""
    root = lake.home.canonical(lake.home.location(name))
    missing = [address for address in needed if address not in found]  # lost, or committed after the files were listed
    wrong = sorted({*lake.home.lost(missing), *(address for address in live if not address.startswith(f"{root}/"))})
    if wrong:
        raise LakeError(
            f"{name}: {len(wrong)} of the table's files (such as {wrong[0]}) are lost, or are not below {root}. No "
            f"file of the table was removed. Roll the table back to an intact snapshot (`imdb history {name}`), or "
            f"materialize {maker(name)}."
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
    """Removes the oldest surplus model versions, and incomplete versions that a crash has left on this machine."""
    in_service = models.in_service()
    others = [one for one in reversed(models.ages()) if one.version != in_service]
    gone: list[Removal] = []
    for one in others[work.policy.models :]:
        if not work.is_old(one.changed) or one.version == models.in_service():  # the version may be newly promoted
            continue
        gone.append(Removal("model", one.place, one.files, one.bytes))
        if not work.dry_run:
            models.remove(one.version)
    return [*gone, *_remove_leftovers(models.root, work)]


def _prune_samples(samples: Path, work: _Work) -> list[Removal]:
    """Keeps the latest sample of each size and seed; sample folders are named `<titles>-<seed>-<generator version>`."""
    latest: dict[str, Path] = {}
    found = [path for path in samples.glob("[!.]*") if path.is_dir()]
    folders = sorted(found, key=lambda path: path.lstat().st_mtime)
    for path in folders:
        latest[path.name.rpartition("-")[0]] = path
    surplus = [path for path in folders if path not in latest.values() and work.is_old(path.lstat().st_mtime)]
    return [*(_remove_folder("sample", path, work) for path in surplus), *_remove_leftovers(samples, work)]


def _remove_leftovers(folder: Path, work: _Work) -> list[Removal]:
    """Removes the leftovers of a crash; their names start with a dot."""
    leftovers = [
        path for path in sorted(folder.glob(".*")) if path.name != ".lock" and work.is_old(path.lstat().st_mtime)
    ]
    return [_remove_folder("leftover", path, work) for path in leftovers]


def _remove_folder(kind: str, path: Path, work: _Work) -> Removal:
    """Removes a folder or a file. A folder is renamed first, so readers never find a partly removed folder."""
    files = [inner for inner in path.rglob("*") if inner.is_file()] if path.is_dir() else [path]
    removal = Removal(kind, str(path), len(files), sum(file.lstat().st_size for file in files))
    if not work.dry_run and path.is_dir():
        hidden = path.with_name(f".{path.name.lstrip('.')}.removed")
        path.rename(hidden)
        shutil.rmtree(hidden)
    elif not work.dry_run:
        path.unlink()
    return removal


def _remove(lake: Lake, kind: str, name: str, files: list[Stored], work: _Work) -> Removal:
    removal = Removal(kind, name, len(files), sum(file.bytes for file in files))
    if not work.dry_run:
        lake.home.remove([file.address for file in files])
    return removal


def _found(lake: Lake, name: str) -> IcebergTable:
    iceberg = lake.find(name)
    assert iceberg is not None  # tables are never dropped
    return iceberg
