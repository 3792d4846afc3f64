"""What EventBridge calls at 02:00 UTC: asks Dagster on the host for the daily job, unless a run is under way.

It runs on AWS Lambda by itself, so it imports nothing but the standard library.
"""

import json
import os
import urllib.error
import urllib.request
from typing import Any

JOB = "daily"
SECONDS = 20
"""For one answer of Dagster."""
UNDER_WAY = """query ($filter: RunsFilter!) {
  runsOrError(filter: $filter, limit: 1) {
    __typename
    ... on Runs { results { runId status } }
    ... on PythonError { message }
  }
}"""
LOCATIONS = """query {
  repositoriesOrError {
    __typename
    ... on RepositoryConnection { nodes { name location { name } jobs { name } } }
    ... on PythonError { message }
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


class TriggerError(Exception):
    """No run was started; the message says why. EventBridge tries again, then keeps the event and an alarm fires."""


def handler(event: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Starts the daily job; a run that is queued or under way is left alone, and no second one is started.

    Args:
        event: Of EventBridge; its id is on the run, so that an event that comes twice starts one run.

    Returns:
        `started` and the run's id.

    Raises:
        TriggerError: Dagster cannot be reached or refuses.
    """
    event_id = str(event.get("id", "by hand"))
    for filters in (
        {"pipelineName": JOB, "statuses": ["QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING"]},
        {"pipelineName": JOB, "tags": [{"key": "imdb/event", "value": event_id}]},
    ):
        if event_id == "by hand" and "tags" in filters:
            continue
        found = _ask(UNDER_WAY, {"filter": filters}, "runsOrError")["results"]
        if found:
            return {"started": False, "run_id": found[0]["runId"], "because": f"a run is {found[0]['status']}"}
    tags = [
        {"key": "imdb/unchanged", "value": "keep"},  # as the schedules do: unchanged dumps, no work
        {"key": "imdb/started-by", "value": "external"},
        {"key": "imdb/event", "value": event_id},
    ]
    params = {"selector": _job(), "runConfigData": {}, "mode": "default", "executionMetadata": {"tags": tags}}
    launched = _ask(LAUNCH, {"params": params}, "launchRun")
    return {"started": True, "run_id": launched["run"]["runId"]}


def _job() -> dict[str, str]:
    """Where the job is: in the one repository that has it."""
    for node in _ask(LOCATIONS, {}, "repositoriesOrError")["nodes"]:
        if any(job["name"] == JOB for job in node["jobs"]):
            return {
                "repositoryName": node["name"],
                "repositoryLocationName": node["location"]["name"],
                "jobName": JOB,
            }
    raise TriggerError(f"Dagster has no job {JOB}: its code location did not load, or is of other code; see its UI.")


def _ask(query: str, variables: dict[str, Any], field: str) -> dict[str, Any]:
    url = f"{os.environ['DAGSTER_URL']}/graphql"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['DAGSTER_TOKEN']}"}
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - a http address, from the function's settings
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        hint = "; the token differs from the host's: run `imdb deploy` again" if error.code in (401, 403) else ""
        raise TriggerError(f"Dagster at {url} answered {error.code}{hint}.") from error
    except (OSError, ValueError) as error:
        raise TriggerError(f"Dagster at {url} cannot be reached: {error}. Is the host running?") from error
    if "errors" in answer:
        raise TriggerError(f"Dagster refused the question: {answer['errors'][0]['message']}")
    found = answer["data"][field]
    if "message" in found or found["__typename"] not in ("Runs", "RepositoryConnection", "LaunchRunSuccess"):
        raise TriggerError(f"Dagster refused: {found['__typename']}: {found.get('message', 'see its UI')}")
    return found
