#!/usr/bin/env bash
# Question: a Glue database and a table are created with capitals in their names. Under which names are they found?
# Guess: in lower case, also by callers that use capitals. botocore's own documentation of both inputs says:
#   "For Hive compatibility, this is folded to lowercase when it is stored."
# What happens: moto and ministack keep the capitals. The lower-case name is not found, and Films and films are two tables.
#   On AWS they are one, and the second CreateTable fails.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106.
# What follows: use lower-case names from the start; a name with capitals works on the emulators and breaks on AWS.
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
from botocore.exceptions import ClientError
from moto import mock_aws

print({name: version(name) for name in ("moto", "ministack", "boto3")})
keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
model = boto3.client("glue", **keys).meta.service_model
for shape in ("DatabaseInput", "TableInput"):
    assert "folded to lowercase when it is stored" in model.shape_for(shape).members["Name"].documentation


def outcome(glue):
    glue.create_database(DatabaseInput={"Name": "Lake"})
    for name in ("Films", "films"):
        glue.create_table(DatabaseName="Lake", TableInput={"Name": name})
    try:
        glue.get_database(Name="lake")
        lower = "found"
    except ClientError as error:
        lower = error.response["Error"]["Code"]
    return lower, sorted(table["Name"] for table in glue.get_tables(DatabaseName="Lake")["TableList"])


with mock_aws():
    by_moto = outcome(boto3.client("glue", **keys))
by_ministack = outcome(boto3.client("glue", endpoint_url=os.environ["MINISTACK"], **keys))
print("database by its lower-case name, tables")
print("moto     ", by_moto)
print("ministack", by_ministack)
assert by_moto == by_ministack == ("EntityNotFoundException", ["Films", "films"])
PY
