"""The catalog file: an intact catalog is opened, a new lake gets a new catalog, and otherwise an error says what to do.

An SQLite database records the current metadata file of each table. All other metadata of a table is in the table's own
folder, so `recovery.py` can rebuild a lost catalog. This module never replaces a lost catalog with an empty one.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.files import sync
from imdb_assets.naming import asset_path

if TYPE_CHECKING:  # importing pyiceberg would slow down Dagster's loading of definitions by half a second
    from collections.abc import Callable, Generator

    from pyiceberg.catalog.sql import SqlCatalog
    from sqlalchemy.engine import ExceptionContext

FILE = "catalog.db"
WAIT_SECONDS = 30
"""Longest wait for another process's commit. A commit takes milliseconds, so a process whose commit takes longer
than `WAIT_SECONDS` has hung."""
TABLES = {"iceberg_tables", "iceberg_namespace_properties"}


def current(root: Path) -> dict[str, Path]:
    """Maps each table of the lake in folder `root` to its current metadata file; empty if there is no such folder.

    Raises:
        LakeError: The folder cannot be used, or its catalog is damaged or lost.
    """
    try:
        root.stat()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unusable(root, error) from error
    return _entries_or_new(root)


def open_catalog(root: Path) -> SqlCatalog:
    """Opens the catalog of the lake in folder `root`; a new lake gets a new catalog. Raises the errors of `current`."""
    _entries_or_new(root)
    return connect(root, root / FILE)


def _entries_or_new(root: Path) -> dict[str, Path]:
    file = root / FILE
    try:
        root.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with locked(root):
                if not file.exists():
                    _make(root)
    except OSError as error:
        raise _unusable(root, error) from error
    found = _entries_in(file)
    for name, metadata in found.items():
        require_home(root, name, metadata.parent.parent)
    return found


def _unusable(root: Path, error: OSError) -> LakeError:
    return LakeError(
        f"the lake's folder {root} cannot be used: {error}. Make room on the disk, or set IMDB_DATA to another folder."
    )


def connect(root: Path, file: Path) -> SqlCatalog:
    """Opens the catalog in an existing database file; errors of the database are raised as `LakeError`."""
    from pyiceberg.catalog.sql import SqlCatalog
    from sqlalchemy import URL, event
    from sqlalchemy.exc import DBAPIError

    # In mode `rw`, SQLite does not make a new file in place of a lost catalog.
    options = {"mode": "rw", "uri": "true", "timeout": str(WAIT_SECONDS)}
    try:
        catalog = SqlCatalog(
            "lake",
            uri=URL.create("sqlite", database=f"file:{quote(str(file))}", query=options).render_as_string(),
            warehouse=str(root),
            **{"py-io-impl": "imdb_assets.lake.durable.DurableFileIO"},
        )
    except DBAPIError as error:  # an error raised before the listener below is attached
        raise explained(root, error.orig or error) from error

    def explain(context: ExceptionContext) -> None:
        error = context.original_exception
        if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
            raise explained(root, error) from error

    event.listen(catalog.engine, "handle_error", explain)
    return catalog


@contextmanager
def locked(root: Path) -> Generator[None]:
    """Keeps other processes from making a catalog in the same folder."""
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def write_whole(root: Path, fill: Callable[[SqlCatalog], object]) -> None:
    """Makes a catalog, fills it with `fill`, and puts it in place in one step; the caller must be inside `locked`."""
    new = root / f".{FILE}.new"
    new.unlink(missing_ok=True)
    new.touch()
    with closing(connect(root, new)) as catalog:
        fill(catalog)
    sync(new)
    new.replace(root / FILE)
    sync(root)


def explained(root: Path, error: BaseException) -> LakeError:
    """Turns an error of the catalog's database into a `LakeError` that names the remedy."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the error's code without its subtype
    file = root / FILE
    match code:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(root, str(error))
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LakeError(
                f"the catalog {file} has been locked by another process for {WAIT_SECONDS} s ({error}). Find the "
                "process that holds the lock (`fuser` on the catalog's file), end the process if it hangs, and run the "
                "command again."
            )
        case _:
            return LakeError(
                f"the catalog {file} cannot be used: {error}. Check the disk space and the permissions of the "
                "catalog's folder, and run the command again."
            )


def damaged(root: Path, why: str) -> LakeError:
    """The error for a catalog that is damaged or lost."""
    return LakeError(
        f"the catalog {root / FILE} is damaged or lost: {why}. The tables' files are untouched: `imdb recover` "
        "rebuilds the catalog from the tables' files and keeps the old catalog's file."
    )


def metadata_files(root: Path) -> list[Path]:
    """All metadata files of all tables below the lake's folder."""
    return sorted(root.glob("*/*/metadata/*.metadata.json"))


def _make(root: Path) -> None:
    if metadata_files(root):
        raise damaged(root, "the file does not exist, although the lake has tables")
    write_whole(root, lambda catalog: catalog)


def entries(root: Path, database: sqlite3.Connection) -> dict[str, Path]:
    """Maps each table to the metadata file that the catalog names.

    Raises:
        LakeError: The database is not a catalog.
        sqlite3.Error: The database cannot be read.
    """
    missing = TABLES - {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
    if missing:
        raise damaged(root, f"the database has no table {', '.join(sorted(missing))}")
    rows = database.execute("select table_namespace, table_name, metadata_location from iceberg_tables")
    return {f"{schema}.{table}": Path(location.removeprefix("file://")) for schema, table, location in rows}


def require_home(root: Path, name: str, location: Path) -> None:
    """Refuses a table whose metadata refers to files outside this lake.

    Metadata has absolute paths. After a lake was moved or copied, the metadata still refers to the old place.

    Raises:
        LakeError: The lake was moved or copied. Nothing was changed.
    """
    place = root.joinpath(*asset_path(name))
    if location != place and os.path.realpath(location) != os.path.realpath(place):
        home = location.parent.parent
        raise LakeError(
            f"the lake at {root} was made at {home}: {name} refers to its files by absolute paths below {home}. If the "
            f"lake was moved, move it back (or set IMDB_DATA to {home.parent}). A copy of a lake's folder works "
            "neither as a lake nor as a backup: to copy a lake, copy its dumps and make the tables again. "
            "Nothing was changed."
        )


def open_database(file: Path) -> sqlite3.Connection:
    """Opens the catalog's existing database; the caller manages transactions."""
    return sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, timeout=WAIT_SECONDS, isolation_level=None)


def _entries_in(file: Path) -> dict[str, Path]:
    try:
        with closing(open_database(file)) as database:
            return entries(file.parent, database)
    except sqlite3.Error as error:
        raise explained(file.parent, error) from error
