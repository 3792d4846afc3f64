#!/usr/bin/env bash
# Question: a metric is published with the dimension Table=films, and once with Table=names. An alarm or a dashboard asks for
#   it without dimensions, or with Table=akas. What does it see?
# Guess: nothing. botocore's own documentation of GetMetricStatistics: "CloudWatch treats each unique combination of
#   dimensions as a separate metric. If a specific combination of dimensions was not published, you can't retrieve
#   statistics for it."
# What happens: moto and ministack add up all of them where no dimension is named. The dashboard works; on AWS it stays empty.
#   ministack's alarms do not look at dimensions at all: one of Table=akas fires by the data of films and names.
# Versions: moto 5.2.5, ministack 1.5.33, boto3 1.43.106.
# What follows: publish a total of its own where one is wanted, and compare the dimensions of alarms with those published.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check "moto[cloudwatch]==5.2.5" ministack==1.5.33 boto3==1.43.106
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$work" && export BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" ATHENA_ENGINE=duckdb TMPDIR="$work" && exec "$work/venv/bin/ministack") >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 120); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  sleep 0.5
done
MINISTACK="http://127.0.0.1:$port" "$work/venv/bin/python" -W ignore - <<'PY'
import datetime as dt
import os
import time
from importlib.metadata import version

import boto3
from moto import mock_aws

print({name: version(name) for name in ("moto", "ministack", "boto3")})
keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
request = boto3.client("cloudwatch", **keys).meta.service_model.operation_model("GetMetricStatistics").input_shape
assert "each unique combination of dimensions as a separate metric" in request.members["Dimensions"].documentation
METRIC = {"Namespace": "Lake", "MetricName": "LinesRejected"}


def outcome(cloudwatch):
    now = dt.datetime.now(dt.timezone.utc)
    for table, value in (("films", 3.0), ("names", 4.0)):
        data = {"MetricName": "LinesRejected", "Dimensions": [{"Name": "Table", "Value": table}], "Value": value,
                "Timestamp": now - dt.timedelta(seconds=5)}
        cloudwatch.put_metric_data(Namespace="Lake", MetricData=[data])
    window = {"StartTime": now - dt.timedelta(hours=1), "EndTime": now + dt.timedelta(minutes=1), "Period": 3600, "Statistics": ["Sum"]}

    def total(**dimensions):
        return sum(point["Sum"] for point in cloudwatch.get_metric_statistics(**METRIC, **window, **dimensions)["Datapoints"])

    return total(Dimensions=[{"Name": "Table", "Value": "films"}]), total()


with mock_aws():
    by_moto = outcome(boto3.client("cloudwatch", **keys))
client = boto3.client("cloudwatch", endpoint_url=os.environ["MINISTACK"], **keys)
by_ministack = outcome(client)
print("with dimension, without: moto", by_moto, "| ministack", by_ministack)
assert by_moto == by_ministack == (3.0, 7.0)
client.put_metric_alarm(AlarmName="rejected", **METRIC, Dimensions=[{"Name": "Table", "Value": "akas"}], Statistic="Sum", Period=3600,
                        EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold")
for _ in range(60):
    state = client.describe_alarms(AlarmNames=["rejected"])["MetricAlarms"][0]["StateValue"]
    if state == "ALARM":
        break
    time.sleep(1)
print("ministack's alarm of Table=akas, of which there are no data:", state)
assert state == "ALARM"
PY
