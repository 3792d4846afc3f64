"""Makes the snapshot that replaces a table or some of its partitions, as pyiceberg does but with fewer manifests."""

from collections.abc import Iterable, Mapping

from pyiceberg.exceptions import ValidationException
from pyiceberg.manifest import DataFile, ManifestEntry, ManifestEntryStatus, ManifestFile
from pyiceberg.table import Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _OverwriteFiles  # pyright: ignore[reportPrivateUsage]

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.table import Staged, Table
from imdb_assets.naming import asset_name


class _Replacement(_OverwriteFiles):
    """An overwrite that writes one new manifest for all files that stay in the table, and keeps no older manifest.

    pyiceberg 0.12 keeps a manifest for each earlier commit, even if the manifest lists only removed files. If the table
    kept the manifests of earlier commits, every reader would open them all, and no maintenance could remove them.
    """

    def _existing_manifests(self) -> list[ManifestFile]:
        snapshot = self._transaction.table_metadata.snapshot_by_name(self._target_branch or "main")
        kept = [
            entry
            for manifest in (snapshot.manifests(self._io) if snapshot else ())
            for entry in manifest.fetch_manifest_entry(self._io, discard_deleted=True)
            if entry.data_file not in self._deleted_data_files
        ]
        if not kept:
            return []
        with self.new_manifest_writer(self._transaction.table_metadata.spec()) as writer:
            for entry in kept:
                writer.add_entry(
                    ManifestEntry.from_args(
                        status=ManifestEntryStatus.EXISTING,
                        snapshot_id=entry.snapshot_id,
                        sequence_number=entry.sequence_number,
                        file_sequence_number=entry.file_sequence_number,
                        data_file=entry.data_file,
                    )
                )
        return [writer.to_manifest_file()]

    def _validate_concurrency(self) -> None:
        """Refuses a retry after another writer's commit, because our snapshot was made from an earlier snapshot."""
        window = self._commit_window
        if window is not None and window.head is not None and not window.is_empty():
            raise ValidationException(f"the current snapshot is {window.head.snapshot_id} by now")


def replace_files(transaction: Transaction, properties: Mapping[str, str], old: Iterable[DataFile]) -> _OverwriteFiles:
    """A new snapshot that leaves out the given files of the current snapshot; the caller can append new files."""
    gone = list(old)
    replacement = _Replacement(
        operation=Operation.OVERWRITE if gone else Operation.APPEND,  # Iceberg's `append` removes no files
        transaction=transaction,
        io=transaction._table.io,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - no public accessor
        snapshot_properties=dict(properties),
    )
    for file in gone:
        replacement.delete_data_file(file)
    return replacement


def require_base(staged: Staged, current: Table | None) -> None:
    """Refuses partitions that were not computed from their table's current snapshot.

    Raises:
        LakeError: Another run has published the table meanwhile, or the table was rolled back.
    """
    now = current.snapshot_id if current else None
    if staged.base != now:
        raise LakeError(
            f"{staged.table}: another run published this table meanwhile: the table is at snapshot {now}, but this run "
            f"read snapshot {staged.base}. The other run's snapshot stays current, and this run published nothing. "
            f"Materialize {asset_name(staged.table)} again."
        )
