"""Which tables are heavy: each transform that a Glue job can run, by Polars and by Spark on this machine.

    IMDB_SOURCE=folder IMDB_SOURCE_FOLDER=<folder> IMDB_DATA=<folder> python -m benchmarks.heavy_tables

Makes each table again in the lake of the settings, which has all its inputs, in a process of its own. Prints the step's
seconds, its processor seconds, and the peak of memory, of which Java's heap is what Java has taken.
"""

import argparse
import json
import os
import subprocess
import sys
from typing import cast, get_args

import dagster as dg

from benchmarks.processes import cpu_seconds, peak_bytes
from imdb_assets.settings import EngineKind, load_settings

TABLES = (
    "silver.movies",
    "silver.credits",
    "gold.director_reputation",
    "gold.person_reputation",
    "gold.movie_features",
)
ENGINES: tuple[EngineKind, ...] = ("polars", "spark")


def measure(table: str, engine: EngineKind) -> dict[str, str | float]:
    """Makes the table in this process."""
    from imdb_assets.definitions import defs
    from imdb_assets.lake.rollback import roll_back
    from imdb_assets.wiring import lake_of

    os.environ["IMDB_ENGINE"] = engine
    lake, job = lake_of(load_settings()), defs().resolve_implicit_global_asset_job_def()
    there, before = lake.table(table).snapshot_id, cpu_seconds()
    run = job.execute_in_process(asset_selection=[dg.AssetKey(table.split("."))])
    steps = [event for event in run.all_events if event.event_type_value == "STEP_SUCCESS"]
    seconds = next(
        event.step_success_data.duration_ms / 1000 for event in steps if event.step_key == table.replace(".", "__")
    )
    roll_back(lake, table, there, "the benchmark")  # what is made of it belongs to that snapshot
    return {
        "table": table,
        "engine": engine,
        "seconds": round(seconds, 1),
        "cpu seconds": round(cpu_seconds() - before, 1),
        "GiB": round(peak_bytes() / 2**30, 2),
    }


def main() -> None:
    """Measures what is named, else everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.heavy_tables", description=__doc__)
    parser.add_argument("--table", choices=TABLES)
    parser.add_argument("--engine", choices=ENGINES)
    given = parser.parse_args()
    if given.table and given.engine:
        assert given.engine in get_args(EngineKind)
        print(json.dumps(measure(given.table, cast("EngineKind", given.engine))))  # noqa: T201 - its output
        return
    for table in TABLES if not given.table else (given.table,):
        for engine in ENGINES if not given.engine else (given.engine,):
            command = [sys.executable, "-m", "benchmarks.heavy_tables", "--table", table, "--engine", engine]
            subprocess.run(command, check=True)  # noqa: S603 - arguments of our own


if __name__ == "__main__":
    main()
