#!/usr/bin/env bash
# Question: GetPartitions with an Expression, as query engines send it to read less: are other partitions left out?
# Guess: yes. The expression is the request.
# What happens: ministack returns every partition, whatever the expression. moto filters.
#   A reader that trusts the answer, and does not filter again, reads rows of all years. It says nothing.
# Versions: ministack 1.5.33, moto 5.2.5, boto3 1.43.106.
# What follows: on ministack, count what pruning returns before believing a test of it.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check "moto[glue]==5.2.5" ministack==1.5.33 boto3==1.43.106
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$work" && export BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" ATHENA_ENGINE=duckdb TMPDIR="$work" && exec "$work/venv/bin/ministack") >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 120); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  sleep 0.5
done
MINISTACK="http://127.0.0.1:$port" "$work/venv/bin/python" -W ignore - <<'PY'
import os
from importlib.metadata import version

import boto3
from moto import mock_aws

print({name: version(name) for name in ("moto", "ministack", "boto3")})
keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
expressions = ("year = 2000", "year > 1999", "year in (1999, 2010)", "year = 1", "year between 1990 and 2005")


def outcome(glue):
    glue.create_database(DatabaseInput={"Name": "lake"})
    columns = {"Columns": [{"Name": "tconst", "Type": "string"}], "Location": "s3://lake/films"}
    keyed = {"Name": "films", "StorageDescriptor": columns, "PartitionKeys": [{"Name": "year", "Type": "int"}]}
    glue.create_table(DatabaseName="lake", TableInput=keyed)
    for year in ("1999", "2000", "2010"):
        part = {"Values": [year], "StorageDescriptor": {**columns, "Location": f"s3://lake/films/year={year}"}}
        glue.create_partition(DatabaseName="lake", TableName="films", PartitionInput=part)
    return [
        sorted(part["Values"][0] for part in glue.get_partitions(DatabaseName="lake", TableName="films", Expression=asked)["Partitions"])
        for asked in expressions
    ]


with mock_aws():
    by_moto = outcome(boto3.client("glue", **keys))
by_ministack = outcome(boto3.client("glue", endpoint_url=os.environ["MINISTACK"], **keys))
for asked, one, other in zip(expressions, by_moto, by_ministack, strict=True):
    print(f"{asked}: moto {one} | ministack {other}")
assert by_moto == [["2000"], ["2000", "2010"], ["1999", "2010"], [], ["1999", "2000"]]
assert by_ministack == [["1999", "2000", "2010"]] * len(expressions)
PY
