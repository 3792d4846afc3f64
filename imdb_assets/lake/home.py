"""Where a lake is kept: the interface `Home`, and its implementation for folders; `buckets.py` implements it for S3.

A `Home` has a catalog, has a folder or prefix for each table, and turns errors of the storage into `LakeError`.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from imdb_assets.lake.catalog import current, damaged, open_catalog
from imdb_assets.lake.errors import LakeError, disk_errors
from imdb_assets.lake.files import sync_tree
from imdb_assets.lake.stored import Stored
from imdb_assets.naming import asset_path, lake_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyiceberg.catalog import Catalog


class Home(Protocol):
    """The storage of a lake's tables."""

    @property
    def address(self) -> str:
        """How messages name the place where the lake is kept."""
        ...

    @property
    def folder(self) -> Path:
        """The folder in which the lake is kept.

        Raises:
            LakeError: The lake is not kept in a folder.
        """
        ...

    def open_catalog(self) -> Catalog:
        """The catalog.

        Raises:
            LakeError: The catalog is damaged or lost, or we have no permission to use it.
        """
        ...

    def close(self, catalog: Catalog) -> None:
        """Releases the resources of an open catalog."""
        ...

    def current(self) -> dict[str, Path] | None:
        """Maps each table to its current metadata file; None if the metadata files are not on this machine.

        Raises:
            LakeError: The catalog is damaged or lost, or we have no permission to use it.
        """
        ...

    def has_namespace(self, name: str) -> bool:
        """Whether a namespace of the catalog belongs to the lake; a shared catalog may also have other namespaces."""
        ...

    def make_namespace(self, catalog: Catalog, name: str) -> None:
        """Makes a namespace; does nothing if the namespace exists, even if another process has just made it."""
        ...

    def location(self, table: str) -> str:
        """The address of a table's files."""
        ...

    def uri(self, address: str) -> str:
        """The address of a file or folder, in the form that Iceberg's metadata uses."""
        ...

    def staging(self, table: str) -> str:
        """A new empty folder or prefix for one attempt to write a table.

        Raises:
            LakeError: The folder or prefix cannot be written.
        """
        ...

    def settle(self, prefix: str) -> None:
        """Makes sure that staged files outlive a crash of the machine."""
        ...

    def lost(self, files: Collection[str]) -> list[str]:
        """Those of the given files that no longer exist."""
        ...

    def tables(self) -> list[str]:
        """Names of all tables that have files, including tables missing from the catalog."""
        ...

    def files(self, table: str) -> list[Stored]:
        """All files of a table, with addresses as `canonical` returns them."""
        ...

    def canonical(self, address: str) -> str:
        """The canonical address of a file, even if Iceberg's metadata spells the address in another way."""
        ...

    def remove(self, addresses: Collection[str]) -> None:
        """Removes files of a table."""
        ...

    def old_folders(self, table: str, before: float) -> list[str]:
        """Folders below a table's `data` folder that have not changed since `before` (a time in seconds since 1970)."""
        ...

    def tidy(self, folders: Collection[str]) -> None:
        """Removes those of the given folders that are empty."""
        ...

    def errors(self, what: str) -> AbstractContextManager[None]:
        """Turns errors of the storage into `LakeError`; `what` names the thing and the failure."""
        ...

    def damaged(self, why: str) -> LakeError:
        """The error for a damaged catalog."""
        ...


class FolderHome:
    """The storage of a lake in a folder, which also holds the SQLite catalog."""

    def __init__(self, folder: Path) -> None:
        """Creates no file before the first use."""
        self.folder = folder

    @property
    def address(self) -> str:
        """The folder's path, with symbolic links resolved."""
        return str(self.folder.resolve())

    def open_catalog(self) -> Catalog:
        """See `catalog.open_catalog`."""
        return open_catalog(self.folder)

    def close(self, catalog: Catalog) -> None:
        """Closes the database connections, which would otherwise stay open until garbage collection."""
        catalog.close()

    def current(self) -> dict[str, Path] | None:
        """See `catalog.current`."""
        return current(self.folder)

    def has_namespace(self, name: str) -> bool:  # noqa: ARG002 - `Home` requires the parameter
        """All namespaces belong to the lake."""
        return True

    def make_namespace(self, catalog: Catalog, name: str) -> None:
        """Makes the namespace."""
        from sqlalchemy.exc import IntegrityError

        with suppress(IntegrityError):  # another process made the namespace between pyiceberg's check and insert
            catalog.create_namespace_if_not_exists(name)

    def location(self, table: str) -> str:
        """`<folder>/<schema>/<table>`."""
        return str(self.folder.joinpath(*asset_path(table)))

    def uri(self, address: str) -> str:
        """Adds `file://` for some readers, but not to a path with `#` or `?`, because pyiceberg would cut the URI."""
        return address if set(address) & {"#", "?"} else f"file://{address}"

    def staging(self, table: str) -> str:
        """Makes a new folder below the table's `data` folder."""
        folder = Path(self.location(table)) / "data" / uuid4().hex
        with self.errors(f"{table}: cannot write below {self.folder}"):
            folder.mkdir(parents=True)
        return str(folder)

    def settle(self, prefix: str) -> None:
        """Syncs the staged files and the folders above them."""
        sync_tree(Path(prefix), self.folder)

    def lost(self, files: Collection[str]) -> list[str]:
        """Checks whether each file exists on the disk."""
        return [file for file in files if not Path(file).is_file()]

    def tables(self) -> list[str]:
        """Lists the folders of the tables."""
        return sorted(lake_name(path.parts[-2:]) for path in self.folder.glob("*/*") if path.is_dir())

    def files(self, table: str) -> list[Stored]:
        """Lists all files in the table's folder."""
        paths = [path for path in Path(self.location(table)).rglob("*") if path.is_file()]
        return [_stored(path) for path in paths]

    def canonical(self, address: str) -> str:
        """The file's path, with symbolic links resolved."""
        return os.path.realpath(address.removeprefix("file://"))

    def remove(self, addresses: Collection[str]) -> None:
        """Removes the files one by one."""
        for address in addresses:
            Path(address).unlink(missing_ok=True)

    def old_folders(self, table: str, before: float) -> list[str]:
        """Finds old folders by their modification times, which change when a file in the folder is removed."""
        paths = (Path(self.location(table)) / "data").rglob("*")
        return [str(path) for path in paths if path.is_dir() and path.lstat().st_mtime <= before]

    def tidy(self, folders: Collection[str]) -> None:
        """Looks at the innermost folders first, since a folder becomes empty when its inner folders are removed."""
        for folder in sorted(map(Path, folders), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()

    def errors(self, what: str) -> AbstractContextManager[None]:
        """Turns errors of the disk into `LakeError`."""
        return disk_errors(what, self.folder)

    def damaged(self, why: str) -> LakeError:
        """See `catalog.damaged`."""
        return damaged(self.folder, why)


def _stored(path: Path) -> Stored:
    found = path.lstat()
    return Stored(os.path.realpath(path), found.st_size, found.st_mtime)
