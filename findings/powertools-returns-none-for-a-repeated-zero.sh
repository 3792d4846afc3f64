#!/usr/bin/env bash
# Question: a Lambda function made idempotent by Powertools for AWS Lambda returns the number of rows that it could not
#   load. Lambda delivers an event twice. Which number does the second call return?
# Guess: The first one's: the point of it is "the same result".
# What happens: 7 is returned as 7, but 0 as None, and so are False, 0.0, an empty list and an empty text: "none failed"
#   becomes "unknown". A Decimal comes back as a text, a tuple as a list, and the keys 1 and 2 of a dict as texts. The
#   function runs once, as it should.
# Versions: aws-lambda-powertools 3.37.0, moto 5.2.5, boto3 1.43.106. The documentation says that idempotent operations
#   return the same result. An issue of the authors names it; its fix covers the storing, but not the reading.
# For a user: Return a dict, as {"failed": 0}, or give idempotent_function an output_serializer.
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
from decimal import Decimal
from importlib.metadata import version

import boto3
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, idempotent_function
from moto import mock_aws

print({name: version(name) for name in ("aws-lambda-powertools", "moto", "boto3")})


def twice(result):
    """What the first call and the second call return, and how often the function ran."""
    runs = []
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="seen",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

        @idempotent_function(data_keyword_argument="event", persistence_store=DynamoDBPersistenceLayer("seen"))
        def load(event):
            runs.append(event)
            return result

        return load(event={"day": "2024-01-01"}), load(event={"day": "2024-01-01"}), len(runs)


for result in (7, 7.5, "done", [0], {"failed": 0}):
    expect(f"{result!r}", twice(result), (result, result, 1))
for result in (0, 0.0, False, "", [], {}):
    expect(f"{result!r}", twice(result), (result, None, 1))
expect("a Decimal", twice(Decimal("1.10")), (Decimal("1.10"), "1.10", 1))
expect("a tuple", twice((7, 8)), ((7, 8), [7, 8], 1))
expect("a dict by number", twice({1: 2}), ({1: 2}, {"1": 2}, 1))
PY
