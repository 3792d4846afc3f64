#!/usr/bin/env bash
# Question: an alarm on a Sum: period 5 minutes, 3 evaluation periods, threshold 7. Each of the periods had 4.
#   Does it fire?
# Guess: no. The sum of each period, 4, is compared with 7, and all three would have to exceed it.
#   botocore's documentation of EvaluationPeriods: "The number of periods over which data is compared to the specified threshold."
# What happens: ministack adds up all periods and fires, with the reason "Sum 12.0 GreaterThanThreshold 7.0" or so.
#   So a threshold that is right for AWS rings false on the emulator, and one that is tuned on the emulator is deaf on AWS.
# Versions: ministack 1.5.33, boto3 1.43.106.
# What follows: test alarms on ministack with one evaluation period, or with Maximum instead of Sum.
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
documentation = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members["EvaluationPeriods"].documentation
assert "The number of periods over which data is compared to the specified threshold" in documentation
now = dt.datetime.now(dt.timezone.utc)
data = [{"MetricName": "Rejected", "Value": 4.0, "Timestamp": now - dt.timedelta(seconds=back)} for back in (10, 310, 610)]
cloudwatch.put_metric_data(Namespace="Lake", MetricData=data)
window = {"StartTime": now - dt.timedelta(minutes=20), "EndTime": now + dt.timedelta(minutes=5)}
points = cloudwatch.get_metric_statistics(Namespace="Lake", MetricName="Rejected", **window, Period=300, Statistics=["Sum"])["Datapoints"]
print("sums of the periods:", [point["Sum"] for point in points])
assert [point["Sum"] for point in points] == [4.0] * 3
for name, periods in (("one period", 1), ("three periods", 3)):
    cloudwatch.put_metric_alarm(AlarmName=name, Namespace="Lake", MetricName="Rejected", Statistic="Sum", Period=300,
                                EvaluationPeriods=periods, Threshold=7.0, ComparisonOperator="GreaterThanThreshold")
for _ in range(60):
    alarms = {alarm["AlarmName"]: (alarm["StateValue"], alarm.get("StateReason")) for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
    if all(state != "INSUFFICIENT_DATA" for state, _ in alarms.values()):
        break
    time.sleep(1)
print(alarms)
assert alarms["one period"][0] == "OK"
assert alarms["three periods"][0] == "ALARM"
PY
