"""The code location that Dagster loads: everything in `defs/`, and nothing else."""

import gc
import warnings
from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """All assets, checks, jobs, schedules and resources."""
    folder = Path(__file__).parent / "defs"
    gc.disable()  # none of the hundreds of thousands of objects made here becomes garbage
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)  # caused by Dagster's own calls
            # `dg.load_from_defs_folder` would also import the components of every package, such as dagster-aws
            return dg.ComponentTree.for_project(folder).build_defs(folder)
    finally:
        gc.enable()
