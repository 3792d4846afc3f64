"""`imdb deploy` creates all stacks in order and uploads the code that they need; `imdb destroy` removes everything."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imdb_assets.aws import cloudwatch, s3
from imdb_assets.aws.client import account, aws_errors, client, code_of, partition, region
from imdb_assets.aws.deploy import artifacts, cloudformation, leftovers, wheels
from imdb_assets.aws.deploy.cloudformation import Change, State
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import ALARMS, ALL, BUCKETS, STORAGE, TAG, Outputs, Place, Stack, stacks
from imdb_assets.settings import Settings

Progress = Callable[[str, str], None]
"""Callback that gets the name of a stack, and a message about the stack's progress."""
ABSENT = "was not there"
"""What `destroy` reports about a stack that does not exist."""
BATCH = 1000
"""Largest number of objects that S3 removes in one request."""


@dataclass(frozen=True)
class Planned:
    """The change that `deploy` would make to one stack."""

    stack: Stack
    name: str
    change: Change
    status: str
    resources: dict[str, str]
    """Maps each resource's logical id to its type."""


def place_of(settings: Settings) -> Place:
    """Prefix, account and region of this deployment; account and region come from AWS's own settings.

    Raises:
        LakeError: There are no credentials, AWS does not accept them, no region is set, or the region is unknown.
    """
    known = partition()  # called first, because a request to an unknown region would be retried for minutes
    return Place(settings.aws_prefix, account(), region(), known)


def plan(settings: Settings, place: Place, *, renew: bool = False) -> list[Planned]:
    """The changes that `deploy` would make to each stack; `plan` itself changes nothing."""
    cloud, code = client("cloudformation"), _code(settings, place)
    planned: list[Planned] = []
    outputs: dict[str, dict[str, str]] = {}
    with aws_errors("looking at what is deployed", DeployError):
        for stack in stacks(settings, place.partition):
            found = cloudformation.state(cloud, place.stack(stack.name))
            outputs[stack.name] = found.outputs if found else {}
            parameters = _parameters(stack, settings, code, outputs, _before(stack, found, renew=renew))
            planned.append(
                Planned(
                    stack,
                    place.stack(stack.name),
                    cloudformation.needed(found, stack, parameters),
                    found.status if found else "absent",
                    stack.resources(parameters),
                )
            )
    return planned


def plan_of_templates(settings: Settings) -> list[Planned]:
    """The stacks that `deploy` would create in an empty account; the call needs neither AWS's SDK nor credentials."""
    place = Place(settings.aws_prefix, "<account>", "<region>")
    code = _code(settings, place)
    return [
        Planned(
            stack,
            place.stack(stack.name),
            "create",
            "not looked up",
            stack.resources({"Prefix": place.prefix, **stack.parameters(settings, code, {})}),
        )
        for stack in stacks(settings, place.partition)
    ]


def deploy(
    settings: Settings,
    place: Place,
    progress: Progress,
    chosen: Sequence[Stack] | None = None,
    *,
    renew: bool = False,
) -> dict[str, Change]:
    """Creates or updates a whole deployment. Stacks that need no change are left alone, so the call can be repeated.

    Args:
        settings: What to deploy.
        place: Account and region to deploy to.
        progress: Callback that gets a message at each step.
        chosen: The stacks to create or update; by default, the stacks that the settings select.
        renew: Whether pinned parameters, such as the host's machine image, get their latest value.

    Returns:
        Maps each stack's name to the change that was made to the stack.

    Raises:
        DeployError: A Glue database with one of our names belongs to another deployment or user, or AWS refused a
            request. Stacks that were created before the error stay. After an error, remove the cause and repeat the
            command, or run `imdb destroy`.
    """
    _refuse_others(place)
    cloud = client("cloudformation")
    code = _code(settings, place)
    done: dict[str, Change] = {}
    outputs: dict[str, dict[str, str]] = {}
    for stack in chosen or stacks(settings, place.partition):
        with aws_errors(f"stack {place.stack(stack.name)}", DeployError):
            found = cloudformation.state(cloud, place.stack(stack.name))
            parameters = _parameters(stack, settings, code, outputs, _before(stack, found, renew=renew))
        if stack is ALARMS and found is None:
            cloudwatch.begin(place.prefix)
        done[stack.name] = cloudformation.apply(
            cloud, place, stack, parameters, lambda text, name=stack.name: progress(name, text)
        )
        progress(stack.name, {"create": "created", "update": "updated"}.get(done[stack.name], "unchanged"))
        with aws_errors(f"stack {place.stack(stack.name)}", DeployError):
            found = cloudformation.state(cloud, place.stack(stack.name))
        outputs[stack.name] = found.outputs if found else {}
        if stack is STORAGE:
            _upload(place, artifacts.code(settings, place), code, lambda text: progress("code", text))
    return done


def _refuse_others(place: Place) -> None:
    with aws_errors("looking for Glue databases", DeployError):
        others = [name for name, ours in leftovers.databases(place).items() if not ours]
    if others:
        raise DeployError(
            f"Glue already has {', '.join(others)}, for tables outside this deployment's buckets; nothing was changed. "
            "Remove the databases that nobody needs, or deploy with another IMDB_AWS_PREFIX."
        )


def unconfirmed(place: Place) -> list[str]:
    """E-mail addresses whose owners have not yet confirmed that they want alerts.

    Raises:
        DeployError: AWS refused.
    """
    with aws_errors(f"looking at the subscriptions of {place.topic}", DeployError):
        pages = client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=place.topic)
        found = [one for page in pages for one in page["Subscriptions"]]
    return [one["Endpoint"] for one in found if one["SubscriptionArn"] == "PendingConfirmation"]


def repository(place: Place) -> str:
    """Address of the container repository that has the host's image.

    Raises:
        DeployError: AWS refused the request, or there is no repository.
    """
    with aws_errors(f"looking for the repository {place.prefix}", DeployError):
        found = client("ecr").describe_repositories(repositoryNames=[place.prefix])
    return str(found["repositories"][0]["repositoryUri"])


def image_missing(prefix: str, tag: str) -> bool:
    """Whether the repository lacks the host's image with the given tag.

    Raises:
        DeployError: AWS refused the request, or there is no repository.
    """
    with aws_errors(f"looking for the image {prefix}:{tag}", DeployError):
        pages = client("ecr").get_paginator("list_images").paginate(repositoryName=prefix)
        return all(image.get("imageTag") != tag for page in pages for image in page["imageIds"])


def _parameters(
    stack: Stack, settings: Settings, code: Mapping[str, str], outputs: Outputs, before: Mapping[str, str]
) -> dict[str, str]:
    """A stack's parameters. Pinned parameters keep their values; the image tag changes when the new image is pushed."""
    pinned = {name: before.get(name) or _latest(source) for name, source in stack.pinned.items()}
    wanted = {"Prefix": settings.aws_prefix, **stack.parameters(settings, code, outputs), **pinned}
    if "ImageTag" in before and image_missing(settings.aws_prefix, wanted["ImageTag"]):
        wanted["ImageTag"] = before["ImageTag"]
    return wanted


def _before(stack: Stack, found: State | None, *, renew: bool) -> dict[str, str]:
    """Parameters of the existing stack, without the parameters that are to be renewed."""
    return {
        name: value
        for name, value in (found.parameters if found else {}).items()
        if not (renew and name in stack.pinned)
    }


def _code(settings: Settings, place: Place) -> dict[str, str]:
    """Maps the name of each uploaded file to its key, and `image` to the image's tag."""
    keys = artifacts.keys(artifacts.code(settings, place))
    return {**keys, "wheels": wheels.GLUE.key, "image": artifacts.image_tag()}


def _latest(name: str) -> str:
    return client("ssm").get_parameter(Name=name)["Parameter"]["Value"]


def destroy(place: Place, progress: Progress, *, keep_data: bool = False) -> list[str]:
    """Removes everything that belongs to a deployment, in the reverse order of creation.

    If something cannot be removed, the error is noted and the rest is still removed.

    Args:
        place: Prefix, account and region of the deployment.
        progress: Callback that gets a message at each step.
        keep_data: Whether to keep the buckets and the Glue databases.

    Returns:
        An error for each thing that could not be removed, and the ARN of each resource that AWS still lists with this
        deployment's tag. An empty list means that everything was removed.
    """
    cloud, left = client("cloudformation"), list[str]()
    leftovers.end_serving(place, lambda text: progress("serving", text), left)
    for stack in reversed(ALL):
        if stack is STORAGE:
            if keep_data:
                progress(stack.name, "kept")
                continue
            with leftovers.noting("removing tables from Glue's catalog", left):
                leftovers.drop_databases(place, lambda text: progress("catalog", text))
            for use in BUCKETS:
                with leftovers.noting(f"emptying bucket {place.bucket(use)}", left):
                    if removed := empty(place.bucket(use)):
                        progress(stack.name, f"{place.bucket(use)}: {removed} objects and versions removed")
        with leftovers.noting(f"stack {place.stack(stack.name)} is not removed", left):
            gone = cloudformation.delete(cloud, place, stack, lambda text, name=stack.name: progress(name, text))
            progress(stack.name, "removed" if gone else ABSENT)
    with leftovers.noting("removing task definitions", left):
        leftovers.drop_task_definitions(place, lambda text: progress("host", text))
    if not keep_data:
        with leftovers.noting("looking for what is left", left):
            left += remaining(place)
    return left


def remaining(place: Place) -> list[str]:
    """ARNs of the resources that still have this deployment's tag."""
    pages = client("resourcegroupstaggingapi").get_paginator("get_resources")
    found = pages.paginate(TagFilters=[{"Key": TAG, "Values": [place.prefix]}])
    return sorted(one["ResourceARN"] for page in found for one in page["ResourceTagMappingList"])


def empty(bucket: str) -> int:
    """Removes all objects, versions, delete markers and unfinished uploads of a bucket; returns how many were removed.

    Raises:
        DeployError: An object could not be removed.
    """
    store, removed = client("s3"), 0
    try:
        for batch in _versions(store, bucket):
            answer = store.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
            if answer.get("Errors"):
                first = answer["Errors"][0]
                raise DeployError(f"bucket {bucket}: {first['Key']} stays: {first['Message']}.")
            removed += len(batch)
        for page in store.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for upload in page.get("Uploads", []):
                store.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    except store.exceptions.ClientError as error:
        if code_of(error) != "NoSuchBucket":
            raise
    return removed


def _versions(store: Any, bucket: str) -> Iterator[list[dict[str, str]]]:
    for page in store.get_paginator("list_object_versions").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": BATCH}
    ):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if found:
            yield [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]


def _upload(
    place: Place, contents: Mapping[str, bytes], code: Mapping[str, str], progress: Callable[[str], None]
) -> None:
    for name, content in contents.items():
        if s3.put_once(f"s3://{place.bucket('artifacts')}/{code[name]}", content):
            progress(f"{name} ({len(content):,} bytes) uploaded")
    for needed in (wheels.GLUE, wheels.SAGEMAKER):
        if uploaded := wheels.provide(place, needed):
            progress(f"packages of {needed.name} ({uploaded:,} bytes) uploaded")
