"""The endpoint on SageMaker: put up for some hours, updated without a gap, taken down. Never left to bill unattended.

Every step can fail, and then what served before still serves: a new version is asked for predictions on an endpoint of
its own before any traffic is led to it, and an update goes back by itself when an alarm fires.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imdb_assets.deploy.cloud import DeployError, client, explained
from imdb_assets.deploy.stacks import Place
from imdb_assets.ml import artifact
from imdb_assets.serving import formats, inference, registry
from imdb_assets.serving.descriptions import Description
from imdb_assets.serving.errors import EndpointError

if TYPE_CHECKING:
    from sagemaker.core.resources import Endpoint

POLL_SECONDS = 10
CREATE_SECONDS = 1200
"""Until an endpoint that is still being created is taken for stuck; usually it takes 4 to 6 minutes."""
BAKE_SECONDS = 300
"""All traffic is on the new version, the old one still runs, and an alarm leads back to it."""
UPDATE_SECONDS = 2400
TOLERANCE = 0.01
"""Rating points by which a prediction of the container may differ from this machine's."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Up:
    """An endpoint in service."""

    name: str
    version: str
    until: datetime
    """When it ends, whatever becomes of us."""


def up(place: Place, version: Path, hours: float, progress: Progress, *, approved: bool = True) -> Up:
    """Puts a model version in service, or extends its time; what serves meanwhile goes on serving.

    Args:
        place: Where the stacks of `imdb deploy` are.
        version: Folder of a model version.
        hours: Until the endpoint ends by itself.
        progress: Told of each step.
        approved: Whether the registry shall list the version as approved, or as waiting for a person.

    Raises:
        EndpointError: A step failed; says what serves now, and what to do.
    """
    record = artifact.read_record(version)
    name, candidate = f"{place.prefix}-rating", f"{place.prefix}-candidate"
    config = f"{place.prefix}-{record.version}"
    until = datetime.now(UTC) + timedelta(hours=hours)
    with _else_unchanged(place, name, record.version):
        before = _find(name)
        if before and before.endpoint_status not in ("InService", "Failed"):
            raise EndpointError(f"endpoint {name} is {before.endpoint_status}; wait until it is InService, then repeat")
        if before and before.endpoint_status == "Failed":
            progress(f"{name} had failed, and is removed")
            _remove(name)
            before = None
        if before and before.endpoint_config_name == config:
            _limit(place, name, until)
            progress(f"{name} serves {record.version} already; it lives until {until:%Y-%m-%d %H:%M} UTC now")
            return Up(name, record.version, until)
        registry.register(place, version, record, progress, approved=approved)
        tested = candidate if before else name
        _limit(place, tested, until)  # before there is something to end
        progress(f"creating {tested} on {registry.INSTANCE}")
        made = _create(place, tested, config)  # refused where somebody else's stands: that one is not ours to remove
        try:
            with explained(f"creating endpoint {tested}"):
                made.wait_for_status("InService", poll=POLL_SECONDS, timeout=CREATE_SECONDS)
            _smoke(tested, version)
            progress(f"{tested} answers as this machine does")
        except BaseException:
            _remove(tested)  # an endpoint that is no good bills like one that is
            raise
        if before:
            try:
                _limit(place, name, until)
                _update(place, name, config, progress)
            finally:
                _remove(candidate)
    return Up(name, record.version, until)


def down(place: Place, progress: Progress) -> bool:
    """Ends the endpoint; False if there was none. Models and their configurations stay: they cost nothing.

    Raises:
        EndpointError: AWS refused.
    """
    try:
        ended = [name for name in (f"{place.prefix}-rating", f"{place.prefix}-candidate") if _remove(name)]
    except DeployError as error:
        raise EndpointError(
            f"{error} The endpoint may still bill; see `imdb destroy`, or SageMaker's console."
        ) from error
    for name in ended:
        progress(f"{name}: ended")
    return bool(ended)


@contextmanager
def _else_unchanged(place: Place, name: str, version: str) -> Iterator[None]:
    """Errors of a step, with what serves now and what to do."""
    from sagemaker.core.utils.exceptions import SageMakerCoreError

    try:
        yield
    except (DeployError, EndpointError, SageMakerCoreError) as error:
        with explained(f"endpoint {name}"):
            still = _find(name)
        serves = (
            f"{str(still.endpoint_config_name).removeprefix(f'{place.prefix}-')} goes on serving at {name}"
            if still and still.endpoint_status in ("InService", "Updating", "RollingBack")
            else "nothing serves, and nothing bills"
        )
        raise EndpointError(
            f"model {version} was not put in service: {str(error).rstrip('.')}. {serves}. After the remedy, repeat the "
            "command."
        ) from error


def _create(place: Place, name: str, config: str) -> Any:
    """Asks for an endpoint; it is not in service yet."""
    from sagemaker.core.resources import Endpoint

    with explained(f"creating endpoint {name}"):
        endpoint = Endpoint.create(endpoint_name=name, endpoint_config_name=config, tags=registry.tags_of(place))
        assert endpoint is not None
        return endpoint


def _update(place: Place, name: str, config: str, progress: Progress) -> None:
    """Leads the traffic to a fleet of the new version; the old one stays until no alarm has fired for a while."""
    from sagemaker.core import shapes

    with explained(f"updating endpoint {name}"):
        endpoint = _find(name)
        assert endpoint is not None
        endpoint.endpoint_config_name = config  # what `update` sends
        alarms = [shapes.Alarm(alarm_name=f"{place.prefix}-endpoint-{kind}") for kind in ("errors", "slow")]
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
        progress(f"{name}: traffic goes to the new version, the old one is kept for {BAKE_SECONDS // 60} minutes")
        endpoint.wait_for_status("InService", poll=POLL_SECONDS, timeout=UPDATE_SECONDS)
        if endpoint.endpoint_config_name != config:
            raise EndpointError(
                f"SageMaker rolled {name} back: an alarm fired or the new fleet failed "
                f"({endpoint.failure_reason or 'no reason given'}); see the log /aws/sagemaker/Endpoints/{name}"
            )


def _smoke(name: str, version: Path) -> None:
    """Asks the endpoint what this machine can answer, too."""
    model = inference.model_fn(str(version))
    film = Description.model_json_schema()["examples"][0]
    questions = [(formats.JSON, json.dumps({"instances": [film]}))]
    questions += [
        (formats.JSON, json.dumps({"instances": [dict.fromkeys(names)]})) for names in model.features().values()
    ]
    runtime = client("sagemaker-runtime")
    for kind, body in questions:
        with explained(f"asking {name} for a prediction"):
            response = runtime.invoke_endpoint(EndpointName=name, ContentType=kind, Accept=kind, Body=body.encode())
        said = _prediction(response["Body"].read())
        expected = _prediction(inference.predict_fn(inference.input_fn(body, kind), model))
        if said is None or expected is None or abs(said - expected) > TOLERANCE:
            raise EndpointError(
                f"{name} predicts {said} where this machine predicts {expected}; see /aws/sagemaker/Endpoints/{name}"
            )


def _prediction(answer: bytes) -> float | None:
    """Of the first row or film."""
    try:
        first = json.loads(answer)["predictions"][0]
    except (ValueError, LookupError, TypeError):
        return None
    return first["predicted"] if isinstance(first, dict) else float(first)


def _limit(place: Place, name: str, until: datetime) -> None:
    """Has AWS's scheduler end the endpoint at a time, whatever became of this process."""
    scheduler = client("scheduler")
    schedule = {
        "Name": f"end-of-{name}",
        "GroupName": place.prefix,
        "ScheduleExpression": f"at({until:%Y-%m-%dT%H:%M:%S})",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:deleteEndpoint",
            "RoleArn": place.role("endpoint-reaper"),
            "Input": json.dumps({"EndpointName": name}),
            "RetryPolicy": {"MaximumRetryAttempts": 20, "MaximumEventAgeInSeconds": 3600},
        },
    }
    with explained(f"limiting the life of {name}"):
        try:
            scheduler.create_schedule(**schedule)
        except scheduler.exceptions.ConflictException:
            scheduler.update_schedule(**schedule)


def _find(name: str) -> "Endpoint | None":
    from sagemaker.core.resources import Endpoint

    with explained(f"looking at endpoint {name}"):
        return registry.there(Endpoint, endpoint_name=name)


def _remove(name: str) -> bool:
    """Whether there was such an endpoint."""
    endpoint = _find(name)
    if endpoint is None:
        return False
    with explained(f"ending endpoint {name}"):
        endpoint.delete()
    return True
