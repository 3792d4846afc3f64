#!/usr/bin/env bash
# Question: templates that AWS refuses: a named IAM role without Capabilities; a value for a parameter that the template does not have;
#   a misspelt property; a value outside of AllowedValues. Do the emulators refuse them?
# Guess: most. These are checks of the template, before anything is made.
# What happens: moto and ministack create all of the first three: CREATE_COMPLETE. The misspelt property is dropped in silence, so the
#   bucket gets another name. AllowedValues is kept by ministack and ignored by moto.
#   botocore's own documentation of Capabilities says that CloudFormation returns InsufficientCapabilities.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106.
# What follows: "it deploys on the emulator" says little of a template. Run cfn-lint too, and pass Capabilities from the start.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check "moto[cloudformation,s3,iam]==5.2.5" ministack==1.5.33 boto3==1.43.106
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
shape = boto3.client("cloudformation", **keys).meta.service_model.operation_model("CreateStack").input_shape
assert "InsufficientCapabilities" in shape.members["Capabilities"].documentation
bucket = {"Type": "AWS::S3::Bucket"}
role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}}
chosen = {"Parameters": {"Size": {"Type": "String", "AllowedValues": ["small"]}}, "Resources": {"Bucket": bucket}}
cases = {
    "role without capability": ({"Resources": {"Role": role}}, []),
    "unknown parameter": ({"Resources": {"Bucket": bucket}}, [{"ParameterKey": "Nobody", "ParameterValue": "asked"}]),
    "misspelt property": ({"Resources": {"Bucket": {**bucket, "Properties": {"BuketName": "films"}}}}, []),
    "value not allowed": (chosen, [{"ParameterKey": "Size", "ParameterValue": "huge"}]),
}


def outcome(client):
    found = {}
    for number, (name, (template, given)) in enumerate(cases.items()):
        try:
            client.create_stack(StackName=f"stack-{number}", TemplateBody=json.dumps(template), Parameters=given)
        except ClientError as error:
            found[name] = error.response["Error"]["Code"]
            continue
        for _ in range(60):
            found[name] = client.describe_stacks(StackName=f"stack-{number}")["Stacks"][0]["StackStatus"]
            if not found[name].endswith("IN_PROGRESS"):
                break
            time.sleep(0.5)
    return found


with mock_aws():
    by_moto = outcome(boto3.client("cloudformation", **keys))
by_ministack = outcome(boto3.client("cloudformation", endpoint_url=os.environ["MINISTACK"], **keys))
print("moto     ", by_moto)
print("ministack", by_ministack)
made = dict.fromkeys(list(cases)[:3], "CREATE_COMPLETE")
assert by_moto == {**made, "value not allowed": "CREATE_COMPLETE"}
assert by_ministack == {**made, "value not allowed": "ValidationError"}
PY
