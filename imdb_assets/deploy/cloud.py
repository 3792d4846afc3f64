"""How deployments talk to AWS: clients, and what AWS answers when it refuses, in words that say what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class DeployError(Exception):
    """AWS does not do what was asked; the message names the thing, the cause and the remedy."""


EXPIRED = "the credentials have expired; sign in again (such as `aws sso login`) and repeat the command"
REMEDIES = {
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "RequestExpired": EXPIRED,
    "InvalidClientTokenId": "AWS does not know these credentials; check AWS_PROFILE or AWS_ACCESS_KEY_ID",
    "UnrecognizedClientException": "AWS does not know these credentials; check AWS_PROFILE or AWS_ACCESS_KEY_ID",
    "Throttling": "AWS is throttling this account; wait a minute and repeat the command",
    "ThrottlingException": "AWS is throttling this account; wait a minute and repeat the command",
    "ResourceLimitExceeded": "a quota of the account is used up; free what is unused, or ask for more (Service Quotas)",
    "NoSuchBucket": "the bucket is missing; run `imdb deploy`",
}
DENIED = re.compile(r"not authorized to perform:? (?P<action>[\w:]+)(?: on resource:? (?P<resource>\S+))?")


def client(service: str) -> Any:
    """A client of an AWS service, as AWS's own variables and files configure it.

    Raises:
        DeployError: The optional packages are missing, or no region is set.
    """
    try:
        import boto3
        from botocore.config import Config
    except ModuleNotFoundError as error:
        raise DeployError(f"AWS needs {error.name}, which is not installed: make aws.") from error
    with explained(f"AWS {service}"):
        config = Config(retries={"mode": "standard", "total_max_attempts": 6})
        return boto3.client(service, config=config)  # pyright: ignore[reportCallIssue, reportArgumentType] - any service


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turns what boto3 raises inside into a `DeployError`.

    Args:
        doing: What was being done, such as `creating stack imdb-assets-storage`.

    Raises:
        DeployError: Of every error of botocore.
    """
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

    try:
        yield
    except NoCredentialsError as error:
        raise DeployError(
            f"{doing}: no AWS credentials were found; set AWS_PROFILE, or sign in (`aws configure sso`)."
        ) from error
    except NoRegionError as error:
        raise DeployError(f"{doing}: no AWS region is set; set AWS_REGION, such as eu-central-1.") from error
    except ClientError as error:
        raise DeployError(f"{doing}: {in_words(error.response['Error'])}.") from error
    except BotoCoreError as error:
        raise DeployError(f"{doing}: {error}. Check the network and AWS_REGION, and repeat the command.") from error


def in_words(error: object) -> str:
    """`Code` and `Message` of an error that AWS answered with, and what to do."""
    found = dict(error) if isinstance(error, dict) else {}
    code, message = str(found.get("Code", "")), str(found.get("Message", "")).rstrip(".")
    if denied := DENIED.search(message):
        where = f" on {denied['resource'].rstrip(',.')}" if denied["resource"] else ""
        return (
            f"permission {denied['action']}{where} is missing; grant it to the role or user that runs this ({message})"
        )
    if "AccessDenied" in code:
        return f"access was denied; the role or user that runs this lacks a permission ({message})"
    return f"{message}; {REMEDIES[code]}" if code in REMEDIES else f"{message} ({code})"
