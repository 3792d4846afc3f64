"""Searches AWS's record of API calls for a deployment's endpoints, and for the times when each endpoint was up.

CloudTrail records every call that changes something, including calls by AWS's scheduler. CloudTrail keeps the records
for 90 days free of charge, even if nobody has set up a trail.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from imdb_assets.aws.client import aws_errors, client

KEPT = timedelta(days=89)
"""Records of API calls are read up to this age. An endpoint lives for a week at most."""


@dataclass(frozen=True)
class Life:
    """One endpoint, from the call that created it to the call that ended it."""

    name: str
    began: datetime
    ended: datetime | None
    """Time of the endpoint's end; None if the endpoint still exists."""


def names(prefix: str) -> tuple[str, str]:
    """Names of the endpoint, and of the candidate endpoint on which a new version is tried."""
    return f"{prefix}-rating", f"{prefix}-candidate"


def lives(prefix: str, now: datetime) -> list[Life]:
    """Endpoints of a deployment in the last 89 days, oldest first.

    An endpoint's time begins at the call that creates the endpoint, a minute or two before AWS starts an instance and
    begins to bill. During an update, a second fleet of instances runs for some minutes; that fleet is not counted.

    Args:
        prefix: IMDB_AWS_PREFIX.
        now: The time, UTC.

    Raises:
        LakeError: AWS refused the request or could not be reached.
    """
    ours = names(prefix)
    with aws_errors("the times of past endpoints cannot be looked up"):
        made = [call for call in _calls("CreateEndpoint", now) if call[0] in ours]
        ended = [call for call in _calls("DeleteEndpoint", now) if call[0] in ours]
    return [
        Life(name, began, min((end for other, end in ended if other == name and end >= began), default=None))
        for name, began in sorted(made, key=lambda call: call[1])
    ]


def _calls(operation: str, now: datetime) -> Iterator[tuple[str, datetime]]:
    """Yields endpoint name and time for each call of an API operation; leaves out calls that AWS refused."""
    pages = client("cloudtrail").get_paginator("lookup_events")
    wanted: Any = [{"AttributeKey": "EventName", "AttributeValue": operation}]
    for page in pages.paginate(LookupAttributes=wanted, StartTime=now - KEPT, EndTime=now):
        for event in page["Events"]:
            said = json.loads(event["CloudTrailEvent"])
            if "errorCode" not in said:
                yield said["requestParameters"]["endpointName"], event["EventTime"]
