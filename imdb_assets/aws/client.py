"""Access to AWS: one client per service, one retry policy, and errors that say what to do.

AWS's own environment variables and files determine region, keys and endpoint; this project has no settings for them.
AWS's SDK is an optional package, imported at the first request.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

import polars as pl

from imdb_assets.aws import s3_requests
from imdb_assets.lake.errors import LakeError
from imdb_assets.settings import aws_region

ENCRYPTION = "AES256"
"""S3 encrypts every object with keys of its own. This encryption is free of charge and needs no further permission."""
ATTEMPTS = 6
"""Number of attempts for a request that is throttled, gets no answer or fails on the server. The pauses between
attempts grow up to 20 s."""

_EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidToken",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "UnauthorizedOperation", "403"}
_BUSY = {
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "ProvisionedThroughputExceededException",
}
_SPENT = {"ResourceLimitExceeded", "LimitExceededException", "ServiceQuotaExceededException"}
_DENIED_TO = re.compile(r"not authorized to perform:? (?P<action>[\w-]+:\w+)(?: on resource:? (?P<resource>\S+))?")
_NO_ROLE = re.compile(r"assume (the )?role|allow .*to assume|role\b.*(does not exist|cannot be found)", re.IGNORECASE)
"""Matches messages about a role that a service cannot assume; every service words them differently."""
_PERMISSIONS = {
    "HeadObject": "s3:GetObject",
    "HeadBucket": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "DeleteObjects": "s3:DeleteObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
}
"""Maps an operation to the permission that the operation needs, if operation and permission have different names."""
SERVER_ERROR = 500


@cache
def session() -> Any:
    """The session that all our clients are made from, so that keys and region are looked up only once.

    botocore reads AWS_DEFAULT_REGION only; AWS's other SDKs read AWS_REGION. If AWS_REGION is set, it takes precedence,
    even over a profile's region. AWS_REGION is copied to AWS_DEFAULT_REGION for sessions that SageMaker's SDK makes
    by itself.

    Raises:
        ImportError: AWS's SDK is not installed.
    """
    import boto3  # pyright: ignore[reportMissingTypeStubs]

    if named := aws_region():
        os.environ["AWS_DEFAULT_REGION"] = named
    return boto3.Session()


@cache
def client(service: str, region: str | None = None) -> Any:
    """The client for a service of AWS. The client of a service is made only once, and threads can share it.

    Objects that the client writes to S3 are encrypted, and the client's requests to S3 are counted.

    Args:
        service: Name of the service, such as `s3`.
        region: Region; by default, the region in AWS's own settings.

    Raises:
        LakeError: AWS's SDK is not installed, no region is set, or another of AWS's own settings is wrong.
    """
    with aws_errors(f"AWS {service} cannot be reached"):
        from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]

        config = Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
        made = session().client(service, region_name=region, config=config)
    if service == "s3":
        for operation in ("PutObject", "CreateMultipartUpload"):
            made.meta.events.register(f"before-parameter-build.s3.{operation}", _encrypted)
        made.meta.events.register("before-send.s3", s3_requests.count)
    return made


def _encrypted(params: dict[str, Any], **_: Any) -> None:
    """Adds encryption to every write to S3, including writes by libraries."""
    params.setdefault("ServerSideEncryption", ENCRYPTION)


def bucket_name(prefix: str, account: str, region: str, use: str) -> str:
    """Name of a deployment's bucket; if `use` is empty, the beginning that all the bucket names share.

    Args:
        prefix: IMDB_AWS_PREFIX.
        account: AWS account id.
        region: AWS region.
        use: The bucket's use, such as `raw`.
    """
    return f"{prefix}-{account}-{region}-{use}"


def database_name(prefix: str, schema: str) -> str:
    """Name of the Glue database for a schema of a deployment; the name has no hyphens, because Athena accepts none.

    Args:
        prefix: IMDB_AWS_PREFIX.
        schema: Such as `silver`.
    """
    return f"{prefix.replace('-', '_')}_{schema}"


@cache
def account() -> str:
    """Id of the AWS account that our credentials belong to; the request needs no permission.

    Raises:
        LakeError: AWS does not accept our credentials.
    """
    with aws_errors("AWS does not say which account these credentials belong to"):
        return str(client("sts").get_caller_identity()["Account"])


def identity(patience: float) -> str:
    """ARN of our identity at AWS. The ARN is requested once; the request needs no permission and no region.

    Args:
        patience: Seconds to wait for an answer before AWS counts as unreachable.

    Raises:
        LakeError: There are no credentials, AWS does not accept them, or AWS cannot be reached.
    """
    with aws_errors("AWS cannot identify us"):
        from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]

        once = Config(connect_timeout=patience, read_timeout=patience, retries={"total_max_attempts": 1})
        sts = session().client("sts", config=once, region_name=session().region_name or "us-east-1")
        return str(sts.get_caller_identity()["Arn"])


def region() -> str:
    """The region in AWS's own settings.

    Raises:
        LakeError: No region is set.
    """
    return str(client("glue").meta.region_name)  # Glue needs a region, unlike S3 and STS


def partition() -> str:
    """The partition that the region belongs to, as it appears in ARNs (`aws`, `aws-cn` or `aws-us-gov`).

    Raises:
        LakeError: No region is set, or AWS's SDK does not know the region.
    """
    named = region()
    with aws_errors("the region's partition cannot be looked up"):
        return str(session().get_partition_for_region(named))


def code_of(error: BaseException) -> str:
    """AWS's code for an error; empty if the error does not come from AWS."""
    response: dict[str, Any] = getattr(error, "response", None) or {}  # the response is None after a lost connection
    return str(response.get("Error", {}).get("Code", ""))


def require_sdk(what: str) -> None:
    """Checks that AWS's SDK is installed; the error says how to install it.

    Args:
        what: The feature that needs the SDK, in words for the error message.

    Raises:
        LakeError: AWS's SDK is not installed.
    """
    try:
        import_module("botocore.exceptions")
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise LakeError(
            f"{what}: {package} is not installed. Install AWS's SDK (make aws), or keep everything in a folder "
            "(IMDB_LAKE=folder)."
        ) from error


@contextmanager
def aws_errors(what: str, kind: type[Exception] = LakeError) -> Generator[None]:
    """Converts AWS's errors to errors of this project.

    Args:
        what: Beginning of the error message: the thing, and what failed, as in `silver.movies: not published`.
        kind: The class of the error to raise.

    Raises:
        LakeError: AWS's SDK is not installed.
    """
    require_sdk(what)
    from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise kind(f"{what}: {explained(error)}") from error


def explained(error: Exception) -> str:
    """The message for an AWS error, with the remedy."""
    from botocore import exceptions as aws  # pyright: ignore[reportMissingTypeStubs]

    text = str(error).rstrip(".")
    if isinstance(error, aws.ClientError):
        return _of_the_service(error)
    if isinstance(error, (aws.NoCredentialsError, aws.PartialCredentialsError)):
        return f"{text}. Log in (`aws sso login`), or set AWS_PROFILE, and run again."
    if isinstance(error, (aws.SSOError, aws.TokenRetrievalError)) or "expired" in text.lower():
        return f"{text}. Log in again (`aws sso login`), and run again."
    if isinstance(error, (aws.NoRegionError, aws.UnknownRegionError, aws.InvalidRegionError)):
        named = "no AWS region is set" if isinstance(error, aws.NoRegionError) else text
        return f"{named}. Set AWS_REGION to the buckets' region, such as eu-central-1."
    if isinstance(error, (aws.ConnectionError, aws.HTTPClientError)):
        return f"{text}. Check the network and AWS_REGION, and run again."
    return f"{text}."


@contextmanager
def polars_errors(what: str) -> Generator[None]:
    """Converts errors of Polars' own S3 client to `LakeError`; other errors pass through.

    Args:
        what: See `aws_errors`.
    """
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        met = _MET.search(str(error))
        if met is None:
            raise
        method, status, message = met["method"], int(met["status"]), met["message"] or ""
        code = met["code"] or {403: "AccessDenied", 404: "NoSuchKey"}.get(status, str(status))
        operation = "GetObject" if method in {"GET", "HEAD"} else "PutObject"
        raise LakeError(f"{what}: {in_words(code, message, operation, status)}") from error


_MET = re.compile(
    r"Error performing (?P<method>[A-Z]+) .*?(?P<status>[1-5]\d\d) [A-Z]"
    r"(?:.*?<Code>(?P<code>\w+)</Code>)?(?:.*?<Message>(?P<message>[^<]*)</Message>)?",
    re.DOTALL,
)


def in_words(code: str, message: str, operation: str = "", status: int = 0, attempts: int = ATTEMPTS) -> str:
    """The reason why AWS refused a request, and the remedy.

    Args:
        code: AWS's error code.
        message: AWS's message.
        operation: The requested operation, such as `PutObject`.
        status: HTTP status.
        attempts: Number of attempts made.
    """
    said = f"{code}: {message.rstrip('.')}" if message else code
    if code in _EXPIRED:
        return f"the credentials are expired or wrong ({said}). Log in again (`aws sso login`), and run again."
    denied = _DENIED_TO.search(message)
    if code in _DENIED or denied:
        return (
            f"access denied ({said}). The caller needs the permission {_permission(denied, operation)}. If "
            "`imdb deploy` made the caller's role, deploy again; otherwise grant the permission yourself. Then run "
            "again."
        )
    if code == "NoSuchBucket" or _NO_ROLE.search(message):
        absent = "there is no such bucket" if code == "NoSuchBucket" else "a role is missing, or may not be assumed"
        return f"{absent} ({said}). Run `imdb deploy`, or correct IMDB_AWS_PREFIX."
    if code in _SPENT:
        return f"a quota of the account is used up ({said}). Free unused resources, or ask for a larger quota."
    if code in _BUSY or status >= SERVER_ERROR:
        return f"AWS was too busy, or had a fault, {attempts} times in a row ({said}). Run again later."
    return f"{operation} failed ({said})." if operation else f"{said}."


def _of_the_service(error: Any) -> str:
    code, operation = code_of(error), str(error.operation_name)
    answer = error.response.get("ResponseMetadata", {})
    if code == "404" and operation == "HeadBucket":
        code = "NoSuchBucket"
    message = str(error.response["Error"].get("Message", ""))
    attempts = int(answer.get("RetryAttempts", 0)) + 1
    return in_words(code, message, operation, int(answer.get("HTTPStatusCode", 0)), attempts)


def _permission(denied: re.Match[str] | None, operation: str) -> str:
    """The missing permission. If AWS names no permission, the operation's name gives the permission."""
    if denied:
        where = (denied["resource"] or "").strip('",.')
        return f"{denied['action']} on {where}" if where else denied["action"]
    if operation.endswith(("Object", "Bucket", "Upload")):
        return _PERMISSIONS.get(operation, f"s3:{operation}")
    return _PERMISSIONS.get(operation, f"of {operation}")
