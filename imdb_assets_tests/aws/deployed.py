"""How tests deploy: the stacks as the settings name them, less what the emulator does not know."""

from collections.abc import Sequence
from dataclasses import dataclass
from unittest.mock import patch

import yaml

from imdb_assets.aws.deploy import cloudformation, deployment, stacks
from imdb_assets.aws.deploy.cloudformation import Change
from imdb_assets.aws.deploy.stacks import Place, Stack
from imdb_assets.aws.deploy.wheels import Wheels
from imdb_assets.settings import Settings
from imdb_assets_tests.aws.emulators import REGION, Emulator

NAME = f"imdb-assets-000000000000-{REGION}"
"""Names of buckets begin with it."""
MACHINE = "/tests/machine"
"""AWS's own parameter with the latest image cannot be put into an emulator."""
URL = "http://10.20.0.12:3000"
"""Of a host that the emulator cannot create."""
WHEELS = b"wheels"
"""Stands for packages that would be downloaded."""
UNKNOWN = {"AWS::Budgets::Budget", "AWS::EC2::Instance", "AWS::EC2::Volume"}
"""Types that ministack's CloudFormation refuses; what is asked for is checked by cfn-lint alone."""


@dataclass(frozen=True)
class Known(Stack):
    """A stack without the resources whose types the emulator does not know."""

    @property
    def body(self) -> str:
        """The rest of the template."""
        template = stacks.parse(super().body)
        known = {name: one for name, one in template["Resources"].items() if one["Type"] not in UNKNOWN}
        outputs = template.get("Outputs", {})
        if "Url" in outputs:
            outputs["Url"]["Value"] = URL
        return yaml.safe_dump({**template, "Resources": known, "Outputs": outputs})  # boto3 decodes JSON in answers


@dataclass(frozen=True)
class Fixed(Stack):
    """A stack of another template."""

    text: str = ""

    @property
    def body(self) -> str:
        """The other template."""
        return self.text


def deploy(
    aws: Emulator,
    settings: Settings,
    place: Place,
    told: list[str] | None = None,
    *,
    machine: str = "ami-0123456789abcdef0",
    renew: bool = False,
) -> dict[str, Change]:
    """Everything but the budget, on ministack.

    Args:
        aws: ministack.
        settings: What to deploy.
        place: Where.
        told: Gets what is told.
        machine: The latest machine image.
        renew: As of `deployment.deploy`.
    """
    aws.client("ssm").put_parameter(Name=MACHINE, Value=machine, Type="String", Overwrite=True)

    def tell(stack: str, text: str) -> None:
        if told is not None:
            told.append(f"{stack}: {text}")

    with patch.object(cloudformation, "POLL_SECONDS", 0.05), patch.object(Wheels, "packed", lambda _: WHEELS):
        return deployment.deploy(settings, place, tell, known(settings), renew=renew)


def known(settings: Settings, partition: str = "aws") -> Sequence[Stack]:
    """The stacks of the settings, as the emulator can create them."""
    chosen: list[Stack] = []
    for stack in stacks.stacks(settings, partition):
        if stack is stacks.HOST:
            chosen.append(Known(stack.name, stack.purpose, stack.bills, stack.parameters, {"Machine": MACHINE}))
        elif stack is not stacks.BUDGET:
            chosen.append(stack)
    return chosen


def quiet(*_: str) -> None:
    """Takes what is told, and tells nobody."""
