"""The curve of a Spark cluster: all heavy tables, staged and audited by one worker of one core, and by two.

    IMDB_SOURCE=folder IMDB_SOURCE_FOLDER=<folder> IMDB_DATA=<folder> python -m benchmarks.cluster

Reads bronze from the lake of the settings; writes to a temporary one. Prints Markdown: seconds, the tasks' processor
seconds, and bytes that they read from Parquet, wrote, shuffled, and got from the other worker.
"""

import sys
import tempfile
from itertools import chain
from pathlib import Path

from benchmarks.spark_cluster import cluster, measured
from benchmarks.steps import STEPS
from imdb_assets.settings import load_settings
from imdb_assets.wiring import lake_of

BYTES = ("bytes read", "bytes written", "bytes shuffled", "bytes moved")


def row(workers: int, bronze: dict[str, tuple[str, ...]]) -> str:
    """A line of the table."""
    with tempfile.TemporaryDirectory(prefix="cluster-") as name, cluster(Path(name, "cluster"), workers) as spark:
        said = spark.run({"bronze": bronze, "lake": f"{name}/lake"})
        (events,) = spark.events.glob("app-*")
        took = measured(events)
    seconds = sum(table["seconds"] for table in said)
    megabytes = " | ".join(f"{took[kind] / 1e6:,.1f}" for kind in BYTES)
    return f"| {workers} | {seconds:,.1f} | {took['cpu ns'] / 1e9:,.1f} | {megabytes} |"


def main() -> None:
    """Measures with one worker, then with two."""
    lake = lake_of(load_settings())
    bronze = {name: lake.table(f"bronze.{name}").files for name in sorted(_from_bronze())}
    head = ["workers", "seconds", "processor seconds", *(f"MB {kind.removeprefix('bytes ')}" for kind in BYTES)]
    lines = [f"| {' | '.join(head)} |", f"|{'---:|' * len(head)}"]
    for line in chain(lines, (row(workers, bronze) for workers in (1, 2))):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()  # the next line takes minutes


def _from_bronze() -> set[str]:
    made = {step.contract.table.partition(".")[2] for step in STEPS} | {"rating_expectation"}
    return {name for step in STEPS for name in step.inputs} - made


if __name__ == "__main__":
    main()
