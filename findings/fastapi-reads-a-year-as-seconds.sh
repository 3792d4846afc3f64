#!/usr/bin/env bash
# Question: An endpoint has a query parameter of the type datetime. Its schema says "format: date-time". A caller sends
#   ?since=20240101, the basic format of ISO 8601, or ?since=2024.
# Guess: It is read as 1 January 2024, as Python's datetime.fromisoformat does for the first, or refused with 422.
# What happens: Digits alone are seconds since 1970, or milliseconds if there are many: 20240101 is 23 August 1970, 2024
#   is 33 minutes past midnight on 1 January 1970, and 20240101120000 is in the year 2611. These have a time zone, and
#   2024-01-01 has none. A date parameter refuses most such numbers, but takes 0 and every multiple of 86400. A duration
#   of P1M is 30 days, one of P1Y 365. A filter ?since=2024 then returns all films, with status 200.
# Versions: fastapi 0.165.0, pydantic 2.14.4.
# For a user: Use pydantic's AwareDatetime with a BeforeValidator that refuses digits alone, or a date and nothing finer.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile fastapi==0.165.0 pydantic==2.14.4 httpx2==2.16.2

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime as dt

import fastapi
import pydantic
from fastapi.testclient import TestClient

print("fastapi", fastapi.__version__, "| pydantic", pydantic.__version__)
app = fastapi.FastAPI()


@app.get("/films")
def films(since: dt.datetime | None = None, day: dt.date | None = None, span: dt.timedelta | None = None) -> str:
    return str(next(value for value in (since, day, span) if value is not None))


client = TestClient(app)


def ask(query):
    answer = client.get(f"/films?{query}")
    return answer.json() if answer.status_code == 200 else answer.status_code


(schema,) = (p["schema"]["anyOf"][0] for p in client.get("/openapi.json").json()["paths"]["/films"]["get"]["parameters"] if p["name"] == "since")
expect("schema of since", schema, {"type": "string", "format": "date-time"})
expect("Python's datetime.fromisoformat('20240101')", str(dt.datetime.fromisoformat("20240101")), "2024-01-01 00:00:00")
expect("since=2024-01-01", ask("since=2024-01-01"), "2024-01-01 00:00:00")
expect("since=20240101", ask("since=20240101"), "1970-08-23 06:15:01+00:00")
expect("since=2024", ask("since=2024"), "1970-01-01 00:33:44+00:00")
expect("since=20240101120000", ask("since=20240101120000"), "2611-05-21 10:18:40+00:00")
expect("since=20240101T120000", ask("since=20240101T120000"), 422)
expect("day=20240101", ask("day=20240101"), 422)
expect("day=0", ask("day=0"), "1970-01-01")
expect("span=P1M", ask("span=P1M"), "30 days, 0:00:00")
expect("span=P1Y", ask("span=P1Y"), "365 days, 0:00:00")
PY
