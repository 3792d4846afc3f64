"""Since when and until when endpoints were up: read off AWS's record of calls, as its service model has it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from imdb_assets.aws import client as clients
from imdb_assets.aws.billing.endpoint_hours import KEPT, Life, lives
from imdb_assets.lake.errors import LakeError
from imdb_assets_tests.aws.emulators import Emulator

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def trail(aws: Emulator) -> Iterator[Stubber]:
    """Answers as CloudTrail does, in the order in which it is told to."""
    del aws
    with Stubber(clients.client("cloudtrail")) as stubber:
        yield stubber


def _answer(trail: Stubber, operation: str, *calls: tuple[str, datetime, str | None]) -> None:
    events: list[dict[str, Any]] = [
        {
            "EventName": operation,
            "EventTime": at,
            "CloudTrailEvent": json.dumps(
                {"requestParameters": {"endpointName": name}, **({"errorCode": error} if error else {})}
            ),
        }
        for name, at, error in reversed(calls)  # newest first
    ]
    asked = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": operation}],
        "StartTime": NOW - KEPT,
        "EndTime": NOW,
    }
    trail.add_response("lookup_events", {"Events": events}, asked)


def _at(hour: int) -> datetime:
    return NOW.replace(hour=0) + timedelta(hours=hour)


def test_an_endpoint_lives_from_the_call_that_made_it_to_the_first_that_ended_it(trail: Stubber) -> None:
    _answer(
        trail,
        "CreateEndpoint",
        ("imdb-rating", _at(1), None),
        ("imdb-candidate", _at(2), None),
        ("imdb-test-rating", _at(2), None),  # another deployment's
        ("imdb-rating", _at(2), "ValidationException"),  # there was one
        ("imdb-rating", _at(9), None),
    )
    _answer(
        trail,
        "DeleteEndpoint",
        ("imdb-rating", _at(0), None),  # of one before
        ("imdb-candidate", _at(3), None),
        ("imdb-rating", _at(4), "ThrottlingException"),
        ("imdb-rating", _at(5), None),
        ("imdb-rating", _at(6), None),
    )
    assert lives("imdb", NOW) == [
        Life("imdb-rating", _at(1), _at(5)),
        Life("imdb-candidate", _at(2), _at(3)),
        Life("imdb-rating", _at(9), None),
    ]


def test_who_may_not_ask_is_told_the_permission(trail: Stubber) -> None:
    said = "User: arn:aws:sts::1:x is not authorized to perform: cloudtrail:LookupEvents"
    trail.add_client_error("lookup_events", "AccessDeniedException", said)
    with pytest.raises(LakeError, match="cloudtrail:LookupEvents"):
        lives("imdb", NOW)


def test_the_emulators_trail_takes_the_question(aws: Emulator) -> None:
    del aws
    assert lives("imdb", datetime.now(UTC)) == []
