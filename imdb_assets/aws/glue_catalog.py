"""Glue's catalog as the lake sees it: without the prefix that the names of Glue databases have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyiceberg.catalog.glue import GlueCatalog

from imdb_assets.aws.client import database_name

if TYPE_CHECKING:
    from pyiceberg.table import Table


class PrefixedCatalog(GlueCatalog):
    """The databases of one deployment, named like the lake's schemas."""

    def __init__(self, prefix: str, client: Any) -> None:
        """Sends no request.

        Args:
            prefix: IMDB_AWS_PREFIX.
            client: Glue's client.
        """
        super().__init__("lake", client=client, **{"py-io-impl": "imdb_assets.aws.s3_io.S3FileIO"})
        self._start = database_name(prefix, "")

    def identifier_to_database(self, *identifier: Any) -> str:  # type: ignore[override]
        """`silver` → `imdb_assets_silver`."""
        name = GlueCatalog.identifier_to_database(*identifier)
        return name if name.startswith(self._start) else f"{self._start}{name}"

    def identifier_to_database_and_table(self, *identifier: Any) -> tuple[str, str]:  # type: ignore[override]
        """Turns `silver.movies`, for example, into `imdb_assets_silver` and `movies`."""
        database, table = GlueCatalog.identifier_to_database_and_table(*identifier)
        return self.identifier_to_database(database), table

    def list_namespaces(self, namespace: Any = ()) -> list[Any]:
        """Schemas of this deployment."""
        found = [name for (name,) in super().list_namespaces(namespace) if name.startswith(self._start)]
        return [(name.removeprefix(self._start),) for name in found]

    def _convert_glue_to_iceberg(self, glue_table: Any) -> Table:
        table = super()._convert_glue_to_iceberg(glue_table)
        database, name = table.name()
        table._identifier = (database.removeprefix(self._start), name)  # noqa: SLF001 - what messages name it by
        return table
