#!/usr/bin/env bash
# Question: A BentoML service declares its input as a frame with DataframeSchema(columns=["runtime", "year"]). A
#   request has "Runtime" in place of "runtime". What is the answer?
# Guess: 400, as for a pydantic model with such fields.
# What happens: 200, with a wrong number: the declared column that the request does not have is added, all missing, and
#   the other one is dropped; a model that accepts missing values answers, with 9.5 in place of 13.3. So it is if the
#   names are all wrong, and if one row of many has a misspelt name. A frame without the declaration is safer:
#   scikit-learn then refuses the names. An array declared as DType("int32") takes 1999.9 as 1999, and true as 1.
# Versions: bentoml 1.4.40, scikit-learn 1.9.1, pandas 3.1.1.
# For a user: Declare a list of pydantic models, which is checked, and make the frame of it; or check the columns of a
#   frame without a schema.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile bentoml==1.4.40 scikit-learn==1.9.1 pandas==3.1.1 numpy==2.4.6

cat > service.py <<'PY'
from typing import Annotated

import bentoml
import numpy as np
import pandas as pd
from bentoml.validators import DataframeSchema, DType
from pydantic import BaseModel
from sklearn.ensemble import HistGradientBoostingRegressor

random = np.random.default_rng(0)
train = pd.DataFrame({"runtime": random.normal(95, 15, 2000), "year": random.integers(1950, 2024, 2000)})
model = HistGradientBoostingRegressor(random_state=0).fit(train, train["runtime"] / 10)


class Film(BaseModel):
    runtime: float
    year: int


def rated(films: pd.DataFrame) -> list[float]:
    return [round(float(value), 1) for value in model.predict(films)]


@bentoml.service
class Films:
    @bentoml.api
    def declared(self, films: Annotated[pd.DataFrame, DataframeSchema(columns=["runtime", "year"])]) -> list[float]:
        return rated(films)

    @bentoml.api
    def undeclared(self, films: pd.DataFrame) -> list[float]:
        return rated(films)

    @bentoml.api
    def models(self, films: list[Film]) -> list[float]:
        return rated(pd.DataFrame([film.model_dump() for film in films]))

    @bentoml.api
    def years(self, films: Annotated[np.ndarray, DType("int32")]) -> list[int]:
        return films.tolist()
PY
BENTOML_DO_NOT_TRACK=True venv/bin/python -W ignore - <<'PY' 2>log || { cat log; exit 1; }
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

from service import Films
from starlette.testclient import TestClient

print("bentoml", version("bentoml"), "| scikit-learn", version("scikit-learn"), "| pandas", version("pandas"))
right, wrong = {"runtime": 150, "year": 2000}, {"Runtime": 150, "year": 2000}
with TestClient(app=Films.to_asgi()) as client:

    def answer(path, films):
        response = client.post(f"/{path}", json={"films": films})
        return response.json() if response.status_code == 200 else response.status_code

    expect("right names", answer("declared", [right]), [13.3])
    expect("a misspelt name", answer("declared", [wrong]), [9.5])
    expect("a misspelt name in the second row", answer("declared", [right, wrong]), [13.3, 9.5])
    expect("other names", answer("declared", [{"votes": 7}]), [9.5])
    expect("without columns declared", answer("undeclared", [wrong]), 500)
    expect("pydantic models, right names", answer("models", [right]), [13.3])
    expect("pydantic models, a misspelt name", answer("models", [wrong]), 400)
    expect("int32", answer("years", [1999.9, True]), [1999, 1])
PY
