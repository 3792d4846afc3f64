"""Dagster assets that turn IMDb's daily dumps into a lakehouse, features, a rating model and its endpoint."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from imdb_assets.notebook import OpenLake

# Polars' allocator should give freed memory back within half a second. A process runs many steps one after the other.
# By default, the allocator would still hold one step's freed memory during the next step. Polars reads
# `_RJEM_MALLOC_CONF` only once, when Polars is loaded, so this variable is set before all imports of Polars.
os.environ["_RJEM_MALLOC_CONF"] = "dirty_decay_ms:500,muzzy_decay_ms:0"


def open(data: str | Path | None = None, *, at: "str | int | date | None" = None) -> "OpenLake":  # noqa: A001 - read as imdb_assets.open
    """Opens a lake for a notebook: read-only, with every table pinned to its current snapshot.

        import imdb_assets
        lake = imdb_assets.open()
        films = lake.features()

    Args:
        data: Folder of the data, such as `.data` in a clone of this project; by default, the folder that IMDB_DATA
            names.
        at: A date, a time or the id of a snapshot. The lake opens as it was at the end of the date (UTC), at the time,
            or when the snapshot was published. Dates, times and ids can be texts or values of Python's own types.

    Raises:
        LakeError: The lake is empty or cannot be read, or `at` is not a date, a time or the id of a snapshot.
        SettingsError: A setting is wrong.
    """
    from imdb_assets.notebook import open_lake

    return open_lake(data, at)
