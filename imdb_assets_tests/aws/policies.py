"""What roles may do: ministack's policy evaluator, asked about the policies that its IAM holds.

ministack evaluates as AWS does within one account: explicit denials, wildcards, conditions. It does not import into the
tests' environment, so it is asked in its own.
"""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from imdb_assets_tests.aws import emulators
from imdb_assets_tests.aws.emulators import Emulator

EVALUATE = """
import json, sys
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

asked = json.load(sys.stdin)
policies = {role: [parse_policy_document(one) for one in documents] for role, documents in asked["policies"].items()}
answers = []
for request in asked["requests"]:
    allowed = []
    for role, documents in policies.items():
        context = EvalContext(
            principal_arn=f"arn:aws:sts::000000000000:assumed-role/{role}/test", principal_type="AssumedRole",
            principal_account="000000000000", action=request["action"], resource_arn=request["resource"],
            region=asked["region"], secure_transport=True, service_context=request["context"])
        if evaluate(context, documents).decision == "Allow":
            allowed.append(role)
    answers.append(allowed)
json.dump(answers, sys.stdout)
"""


@dataclass(frozen=True)
class Request:
    """One action on one resource."""

    action: str
    resource: str
    context: dict[str, str] = field(default_factory=dict[str, str])


def of_roles(aws: Emulator, prefix: str) -> dict[str, list[Any]]:
    """Role, less the prefix → its policy documents."""
    iam = aws.client("iam")
    found: dict[str, list[Any]] = {}
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = role["RoleName"]
            if name.startswith(f"{prefix}-"):
                policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
                assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
                found[name.removeprefix(f"{prefix}-")] = [
                    iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in policies
                ]
    return found


def allowed(policies: dict[str, list[Any]], requests: Iterable[Request]) -> list[set[str]]:
    """Of each request, the roles that may make it."""
    asked = {
        "policies": policies,
        "requests": [
            {
                "action": one.action,
                "resource": one.resource,
                "context": {key.lower(): value for key, value in one.context.items()},
            }
            for one in requests
        ],
        "region": emulators.REGION,
    }
    found = subprocess.run(
        [emulators.BIN / "python", "-c", EVALUATE], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    return [set(roles) for roles in json.loads(found.stdout)]
