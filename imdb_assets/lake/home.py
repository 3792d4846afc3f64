"""Where a lake is, as far as the lake needs to know: a folder here, buckets in `buckets.py`.

A home has a catalog, a place for each table, and says what its own errors mean.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from imdb_assets.lake.catalog import damaged, open_catalog
from imdb_assets.lake.errors import LakeError, disk_errors
from imdb_assets.lake.files import sync_tree
from imdb_assets.lake.stored import Stored

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyiceberg.catalog import Catalog


class Home(Protocol):
    """A place for the tables of a lake."""

    @property
    def address(self) -> str:
        """As people are told it."""
        ...

    @property
    def folder(self) -> Path:
        """The folder of a lake that is in one.

        Raises:
            LakeError: It is elsewhere.
        """
        ...

    def open_catalog(self) -> Catalog:
        """The catalog.

        Raises:
            LakeError: It cannot be used.
        """
        ...

    def close(self, catalog: Catalog) -> None:
        """Frees what an open catalog holds."""
        ...

    def has_namespace(self, name: str) -> bool:
        """Whether a namespace of the catalog is the lake's: a catalog may have others' too."""
        ...

    def make_namespace(self, catalog: Catalog, name: str) -> None:
        """Makes a namespace unless it is there, by whomever."""
        ...

    def location(self, table: str) -> str:
        """Where a table's files are."""
        ...

    def staging(self, table: str) -> str:
        """A new empty place for one attempt to write a table.

        Raises:
            LakeError: It cannot be written.
        """
        ...

    def settle(self, prefix: str) -> None:
        """Makes sure that staged files outlive a crash of the machine."""
        ...

    def lost(self, files: Collection[str]) -> list[str]:
        """Those of a table's files that are gone."""
        ...

    def tables(self) -> list[str]:
        """Names of all tables that have files, whether the catalog knows them or not."""
        ...

    def files(self, table: str) -> list[Stored]:
        """All files of a table, by their addresses as `canonical` makes them."""
        ...

    def canonical(self, address: str) -> str:
        """The one address of a file that metadata names in this way or that."""
        ...

    def remove(self, addresses: Collection[str]) -> None:
        """Removes files of a table."""
        ...

    def old_folders(self, table: str, before: float) -> list[str]:
        """Folders below a table's data that have not changed since `before`, in seconds since 1970."""
        ...

    def tidy(self, folders: Collection[str]) -> None:
        """Removes those of these folders that are empty."""
        ...

    def errors(self, what: str) -> AbstractContextManager[None]:
        """Errors of the place as `LakeError`; `what` is the thing and what did not become of it."""
        ...

    def damaged(self, why: str) -> LakeError:
        """What to say of a catalog that is damaged."""
        ...


class FolderHome:
    """A folder, with an SQLite catalog in it."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made before the first use."""
        self.folder = folder

    @property
    def address(self) -> str:
        """The folder, whatever links lead there."""
        return str(self.folder.resolve())

    def open_catalog(self) -> Catalog:
        """See `catalog.open_catalog`."""
        return open_catalog(self.folder)

    def close(self, catalog: Catalog) -> None:
        """The connection pool would leave it to the garbage collector."""
        catalog.close()

    def has_namespace(self, name: str) -> bool:  # noqa: ARG002 - of a protocol
        """All are the lake's."""
        return True

    def make_namespace(self, catalog: Catalog, name: str) -> None:
        """Makes it."""
        from sqlalchemy.exc import IntegrityError

        with suppress(IntegrityError):  # another process made it between pyiceberg's look and its insert
            catalog.create_namespace_if_not_exists(name)

    def location(self, table: str) -> str:
        """`<folder>/<schema>/<table>`."""
        return str(self.folder.joinpath(*table.split(".")))

    def staging(self, table: str) -> str:
        """Makes the folder."""
        folder = Path(self.location(table)) / "data" / uuid4().hex
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise LakeError(
                f"{table}: cannot write below {self.folder}: {error}. Check permissions and IMDB_DATA."
            ) from error
        return str(folder)

    def settle(self, prefix: str) -> None:
        """Syncs the files, and the way down to them."""
        sync_tree(Path(prefix), self.folder)

    def lost(self, files: Collection[str]) -> list[str]:
        """Looks at each."""
        return [file for file in files if not Path(file).is_file()]

    def tables(self) -> list[str]:
        """By folder."""
        return sorted(f"{path.parent.name}.{path.name}" for path in self.folder.glob("*/*") if path.is_dir())

    def files(self, table: str) -> list[Stored]:
        """Looks at each."""
        paths = [path for path in Path(self.location(table)).rglob("*") if path.is_file()]
        return [_stored(path) for path in paths]

    def canonical(self, address: str) -> str:
        """Without links."""
        return os.path.realpath(address.removeprefix("file://"))

    def remove(self, addresses: Collection[str]) -> None:
        """One by one."""
        for address in addresses:
            Path(address).unlink(missing_ok=True)

    def old_folders(self, table: str, before: float) -> list[str]:
        """By their times of change, which a removal of files makes new."""
        paths = (Path(self.location(table)) / "data").rglob("*")
        return [str(path) for path in paths if path.is_dir() and path.lstat().st_mtime <= before]

    def tidy(self, folders: Collection[str]) -> None:
        """The innermost first."""
        for folder in sorted(map(Path, folders), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()

    def errors(self, what: str) -> AbstractContextManager[None]:
        """Errors of the disk."""
        return disk_errors(what, self.folder)

    def damaged(self, why: str) -> LakeError:
        """It can be made anew."""
        return damaged(self.folder, why)


def _stored(path: Path) -> Stored:
    found = path.lstat()
    return Stored(os.path.realpath(path), found.st_size, found.st_mtime)
