"""Endpoints of a deployment: their names, and when they were up by AWS's record of calls, the scheduler's among them.

CloudTrail keeps calls that change something for 90 days, for nothing, whether or not somebody has set up a trail.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from imdb_assets.aws.client import aws_errors, client

KEPT = timedelta(days=89)
"""How far back is looked; an endpoint lives for a week at most."""


@dataclass(frozen=True)
class Life:
    """One endpoint, from the call that made it to the call that ended it."""

    name: str
    began: datetime
    ended: datetime | None
    """None: it is still there."""


def names(prefix: str) -> tuple[str, str]:
    """What the endpoint is called, and the candidate that a new version is tried on beside it."""
    return f"{prefix}-rating", f"{prefix}-candidate"


def lives(prefix: str, now: datetime) -> list[Life]:
    """Endpoints of a deployment, of the last 89 days, oldest first.

    A minute or two more than is billed, from the call to the first instance; without the second fleet that an update
    has for some minutes.

    Args:
        prefix: IMDB_AWS_PREFIX.
        now: The time, UTC.

    Raises:
        LakeError: AWS refused, or could not be reached.
    """
    ours = names(prefix)
    with aws_errors("when endpoints were up cannot be asked"):
        made = [call for call in _calls("CreateEndpoint", now) if call[0] in ours]
        ended = [call for call in _calls("DeleteEndpoint", now) if call[0] in ours]
    return [
        Life(name, began, min((end for other, end in ended if other == name and end >= began), default=None))
        for name, began in sorted(made, key=lambda call: call[1])
    ]


def _calls(operation: str, now: datetime) -> Iterator[tuple[str, datetime]]:
    """Endpoint and time of each call that AWS has carried out."""
    pages = client("cloudtrail").get_paginator("lookup_events")
    wanted: Any = [{"AttributeKey": "EventName", "AttributeValue": operation}]
    for page in pages.paginate(LookupAttributes=wanted, StartTime=now - KEPT, EndTime=now):
        for event in page["Events"]:
            said = json.loads(event["CloudTrailEvent"])
            if "errorCode" not in said:
                yield said["requestParameters"]["endpointName"], event["EventTime"]
