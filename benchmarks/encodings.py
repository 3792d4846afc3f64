"""How large bronze is and how long its writing takes, by writer and compression level.

`python -m benchmarks.encodings FOLDER` reads the seven dumps of a folder and writes each table anew by every variant,
from memory, which `--rows` bounds. Sizes are exact; seconds are processor time.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from rich.console import Console
from rich.table import Table as Grid

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.dumps import parquet
from imdb_assets.dumps.reader import read_dump
from imdb_assets.lake.landing import file_name

LEVELS = (3, 4, 6, 9)

Writer = Callable[[pl.DataFrame, Path], None]


def variants() -> Iterator[tuple[str, Writer]]:
    """Name and writer of each variant."""
    yield "Polars' writer, level 3", lambda frame, path: frame.write_parquet(path, compression="zstd")
    for level in LEVELS:
        yield f"this project's, level {level}", lambda frame, path, level=level: _write(frame, path, level)


def _write(frame: pl.DataFrame, path: Path, level: int) -> None:
    parquet.COMPRESSION_LEVEL = level
    with parquet.ParquetFile(path, frame.schema) as file:
        for part in frame.iter_slices(parquet.ROW_GROUP_ROWS):
            file.write(part)


def main() -> None:
    """Prints one line per variant."""
    arguments = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    arguments.add_argument("folder", type=Path, help="folder with the seven .tsv.gz dumps")
    arguments.add_argument("--rows", type=int, default=5_000_000, help="rows of each table at most (default 5,000,000)")
    options = arguments.parse_args()
    sizes: dict[str, int] = {}
    seconds: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        out = Path(folder)
        for dump, contract in DUMP_CONTRACTS.items():
            read_dump(options.folder / file_name(dump), contract, out / "rows", out / "rejects")
            frame = pl.scan_parquet(out / "rows").head(options.rows).collect()
            assert frame.schema == polars_schema(contract)
            for name, write in variants():
                started = time.process_time()
                write(frame, out / "variant")
                seconds[name] = seconds.get(name, 0) + time.process_time() - started
                sizes[name] = sizes.get(name, 0) + (out / "variant").stat().st_size
    packed = sum((options.folder / file_name(dump)).stat().st_size for dump in DUMP_CONTRACTS)
    grid = Grid("variant", "MB", "of gzip", "seconds", title=f"Bronze; the dumps have {packed / 1e6:.2f} MB as gzip")
    for name, size in sizes.items():
        grid.add_row(name, f"{size / 1e6:.2f}", f"{size / packed:.1%}", f"{seconds[name]:.2f}")
    Console().print(grid)


if __name__ == "__main__":
    main()
