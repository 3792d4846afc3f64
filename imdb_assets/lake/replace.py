"""The snapshot that replaces a whole table: pyiceberg's overwrite without the older manifests that it keeps."""

from collections.abc import Mapping

from pyiceberg.manifest import ManifestFile
from pyiceberg.table import Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _OverwriteFiles  # pyright: ignore[reportPrivateUsage]


class _Replacement(_OverwriteFiles):
    """An overwrite that keeps no manifest of the previous snapshot, since all its files are replaced.

    pyiceberg 0.12 keeps the manifests that list only files removed earlier. Each publish would add one manifest, which
    every reader opens in vain and no maintenance can remove.
    """

    def _existing_manifests(self) -> list[ManifestFile]:
        return []


def replace_files(transaction: Transaction, properties: Mapping[str, str]) -> _OverwriteFiles:
    """Starts a snapshot: the caller deletes every file of the current snapshot from it and appends the new ones."""
    return _Replacement(
        # By the specification, a snapshot that removes nothing is an append.
        operation=Operation.OVERWRITE if transaction.table_metadata.current_snapshot() else Operation.APPEND,
        transaction=transaction,
        io=transaction._table.io,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - no public accessor
        snapshot_properties=dict(properties),
    )
