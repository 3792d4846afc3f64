#!/usr/bin/env bash
# Question: a FastAPI route is declared to return a model with a float that is never null. The value is NaN. What is sent?
# Guess: an error, or NaN. The OpenAPI schema of the route says: number, required.
# What happens: with the model as return type the client gets null, with status 200, against the API's own schema. An infinite
#   value becomes null too. Without a declared type the same value is an error of the server.
#   On the way in, NaN, 1e400 and "inf" are taken for a float: bodies that are no JSON, or no number, reach the route.
#   FiniteFloat refuses them, but the answer 422 quotes the input, which cannot be written as JSON: the client gets 500.
# Versions: fastapi 0.165.0, pydantic 2.14.4, httpx 0.28.1.
# What follows: declare FiniteFloat where a number is meant, for output too, and answer RequestValidationError without
#   the input; or parse bodies with pydantic_core.from_json(..., allow_inf_nan=False) first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check fastapi==0.165.0 pydantic==2.14.4 httpx==0.28.1
"$work/venv/bin/python" - <<'PY'
import math

import fastapi
import pydantic
from fastapi import FastAPI
from fastapi.testclient import TestClient

print("fastapi", fastapi.__version__, "| pydantic", pydantic.__version__)
app = FastAPI()


class Prediction(pydantic.BaseModel):
    rating: float


class Strict(pydantic.BaseModel):
    rating: pydantic.FiniteFloat


@app.get("/declared/{value}")
def declared(value: float) -> Prediction:
    return Prediction(rating=value)


@app.get("/undeclared/{value}")
def undeclared(value: float):
    return {"rating": value}


@app.post("/loose")
def loose(row: Prediction):
    return {"got": repr(row.rating)}


@app.post("/strict")
def strict(row: Strict):
    return {"got": repr(row.rating)}


client = TestClient(app, raise_server_exceptions=False)
schema = client.get("/openapi.json").json()["components"]["schemas"]["Prediction"]
print("schema:", schema["properties"]["rating"], "| required:", schema["required"])
assert schema["properties"]["rating"]["type"] == "number" and schema["required"] == ["rating"]
for value in ("nan", "inf"):
    typed, bare = client.get(f"/declared/{value}"), client.get(f"/undeclared/{value}")
    print(f"{value}: declared {typed.status_code} {typed.text} | undeclared {bare.status_code}")
    assert (typed.status_code, typed.json(), bare.status_code) == (200, {"rating": None}, 500)
for body, number in (('{"rating": NaN}', math.nan), ('{"rating": 1e400}', math.inf), ('{"rating": "inf"}', math.inf)):
    answers = [client.post(path, content=body, headers={"content-type": "application/json"}) for path in ("/loose", "/strict")]
    print(body, "| float:", answers[0].status_code, answers[0].json(), "| FiniteFloat:", answers[1].status_code)
    assert answers[0].status_code == 200 and answers[0].json()["got"] == repr(number)
    assert answers[1].status_code == (422 if number == math.inf and '"inf"' in body else 500)
PY
