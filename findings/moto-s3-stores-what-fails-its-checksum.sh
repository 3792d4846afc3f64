#!/usr/bin/env bash
# Question: a client sends an object with a Content-MD5, or a CRC32, that does not fit the bytes. Do the emulators refuse it?
# Guess: yes. That is all that these headers are for, and S3 answers BadDigest.
# What happens: ministack refuses both. moto answers 200 and stores the bytes; the wrong CRC32 is then given out as the object's.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106.
# What follows: a test that a damaged upload is noticed proves nothing on moto. Read the object back and compare.
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


def outcome(s3):
    s3.create_bucket(Bucket="checks")
    found = {}
    for name, header in {"md5": {"ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, "crc32": {"ChecksumCRC32": "AAAAAA=="}}.items():
        try:
            s3.put_object(Bucket="checks", Key=name, Body=b"tconst,rating", **header)
            found[name] = "stored " + repr(s3.get_object(Bucket="checks", Key=name)["Body"].read())
        except ClientError as error:
            found[name] = error.response["Error"]["Code"]
    return found


with mock_aws():
    by_moto = outcome(boto3.client("s3", **keys))
by_ministack = outcome(boto3.client("s3", endpoint_url=os.environ["MINISTACK"], **keys))
print("moto", by_moto)
print("ministack", by_ministack)
assert by_moto == {"md5": "stored b'tconst,rating'", "crc32": "stored b'tconst,rating'"}
assert by_ministack == {"md5": "BadDigest", "crc32": "BadDigest"}
PY
