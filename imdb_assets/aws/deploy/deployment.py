"""`imdb deploy` and `imdb destroy`: all stacks in their order, with the code they need, and without a trace."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imdb_assets.aws import s3
from imdb_assets.aws.client import account, aws_errors, client, code_of, region
from imdb_assets.aws.deploy import artifacts, cloudformation, leftovers
from imdb_assets.aws.deploy.cloudformation import Change, State
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import ALL, BUCKETS, STORAGE, TAG, Outputs, Place, Stack, stacks
from imdb_assets.settings import Settings

Progress = Callable[[str, str], None]
"""Called with the name of a stack and what has become of it."""
BATCH = 1000
"""Objects that S3 removes in one request."""


@dataclass(frozen=True)
class Planned:
    """What `deploy` would do about one stack."""

    stack: Stack
    name: str
    change: Change
    status: str
    resources: dict[str, str]
    """Logical id → type."""


def place_of(settings: Settings) -> Place:
    """Where this deployment is: account and region are those of the credentials.

    Raises:
        LakeError: There are none, or AWS does not know them.
    """
    return Place(settings.aws_prefix, account(), region())


def plan(settings: Settings, place: Place, *, renew: bool = False) -> list[Planned]:
    """What `deploy` would do; changes nothing."""
    cloud, code = client("cloudformation"), artifacts.keys(artifacts.code(settings, place))
    planned: list[Planned] = []
    outputs: dict[str, dict[str, str]] = {}
    with aws_errors("looking at what is deployed", DeployError):
        for stack in stacks(settings):
            found = cloudformation.state(cloud, place.stack(stack.name))
            outputs[stack.name] = found.outputs if found else {}
            parameters = _parameters(stack, settings, code, outputs, None if renew else found)
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


def deploy(
    settings: Settings,
    place: Place,
    progress: Progress,
    chosen: Sequence[Stack] | None = None,
    *,
    renew: bool = False,
) -> dict[str, Change]:
    """Creates or updates everything; what is as wanted is left alone, so that it may be repeated.

    Args:
        settings: What to deploy.
        place: Where.
        progress: Told of each step.
        chosen: Stacks; without it, those of the settings.
        renew: Whether what is pinned, such as the host's machine image, becomes the latest.

    Returns:
        Stack → what was done.

    Raises:
        DeployError: AWS refused something. What was made before stays, and bills nothing that runs; repeat the command
            after the remedy, or `imdb destroy`.
    """
    cloud = client("cloudformation")
    contents = artifacts.code(settings, place)
    code = artifacts.keys(contents)
    done: dict[str, Change] = {}
    outputs: dict[str, dict[str, str]] = {}
    for stack in chosen or stacks(settings):
        with aws_errors(f"stack {place.stack(stack.name)}", DeployError):
            found = None if renew else cloudformation.state(cloud, place.stack(stack.name))
            parameters = _parameters(stack, settings, code, outputs, found)
        done[stack.name] = cloudformation.apply(
            cloud, place, stack, parameters, lambda text, name=stack.name: progress(name, text)
        )
        progress(stack.name, {"create": "created", "update": "updated"}.get(done[stack.name], "unchanged"))
        with aws_errors(f"stack {place.stack(stack.name)}", DeployError):
            found = cloudformation.state(cloud, place.stack(stack.name))
        outputs[stack.name] = found.outputs if found else {}
        if stack is STORAGE:
            _upload(place, contents, code, lambda text: progress("code", text))
    return done


def image_missing(place: Place, tag: str = "latest") -> bool:
    """Whether the repository of the host's image has none of this tag yet."""
    with aws_errors(f"looking for the image {place.prefix}:{tag}", DeployError):
        pages = client("ecr").get_paginator("list_images").paginate(repositoryName=place.prefix)
        return all(image.get("imageTag") != tag for page in pages for image in page["imageIds"])


def _parameters(
    stack: Stack, settings: Settings, code: Mapping[str, str], outputs: Outputs, found: State | None
) -> dict[str, str]:
    """Of the stack; what is pinned is as in the one that was found."""
    before = found.parameters if found else {}
    pinned = {name: before.get(name) or _latest(source) for name, source in stack.pinned.items()}
    return {"Prefix": settings.aws_prefix, **stack.parameters(settings, code, outputs), **pinned}


def _latest(name: str) -> str:
    return client("ssm").get_parameter(Name=name)["Parameter"]["Value"]


def destroy(place: Place, progress: Progress, *, keep_data: bool = False) -> list[str]:
    """Removes everything of a deployment, newest first; what is gone already is passed over.

    Args:
        place: Where it is.
        progress: Told of each step.
        keep_data: Leaves the buckets and the Glue databases.

    Returns:
        What AWS still has with this deployment's tag, by ARN: empty if all went well.

    Raises:
        DeployError: AWS refused something; repeat the command after the remedy.
    """
    cloud = client("cloudformation")
    leftovers.end_serving(place, lambda text: progress("serving", text))
    for stack in reversed(ALL):
        if stack is STORAGE:
            if keep_data:
                progress(stack.name, "kept")
                continue
            leftovers.drop_databases(place, lambda text: progress("catalog", text))
            for use in BUCKETS:
                removed = empty(place.bucket(use))
                if removed:
                    progress(stack.name, f"{place.bucket(use)}: {removed} objects and versions removed")
        gone = cloudformation.delete(cloud, place, stack, lambda text, name=stack.name: progress(name, text))
        progress(stack.name, "removed" if gone else "was not there")
    return [] if keep_data else remaining(place)


def remaining(place: Place) -> list[str]:
    """ARNs of what still has this deployment's tag."""
    with aws_errors("looking for what is left", DeployError):
        pages = client("resourcegroupstaggingapi").get_paginator("get_resources")
        found = pages.paginate(TagFilters=[{"Key": TAG, "Values": [place.prefix]}])
        return sorted(one["ResourceARN"] for page in found for one in page["ResourceTagMappingList"])


def empty(bucket: str) -> int:
    """Removes all objects, versions, delete markers and unfinished uploads of a bucket; how many.

    Raises:
        DeployError: AWS refused, or kept an object.
    """
    store, removed = client("s3"), 0
    with aws_errors(f"emptying bucket {bucket}", DeployError):
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
