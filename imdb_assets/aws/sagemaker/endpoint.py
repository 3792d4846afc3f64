"""The endpoint on SageMaker: created for some hours, updated without interruption, and ended.

The end of an endpoint is always scheduled before the endpoint is created. If a step fails, the previous version goes on
serving. A new version is first tried on a separate endpoint that gets no traffic. SageMaker rolls an update back if an
alarm fires.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from imdb_assets.aws.billing import endpoint_hours
from imdb_assets.aws.client import aws_errors, client
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.leftovers import settle
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.aws.sagemaker import inference_script, registry
from imdb_assets.lake.errors import LakeError
from imdb_assets.ml import artifact
from imdb_assets.serving import formats
from imdb_assets.serving.descriptions import Description
from imdb_assets.serving.errors import EndpointError

if TYPE_CHECKING:
    from sagemaker.core.resources import Endpoint

POLL_SECONDS = 10
CREATE_SECONDS = 1200
"""Longest wait for the creation of an endpoint, which usually takes 4 to 6 minutes."""
BAKE_SECONDS = 300
"""Seconds for which the old version still runs without traffic, so that an alarm can move the traffic back."""
UPDATE_SECONDS = 2400
CANDIDATE_SECONDS = CREATE_SECONDS + 600
"""Life of a candidate endpoint, in seconds: enough time to create and test the endpoint."""
DELETE_SECONDS = 600
_STAYS = ("OutOfService", "UpdateRollbackFailed")
"""Statuses that an endpoint does not leave by itself."""
ATTEMPT = "imdb-assets:attempt"
"""Tag that tells which call of `imdb endpoint up` made an endpoint."""
TOLERANCE = 0.01
"""Largest allowed difference, in rating points, between the container's prediction and this machine's prediction."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Up:
    """An endpoint in service."""

    name: str
    version: str
    until: datetime
    """Time at which the endpoint ends by itself."""


def up(place: Place, version: Path, hours: float, progress: Progress) -> Up:
    """Puts a model version in service; if the version already serves, extends the endpoint's time.

    The previous version serves until the new version takes over.

    Args:
        place: Prefix, account and region of the deployment.
        version: Folder of a model version.
        hours: Hours until the endpoint ends by itself.
        progress: Callback that gets a message at each step.

    Raises:
        EndpointError: A step failed; the message says which version serves now, and what to do.
    """
    record = artifact.read_record(version)
    name, candidate = endpoint_hours.names(place.prefix)
    config = f"{place.prefix}-{record.version}"
    until = datetime.now(UTC) + timedelta(hours=hours)
    with _else_unchanged(place, name, record.version, progress):
        before = _standing(name, progress)
        if before and before.endpoint_config_name == config:
            try:
                _smoke(name, version)  # an earlier command may have been killed before it checked its endpoint
            except EndpointError as error:
                said = str(error).rstrip(".")
                raise EndpointError(
                    f"{said}. If the command fails again, end the endpoint with `imdb endpoint down`"
                ) from error
            _limit(place, name, until)
            progress(f"{name} serves {record.version} already, and now ends at {until:%Y-%m-%d %H:%M} UTC")
            return Up(name, record.version, until)
        if before and _standing(candidate, progress):
            raise EndpointError(
                f"there is a candidate endpoint {candidate}: another `imdb endpoint up` is running, or was killed. The "
                f"candidate ends within {CANDIDATE_SECONDS // 60} minutes of its creation; wait until then, or end "
                f"{name} and {candidate} with `imdb endpoint down`"
            )
        registry.register(place, version, record, progress)
        tested = candidate if before else name
        ends = datetime.now(UTC) + timedelta(seconds=CANDIDATE_SECONDS) if before else until
        _limit(place, tested, ends)  # the end is scheduled before the endpoint exists
        progress(f"creating {tested} on {registry.INSTANCE}")
        with _else_removed(tested, ends, progress) as ours:
            _create(place, tested, config, ours)
            _smoke(tested, version)
            progress(f"{tested} and this machine make the same prediction")
        if before:
            _drop(candidate, ends, progress)
            _limit(place, name, until)
            _update(place, name, config, progress)
    return Up(name, record.version, until)


def down(place: Place, progress: Progress) -> bool:
    """Ends the endpoint; returns whether there was one. Models and configurations stay, because they cost nothing.

    If the endpoint is being created or updated, the call waits, because SageMaker removes no endpoint that is changing.

    Raises:
        EndpointError: AWS refused a request.
    """
    try:
        ended = [name for name in endpoint_hours.names(place.prefix) if _ended(name, progress)]
    except (DeployError, EndpointError, LakeError) as error:
        raise EndpointError(
            f"{error} The endpoint may still cost money; see `imdb destroy`, or SageMaker's console."
        ) from error
    for name in ended:
        progress(f"{name}: ended")
    return bool(ended)


@contextmanager
def _else_unchanged(place: Place, name: str, version: str, progress: Progress) -> Iterator[None]:
    """Adds to a step's error message which version serves now, and what to do."""
    from sagemaker.core.utils.exceptions import SageMakerCoreError

    try:
        yield
    except (EndpointError, LakeError, SageMakerCoreError) as error:
        raise EndpointError(
            f"model {version} was not put in service: {str(error).rstrip('.')}. {_serves(place, name)}. Remove "
            "the cause, then repeat the command."
        ) from error
    except KeyboardInterrupt:  # after Ctrl-C, the command itself prints nothing
        progress(f"interrupted. {_serves(place, name)}. `imdb endpoint down` ends every endpoint")
        raise


def _serves(place: Place, name: str) -> str:
    """A sentence that says which version serves now."""
    try:
        found = _find(name)
    except (EndpointError, LakeError):
        return f"It is unknown which version serves now; {name}, if it exists, ends at the planned time"
    if found is None or found.endpoint_status == "Deleting":
        return "no endpoint is up, and nothing is billed"
    if found.endpoint_status in ("InService", "Updating", "RollingBack"):
        going_on = "" if found.endpoint_status == "InService" else f", which is {found.endpoint_status}"
        config = str(found.endpoint_config_name)
        return f"{config.removeprefix(f'{place.prefix}-')} still serves at {name}{going_on}"
    return f"{name} is {found.endpoint_status}, and may be billed; `imdb endpoint down` ends it"


@contextmanager
def _else_removed(name: str, until: datetime, progress: Progress) -> Iterator[str]:
    """Removes the endpoint if a step fails, because an unused endpoint costs money, too.

    Yields the value for the endpoint's tag `ATTEMPT`. If AWS's answer is lost, only the tag shows whether this call or
    another call has created the endpoint.
    """
    from sagemaker.core.utils.exceptions import SageMakerCoreError

    ours = uuid4().hex
    try:
        yield ours
    except BaseException as error:
        try:
            if _is_tagged(_find(name), ours):
                _remove(name)
        except (EndpointError, LakeError) as failed:
            bills = (
                f"{name} could not be removed: if the endpoint exists, it costs money until "
                f"{until:%Y-%m-%d %H:%M} UTC, or until `imdb endpoint down` ({str(failed).rstrip('.')})"
            )
            if isinstance(error, (EndpointError, LakeError, SageMakerCoreError)):
                raise EndpointError(f"{str(error).rstrip('.')}. And {bills}") from error
            progress(bills)
        raise


def _create(place: Place, name: str, config: str, tagged: str) -> None:
    """Creates an endpoint and waits until it is in service; fails if another endpoint has the same name."""
    from botocore.exceptions import BotoCoreError, ClientError
    from sagemaker.core.resources import Endpoint

    tags = [*registry.tags_of(place), {"key": ATTEMPT, "value": tagged}]
    with aws_errors(f"creating endpoint {name}", EndpointError):
        try:
            Endpoint.create(endpoint_name=name, endpoint_config_name=config, tags=tags)
        except (BotoCoreError, ClientError):
            if not _is_tagged(_find(name), tagged):
                raise
        endpoint = Endpoint.get(endpoint_name=name)
        assert endpoint is not None
        endpoint.wait_for_status("InService", poll=POLL_SECONDS, timeout=CREATE_SECONDS)


def _is_tagged(endpoint: "Endpoint | None", value: str) -> bool:
    """Whether the endpoint was created by the call that chose this value for the tag `ATTEMPT`."""
    if endpoint is None:
        return False
    with aws_errors(f"looking at endpoint {endpoint.endpoint_name}", EndpointError):
        tags = client("sagemaker").list_tags(ResourceArn=endpoint.endpoint_arn)["Tags"]
    return {"Key": ATTEMPT, "Value": value} in tags


def _update(place: Place, name: str, config: str, progress: Progress) -> None:
    """Moves the traffic to the new version's fleet; if an alarm fires soon after, SageMaker moves the traffic back."""
    from botocore.exceptions import BotoCoreError, ClientError
    from sagemaker.core import shapes

    with aws_errors(f"updating endpoint {name}", EndpointError):
        endpoint = _find(name)
        if endpoint is None:
            raise EndpointError(f"endpoint {name} ended before it could be updated")
        endpoint.endpoint_config_name = config  # the method `update` sends this attribute to AWS
        alarms = [shapes.Alarm(alarm_name=f"{place.prefix}-endpoint-{kind}") for kind in ("errors", "slow")]
        try:
            endpoint.update(
                deployment_config=shapes.DeploymentConfig(
                    blue_green_update_policy=shapes.BlueGreenUpdatePolicy(
                        traffic_routing_configuration=shapes.TrafficRoutingConfig(
                            type="ALL_AT_ONCE", wait_interval_in_seconds=BAKE_SECONDS
                        ),
                        termination_wait_in_seconds=60,
                        maximum_execution_timeout_in_seconds=UPDATE_SECONDS,
                    ),
                    auto_rollback_configuration=shapes.AutoRollbackConfig(alarms=alarms),
                )
            )
        except (BotoCoreError, ClientError):
            if not _is_led_to(name, config):
                raise
        progress(f"{name}: traffic goes to the new version; the old version is kept for {BAKE_SECONDS // 60} minutes")
        endpoint.wait_for_status("InService", poll=POLL_SECONDS, timeout=UPDATE_SECONDS)
        if endpoint.endpoint_config_name != config:
            raise EndpointError(
                f"SageMaker rolled {name} back: an alarm fired or the new fleet failed "
                f"({endpoint.failure_reason or 'no reason given'}); see the log /aws/sagemaker/Endpoints/{name}"
            )


def _is_led_to(name: str, config: str) -> bool:
    """Whether an endpoint uses or will use a configuration; called when AWS's answer to an update is lost."""
    found = _find(name)
    coming = found and getattr(found.pending_deployment_summary, "endpoint_config_name", None)
    return found is not None and config in (found.endpoint_config_name, coming)


def _smoke(name: str, version: Path) -> None:
    """Fails if the endpoint's predictions differ from those that this machine computes."""
    model = inference_script.model_fn(str(version))
    film = Description.model_json_schema()["examples"][0]
    questions = [(formats.JSON, json.dumps({"instances": [film]}))]
    questions += [
        (formats.JSON, json.dumps({"instances": [dict.fromkeys(names, 1)]})) for names in model.features().values()
    ]
    runtime = client("sagemaker-runtime")
    for kind, body in questions:
        with aws_errors(f"asking {name} for a prediction", EndpointError):
            response = runtime.invoke_endpoint(EndpointName=name, ContentType=kind, Accept=kind, Body=body.encode())
            said = _prediction(response["Body"].read())
        expected = _prediction(inference_script.predict_fn(inference_script.input_fn(body, kind), model).content)
        if said is None or expected is None or not abs(said - expected) <= TOLERANCE:  # NaN is refused, too
            raise EndpointError(
                f"{name} predicts {said} where this machine predicts {expected}; see /aws/sagemaker/Endpoints/{name}"
            )


def _prediction(answer: bytes) -> float | None:
    """The first prediction in an answer; None if the answer has no prediction."""
    try:
        first = json.loads(answer)["predictions"][0]
        return float(first["predicted"] if isinstance(first, dict) else first)
    except (ValueError, LookupError, TypeError):
        return None


def _limit(place: Place, name: str, until: datetime) -> None:
    """Makes AWS's scheduler end the endpoint at the given time, even if this process has died by then."""
    scheduler = client("scheduler")
    schedule = {
        "Name": f"end-of-{name}",
        "GroupName": place.prefix,
        "ScheduleExpression": f"at({until:%Y-%m-%dT%H:%M:%S})",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": f"arn:{place.partition}:scheduler:::aws-sdk:sagemaker:deleteEndpoint",
            "RoleArn": place.role("endpoint-reaper"),
            "Input": json.dumps({"EndpointName": name}),
            # SageMaker removes no endpoint during its update, so the scheduler retries for a day; then an alarm fires
            "RetryPolicy": {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400},
            "DeadLetterConfig": {"Arn": place.arn("sqs", "endpoint-not-ended")},
        },
    }
    with aws_errors(f"scheduling the end of {name}", EndpointError):
        try:
            scheduler.create_schedule(**schedule)
        except scheduler.exceptions.ConflictException:
            scheduler.update_schedule(**schedule)


def _find(name: str) -> "Endpoint | None":
    from sagemaker.core.resources import Endpoint

    with aws_errors(f"looking at endpoint {name}", EndpointError):
        return registry.there(Endpoint, endpoint_name=name)


def _standing(name: str, progress: Progress) -> "Endpoint | None":
    """The endpoint if it is in service; None if there is no endpoint. A failed endpoint is removed.

    Raises:
        EndpointError: The endpoint is neither in service nor failed.
    """
    found = _find(name)
    if found is None or found.endpoint_status == "InService":
        return found
    if found.endpoint_status != "Failed":
        remedy = (
            "end it with `imdb endpoint down`"
            if found.endpoint_status in _STAYS
            else "wait until the endpoint's change has ended"
        )
        raise EndpointError(f"endpoint {name} is {found.endpoint_status}; {remedy}, then repeat the command")
    progress(f"{name} has failed, so it is removed")
    _remove(name)
    with aws_errors(f"waiting for the end of {name}", EndpointError):
        found.wait_for_delete(poll=POLL_SECONDS, timeout=DELETE_SECONDS)
    return None


def _ended(name: str, progress: Progress) -> bool:
    """Removes an endpoint as soon as SageMaker allows it; returns whether there was an endpoint."""
    if _find(name) is None:
        return False
    with aws_errors(f"ending endpoint {name}", EndpointError):
        settle(client("sagemaker"), name, progress)
    return _remove(name)


def _drop(candidate: str, until: datetime, progress: Progress) -> None:
    """Removes the candidate endpoint; if the removal fails, the serving endpoint is not affected."""
    try:
        _remove(candidate)
    except (EndpointError, LakeError) as error:
        progress(f"{error} So {candidate} costs money until {until:%Y-%m-%d %H:%M} UTC, or until `imdb endpoint down`.")


def _remove(name: str) -> bool:
    """Removes an endpoint; returns whether there was an endpoint."""
    from botocore.exceptions import ClientError

    endpoint = _find(name)
    if endpoint is None:
        return False
    with aws_errors(f"ending endpoint {name}", EndpointError):
        try:
            endpoint.delete()
        except ClientError as error:
            if not registry.is_absent(error):  # an endpoint is absent if an earlier attempt of this request removed it
                raise
    return True
