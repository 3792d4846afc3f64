#!/usr/bin/env bash
# Question: an alarm watches a heartbeat. TreatMissingData is "breaching", so that silence is an alarm. Does it ring on ministack?
# Guess: yes. Its alarms are evaluated, and this setting is stored and described.
# What happens: where no value is in the window, ministack does not evaluate the alarm at all. Before the first value it stays
#   INSUFFICIENT_DATA for ever; an alarm whose last value has left the window keeps its state.
#   The one alarm that must work when all else is dead is the one that cannot be tried there.
# Versions: ministack 1.5.33, boto3 1.43.106.
# What follows: test the heartbeat's threshold with values, and its silence with set_alarm_state only.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check ministack==1.5.33 boto3==1.43.106
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$work" && export BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" ATHENA_ENGINE=duckdb TMPDIR="$work" && exec "$work/venv/bin/ministack") >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 120); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  sleep 0.5
done
MINISTACK="http://127.0.0.1:$port" "$work/venv/bin/python" - <<'PY'
import datetime as dt
import os
import time
from importlib.metadata import version

import boto3

print({name: version(name) for name in ("ministack", "boto3")})
keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
cloudwatch = boto3.client("cloudwatch", endpoint_url=os.environ["MINISTACK"], **keys)
# one value 30 seconds ago, and alarms that look back 10 seconds by ten, or an hour; and one of a metric without any value
beat = {"MetricName": "Beat", "Value": 1.0, "Timestamp": dt.datetime.now(dt.timezone.utc) - dt.timedelta(seconds=30)}
cloudwatch.put_metric_data(Namespace="Lake", MetricData=[beat])
for name, metric, period in (("beat never heard", "Nothing", 10), ("beat silent now", "Beat", 10), ("beat heard this hour", "Beat", 3600)):
    cloudwatch.put_metric_alarm(AlarmName=name, Namespace="Lake", MetricName=metric, Statistic="Minimum", Period=period,
                                EvaluationPeriods=1, Threshold=2.0, ComparisonOperator="GreaterThanThreshold",
                                TreatMissingData="breaching")
for _ in range(60):
    alarms = {alarm["AlarmName"]: (alarm["StateValue"], alarm["TreatMissingData"]) for alarm in cloudwatch.describe_alarms(AlarmNamePrefix="beat")["MetricAlarms"]}
    if alarms["beat heard this hour"][0] != "INSUFFICIENT_DATA":  # so the evaluation has been here
        break
    time.sleep(1)
time.sleep(15)
alarms = {alarm["AlarmName"]: (alarm["StateValue"], alarm["TreatMissingData"]) for alarm in cloudwatch.describe_alarms(AlarmNamePrefix="beat")["MetricAlarms"]}
print(alarms)
assert alarms == {"beat never heard": ("INSUFFICIENT_DATA", "breaching"), "beat silent now": ("INSUFFICIENT_DATA", "breaching"),
                  "beat heard this hour": ("OK", "breaching")}
PY
