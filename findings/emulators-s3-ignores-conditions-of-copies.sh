#!/usr/bin/env bash
# Question: CopyObject with IfNoneMatch="*" must not overwrite, and with CopySourceIfMatch must copy one version only.
#   Do the emulators keep to it, as they do for PutObject?
# Guess: yes, both.
# What happens: IfNoneMatch on a copy is ignored by moto and by ministack: the destination is overwritten.
#   CopySourceIfMatch with a wrong ETag is refused by ministack; moto copies. Of PutObject both keep the condition.
#   The installed botocore documents both members, and that S3 answers 412.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106.
# What follows: a "copy only if nothing is there" cannot be tested on these two; a put with the condition can.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check "moto[s3]==5.2.5" ministack==1.5.33 boto3==1.43.106
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
request = boto3.client("s3", **keys).meta.service_model.operation_model("CopyObject").input_shape
print("botocore of IfNoneMatch:", request.members["IfNoneMatch"].documentation[3:200])
assert "412" in request.members["IfNoneMatch"].documentation and "CopySourceIfMatch" in request.members


def outcome(s3):
    s3.create_bucket(Bucket="copies")
    s3.put_object(Bucket="copies", Key="new", Body=b"new")

    def attempt(call, **condition):
        s3.put_object(Bucket="copies", Key="current", Body=b"old")
        try:
            call(Bucket="copies", Key="current", **condition)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        else:
            status = 200
        return status, s3.get_object(Bucket="copies", Key="current")["Body"].read().decode()

    source = {"CopySource": "copies/new"}
    return {"put IfNoneMatch": attempt(s3.put_object, Body=b"new", IfNoneMatch="*"),
            "copy IfNoneMatch": attempt(s3.copy_object, IfNoneMatch="*", **source),
            "copy CopySourceIfMatch": attempt(s3.copy_object, CopySourceIfMatch='"0"', **source)}


with mock_aws():
    by_moto = outcome(boto3.client("s3", **keys))
by_ministack = outcome(boto3.client("s3", endpoint_url=os.environ["MINISTACK"], **keys))
print("moto     ", by_moto)
print("ministack", by_ministack)
assert by_moto["put IfNoneMatch"] == by_ministack["put IfNoneMatch"] == (412, "old")
assert by_moto["copy IfNoneMatch"] == by_ministack["copy IfNoneMatch"] == (200, "new")
assert by_moto["copy CopySourceIfMatch"] == (200, "new") and by_ministack["copy CopySourceIfMatch"] == (412, "old")
PY
