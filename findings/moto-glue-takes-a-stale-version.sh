#!/usr/bin/env bash
# Question: two writers commit to one Iceberg table in Glue. Both read version 1; both call UpdateTable with VersionId="1".
#   That is how an Iceberg catalog on Glue notices the loser. Do the emulators notice?
# Guess: yes, both. Without it there is no optimistic locking.
# What happens: ministack refuses the second with ConcurrentModificationException. moto takes both;
#   the first writer's metadata_location is overwritten and its commit is lost without an error.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106.
# What follows: test races of commits on ministack, not on moto. A green test on moto says nothing about lost commits.
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


def table(metadata):
    return {"Name": "films", "Parameters": {"table_type": "ICEBERG", "metadata_location": metadata}}


def outcome(glue):
    glue.create_database(DatabaseInput={"Name": "lake"})
    glue.create_table(DatabaseName="lake", TableInput=table("00000.json"))
    read = glue.get_table(DatabaseName="lake", Name="films")["Table"]["VersionId"]
    glue.update_table(DatabaseName="lake", TableInput=table("00001-first.json"), VersionId=read, SkipArchive=True)
    try:
        glue.update_table(DatabaseName="lake", TableInput=table("00001-second.json"), VersionId=read, SkipArchive=True)
        second = "taken"
    except ClientError as error:
        second = error.response["Error"]["Code"]
    now = glue.get_table(DatabaseName="lake", Name="films")["Table"]
    return read, second, now["Parameters"]["metadata_location"], now["VersionId"]


with mock_aws():
    by_moto = outcome(boto3.client("glue", **keys))
by_ministack = outcome(boto3.client("glue", endpoint_url=os.environ["MINISTACK"], **keys))
print("version read, second writer, table now, its version")
print("moto     ", by_moto)
print("ministack", by_ministack)
assert by_moto[1:3] == ("taken", "00001-second.json")
assert by_ministack[1:3] == ("ConcurrentModificationException", "00001-first.json")
PY
