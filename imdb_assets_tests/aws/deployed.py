"""How tests deploy: the stacks as the settings name them, less what the emulator does not know."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from imdb_assets.deploy import cloudformation, deployment, stacks
from imdb_assets.deploy.cloudformation import Change
from imdb_assets.deploy.stacks import Place, Stack
from imdb_assets.settings import Settings
from imdb_assets_tests.aws.emulators import Emulator

MACHINE = "/tests/machine"
"""AWS's own parameter with the latest image cannot be put into an emulator."""
UNKNOWN = {"AWS::Budgets::Budget", "AWS::EC2::Instance"}
"""Types that ministack's CloudFormation refuses; what is asked for is checked by cfn-lint alone."""


@dataclass(frozen=True)
class Known(Stack):
    """A stack without the resources whose types the emulator does not know."""

    @property
    def body(self) -> str:
        """The rest of the template."""
        template = stacks.parse(super().body)
        known = {name: one for name, one in template["Resources"].items() if one["Type"] not in UNKNOWN}
        return json.dumps({**template, "Resources": known})


@dataclass(frozen=True)
class Fixed(Stack):
    """A stack of another template."""

    text: str = ""

    @property
    def body(self) -> str:
        """The other template."""
        return self.text


def deploy(aws: Emulator, settings: Settings, place: Place, told: list[str] | None = None) -> dict[str, Change]:
    """Everything but the budget, on ministack."""
    aws.client("ssm").put_parameter(Name=MACHINE, Value="ami-0123456789abcdef0", Type="String", Overwrite=True)

    def tell(stack: str, text: str) -> None:
        if told is not None:
            told.append(f"{stack}: {text}")

    with patch.object(cloudformation, "POLL_SECONDS", 0.05):
        return deployment.deploy(settings, place, tell, known(settings))


def known(settings: Settings) -> Sequence[Stack]:
    """The stacks of the settings, as the emulator can create them."""
    chosen: list[Stack] = []
    for stack in stacks.stacks(settings):
        if stack is stacks.HOST:
            own = stack.parameters

            def parameters(
                settings: Settings, code: Mapping[str, str], outputs: stacks.Outputs, own: Any = own
            ) -> dict[str, str]:
                return {**own(settings, code, outputs), "Machine": MACHINE}

            chosen.append(Known(stack.name, stack.purpose, stack.bills, parameters))
        elif stack is not stacks.BUDGET:
            chosen.append(stack)
    return chosen
