"""The Lambda function that EventBridge calls at 02:00 UTC, and that starts the daily run in Dagster on the host.

A Dagster sensor decides what the daily run makes, and whether the run may start (`defs/automation.py`). This
module runs only on AWS Lambda, so it imports only the standard library and boto3, which Lambda has.
"""

import json
import os
import urllib.error
import urllib.request
import uuid
from typing import Any

SENSOR = "daily_when_asked"
SECONDS = 20
"""Longest wait for an answer from Dagster."""
LOCATIONS = """query {
  repositoriesOrError {
    __typename
    ... on RepositoryConnection { nodes { name location { name } sensors { name } } }
    ... on PythonError { message }
  }
}"""
ASK = """mutation ($selector: SensorSelector!, $event: String) {
  sensorDryRun(selectorData: $selector, cursor: $event) {
    __typename
    ... on DryRunInstigationTick {
      evaluationResult {
        skipReason
        error { message }
        runRequests { jobName assetSelection { path } tags { key value } }
      }
    }
    ... on PythonError { message }
    ... on SensorNotFoundError { message }
    ... on UnauthorizedError { message }
  }
}"""
LAUNCH = """mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConflict { message }
    ... on UnauthorizedError { message }
    ... on InvalidSubsetError { message }
  }
}"""
GOOD = {"RepositoryConnection", "DryRunInstigationTick", "LaunchRunSuccess"}
"""GraphQL types that Dagster's answers have if they are not errors."""


class TriggerError(Exception):
    """No run was started; the message says why. If two retries fail, a queue keeps the event, and an alarm fires."""


def handler(event: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Starts the daily run, unless a daily run is queued or in progress, or the event has already started a run.

    Args:
        event: EventBridge's event. The run is tagged with the event's id, so an event that arrives twice starts only
            one run.

    Returns:
        A dict with `started`, and with the run's id or, if no run was started, the reason.

    Raises:
        TriggerError: Dagster cannot be reached, or refuses the request.
    """
    token = _token()
    place = _place(token)
    asked = {"selector": {**place, "sensorName": SENSOR}, "event": str(event.get("id") or uuid.uuid4())}
    told = _ask(token, ASK, asked, "sensorDryRun")["evaluationResult"]
    if told["error"]:
        raise TriggerError(f"Dagster could not decide what the run should make: {told['error']['message'].strip()}")
    if not told["runRequests"]:
        return {"started": False, "because": told["skipReason"]}
    request = told["runRequests"][0]
    selection = [{"path": key["path"]} for key in request["assetSelection"]]
    params = {
        "selector": {**place, "jobName": request["jobName"], "assetSelection": selection},
        "runConfigData": {},
        "mode": "default",
        "executionMetadata": {"tags": [{"key": tag["key"], "value": tag["value"]} for tag in request["tags"]]},
    }
    launched = _ask(token, LAUNCH, {"params": params}, "launchRun")
    return {"started": True, "run_id": launched["run"]["runId"]}


def _token() -> str:
    """Reads Dagster's token from AWS Secrets Manager at each event, so that a new token works immediately."""
    import boto3

    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["DAGSTER_TOKEN_SECRET"])
    return str(secret["SecretString"])


def _place(token: str) -> dict[str, str]:
    """The Dagster repository that has the sensor."""
    for node in _ask(token, LOCATIONS, {}, "repositoriesOrError")["nodes"]:
        if any(sensor["name"] == SENSOR for sensor in node["sensors"]):
            return {"repositoryName": node["name"], "repositoryLocationName": node["location"]["name"]}
    raise TriggerError(
        f"Dagster has no sensor {SENSOR}: Dagster's code location did not load, runs other code, or has an "
        "IMDB_TRIGGER other than external; see Dagster's UI."
    )


def _ask(token: str, query: str, variables: dict[str, Any], field: str) -> dict[str, Any]:
    url = f"{os.environ['DAGSTER_URL']}/graphql"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - a http address, from the function's settings
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        hint = " The host's token is outdated: restart the host." if error.code in (401, 403) else ""
        raise TriggerError(f"Dagster at {url} answered {error.code}.{hint}") from error
    except (OSError, ValueError) as error:
        raise TriggerError(f"Dagster at {url} cannot be reached: {error}. Is the host running?") from error
    if "errors" in answer:
        raise TriggerError(f"Dagster refused the request: {answer['errors'][0]['message']}")
    found = answer["data"][field]
    if found["__typename"] not in GOOD:
        raise TriggerError(f"Dagster refused: {found['__typename']}: {found.get('message', 'see its UI')}")
    return found
