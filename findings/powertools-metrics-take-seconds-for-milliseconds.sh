#!/usr/bin/env bash
# Question: a Lambda function measures two loads by the Metrics of Powertools for AWS Lambda: one of 90 seconds, and one
#   of 500 milliseconds, each with its unit. Which values does CloudWatch get?
# Guess: Both with their units, as two calls of PutMetricData would give them; or the second unit is an error.
# What happens: 90 and 500, both in milliseconds: the last unit of a name counts for all of its values. A dimension that
#   is added after the 100th value of a metric is missing from these 100, since they are written before: the values of
#   one load lie in two metrics. NaN, the mean of no rows, is written as NaN, which JSON does not have: a strict reader
#   refuses the whole line, with all of its metrics. A metric with the name of a dimension replaces the dimension's
#   value. There is no warning in any of these cases.
# Versions: aws-lambda-powertools 3.37.0. The documentation says that values of one name become a list, and that metrics
#   are written at 100; it does not speak of units, nor of the dimensions of what was written.
# For a user: Convert to one unit, add dimensions first, and leave NaN out.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile aws-lambda-powertools==3.37.0

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import contextlib
import io
import json
from importlib.metadata import version

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

print("aws-lambda-powertools", version("aws-lambda-powertools"))


def written(measure):
    metrics, output = EphemeralMetrics(namespace="films", service="load"), io.StringIO()
    with contextlib.redirect_stdout(output):
        measure(metrics)
        metrics.flush_metrics()
    return [line for line in output.getvalue().splitlines() if line]


def lines(measure):
    """For each line of the log its dimensions, units, and the number of values or the values of each metric."""
    found = []
    for line in map(json.loads, written(measure)):
        directive = line["_aws"]["CloudWatchMetrics"][0]
        units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
        values = {name: line[name] if len(line[name]) < 9 else len(line[name]) for name in units}
        found.append((directive["Dimensions"][0], units, values))
    return found


def two_units(metrics):
    metrics.add_metric("time", MetricUnit.Seconds, 90)
    metrics.add_metric("time", MetricUnit.Milliseconds, 500)


expect("two units", lines(two_units), [(["service"], {"time": "Milliseconds"}, {"time": [90.0, 500.0]})])


def late_dimension(metrics):
    for votes in range(150):
        metrics.add_metric("votes", MetricUnit.Count, votes)
    metrics.add_dimension("genre", "Drama")


for dimensions, count in ((["service"], 100), (["service", "genre"], 50)):
    line = (dimensions, {"votes": "Count"}, {"votes": count})
    expect(f"{count} values", line in lines(late_dimension), True)


def nothing(metrics):
    metrics.add_metric("rows", MetricUnit.Count, 0)
    metrics.add_metric("mean", MetricUnit.NoUnit, float("nan"))


line = "".join(written(nothing)).replace(" ", "")
expect("a line with the mean of no rows ends in", line[line.index('"rows":[') :], '"rows":[0.0],"mean":[NaN]}')


def refuse(name):
    raise ValueError(name)


try:
    json.loads(line, parse_constant=refuse)
    strict = "taken"
except ValueError as error:
    strict = f"{error} refused"
expect("a strict reader", strict, "NaN refused")


def same_name(metrics):
    metrics.add_dimension("genre", "Drama")
    metrics.add_metric("genre", MetricUnit.Count, 3)


found = json.loads("".join(written(same_name)))
directive = found["_aws"]["CloudWatchMetrics"][0]
expect("dimensions, and the value of genre", [directive["Dimensions"], found["genre"]], [[["genre", "service"]], [3.0]])
PY
