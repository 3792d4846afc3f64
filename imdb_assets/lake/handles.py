"""Tables as one run sees them: each as of the run's first look at it, or as the run itself has published it since.

So a run looks a table up once, however many assets and checks read it, and all of them read the same snapshot. The next
run sees what other writers publish meanwhile; so does a commit to the same table, which is refused.
"""

from collections.abc import Mapping

from imdb_assets.contracts.base import Contract
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import publish
from imdb_assets.lake.table import Staged, Table


class Handles:
    """The handles that one run has; not to be kept beyond it."""

    def __init__(self, lake: Lake) -> None:
        """Nothing is looked up before it is asked for."""
        self.lake = lake
        self._seen: dict[str, Table] = {}

    def find(self, name: str) -> Table | None:
        """A table's handle; None as long as it has not been published."""
        if name not in self._seen:
            table = self.lake.published(name)
            if table is None:
                return None
            self._seen[name] = table
        return self._seen[name]

    def table(self, name: str) -> Table:
        """A table's handle.

        Raises:
            LakeError: It has not been published.
        """
        table = self.find(name)
        if table is None:
            raise self.lake.not_published(name)
        return table

    def publish(self, contract: type[Contract], staged: Staged, properties: Mapping[str, str]) -> Table:
        """As `publish`; whoever asks from now on gets the new snapshot."""
        self._seen[contract.table] = publish(self.lake, contract, staged, properties)
        return self._seen[contract.table]
