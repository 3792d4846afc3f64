"""The snapshot that replaces a whole table: pyiceberg's overwrite, but for what that keeps of older snapshots."""

from collections.abc import Mapping

from pyiceberg.manifest import ManifestFile
from pyiceberg.table import Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _OverwriteFiles  # pyright: ignore[reportPrivateUsage]


class _Replacement(_OverwriteFiles):
    """Keeps no manifest of the snapshot before: all its files go.

    pyiceberg 0.12 would keep the manifests that list only files removed earlier, one more with every publish, for each
    reader to open and none to use; and no maintenance could ever remove them.
    """

    def _existing_manifests(self) -> list[ManifestFile]:
        return []


def replace_files(transaction: Transaction, properties: Mapping[str, str]) -> _OverwriteFiles:
    """A snapshot to be filled: delete every file of the current one, append the new ones."""
    return _Replacement(
        # The specification's words: a snapshot that removes nothing is an append.
        operation=Operation.OVERWRITE if transaction.table_metadata.current_snapshot() else Operation.APPEND,
        transaction=transaction,
        io=transaction._table.io,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - no public accessor
        snapshot_properties=dict(properties),
    )
