"""The tables as one run sees them: each table stays as the run first saw it, until the run itself publishes the table.

A run looks up each table only once, so all assets and checks of the run read the same snapshot of a table. If another
writer publishes a table during a run, the run's own commit to that table is refused, and only the next run sees the new
snapshot.
"""

from collections.abc import Mapping

from imdb_assets.contracts.base import Contract
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import publish
from imdb_assets.lake.table import Staged, Table


class Handles:
    """The table handles of one run; do not keep them after the run."""

    def __init__(self, lake: Lake) -> None:
        """Looks up no table yet; a table is looked up when its handle is first requested."""
        self.lake = lake
        self._seen: dict[str, Table] = {}

    def find(self, name: str) -> Table | None:
        """A table's handle; None if the table has not been published."""
        if name not in self._seen:
            table = self.lake.published(name)
            if table is None:
                return None
            self._seen[name] = table
        return self._seen[name]

    def table(self, name: str) -> Table:
        """A table's handle.

        Raises:
            LakeError: The table has not been published.
        """
        table = self.find(name)
        if table is None:
            raise self.lake.not_published(name)
        return table

    def publish(self, contract: type[Contract], staged: Staged, properties: Mapping[str, str]) -> Table:
        """Publishes as `publish.publish` does; later lookups in the same run return the new snapshot."""
        self._seen[contract.table] = publish(self.lake, contract, staged, properties)
        return self._seen[contract.table]
