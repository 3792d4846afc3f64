"""Exports tables and views of the lake to one DuckDB or SQLite file, or to a folder of Parquet or CSV files.

`relations.py` decides what is exported, and `sqlite.py` writes SQLite.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import duckdb

from imdb_assets.contracts.base import description
from imdb_assets.lake.files import sync_tree
from imdb_assets.naming import schema
from imdb_assets.warehouse import sqlite, views
from imdb_assets.warehouse.duckdb import interruptible
from imdb_assets.warehouse.literals import qualified, quoted, text_literal
from imdb_assets.warehouse.relations import ExportError, Relation, flat

Kind = Literal["duckdb", "sqlite", "parquet", "csv"]

Progress = Callable[[str, float], None]
"""Called with a table's name and the share of the table that has been written, from 0 to 1."""

SUFFIXES: dict[str, Kind] = {".duckdb": "duckdb", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite"}
PACKAGE = "datapackage.json"
"""File that describes an exported folder, as a Data Package: https://datapackage.org/standard/data-package."""
_FULL = re.compile("No space left on device|disk is full|Disk quota exceeded|max_temp_directory_size")
"""Matches the messages of DuckDB, SQLite and ADBC about a full disk; their errors have no type in common."""
_PACKAGE_TYPES = {"INTEGER": "integer", "REAL": "number", "BOOLEAN": "boolean", "TEXT": "string"}


def kind_of(out: Path, folder_kind: Kind = "parquet") -> Kind:
    """The format that a file's suffix names; a name without a suffix is a folder.

    Raises:
        ExportError: The suffix names no format that holds several tables.
    """
    if not out.suffix:
        return folder_kind
    if out.suffix not in SUFFIXES:
        raise ExportError(
            f"{out}: expected {', '.join(SUFFIXES)}, or a folder without a suffix; got {out.suffix}. To write the "
            'rows of one query, use `imdb sql "from silver.movies" --out FILE`.'
        )
    return SUFFIXES[out.suffix]


def export(  # noqa: PLR0913 - one choice each
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
    out: Path,
    kind: Kind,
    *,
    replace: bool = False,
    on_progress: Progress = lambda _name, _share: None,
) -> None:
    """Writes the relations. `out` appears only when it is complete, and not at all after an error or Ctrl-C.

    Args:
        connection: The connection that runs the relations' queries; it must be allowed to write files.
        relations: What to write.
        out: The file or folder.
        kind: The format of `out`.
        replace: Whether an earlier export may be replaced.
        on_progress: Called with the progress of each relation.

    Raises:
        ExportError: Either `out` exists and must not be replaced, or some rows break a constraint, such as a primary
            key.
        OSError: `out` cannot be written.
    """
    with _full_disk(), _whole(out, replace=replace) as (unfinished, scratch):
        connection.execute(f"set temp_directory = {text_literal(str(scratch))}")
        connection.execute("set enable_progress_bar = true; set enable_progress_bar_print = false")
        if kind == "sqlite":
            sqlite.write(connection, relations, unfinished, on_progress)
        elif kind == "duckdb":
            _write_duckdb(connection, relations, unfinished, on_progress)
        else:
            _write_folder(connection, relations, unfinished, kind, on_progress)


@contextmanager
def _full_disk() -> Iterator[None]:
    """If an error's message says that the disk is full, raises an `OSError` instead of this error."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) or not _FULL.search(str(error)):
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error


@contextmanager
def _whole(out: Path, *, replace: bool) -> Iterator[tuple[Path, Path]]:
    """Yields two paths in a folder beside `out`: one that becomes `out` at the end, and one for scratch files."""
    if out.exists() and not replace:
        raise ExportError(f"{out} exists; choose another path, or use --replace.")
    if out.is_dir():
        _require_ours(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        unfinished, scratch, before = (Path(folder) / name for name in (out.name, "scratch", "before"))
        yield unfinished, scratch
        shutil.rmtree(scratch, ignore_errors=True)
        sync_tree(Path(folder), Path(folder))
        if out.is_dir():  # a folder cannot be renamed over another folder
            out.rename(before)
        unfinished.rename(out)


def _require_ours(folder: Path) -> None:
    """Refuses to replace a folder if anything in the folder was not written by `imdb export`."""
    try:
        package = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
        ours = {PACKAGE, *(resource["path"] for resource in package["resources"])}
    except FileNotFoundError:
        why = f"it has no {PACKAGE}"
    except (ValueError, KeyError, TypeError):
        why = f"another program wrote its {PACKAGE}, or the file is damaged"
    else:
        if not (others := sorted({path.name for path in folder.iterdir()} - ours)):
            return
        raise ExportError(
            f"{folder} has something that `imdb export` did not write ({others[0]}); move it away, or choose another "
            "path."
        )
    raise ExportError(f"{folder} is a folder that `imdb export` did not make ({why}); choose another path.")


def _write_duckdb(
    connection: duckdb.DuckDBPyConnection, relations: Sequence[Relation], path: Path, on_progress: Progress
) -> None:
    source = str(connection.execute("select current_database()").fetchall()[0][0])
    connection.execute(f"attach {text_literal(str(path))} as exported")
    for relation in relations:
        place = f"exported.{qualified(relation.name)}"
        if "." in relation.name:
            connection.execute(f"create schema if not exists exported.{quoted(schema(relation.name))}")
        _run(connection, relation, f"create table {place} as {relation.query}", on_progress)
        for column in relation.required:
            connection.execute(f"alter table {place} alter column {quoted(column)} set not null")
        if relation.key:
            _run(connection, relation, f"alter table {place} add primary key ({_list(relation.key)})", on_progress)
        connection.execute(f"comment on table {place} is {text_literal(relation.description)}")
        for column, words in relation.columns.items():
            connection.execute(f"comment on column {place}.{quoted(column)} is {text_literal(words)}")
    connection.execute("use exported")
    _create_views(connection, [relation.name for relation in relations])
    connection.execute(f"use {quoted(source)}; detach exported")


def _create_views(connection: duckdb.DuckDBPyConnection, tables: Collection[str]) -> None:
    """Creates the analytical views that read only the given tables."""
    known = {*tables}
    for name, view in views.every().items():
        if name not in known and known.issuperset(views.tables(view.text)):
            connection.execute(f"create schema if not exists {quoted(schema(name))}")
            connection.execute(f"create view {qualified(name)} as {view.text}")
            connection.execute(f"comment on view {qualified(name)} is {text_literal(description(view.contract))}")
            known.add(name)


def _write_folder(
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
    folder: Path,
    kind: Literal["parquet", "csv"],
    on_progress: Progress,
) -> None:
    folder.mkdir()
    options = "format parquet, compression zstd" if kind == "parquet" else "format csv, header"
    resources: list[dict[str, object]] = []
    for relation in relations:
        columns = flat(connection, relation.query)
        chosen = ", ".join(one.expression for one in columns) if kind == "csv" else "*"
        file = folder / f"{relation.name}.{kind}"
        query = f"select {chosen} from ({relation.query})"  # noqa: S608 - of this package
        _run(connection, relation, f"copy ({query}) to {text_literal(str(file))} ({options})", on_progress)
        fields = [
            {
                "name": one.name,
                "type": "array" if one.nested else _PACKAGE_TYPES.get(one.type, "string"),
                "description": relation.columns.get(one.name, ""),
                **({"constraints": {"required": True}} if one.name in relation.required else {}),
            }
            for one in columns
        ]
        typed = {"fields": fields, **({"primaryKey": list(relation.key)} if relation.key else {})}
        described = {"description": relation.description, "format": kind, "schema": typed}
        resources.append({"name": relation.name, "path": file.name, **described})
    package = {"$schema": "https://datapackage.org/profiles/2.0/datapackage.json", "resources": resources}
    (folder / PACKAGE).write_text(json.dumps(package, indent=2, ensure_ascii=False), encoding="utf-8")


def _run(connection: duckdb.DuckDBPyConnection, relation: Relation, statement: str, on_progress: Progress) -> None:
    """Runs the statement and reports its progress; Ctrl-C ends the statement."""

    def look() -> None:
        on_progress(relation.name, max(0.0, min(connection.query_progress() / 100, 1.0)))

    on_progress(relation.name, 0.0)
    try:
        interruptible(connection, lambda: connection.execute(statement), look)
    except duckdb.ConstraintException as error:
        raise ExportError(f"{relation.name}: {error}") from error
    on_progress(relation.name, 1.0)


def _list(names: Collection[str]) -> str:
    return ", ".join(map(quoted, names))
