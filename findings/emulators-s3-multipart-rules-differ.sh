#!/usr/bin/env bash
# Question: a multipart upload is completed with its parts listed in the wrong order, or with a first part of 10 bytes.
#   S3 refuses both (InvalidPartOrder, EntityTooSmall). What do the emulators make of it?
# Guess: the same.
# What happens: of wrong order, ministack puts the parts in the right order and answers 200; moto answers 200 and joins the
#   bytes in the wrong order. Of small parts, moto refuses as S3 does; ministack accepts. So a writer with either fault
#   passes on one of them, and of the first fault on both, with two different objects.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106. The limit of 5 MB is in botocore's documentation of CompleteMultipartUpload.
# What follows: check part sizes and order in the writer's own tests; neither emulator does both.
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
operation = boto3.client("s3", **keys).meta.service_model.operation_model("CompleteMultipartUpload")
assert "EntityTooSmall" in operation.documentation and "InvalidPartOrder" in operation.documentation


def upload(s3, key, size, *, reverse):
    number = s3.create_multipart_upload(Bucket="parts", Key=key)["UploadId"]
    parts = []
    for part in (1, 2):
        sent = s3.upload_part(Bucket="parts", Key=key, UploadId=number, PartNumber=part, Body=str(part).encode() * size)
        parts.append({"ETag": sent["ETag"], "PartNumber": part})
    try:
        s3.complete_multipart_upload(
            Bucket="parts", Key=key, UploadId=number, MultipartUpload={"Parts": parts[::-1] if reverse else parts}
        )
    except ClientError as error:
        return error.response["Error"]["Code"]
    body = s3.get_object(Bucket="parts", Key=key)["Body"].read()
    return f"200, begins with part {body[:1].decode()}"


def outcome(s3):
    s3.create_bucket(Bucket="parts")
    return {"right": upload(s3, "a", 5 * 2**20, reverse=False), "wrong order": upload(s3, "b", 5 * 2**20, reverse=True),
            "small parts": upload(s3, "c", 10, reverse=False)}


with mock_aws():
    by_moto = outcome(boto3.client("s3", **keys))
by_ministack = outcome(boto3.client("s3", endpoint_url=os.environ["MINISTACK"], **keys))
print("moto     ", by_moto)
print("ministack", by_ministack)
assert by_moto == {"right": "200, begins with part 1", "wrong order": "200, begins with part 2", "small parts": "EntityTooSmall"}
assert by_ministack == {"right": "200, begins with part 1", "wrong order": "200, begins with part 1",
                        "small parts": "200, begins with part 1"}
PY
