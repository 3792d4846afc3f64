#!/usr/bin/env bash
# Question: Daily votes are stored by xarray's to_zarr. Later rows, of 6:00 and 18:00, with more than 2^31 votes, are
#   added with append_dim="time". What is read back?
# Guess: What was appended, or an error, as for texts that are longer than the stored ones.
# What happens: 3 January, 6:00, is 24 February: the store counts days, the appended rows are written in hours under the
#   same unit. A warning names the change of units, but sounds as if nothing were lost. Votes of an int64 array that do
#   not fit the stored int32 wrap around without a warning: 2^31 + 5 is negative, and 2^40 is 0. A rate of 400 in a
#   store that packs numbers into int16 (scale_factor=0.01) is -255.36.
# Versions: xarray 2026.9.0, zarr 3.1.6.
# For a user: Give the first write encoding={"time": {"units": "seconds since 1970-01-01"}}, and int64 or float64. Issue
#   5969 of xarray, about times, was closed; the values are wrong still.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile xarray==2026.9.0 zarr==3.1.6 numpy==2.4.6 pandas==3.1.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings

import numpy as np
import pandas as pd
import xarray as xr
import zarr

print("xarray", xr.__version__, "| zarr", zarr.__version__)


def votes(times, values, kind):
    return xr.Dataset({"votes": ("time", np.array(values, kind))}, coords={"time": pd.to_datetime(times)})


def grown(name, first, later, **options):
    """What is read back after an append, and what was warned of the append."""
    first.to_zarr(name, zarr_format=2, **options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        later.to_zarr(name, append_dim="time")
    return xr.open_zarr(name), [str(warning.message) for warning in caught if "onsolidated" not in str(warning.message)]


days = ["2024-01-01", "2024-01-02"]
later = ["2024-01-03 06:00", "2024-01-03 18:00"]
read, warned = grown("votes", votes(days, [1, 2], "int32"), votes(later, [2**31 + 5, 2**40], "int64"))
expect("times", [str(time)[:16] for time in read["time"].values[2:]], ["2024-02-24T00:00", "2024-03-07T00:00"])
expect("warnings", [text[:75] for text in warned], ["Times can't be serialized faithfully to int64 with requested units 'days si"])
expect("votes", read["votes"].values.tolist(), [1, 2, -2147483643, 0])
read, warned = grown("days", votes(days, [1, 2], "int32"), votes(["2024-01-03"], [2**40], "int64"))
expect("votes of a day", (read["votes"].values.tolist(), warned), ([1, 2, 0], []))
packed = {"votes": {"dtype": "int16", "scale_factor": 0.01, "_FillValue": -32768}}
read, warned = grown("packed", votes(days, [7.25, 8.5], "float64"), votes(["2024-01-03"], [400], "float64"), encoding=packed)
expect("packed", (read["votes"].values.round(2).tolist(), warned), ([7.25, 8.5, -255.36], []))
units = {"time": {"units": "seconds since 1970-01-01"}}
read, warned = grown("seconds", votes(days, [1, 2], "int64"), votes(later, [2**31 + 5, 2**40], "int64"), encoding=units)
expect("in seconds", [str(time)[:16] for time in read["time"].values[2:]], ["2024-01-03T06:00", "2024-01-03T18:00"])
expect("int64", read["votes"].values.tolist(), [1, 2, 2147483653, 1099511627776])
PY
