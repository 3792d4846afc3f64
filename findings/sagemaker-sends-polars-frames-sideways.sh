#!/usr/bin/env bash
# Question: SageMaker's SDK has serializers for the rows that one sends to an endpoint. Do CSVSerializer and
#   JSONLinesSerializer send the rows of a frame, or refuse it?
# Guess: Yes: CSVSerializer names pandas frames in its documentation; a Polars frame is sent alike, or refused.
# What happens: CSVSerializer sends a Polars frame sideways: each column as a row. Three films with three features are
#   received as three other films, without an error. From a list of dicts it sends the names, row by row, in place of
#   the values. JSONLinesSerializer sends the names only, for a pandas frame and for a dict of lists: two names are two
#   rows for the server. NumpySerializer and CSVSerializer with pandas are right, as are lists of lists.
# Versions: sagemaker-core 2.27.0, polars 2.1.0, pandas 2.3.3, numpy 2.4.6. CSVSerializer promises "NumPy array, list,
#   file, Pandas DataFrame, or buffer"; JSONLinesSerializer an "iterable of JSON serializable objects", as names are.
# For a user: Serialize frame.rows() of Polars; give frame.to_dict("records") to JSONLinesSerializer only.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile sagemaker-core==2.27.0 polars==2.1.0 pandas==2.3.3 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import io
from importlib.metadata import version

import numpy as np
import pandas as pd
import polars as pl
from sagemaker.core.serializers import CSVSerializer, JSONLinesSerializer, NumpySerializer

print({name: version(name) for name in ("sagemaker-core", "polars", "pandas", "numpy")})
csv, lines = CSVSerializer().serialize, JSONLinesSerializer().serialize
columns = {"year": [1979, 1995, 2004], "minutes": [117, 170, 115], "votes": [900, 700, 500]}
films, polars = pd.DataFrame(columns), pl.DataFrame(columns)
rows = "1979,117,900\n1995,170,700\n2004,115,500"

expect("CSV of pandas", csv(films).strip() == rows, True)
expect("CSV of Polars", csv(polars), "1979,1995,2004\n117,170,115\n900,700,500")
expect("CSV of Polars' rows", csv(polars.rows()) == rows, True)
expect("CSV of one film of Polars", csv(polars[:1]), "1979\n117\n900")
expect("CSV of a list of dicts", csv(films.to_dict("records")), "\n".join(["year,minutes,votes"] * 3))
sent = np.load(io.BytesIO(NumpySerializer().serialize(polars)))
expect("Numpy of Polars", sent.tolist(), [[1979, 117, 900], [1995, 170, 700], [2004, 115, 500]])

expect("JSON lines of pandas", lines(films), '"year"\n"minutes"\n"votes"')
expect("JSON lines of a dict of lists", lines(columns), '"year"\n"minutes"\n"votes"')
record = '{"year": 1979, "minutes": 117, "votes": 900}'
expect("JSON lines of a list of dicts", lines(films.to_dict("records")[:1]), record)
expect("JSON lines of lists", lines(films.values.tolist()[:1]), "[1979, 117, 900]")


def scored(body):
    return (np.loadtxt(io.StringIO(body), delimiter=",") @ [0.001, 0.01, 0.001]).round(1).tolist()


expect("predictions for pandas", scored(csv(films)), [4.0, 4.4, 3.7])
expect("predictions for Polars", scored(csv(polars)), [23.9, 1.9, 8.4])
PY
