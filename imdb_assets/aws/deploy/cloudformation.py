"""Creates, updates and removes one stack. The module `stacks` declares the stacks."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from imdb_assets.aws.client import aws_errors, in_words
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place, Stack

POLL_SECONDS = 2.0
LIMIT_SECONDS = 1800
"""Longest wait for one stack. AWS takes up to 20 minutes to remove the slowest resource, a Lambda function
in a VPC."""
ABSENT = "does not exist"
FAILED_FIRST = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS", "DELETE_FAILED")
"""States of a stack that was never completely created and can only be removed."""

Change = Literal["create", "update", "unchanged"]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class State:
    """The present state of a stack."""

    status: str
    reason: str
    template: str
    parameters: dict[str, str]
    outputs: dict[str, str]


def state(client: Any, name: str) -> State | None:
    """State of the stack in CloudFormation; None if there is no such stack."""
    from botocore.exceptions import ClientError

    try:
        found = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if ABSENT in str(error):
            return None
        raise
    if found["StackStatus"] == "DELETE_COMPLETE":
        return None
    body = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    return State(
        status=found["StackStatus"],
        reason=found.get("StackStatusReason", ""),
        template=body if isinstance(body, str) else "",
        parameters={one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", [])},
        outputs={one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])},
    )


def needed(found: State | None, stack: Stack, parameters: Mapping[str, str]) -> Change:
    """The kind of change that brings the stack to the wanted state."""
    if found is None or found.status in FAILED_FIRST:
        return "create"
    same = found.template == stack.body and parameters.items() <= found.parameters.items()
    return "unchanged" if same and found.status.endswith("_COMPLETE") and "ROLLBACK" not in found.status else "update"


def apply(client: Any, place: Place, stack: Stack, parameters: Mapping[str, str], progress: Progress) -> Change:
    """Creates a missing stack or updates a stack that has to change, and waits until AWS has finished.

    If the creation of a new stack fails, the resources created so far are removed. A failed update is rolled back.

    Raises:
        DeployError: AWS refused the request or could not create a resource; the message names the resource.
    """
    name = place.stack(stack.name)
    with aws_errors(f"stack {name}", DeployError):
        found = state(client, name)
        if found and found.status.endswith("_IN_PROGRESS") and found.status not in FAILED_FIRST:
            raise DeployError(
                f"stack {name} is {found.status}: somebody else is changing the stack. Repeat the command when "
                "the other change has ended."
            )
        if found and found.status in FAILED_FIRST:
            progress(f"removing what is left of an earlier attempt ({found.status})")
            delete(client, place, stack, progress)
            found = None
        change = needed(found, stack, parameters)
        if change == "unchanged":
            return change
        request = {
            "StackName": name,
            "TemplateBody": stack.body,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Tags": place.tags,
        }
        seen = _seen(client, name) if found else set[str]()
        if not _send(client, change, request):
            return "unchanged"
        status = _follow(client, name, seen, progress)
        if status == "CREATE_COMPLETE" if change == "create" else status == "UPDATE_COMPLETE":
            return change
        cause = _cause(client, name, seen)
        if change == "create":
            progress("removing the resources that were created")
            delete(client, place, stack, progress)
            raise DeployError(f"stack {name} could not be created, and all its resources were removed again. {cause}")
        raise DeployError(f"stack {name} could not be updated, and stays in its previous state. {cause}")


def delete(client: Any, place: Place, stack: Stack, progress: Progress) -> bool:
    """Removes the stack and waits until it is gone; returns False if there is no such stack.

    Raises:
        DeployError: AWS refused the request or could not remove a resource; the message names the resource.
    """
    name = place.stack(stack.name)
    with aws_errors(f"removing stack {name}", DeployError):
        found = state(client, name)
        if found is None:
            return False
        seen = _seen(client, name)
        client.delete_stack(StackName=name)
        status = _follow(client, name, seen, progress)
        if status != "DELETE_COMPLETE":
            raise DeployError(f"stack {name} could not be removed. {_cause(client, name, seen)}")
        return True


def _send(client: Any, change: Change, request: Mapping[str, Any]) -> bool:
    """Asks CloudFormation for the change; returns False if CloudFormation finds nothing to update."""
    from botocore.exceptions import ClientError

    try:
        if change == "create":
            client.create_stack(**request, OnFailure="ROLLBACK")
        else:
            client.update_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return False
        raise
    return True


def _follow(client: Any, name: str, seen: set[str], progress: Progress) -> str:
    """Reports each resource when it is finished, until the stack is finished; returns the stack's last status."""
    deadline, told = time.monotonic() + LIMIT_SECONDS, set(seen)
    while time.monotonic() < deadline:
        found = state(client, name)
        for event in reversed(list(_events(client, name))):
            if event["EventId"] not in told:
                told.add(event["EventId"])
                if not event["ResourceStatus"].endswith("_IN_PROGRESS") and event["LogicalResourceId"] != name:
                    progress(f"{event['LogicalResourceId']} ({event['ResourceType']}): {event['ResourceStatus']}")
        if found is None:
            return "DELETE_COMPLETE"
        if not found.status.endswith("_IN_PROGRESS"):
            return found.status
        time.sleep(POLL_SECONDS)
    raise DeployError(
        f"stack {name} is not finished after {LIMIT_SECONDS // 60} minutes; AWS is still working on it. Look at the "
        "stack in CloudFormation's console, and repeat the command when AWS has finished."
    )


def _events(client: Any, name: str) -> Iterator[dict[str, Any]]:
    """Events of a stack, newest first; none if the stack is gone."""
    from botocore.exceptions import ClientError

    try:
        yield from client.describe_stack_events(StackName=name)["StackEvents"]
    except ClientError as error:
        if ABSENT not in str(error):
            raise


def _seen(client: Any, name: str) -> set[str]:
    return {event["EventId"] for event in _events(client, name)}


def _cause(client: Any, name: str, seen: set[str]) -> str:
    """The first failure, in AWS's words; later failures are consequences of the first."""
    failed = [
        event
        for event in _events(client, name)
        if event["EventId"] not in seen and event["ResourceStatus"].endswith("_FAILED")
    ]
    if failed and failed[-1]["LogicalResourceId"] != name:
        first = failed[-1]
        return _told(first, first.get("ResourceStatusReason", "no reason given"))
    # a stack has no event for a request that is refused before anything is created
    for finding in client.describe_events(StackName=name, Filters={"FailedEvents": True})["OperationEvents"]:
        if reason := finding.get("ValidationStatusReason"):
            return _told(finding, reason)
    return f"AWS does not say why; see the events of {name} in the console (CloudFormation)."


def _told(event: Mapping[str, Any], reason: str) -> str:
    words = in_words(event.get("ResourceStatus", "refused"), reason)
    return f"{event['LogicalResourceId']} ({event['ResourceType']}): {words}"
