"""What training one model takes: its rows in memory, as the champions' are, or read in batches from Parquet.

    python -m benchmarks.external_memory --films 430000 --films 4300000

Generates as many films with 84 features; values are random, since bytes and histograms do not depend on them much.
Each training runs in a process of its own. Prints Markdown: the peak of memory, processor seconds, and the largest
difference between the two models' predictions.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from benchmarks.processes import cpu_seconds, peak_bytes
from imdb_assets.ml.training import LEARNING_RATE, PARAMETERS, TARGET

FEATURES = [f"f{number}" for number in range(84)]
BATCH = 50_000
"""Films of a batch, and of a row group."""
TREES = 20
"""Few, since each takes the same time and no more memory."""
PREDICTED = 10_000
WAYS = ("memory", "batches")


def generate(films: int, file: Path) -> None:
    """Writes the films, one row group after the other."""
    writer: pq.ParquetWriter | None = None
    for batch in range(0, films, BATCH):
        draw = np.random.default_rng(batch)
        values = draw.random((min(BATCH, films - batch), len(FEATURES)), dtype=np.float32)
        rows = pl.DataFrame(values, schema=FEATURES).with_columns(pl.Series(TARGET, values[:, :8].sum(axis=1)))
        table = rows.to_arrow()
        writer = writer or pq.ParquetWriter(file, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def trained(way: str, file: Path) -> dict[str, Any]:
    """Trains in this process."""
    import xgboost

    parameters = {**PARAMETERS, "learning_rate": LEARNING_RATE}
    before = cpu_seconds()
    bins = {"max_bin": PARAMETERS["max_bin"], "nthread": PARAMETERS["nthread"]}
    if way == "memory":
        rows = pl.read_parquet(file)
        films: xgboost.DMatrix = xgboost.QuantileDMatrix(rows.select(FEATURES), rows[TARGET].to_numpy(), **bins)
        del rows
    else:

        class Batches(xgboost.DataIter):
            """Row groups."""

            def reset(self) -> None:
                self.group = 0

            def next(self, input_data: Any) -> bool:
                with pq.ParquetFile(file) as groups:
                    if self.group == groups.num_row_groups:
                        return False
                    rows = pl.DataFrame(groups.read_row_group(self.group))
                self.group += 1
                input_data(data=rows.select(FEATURES).to_numpy(), label=rows[TARGET].to_numpy())
                return True

        films = xgboost.ExtMemQuantileDMatrix(Batches(cache_prefix=str(file.parent / "bins")), **bins)
    booster = xgboost.train(parameters, films, TREES)
    measured = {"cpu": cpu_seconds() - before, "peak": peak_bytes()}
    some = pq.ParquetFile(file).read_row_group(0).slice(0, PREDICTED)
    predicted = booster.inplace_predict(pl.DataFrame(some).select(FEATURES).to_numpy())
    return {**measured, "predicted": predicted.tolist()}


def line(films: int, folder: Path) -> str:
    """A line of the table."""
    file = folder / f"{films}.parquet"
    generate(films, file)
    said: dict[str, dict[str, Any]] = {}
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.external_memory", "--train", way, str(file)]
        said[way] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603
    one, other = (np.array(said[way]["predicted"]) for way in WAYS)
    figures = " | ".join(f"{said[way]['peak'] / 2**30:.2f} | {said[way]['cpu']:.1f}" for way in WAYS)
    return f"| {films:,} | {figures} | {np.abs(one - other).max():.2g} |"


def main() -> None:
    """Measures all sizes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.external_memory", description=__doc__)
    parser.add_argument("--films", type=int, action="append", default=[])
    parser.add_argument("--train", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.train:
        sys.stdout.write(json.dumps(trained(given.train[0], Path(given.train[1]))))
        return
    head = ["films", *(f"{what}, {way}" for way in WAYS for what in ("GiB", "processor seconds")), "largest difference"]
    sys.stdout.write(f"| {' | '.join(head)} |\n|{'---:|' * len(head)}\n")
    with tempfile.TemporaryDirectory(prefix="external-memory-") as folder:
        for films in given.films:
            sys.stdout.write(f"{line(films, Path(folder))}\n")


if __name__ == "__main__":
    main()
