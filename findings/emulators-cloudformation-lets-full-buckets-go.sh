#!/usr/bin/env bash
# Question: a stack with a bucket is deleted while the bucket holds an object. CloudFormation refuses that (DELETE_FAILED): only
#   empty buckets are deleted. S3's own DeleteBucket says BucketNotEmpty. What do the emulators do?
# Guess: the same; both refuse DeleteBucket of a full bucket.
# What happens: on ministack the stack is DELETE_COMPLETE, and bucket and objects are gone. On moto it is DELETE_COMPLETE, and the
#   bucket stays, which nothing owns any more. Neither reports a failure.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106.
# What follows: a teardown that works on an emulator hangs on AWS. Empty buckets first, and set DeletionPolicy: Retain for data.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check "moto[cloudformation,s3]==5.2.5" ministack==1.5.33 boto3==1.43.106
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$work" && export BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" ATHENA_ENGINE=duckdb TMPDIR="$work" && exec "$work/venv/bin/ministack") >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 120); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  sleep 0.5
done
MINISTACK="http://127.0.0.1:$port" "$work/venv/bin/python" -W ignore - <<'PY'
import json
import os
import time
from importlib.metadata import version

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

print({name: version(name) for name in ("moto", "ministack", "boto3")})
keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
TEMPLATE = json.dumps({"Resources": {"Lake": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "lake-of-films"}}}})


def outcome(**endpoint):
    cloudformation, s3 = (boto3.client(name, **keys, **endpoint) for name in ("cloudformation", "s3"))

    def settled():
        for _ in range(60):
            stack = cloudformation.describe_stacks(StackName=number)["Stacks"][0]["StackStatus"]
            if not stack.endswith("IN_PROGRESS"):
                return stack
            time.sleep(0.5)
        return stack

    number = cloudformation.create_stack(StackName="lake", TemplateBody=TEMPLATE)["StackId"]
    made = settled()
    s3.put_object(Bucket="lake-of-films", Key="films.parquet", Body=b"rows")
    try:
        s3.delete_bucket(Bucket="lake-of-films")
        directly = "deleted"
    except ClientError as error:
        directly = error.response["Error"]["Code"]
    cloudformation.delete_stack(StackName=number)
    deleted = settled()
    return made, directly, deleted, "lake-of-films" in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}


with mock_aws():
    by_moto = outcome()
by_ministack = outcome(endpoint_url=os.environ["MINISTACK"])
print("stack made, DeleteBucket, stack deleted, bucket left")
print("moto     ", by_moto)
print("ministack", by_ministack)
assert by_moto == ("CREATE_COMPLETE", "BucketNotEmpty", "DELETE_COMPLETE", True)
assert by_ministack == ("CREATE_COMPLETE", "BucketNotEmpty", "DELETE_COMPLETE", False)
PY
