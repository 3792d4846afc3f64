#!/usr/bin/env bash
# Question: a Lambda function that loads a day's rows is made idempotent by Powertools for AWS Lambda, with the key
#   "[table, day]" and raise_on_no_idempotency_key=True. What happens to events without a day, or with "dya"?
# Guess: IdempotencyKeyError: a part of the key is missing.
# What happens: It is raised only if all parts are missing. The first such event is loaded under the key [table, null];
#   every later one of the table, of whatever day, is taken for the same event: nothing is loaded, and the answer is
#   the first one's, until the record expires. So it is with {table: table, day: day}. If the expression has the
#   misspelling, "[table, dya]", only the first day of the table is ever loaded.
# Versions: aws-lambda-powertools 3.37.0, moto 5.2.5, boto3 1.43.106. The docstring of the option says that it raises
#   "if no idempotency key was found in the request"; it does not speak of keys with several parts.
# For a user: Validate events first, or write "table && day && [table, day]", which is null if a part is missing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile aws-lambda-powertools==3.37.0 moto==5.2.5 boto3==1.43.106

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import os

os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
from importlib.metadata import version

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyKeyError
from moto import mock_aws

print({name: version(name) for name in ("aws-lambda-powertools", "moto", "boto3")})


def loads(key, *events):
    """For each event the one whose answer it gets, and which events were loaded."""
    answers, loaded = [], []
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="seen",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

        @idempotent_function(
            data_keyword_argument="event",
            persistence_store=DynamoDBPersistenceLayer(table_name="seen"),
            config=IdempotencyConfig(event_key_jmespath=key, raise_on_no_idempotency_key=True),
        )
        def load(event):
            loaded.append(events.index(event))
            return {"answer": events.index(event)}

        for event in events:
            try:
                answers.append(load(event=event)["answer"])
            except IdempotencyKeyError:
                answers.append("refused")
    return answers, loaded


right = [{"table": "ratings", "day": f"2024-01-0{day}"} for day in (1, 2, 3)]
wrong = [{"table": "ratings", "dya": f"2024-01-0{day}"} for day in (1, 2, 3)]
nothing = [{"tabel": "ratings", "dya": f"2024-01-0{day}"} for day in (1, 2, 3)]
for key in ("[table, day]", "{table: table, day: day}"):
    expect(f"{key}, three days", loads(key, *right), ([0, 1, 2], [0, 1, 2]))
    expect(f"{key}, three days misspelt", loads(key, *wrong), ([0, 0, 0], [0]))
    expect(f"{key}, all misspelt", loads(key, *nothing), (["refused"] * 3, []))
expect("[table, dya], three days", loads("[table, dya]", *right), ([0, 0, 0], [0]))
safe = "table && day && [table, day]"
expect(f"{safe}, three days", loads(safe, *right), ([0, 1, 2], [0, 1, 2]))
expect(f"{safe}, three days misspelt", loads(safe, *wrong), (["refused"] * 3, []))
PY
