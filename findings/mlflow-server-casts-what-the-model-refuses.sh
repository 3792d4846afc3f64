#!/usr/bin/env bash
# Question: A model's signature has a boolean, an integer and a long column. Does MLflow's scoring server treat a row
#   that does not fit as model.predict does, which refuses it?
# Guess: Yes. The signature is there for that, and "any other type mismatch will raise error", its source says.
# What happens: The server casts JSON by astype before the signature is checked. The text "no" is True, and so is 2.5; a
#   missing boolean is False, though predict keeps it missing; 3000000000 in a 32-bit integer is -1294967296; a year of
#   1999.9 is 1999; a day given as 20240105 is one in January 1970. The status is 200 each time. The same rows are
#   refused as CSV, and all but the missing one by predict.
# Versions: mlflow 3.17.2, pandas 3.1.1. The documentation says that JSON is cast to the schema's types, not what
#   becomes of values that do not fit.
# For a user: Check requests before MLflow, or send CSV or Parquet.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile mlflow==3.17.2 pandas==3.1.1 numpy==2.4.6 httpx==0.28.1

MLFLOW_TRACKING_URI=sqlite:///runs.db venv/bin/python -W ignore - <<'PY' 2>log || { cat log; exit 1; }
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json

import mlflow
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.pyfunc import scoring_server
from mlflow.types import ColSpec, Schema
from starlette.testclient import TestClient

print("mlflow", mlflow.__version__, "| pandas", pd.__version__)


class Echo(mlflow.pyfunc.PythonModel):
    """Answers with what the model is given."""

    def predict(self, context, model_input, params=None):
        return [str(value) for value in model_input.iloc[:, 0].astype(object)]


columns = [ColSpec("boolean", "is_adult", required=False), ColSpec("integer", "votes", required=False), ColSpec("long", "year", required=False), ColSpec("datetime", "day", required=False)]
mlflow.pyfunc.save_model("model", python_model=Echo(), signature=ModelSignature(Schema(columns)))
model = mlflow.pyfunc.load_model("model")
server = TestClient(scoring_server.init(model))


def answers(column, value):
    """What predict and the server, by JSON and by CSV, say to one row."""
    try:
        predicted = model.predict(pd.DataFrame({column: [value]}))[0]
    except mlflow.exceptions.MlflowException:
        predicted = "refused"
    found = [predicted]
    for body, kind in (json.dumps({"dataframe_records": [{column: value}]}), "application/json"), (pd.DataFrame({column: [value]}).to_csv(index=False), "text/csv"):
        response = server.post("/invocations", content=body, headers={"Content-Type": kind})
        found.append(response.json()["predictions"][0] if response.status_code == 200 else "refused")
    return found


expect("true: predict, JSON, CSV", answers("is_adult", True), ["True", "True", "True"])
expect("the text no", answers("is_adult", "no"), ["refused", "True", "refused"])
expect("2.5", answers("is_adult", 2.5), ["refused", "True", "refused"])
expect("missing", answers("is_adult", None), ["None", "False", "refused"])
expect("votes 3000000000", answers("votes", 3_000_000_000), ["refused", "-1294967296", "refused"])
expect("year 1999.9", answers("year", 1999.9), ["refused", "1999", "refused"])
expect("day 20240105", answers("day", 20240105), ["refused", "1970-01-01 00:00:00.020240105", "refused"])
PY
