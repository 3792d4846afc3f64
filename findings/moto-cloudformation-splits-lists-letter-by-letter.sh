#!/usr/bin/env bash
# Question: a template has a parameter of type CommaDelimitedList with the default "films, names", and one of type Number with the
#   default "5". What do Fn::Select, Fn::Join and Fn::Equals make of them?
# Guess: "names"; "films|names"; and 5 equals "5", as every parameter is text. That is what ministack answers.
# What happens: on moto the default stays one text. Fn::Select 1 gives its second letter, "i", and Fn::Join puts "|" between all
#   letters. Given to create_stack, a list is split. The number 5 does not equal "5", so the condition is false and what
#   depends on it is silently left out. The stack is CREATE_COMPLETE.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106.
# What follows: outputs of a stack on moto can be wrong without an error; test templates with lists or conditions on ministack.
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
from moto import mock_aws

print({name: version(name) for name in ("moto", "ministack", "boto3")})
keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
tables, count = {"Ref": "Tables"}, {"Ref": "Count"}
TEMPLATE = json.dumps({
    "Parameters": {"Tables": {"Type": "CommaDelimitedList", "Default": "films, names"}, "Count": {"Type": "Number", "Default": "5"}},
    "Conditions": {"Five": {"Fn::Equals": [count, 5]}},
    "Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}},
    "Outputs": {"Second": {"Value": {"Fn::Select": [1, tables]}}, "Joined": {"Value": {"Fn::Join": ["|", tables]}},
                "OnlyIfFive": {"Condition": "Five", "Value": "here"}},
})


def outcome(cloudformation, name, **given):
    cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE, **given)
    for _ in range(60):
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.5)
    return stack["StackStatus"], {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


given = {"Parameters": [{"ParameterKey": "Tables", "ParameterValue": "films,names"}]}
with mock_aws():
    client = boto3.client("cloudformation", **keys)
    by_moto, told = outcome(client, "defaults"), outcome(client, "given", **given)
by_ministack = outcome(boto3.client("cloudformation", endpoint_url=os.environ["MINISTACK"], **keys), "defaults")
print("ministack        ", by_ministack)
print("moto             ", by_moto)
print("moto, value given", told)
assert by_ministack == ("CREATE_COMPLETE", {"Second": "names", "Joined": "films|names", "OnlyIfFive": "here"})
assert told == ("CREATE_COMPLETE", {"Second": "names", "Joined": "films|names"})
assert by_moto == ("CREATE_COMPLETE", {"Second": "i", "Joined": "|".join("films, names")})
PY
