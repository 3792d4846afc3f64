"""Stands in for a Glue worker: `glue_job.py` on local Spark, with the arguments that the job got.

Only files differ: this Spark has no S3, so they are copied here before the transform and back after it. Run as a
program by `glue_jobs.py`.
"""

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from imdb_assets.aws import glue_job, s3

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

perform = glue_job.perform


def through_local_files(work: glue_job.Work, session: "SparkSession") -> glue_job.Done:
    """Does the work on copies."""
    with tempfile.TemporaryDirectory(prefix="glue-") as name:
        folder, made = Path(name), Path(name) / "made"
        inputs: dict[str, list[str]] = {}
        for table, files in work.inputs.items():
            for number, file in enumerate(files):
                s3.download(file, folder / f"{table}-{number}.parquet")
                inputs.setdefault(table, []).append(str(folder / f"{table}-{number}.parquet"))
        done = perform(dataclasses.replace(work, inputs=inputs, destination=str(made)), session)
        for path in sorted(made.rglob("*.parquet")):
            s3.upload(path, f"{work.destination}/{path.relative_to(made).as_posix()}")
    return done


if __name__ == "__main__":
    glue_job.perform = through_local_files
    glue_job.main()
