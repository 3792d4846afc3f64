"""What the CloudFormation templates declare."""

from collections.abc import Iterator
from typing import Any

from imdb_assets.aws.deploy import stacks

FILES = sorted(stacks.TEMPLATES.glob("*.yaml"))


def resources(kind: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Stack and name of every resource whose type begins like this, with what is declared of it."""
    for file in FILES:
        for name, resource in stacks.parse(file.read_text(encoding="utf-8"))["Resources"].items():
            if resource["Type"].startswith(kind):
                yield f"{file.stem}.{name}", resource
