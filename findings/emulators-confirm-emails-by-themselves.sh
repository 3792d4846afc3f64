#!/usr/bin/env bash
# Question: an e-mail address is subscribed to a topic of SNS. AWS answers "pending confirmation" and sends nothing but a
#   question until somebody opens its link. What do the emulators do?
# Guess: the same, so that a test finds an address that was never confirmed.
# What happens: moto and ministack give the subscription its final ARN at once, and no topic has a pending subscription.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106.
# What follows: a test on an emulator shows alerts arriving, where on AWS nobody hears them. Ask AWS after the deployment
#   (ListSubscriptionsByTopic says PendingConfirmation), and test that question with an answer of your own.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check "moto[sns]==5.2.5" ministack==1.5.33 boto3==1.43.106
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$work" && export BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" TMPDIR="$work" && exec "$work/venv/bin/ministack") >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 120); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  sleep 0.5
done
MINISTACK="http://127.0.0.1:$port" "$work/venv/bin/python" -W ignore - <<'PY'
import os
from importlib.metadata import version

import boto3
from moto import mock_aws

print({name: version(name) for name in ("moto", "ministack", "boto3")})
keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}


def outcome(**endpoint):
    sns = boto3.client("sns", **keys, **endpoint)
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    answer = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="you@example.org")["SubscriptionArn"]
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    pending = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsPending"]
    return answer.startswith(topic), listed["SubscriptionArn"].startswith(topic), pending


with mock_aws():
    by_moto = outcome()
by_ministack = outcome(endpoint_url=os.environ["MINISTACK"])
print("Subscribe gives an ARN, the list has it, subscriptions pending (AWS: False, False, 1)")
print("moto     ", by_moto)
print("ministack", by_ministack)
assert by_moto == by_ministack == (True, True, "0")
PY
