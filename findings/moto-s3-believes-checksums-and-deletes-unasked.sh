#!/usr/bin/env bash
# Question: A PutObject says by ContentMD5 or ChecksumSHA256 what its bytes are, and the bytes are others
#   (damaged on the way). A DeleteObjects names the ETag that each object must have, and an object has been
#   replaced since. What does moto do?
# Guess: It refuses both, as botocore's documentation says: the digest is a message integrity check, and an
#   object is deleted only if the ETags match. moto does check the ETag of a single DeleteObject, and of a
#   PutObject.
# What happens: The damaged object is stored with status 200. DeleteObjects deletes the replaced object and
#   reports it as deleted. ministack 1.5.33 refuses all three.
# Versions: moto 5.2.5, boto3 1.43.106.
# For a user: Tests of damaged uploads, and of cleaning up while others write, pass on moto whatever the code
#   does. Run them against ministack too.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'moto[s3]==5.2.5' boto3==1.43.106

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import base64
import hashlib
import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore")
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

print({name: version(name) for name in ("moto", "boto3")})


def digest(name, data):
    return base64.b64encode(hashlib.new(name, data).digest()).decode()


def outcome(call):
    try:
        return call()["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        return error.response["Error"]["Code"]


with mock_aws():
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    s3.create_bucket(Bucket="films")
    sent, damaged = b"tt0000001", b"tt0000009"
    expect("other MD5", outcome(lambda: s3.put_object(Bucket="films", Key="md5", Body=damaged, ContentMD5=digest("md5", sent))), 200)
    expect("other SHA-256", outcome(lambda: s3.put_object(Bucket="films", Key="sha", Body=damaged, ChecksumSHA256=digest("sha256", sent))), 200)
    old = s3.put_object(Bucket="films", Key="a", Body=b"old")["ETag"]
    s3.put_object(Bucket="films", Key="a", Body=b"new")
    expect("DeleteObject, old ETag", outcome(lambda: s3.delete_object(Bucket="films", Key="a", IfMatch=old)), "PreconditionFailed")
    answer = s3.delete_objects(Bucket="films", Delete={"Objects": [{"Key": "a", "ETag": old}]})
    expect("DeleteObjects, old ETag", ([entry["Key"] for entry in answer["Deleted"]], answer.get("Errors", [])), (["a"], []))
    expect("the new object", outcome(lambda: s3.head_object(Bucket="films", Key="a")), "404")
PY
