"""The stacks that `imdb deploy` creates, in order of creation, with their purposes, costs and parameters.

The resources are declared in templates/. Most resources have names made from the deployment's prefix, which every stack
knows. Only names that AWS chooses are passed from one stack to another, as outputs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from imdb_assets.aws.billing import budget
from imdb_assets.aws.client import bucket_name, database_name
from imdb_assets.settings import Settings

TEMPLATES = Path(__file__).with_name("templates")
TAG = "imdb-assets:deployment"
"""Tag of everything that a deployment creates, with the prefix as value; `imdb destroy` finds leftovers by this tag."""
GOV = "aws-us-gov"
"""The partition of AWS's government regions, which have no `AWS::Budgets::Budget`."""
BUCKETS = ("raw", "processed", "features", "results", "artifacts")


@dataclass(frozen=True)
class Place:
    """Prefix, account, region and partition of a deployment."""

    prefix: str
    account: str
    region: str
    partition: str = "aws"
    """AWS's partition, as it appears in ARNs; `aws-cn` for regions in China, `aws-us-gov` for the US government's."""

    def bucket(self, use: str) -> str:
        """Name of the bucket for one of the purposes in `BUCKETS`; see `bucket_name`."""
        return bucket_name(self.prefix, self.account, self.region, use)

    def stack(self, name: str) -> str:
        """CloudFormation's name for one of the deployment's stacks."""
        return f"{self.prefix}-{name}"

    def role(self, name: str) -> str:
        """ARN of one of the deployment's roles."""
        return f"arn:{self.partition}:iam::{self.account}:role/{self.prefix}-{name}"

    def arn(self, service: str, name: str) -> str:
        """ARN of a topic (`sns`) or queue (`sqs`)."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{self.prefix}-{name}"

    @property
    def topic(self) -> str:
        """ARN of the topic for alerts."""
        return self.arn("sns", "alerts")

    @property
    def tags(self) -> list[dict[str, str]]:
        """Tags of every resource that the deployment creates."""
        return [{"Key": TAG, "Value": self.prefix}]


Outputs = Mapping[str, Mapping[str, str]]
"""Outputs of the existing stacks: maps a stack's name to a dict from output name to value."""
Parameters = Callable[[Settings, Mapping[str, str], Outputs], dict[str, str]]


@dataclass(frozen=True)
class Stack:
    """One CloudFormation stack.

    Attributes:
        name: Name of the stack's template file, without the ending.
        purpose: What the stack is for, in a few words.
        bills: The parts of the stack that cost money; empty if no part costs money.
        parameters: Function that makes the stack's parameters from the settings, the keys of uploaded code, and the
            outputs of earlier stacks.
        pinned: Parameters that keep their value from the stack's creation, unless the user asks for the latest value.
            Maps each parameter's name to the name of an entry in AWS Systems Manager; the entry has the parameter's
            latest value.
    """

    name: str
    purpose: str
    bills: str
    parameters: Parameters = lambda _settings, _code, _outputs: {}
    pinned: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def body(self) -> str:
        """The template's text, as it is sent to AWS."""
        return (TEMPLATES / f"{self.name}.yaml").read_text(encoding="utf-8")

    def resources(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """The resources that the stack creates with the given parameters, as a dict from logical id to type."""
        template = parse(self.body)
        defaults = {name: str(declared.get("Default", "")) for name, declared in template["Parameters"].items()}
        given = {**defaults, **parameters}
        holds = {name: _holds(condition, given) for name, condition in template.get("Conditions", {}).items()}
        return {
            name: resource["Type"]
            for name, resource in template["Resources"].items()
            if holds.get(resource.get("Condition"), True)
        }


def _host(settings: Settings, code: Mapping[str, str], _: Outputs) -> dict[str, str]:
    return {"Kind": settings.host, "SettingsKey": code["host.env"], "ImageTag": code["image"]}


def _trigger(settings: Settings, code: Mapping[str, str], outputs: Outputs) -> dict[str, str]:
    return {
        "Kind": settings.host,
        "CodeKey": code["trigger.zip"],
        **{name: outputs.get("host", {}).get(name, "") for name in ("Url", "Subnet", "TriggerAccess", "HostAccess")},
    }


def _compute(settings: Settings, code: Mapping[str, str], __: Outputs) -> dict[str, str]:
    return {
        "JobScriptKey": code["job.py"],
        "PackageKey": code["package"],
        "Databases": database_name(settings.aws_prefix, "").rstrip("_"),
        "WheelsKey": code["wheels"],
    }


STORAGE = Stack("storage", "five buckets", "storage and requests; nothing while the buckets are empty")
COMPUTE = Stack(
    "compute", "the Glue job, the Athena workgroup, their roles", "each run of the Glue job and each query", _compute
)
SERVING = Stack("serving", "roles and alarms of the SageMaker endpoint", "the alarms; an endpoint while it exists")
MONITORING = Stack(
    "monitoring",
    "the SNS topic for alerts",
    "e-mails after the first thousand a month",
    lambda settings, _code, _outputs: {"AlertEmail": settings.aws_alert_email},
)
ALARMS = Stack("alarms", "CloudWatch's own alarms on the platform's metrics", "alarms")
BUDGET = Stack(
    "budget",
    "AWS's alarm on the month's bill; it sends a message, and stops nothing",
    "",
    lambda settings, _code, _outputs: {"MonthlyUsd": f"{max(budget.limit(settings), 1):g}"},
)
IMAGES = Stack("images", "the repository of the host's image", "the image's bytes")
HOST = Stack(
    "host",
    "where Dagster runs",
    "each hour of the instance and its disks, or each run of the task",
    _host,
    {"Machine": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"},
)
TRIGGER = Stack("trigger", "the rule that starts the daily run at 02:00 UTC", "an alarm", _trigger)

ALL: Sequence[Stack] = [STORAGE, COMPUTE, MONITORING, SERVING, ALARMS, BUDGET, IMAGES, HOST, TRIGGER]
"""All stacks, in the order in which they are created. `imdb destroy` removes all stacks, whatever the settings."""


def stacks(settings: Settings, partition: str) -> Sequence[Stack]:
    """The stacks of a deployment, in the order in which they are created.

    Args:
        settings: What to deploy.
        partition: AWS's partition; see `Place.partition`.
    """
    absent = [*((IMAGES, HOST, TRIGGER) if settings.host == "none" else ()), *([BUDGET] if partition == GOV else ())]
    return [stack for stack in ALL if stack not in absent]


def parse(template: str) -> dict[str, Any]:
    """Reads a template in YAML; `!Ref` and similar short forms become the long forms of CloudFormation's JSON."""
    return yaml.load(template, _Loader)  # noqa: S506 - a safe loader


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)


def _holds(condition: Any, given: Mapping[str, str]) -> bool:
    """Whether a template's condition holds; our templates use only the conditions `Fn::Equals` and `Fn::Not`."""
    if "Fn::Not" in condition:
        return not _holds(condition["Fn::Not"][0], given)
    left, right = (given[side["Ref"]] if isinstance(side, dict) else side for side in condition["Fn::Equals"])
    return left == right
