"""Finds lost and damaged files in a deployment's data folder, and names the command that repairs each file."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from imdb_assets.naming import asset_name

if TYPE_CHECKING:
    from imdb_assets.lake.lake import Lake
    from imdb_assets.lake.landing import Landing
    from imdb_assets.lake.models import ModelStore
    from imdb_assets.lake.table import Table
    from imdb_assets.settings import Settings


def damage(settings: "Settings") -> Iterator[str]:
    """One message for each lost or damaged item, with the remedy. This function changes nothing and reads no rows."""
    from imdb_assets.lake.errors import LakeError
    from imdb_assets.serving import local, title_index
    from imdb_assets.wiring import lake_of, landing_of, models_of

    lake = lake_of(settings)
    if lake.folder is None or lake.folder.exists():
        try:
            tables, problems = lake.survey()
        except LakeError as error:
            yield str(error)
        else:
            yield from map(str, problems.values())
            yield from (problem for table in tables if (problem := wrong_files(lake, table)))
    if settings.lake == "folder":
        yield from _dumps(landing_of(settings))
        yield from _models(models_of(settings))
    try:
        local.is_wanted(settings)
    except LakeError as error:
        yield str(error)
    try:
        if title_index.mark(settings.titles_folder) or any(settings.titles_folder.glob("*.sqlite")):
            title_index.sound(settings.titles_folder, again=True)
    except LakeError as error:
        yield str(error)


def wrong_files(lake: "Lake", table: "Table") -> str | None:
    """What is wrong with a table's data files; None if every file exists with the recorded size and row count."""
    from imdb_assets.lake.errors import LakeError

    lost = lake.home.lost(table.files)
    try:
        if lost:
            what = f"{len(lost)} of its {len(table.files)} files are lost, such as {lost[0]}"
        elif lake.folder is None or (what := _wrong_sizes(table)) is None:
            return None
    except LakeError as error:  # a file has the recorded size, but its bytes have changed
        return str(error)
    return (
        f"{table.name}: {what}. Go back to a snapshot that is whole (`imdb history {table.name}`, `imdb rollback`), or "
        f"make the table again: `make materialize ASSETS={asset_name(table.name)}`."
    )


def _wrong_sizes(table: "Table") -> str | None:
    size = sum(Path(file).stat().st_size for file in table.files)
    if size != table.bytes:
        return f"its files have {size:,} bytes, but {table.bytes:,} bytes were published"
    if table.hashes:
        table.sound_files()  # raises an error if a file is damaged
        return None
    import polars as pl

    try:
        rows = table.scan().select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as error:
        return f"a file is no longer Parquet ({str(error).splitlines()[0]})"
    return None if rows == table.rows else f"its files have {rows:,} rows, but {table.rows:,} were published"


def _dumps(landing: "Landing") -> Iterator[str]:
    from imdb_assets.lake.errors import LakeError

    moved: set[Path] = set()
    for file in sorted(landing.root.glob("*/*.json")) + sorted(landing.root.glob("*/[!.]*/manifest.json")):
        remedy = f"Delete {file.name}; the next run lands the dump again."
        try:
            dump = landing.at(file)
        except LakeError as error:
            yield str(error)
            continue
        if dump is None:
            yield f"{file} is damaged, or another version of this program wrote it. {remedy}"
        elif not (path := Path(dump.path)).is_file() and not path.is_relative_to(landing.root):
            moved.add(path.parents[2])
        elif not path.is_file() or path.stat().st_size != dump.bytes:
            yield f"{file} names {path}, which is lost or truncated. {remedy}"
    for folder in sorted(moved):
        where = f"The dumps that are now in {landing.root} landed in {folder}."
        yield f"{where} Move the dumps back; otherwise the next run lands the dumps again."
    for folder in sorted(path for path in landing.root.glob("*/[!.]*") if path.is_dir()):
        if not (folder / "manifest.json").exists():
            yield f"{folder} has lost its manifest.json. Delete the folder; the next run lands the dump again."


def _models(store: "ModelStore") -> Iterator[str]:
    from imdb_assets.lake.errors import LakeError
    from imdb_assets.ml import artifact

    for version in store.names():
        try:
            artifact.load(store.root / version)
        except Exception as error:  # noqa: BLE001 - damaged trees or records raise anything
            known = isinstance(error, artifact.ModelError)
            yield str(error) if known else f"{store.root / version}: damaged ({error!r}): {artifact.REMEDY}"
    try:
        served = store.in_service()
    except LakeError as error:
        yield str(error)
        return
    again = "Promote a version that still exists: `imdb models list`, `imdb models promote VERSION`."
    if served is None and store.names():
        yield f"{store.root / 'current.json'} is lost: no model version is in service. {again}"
    elif served is not None and served not in store.names():
        yield f"{store.root / 'current.json'} names version {served}, which is lost. {again}"
