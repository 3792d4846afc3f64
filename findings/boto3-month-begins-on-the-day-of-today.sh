#!/usr/bin/env bash
# Question: boto3 takes texts for times. A script asks CloudWatch for the metrics of March: StartTime="2024-03",
#   EndTime="2024-04". Which days does the request name?
# Guess: 1 March to 1 April, as pandas reads these texts; or boto3 refuses them, as it refuses "2024-02-30".
# What happens: On the 5th of a month it asks from 5 March to 5 April, on the 29th from 29 March to 29 April: the day is
#   today's, or the last one of a shorter month. "March 2024" and "2024-3" are read alike. "2024" and "20240301" are
#   seconds: both fall into 1970. "02/03/2024" is 3 February, "6:00" is today at 6:00. It holds for every parameter of
#   the type timestamp, in all services.
# Versions: boto3 1.44.8, botocore 1.44.8, python-dateutil 2.9.0.post0. The documentation of operations shows
#   datetime(2015, 1, 1); botocore's code promises ISO 8601, which includes 2024-03, and seconds as a text.
# For a user: Give datetime objects with a zone, or whole dates as text.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile boto3==1.44.8 botocore==1.44.8 python-dateutil==2.9.0.post0 freezegun==1.5.5 pandas==2.3.3 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json
from datetime import datetime, timezone
from importlib.metadata import version

import boto3
import pandas as pd
from botocore.exceptions import ParamValidationError
from freezegun import freeze_time

print({name: version(name) for name in ("boto3", "botocore", "python-dateutil", "pandas")})
client = boto3.client("cloudwatch", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


class Sent(Exception):
    pass


def stop(params, **others):
    raise Sent(params["body"])


client.meta.events.register("before-call.cloudwatch.GetMetricStatistics", stop)


def sent(start, end, today):
    with freeze_time(today):
        try:
            client.get_metric_statistics(
                Namespace="films", MetricName="votes", StartTime=start, EndTime=end, Period=86400, Statistics=["Sum"]
            )
        except ParamValidationError:
            return "refused"
        except Sent as request:
            body = json.loads(request.args[0])
            times = [datetime.fromtimestamp(body[name], timezone.utc) for name in ("StartTime", "EndTime")]
            return [f"{time:%Y-%m-%d %H:%M}".removesuffix(" 00:00") for time in times]


for start, end, on_the_5th, on_the_29th in (
    ("2024-03-01", "2024-04-01", ["2024-03-01", "2024-04-01"], ["2024-03-01", "2024-04-01"]),
    ("2024-03", "2024-04", ["2024-03-05", "2024-04-05"], ["2024-03-29", "2024-04-29"]),
    ("March 2024", "2024-4", ["2024-03-05", "2024-04-05"], ["2024-03-29", "2024-04-29"]),
    ("2024", "20240301", ["1970-01-01 00:33", "1970-08-23 06:18"], ["1970-01-01 00:33", "1970-08-23 06:18"]),
    ("02/03/2024", "6:00", ["2024-02-03", "2026-10-05 06:00"], ["2024-02-03", "2026-10-29 06:00"]),
    ("2023-02-30", "2023-03-01", "refused", "refused"),
):
    expect(f"{start} to {end} on 5 October", sent(start, end, "2026-10-05"), on_the_5th)
    expect(f"{start} to {end} on 29 October", sent(start, end, "2026-10-29"), on_the_29th)
expect("2023-02 on 31 October", sent("2023-02", "2023-03", "2026-10-31"), ["2023-02-28", "2023-03-31"])
expect("pandas", [str(pd.Timestamp(text))[:10] for text in ("2024-03", "2024")], ["2024-03-01", "2024-01-01"])
PY
