#!/usr/bin/env bash
# Question: a client sends films to a model on SageMaker as CSV: year, minutes, votes. Some cells are empty, as the
#   CSVSerializer of SageMaker's SDK writes None. What does the toolkit on the server give to the model for them?
# Guess: NaN, or an error.
# What happens: -1. If the cell is empty in all rows of the request, as when a film is sent alone, it is 0 instead: the
#   same film gets another prediction alone than in a batch. Only a column of decimals has NaN; beside whole numbers,
#   the rows are then records, not a matrix. A '#' in a cell is taken for a comment: the cell is 0. The SDK's
#   NumpyDeserializer reads answers in the same way: a missing one is -1. Both call numpy's genfromtxt without a type.
# Versions: sagemaker-core 2.27.0, sagemaker-inference 1.10.1, numpy 2.4.6. The docstring says that the types "will be
#   determined by the contents of each column"; it does not speak of empty cells.
# For a user: Read the text in an input_fn of one's own, as floats; give NumpyDeserializer dtype=float.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile sagemaker-core==2.27.0 sagemaker-inference==1.10.1 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import io
from importlib.metadata import version

import numpy as np
from sagemaker.core.deserializers import NumpyDeserializer
from sagemaker.core.serializers import CSVSerializer
from sagemaker_inference import decoder

print({name: version(name) for name in ("sagemaker-core", "sagemaker-inference", "numpy")})


def received(*rows):
    return decoder.decode(CSVSerializer().serialize(list(rows)), "text/csv")


def predictions(*rows):
    return (6.0 + (received(*rows).reshape(-1, 3) @ np.array([0.1, 0.01, 0.0]))).round(2).tolist()


heat, unknown = [95, 170, 700], [None, 120, 90]
expect("what the client sends", CSVSerializer().serialize([heat, unknown]), "95,170,700\n,120,90")
expect("what the model gets", received(heat, unknown).tolist(), [[95, 170, 700], [-1, 120, 90]])
expect("what it gets for the second film alone", received(unknown).tolist(), [0, 120, 90])
expect("two films without a year", received(unknown, unknown).tolist(), [[0, 120, 90], [0, 120, 90]])
expect("films of the years -1 and 0", received([-1, 120, 90], [0, 120, 90]).tolist(), [[-1, 120, 90], [0, 120, 90]])
expect("predictions in a batch", predictions(heat, unknown), [17.2, 7.1])
expect("prediction alone", predictions(unknown), [7.2])

decimals = received([1995, 8.3], [None, 7.5], [1999, None])
expect("with decimals: records", [decimals.shape, decimals["f0"].tolist()], [(3,), [1995, -1, 1999]])
expect("with decimals: a missing one", str(decimals["f1"].tolist()), "[8.3, 7.5, nan]")
expect("a hash in place of votes", decoder.decode("95,170,#\n", "text/csv").tolist(), [95, 170, 0])

answer = b"95,83\n170,\n120,75\n"
for options, found in (({}, [83, -1, 75]), ({"dtype": float}, [83.0, float("nan"), 75.0])):
    read = NumpyDeserializer(**options).deserialize(io.BytesIO(answer), "text/csv")
    expect(f"the client reads an answer without the second rating, {options}", read[:, 1].tolist(), found)
PY
