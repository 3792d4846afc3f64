#!/usr/bin/env bash
# Question: SQL that Athena (Trino) and DuckDB both understand is sent to ministack's Athena, which runs DuckDB. Are the answers Athena's?
# Guess: yes, where it parses at all; ministack offers this as Athena.
# What happens: it passes the text to DuckDB as it is. 1/2 is 0.5 where Trino says 0; greatest(1, NULL) is 1 where Trino says NULL;
#   1/0 is inf where Trino raises "Division by zero". The state is SUCCEEDED each time.
# Source: Trino's documentation, Mathematical functions ("integer division performs truncation") and Conditional expressions.
# Versions: ministack 1.5.33, duckdb 2.0.1, boto3 1.43.106.
# What follows: before a query is tested on ministack, write divisions with an explicit cast, and wrap greatest and least in coalesce.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check "ministack[full]==1.5.33" duckdb==2.0.1 boto3==1.43.106
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$work" && export BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" ATHENA_ENGINE=duckdb TMPDIR="$work" && exec "$work/venv/bin/ministack") >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 120); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  sleep 0.5
done
MINISTACK="http://127.0.0.1:$port" "$work/venv/bin/python" - <<'PY'
import os
import time
from importlib.metadata import version

import boto3

print({name: version(name) for name in ("ministack", "duckdb", "boto3")})
keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
endpoint = os.environ["MINISTACK"]
boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket="answers")
athena = boto3.client("athena", endpoint_url=endpoint, **keys)


def answer(expression):
    started = athena.start_query_execution(
        QueryString=f"select {expression} as x", ResultConfiguration={"OutputLocation": "s3://answers/"}
    )["QueryExecutionId"]
    for _ in range(60):
        state = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]["State"]
        if state in ("SUCCEEDED", "FAILED"):
            break
        time.sleep(0.5)
    if state != "SUCCEEDED":
        return state
    results = athena.get_query_results(QueryExecutionId=started)["ResultSet"]
    return results["Rows"][1]["Data"][0].get("VarCharValue")


trino = {"1/2": "0", "-7/2": "-3", "greatest(1, null)": None, "1/0": "FAILED"}
found = {expression: answer(expression) for expression in trino}
for expression, value in found.items():
    print(f"{expression}: ministack {value}, Trino {trino[expression]}")
assert found == {"1/2": "0.5", "-7/2": "-3.5", "greatest(1, null)": "1", "1/0": "inf"}
PY
