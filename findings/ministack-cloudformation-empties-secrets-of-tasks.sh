#!/usr/bin/env bash
# Question: a task definition of ECS gets a variable, a secret and a file of variables. It is made once by RegisterTaskDefinition
#   and once by CloudFormation. Do the emulators keep all three?
# Guess: both ways make the same task definition.
# What happens: on ministack CloudFormation keeps the variable; the lists of secrets and of files keep their lengths, and their
#   entries are empty. The stack is CREATE_COMPLETE. moto keeps all three in both ways.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106.
# What follows: a test that counts a task's secrets passes without any. Compare names, and read what a template sets from the
#   template.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check "moto[cloudformation,ecs]==5.2.5" ministack==1.5.33 boto3==1.43.106
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$work" && export BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" TMPDIR="$work" && exec "$work/venv/bin/ministack") >"$work/server.log" 2>&1 &
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
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-a1B2c3"
FILE = "arn:aws:s3:::settings/nightly.env"
CONTAINER = {
    "name": "run",
    "image": "films:1",
    "memory": 512,
    "environment": [{"name": "LEVEL", "value": "info"}],
    "secrets": [{"name": "TOKEN", "valueFrom": SECRET}],
    "environmentFiles": [{"type": "s3", "value": FILE}],
}
KEPT = ("environment", "secrets", "environmentFiles")


def capitals(value):
    """The same in CloudFormation's spelling."""
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: capitals(part) for key, part in value.items()}
    return [capitals(part) for part in value] if isinstance(value, list) else value


TASK = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "stacked", "ContainerDefinitions": [capitals(CONTAINER)]}}


def outcome(**endpoint):
    cloudformation, ecs = (boto3.client(name, **keys, **endpoint) for name in ("cloudformation", "ecs"))
    ecs.register_task_definition(family="direct", containerDefinitions=[CONTAINER])
    stack = cloudformation.create_stack(StackName="tasks", TemplateBody=json.dumps({"Resources": {"Task": TASK}}))["StackId"]
    for _ in range(60):
        status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        if not status.endswith("IN_PROGRESS"):
            break
        time.sleep(0.5)
    assert status == "CREATE_COMPLETE", status

    def kept(family):
        (made,) = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]["containerDefinitions"]
        return {name: made.get(name) for name in KEPT}

    return kept("direct"), kept("stacked")


GIVEN = {name: CONTAINER[name] for name in KEPT}
with mock_aws():
    by_moto = outcome()
by_ministack = outcome(endpoint_url=os.environ["MINISTACK"])
for name, (direct, stacked) in (("moto", by_moto), ("ministack", by_ministack)):
    print(name, "by RegisterTaskDefinition", direct)
    print(name, "by CloudFormation        ", stacked)
assert by_moto == (GIVEN, GIVEN)
assert by_ministack == (GIVEN, {**GIVEN, "secrets": [{}], "environmentFiles": [{}]})
PY
