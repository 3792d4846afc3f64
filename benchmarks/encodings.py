"""How large bronze is and how long it takes to write and to read, by writer, compression level and encoding.

`python -m benchmarks.encodings FOLDER` reads the seven dumps of a folder, writes each table by every variant from
memory, which `--rows` bounds, and reads the file with Polars. Sizes are exact; seconds are processor time. After the
levels come the cost of field ids, of doing without delta encodings, and of small pages. The last variants are no
candidates: they show what could be gained if rows were not in the order of their ids, as dumps have them and as readers
skip, or if bronze did not say what the dump says (original titles only where they differ).
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import polars as pl
from rich.console import Console
from rich.table import Table as Grid

from benchmarks.dumps import raw_bytes
from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.contracts.parquet import FieldIds
from imdb_assets.dumps import parquet
from imdb_assets.dumps.reader import read_dump
from imdb_assets.naming import file_name

LEVELS = (1, 2, 3, 4, 6, 9, 19)

Writer = Callable[[pl.DataFrame, Path], None]


def variants() -> Iterator[tuple[str, Writer]]:
    """Name and writer of each variant."""
    yield "Polars' writer, level 3", lambda frame, path: frame.write_parquet(path, compression="zstd")
    for level in LEVELS:
        yield f"this project's, level {level}", lambda frame, path, level=level: _write(frame, path, level)
    yield "as level 2, with field ids", lambda frame, path: _write(frame, path, 2, _numbered(frame.schema))
    yield "as level 2, no delta encodings", partial(_changed, DELTA_LENGTH=parquet.PLAIN)
    yield "as level 2, 20,000 rows a page", partial(_changed, PAGE_ROWS=20_000)
    for level in (2, 9):
        yield f"as level {level}, by title", lambda frame, path, level=level: _write(_by_title(frame), path, level)
    yield "as level 9, titles once", lambda frame, path: _write(_titles_once(frame), path, 9)
    yield "as level 19, titles once", lambda frame, path: _write(_titles_once(frame), path, 19)


def _by_title(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows in the order of what takes most room: titles and names, so that neighbours share their beginning."""
    texts = [name for name in ("primaryTitle", "title", "primaryName") if name in frame.columns]
    return frame.sort(texts[0]) if texts else frame


def _titles_once(frame: pl.DataFrame) -> pl.DataFrame:
    if "originalTitle" not in frame.columns:
        return frame
    differs = pl.col("originalTitle") != pl.col("primaryTitle")
    return frame.with_columns(pl.when(differs).then("originalTitle").alias("originalTitle"))


def _numbered(schema: pl.Schema) -> FieldIds:
    paths = [
        path for name, kind in schema.items() for path in [name, *([f"{name}.element"] if kind == pl.List else [])]
    ]
    return {path: number for number, path in enumerate(paths, start=1)}


def _changed(frame: pl.DataFrame, path: Path, **constants: Any) -> None:
    """Writes with other constants of `parquet.py`."""
    with patch.multiple(parquet, **constants):
        _write(frame, path, 2)


def _write(frame: pl.DataFrame, path: Path, level: int, ids: FieldIds | None = None) -> None:
    parquet.COMPRESSION_LEVEL = level
    with parquet.ParquetFile(path, frame.schema, ids) as file:
        for part in frame.iter_slices(parquet.ROW_GROUP_ROWS):
            file.write(part)


def main() -> None:
    """Prints one line per variant."""
    arguments = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    arguments.add_argument("folder", type=Path, help="folder with the seven .tsv.gz dumps")
    arguments.add_argument(
        "--rows",
        type=int,
        default=5_000_000,
        help="rows of each table at most (default 5,000,000); sizes are compared with whole dumps",
    )
    arguments.add_argument("--only", default="", help='variants whose name contains this, such as "level 3"')
    options = arguments.parse_args()
    chosen = [(name, write) for name, write in variants() if options.only in name]
    sizes: dict[str, int] = {}
    written: dict[str, float] = {}
    read: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        out = Path(folder)
        for dump, contract in DUMP_CONTRACTS.items():
            read_dump(options.folder / file_name(dump), contract, out / "rows", out / "rejects")
            frame = pl.scan_parquet(out / "rows").head(options.rows).collect()
            assert frame.schema == polars_schema(contract)
            for name, write in chosen:
                started = time.process_time()
                write(frame, out / "variant")
                written[name] = written.get(name, 0) + time.process_time() - started
                started = time.process_time()
                assert pl.read_parquet(out / "variant").height == frame.height
                read[name] = read.get(name, 0) + time.process_time() - started
                sizes[name] = sizes.get(name, 0) + (out / "variant").stat().st_size
    files = [options.folder / file_name(dump) for dump in DUMP_CONTRACTS]
    packed, text = sum(file.stat().st_size for file in files), sum(map(raw_bytes, files))
    title = f"Bronze; the dumps have {packed / 1e6:.2f} MB as gzip, {text / 1e6:.2f} MB as text"
    grid = Grid("variant", "MB", "of gzip", "times smaller than text", "seconds to write", "to read", title=title)
    for name, size in sizes.items():
        cells = f"{size / 1e6:.3f}", f"{size / packed:.1%}", f"{text / size:.2f}"
        grid.add_row(name, *cells, f"{written[name]:.2f}", f"{read[name]:.2f}")
    Console().print(grid)


if __name__ == "__main__":
    main()
