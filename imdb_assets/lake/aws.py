"""How this process talks to AWS: one client per service, one policy of retries, and errors that say what to do.

Region, keys and endpoint are what AWS's own variables and files say; no setting of ours repeats them.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs]
import polars as pl
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's name
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)

from imdb_assets.lake.errors import LakeError

ENCRYPTION = "AES256"
"""Of every object, by S3's own keys: free of charge, and no further permission to have."""
ATTEMPTS = 6
"""Of a request that is throttled, meets an error of the service, or gets no answer; the pauses grow to 20 s."""

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
_PERMISSIONS = {
    "HeadObject": "s3:GetObject",
    "HeadBucket": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "DeleteObjects": "s3:DeleteObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
}
"""Operation → the permission that it takes, where the two are not called alike."""
SERVER_ERROR = 500


@cache
def client(service: str) -> Any:
    """The client of a service; made once, safe to share between threads.

    Raises:
        LakeError: No region is set, or another one of AWS's settings is wrong.
    """
    with aws_errors(f"AWS {service} cannot be reached"):
        config = Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
        return boto3.client(service, config=config)  # pyright: ignore[reportCallIssue, reportArgumentType, reportUnknownMemberType, reportUnknownVariableType]


@cache
def account() -> str:
    """The account that our credentials are of; needs no permission.

    Raises:
        LakeError: AWS does not know us.
    """
    with aws_errors("AWS cannot be asked whose account this is"):
        return str(client("sts").get_caller_identity()["Account"])


def region() -> str:
    """The region that AWS's own settings name.

    Raises:
        LakeError: None is set.
    """
    return str(client("glue").meta.region_name)  # S3 and STS would do without one


def polars_options() -> dict[str, Any]:
    """What Polars' own S3 client must be told to do as this one does; it takes its keys from boto3 by itself."""
    s3 = client("s3")
    endpoint = str(s3.meta.endpoint_url)
    return {
        "aws_region": region(),
        "aws_server_side_encryption": ENCRYPTION,
        "max_retries": ATTEMPTS - 1,
        **({} if endpoint.endswith((".amazonaws.com", ".amazonaws.com.cn")) else {"aws_endpoint_url": endpoint}),
        **({"aws_allow_http": "true"} if endpoint.startswith("http:") else {}),
    }


def code_of(error: BaseException) -> str:
    """AWS's word for an error; empty if it is none of AWS's."""
    response: dict[str, Any] = getattr(error, "response", None) or {}  # of a lost connection it is None
    return str(response.get("Error", {}).get("Code", ""))


@contextmanager
def aws_errors(what: str) -> Generator[None]:
    """Errors of AWS as `LakeError`.

    Args:
        what: The thing and what did not become of it, such as `silver.movies: not published`.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise LakeError(f"{what}: {explained(error)}") from error


def explained(error: Exception) -> str:
    """An error of AWS in words, with the remedy."""
    text = str(error)
    if isinstance(error, ClientError):
        return _of_the_service(error)
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return f"{text}. Log in (`aws sso login`), or set AWS_PROFILE, and run again."
    if isinstance(error, (SSOError, TokenRetrievalError)) or "expired" in text.lower():
        return f"{text}. Log in anew (`aws sso login`), and run again."
    if isinstance(error, NoRegionError):
        return "no AWS region is set. Set AWS_REGION to the one that the buckets are in, such as eu-central-1."
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return f"{text}. Check the network and AWS_REGION, and run again: nothing is half done."
    return f"{text}."


@contextmanager
def polars_errors(what: str) -> Generator[None]:
    """Errors that Polars' own S3 client has met, as `LakeError`; others are left alone.

    Args:
        what: As for `aws_errors`.
    """
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        met = _MET.search(str(error))
        if met is None:
            raise
        method, status, code, message = met["method"], int(met["status"]), met["code"] or "", met["message"] or ""
        permission = "s3:GetObject" if method in {"GET", "HEAD"} else "s3:PutObject"
        if not code:
            code = {403: "AccessDenied", 404: "NoSuchKey"}.get(status, str(status))
        words = _remedied(code, _said(code, message), permission, status)
        raise LakeError(f"{what}: {words or f'{method} of an object failed ({_said(code, message)}).'}") from error


_MET = re.compile(
    r"Error performing (?P<method>[A-Z]+) .*?(?P<status>[1-5]\d\d) [A-Z]"
    r"(?:.*?<Code>(?P<code>\w+)</Code>)?(?:.*?<Message>(?P<message>[^<]*)</Message>)?",
    re.DOTALL,
)


def _of_the_service(error: Any) -> str:
    code, operation = code_of(error), str(error.operation_name)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = _said(code, str(error.response["Error"].get("Message", "")))
    if code == "404" and operation == "HeadBucket":
        code = "NoSuchBucket"
    return _remedied(code, said, _permission(error), status) or f"{operation} failed ({said})."


def _said(code: str, message: str) -> str:
    return f"{code}: {message.rstrip('.')}" if message else code


def _remedied(code: str, said: str, permission: str, status: int) -> str | None:
    """What to do about an error; None if there is nothing but to read it."""
    if code in _EXPIRED:
        return f"the credentials are expired or wrong ({said}). Log in anew (`aws sso login`), and run again."
    if code in _DENIED:
        return (
            f"access denied ({said}). The role needs the permission {permission}: it is in the policies that "
            "`imdb deploy` makes; deploy again, or add it to the role, and run again."
        )
    if code == "NoSuchBucket":
        return f"there is no such bucket ({said}). Make it with `imdb deploy`, or correct IMDB_AWS_PREFIX."
    if code in _BUSY or status >= SERVER_ERROR:
        return (
            f"AWS was too busy, or had a fault, {ATTEMPTS} times in a row ({said}). Run again later: nothing is half "
            "done."
        )
    return None


def _permission(error: Any) -> str:
    """The permission that was lacking: as AWS says it, else by the operation's name."""
    named = re.search(r"not authorized to perform:? ([a-z0-9-]+:\w+)", str(error))
    operation = str(error.operation_name)
    if named:
        return named[1]
    return _PERMISSIONS.get(operation) or f"{_service(operation)}:{operation}"


def _service(operation: str) -> str:
    return "s3" if operation.endswith(("Object", "Objects", "Bucket", "Upload")) else "glue"
