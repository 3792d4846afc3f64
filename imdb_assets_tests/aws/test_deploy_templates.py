"""The CloudFormation templates by themselves: cfn-lint has nothing to say, no policy grants what has no reason."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

from imdb_assets.aws import cloudwatch
from imdb_assets.aws.deploy import artifacts, stacks
from imdb_assets.aws.deploy.stacks import ALL, Place, Stack
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets_tests.aws import emulators
from imdb_assets_tests.aws.templates import FILES, resources

CFN_LINT = emulators.BIN / "cfn-lint"
CHECKOV = PROJECT_ROOT / ".venv-checkov" / "bin" / "checkov"


def _statements() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every statement of every policy but those of buckets, queues and topics, with its resource."""
    for name, resource in resources("AWS::IAM::"):
        properties = resource["Properties"]
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
        for document in documents:
            for statement in document["Statement"]:
                yield f"{name}.{statement['Sid']}", statement, resource


TAGGED = (f"aws:ResourceTag/{stacks.TAG}", "{'Ref': 'Prefix'}")


def _conditions(statement: dict[str, Any]) -> set[tuple[str, str]]:
    return {(key, str(value)) for key, value in statement.get("Condition", {}).get("StringEquals", {}).items()}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_template_is_of_a_stack() -> None:
    assert [file.stem for file in FILES] == sorted(stack.name for stack in ALL)


@pytest.mark.skipif(not CFN_LINT.is_file(), reason="no cfn-lint: make .venv-aws/.ready")
@pytest.mark.parametrize(
    ("region", "partition"), [("eu-central-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", stacks.GOV)]
)
def test_cfn_lint_is_content_in_every_partition(region: str, partition: str) -> None:
    files = [stacks.TEMPLATES / f"{stack.name}.yaml" for stack in stacks.stacks(Settings(host="task"), partition)]
    ignored = ("--ignore-checks", "I3011,I3013,I3042,I1022")
    found = subprocess.run(
        [CFN_LINT, "--include-checks", "I", *ignored, "--regions", region, "--", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


ACCEPTED = {
    "CKV_AWS_18": "access logs need a bucket of their own; CloudTrail says who changed what",
    "CKV_AWS_26": "CloudWatch cannot publish to a topic encrypted with AWS's own key; alerts hold no secret",
    "CKV_AWS_27": "it is encrypted, by SQS itself (SqsManagedSseEnabled), which checkov does not know",
    "CKV_AWS_65": "container insights bill by the metric, for one task a night",
    "CKV_AWS_88": "instead of a NAT gateway; no rule lets anybody in",
    "CKV_AWS_111": "actions that know no resources; Metadata.Reasons has each",
    "CKV_AWS_115": "an account may have ten executions, all of which must stay unreserved",
    "CKV_AWS_116": "Retries (EventInvokeConfig) has the queue, with the reason of the failure",
    "CKV_AWS_136": "a key of one's own costs $1 a month, and protects nothing here that AWS's does not",
    "CKV_AWS_149": "the same",
    "CKV_AWS_158": "the same",
    "CKV_AWS_173": "the function's variables hold no secret, only the name of one",
    "CKV_AWS_195": "the buckets encrypt what the job writes; it keeps no bookmarks",
}
"""What checkov objects to → why it stays."""


@pytest.mark.slow
@pytest.mark.skipif(not CHECKOV.is_file(), reason="no checkov: make .venv-checkov/.ready")
def test_checkov_objects_to_nothing_without_a_reason() -> None:
    found = subprocess.run(
        [CHECKOV, "--skip-download", "--framework", "cloudformation", "--output", "json", "-d", stacks.TEMPLATES],
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(found.stdout)
    assert (told["summary"]["parsing_errors"], told["summary"]["passed"] > 100) == (0, True)
    objections = {one["check_id"]: one["check_name"] for one in told["results"]["failed_checks"]}
    assert objections.keys() == ACCEPTED.keys(), objections


@pytest.mark.parametrize(("statement", "resource"), [pytest.param(one, of, id=name) for name, one, of in _statements()])
def test_a_policy_grants_named_actions_on_named_resources(statement: dict[str, Any], resource: dict[str, Any]) -> None:
    reasons = resource.get("Metadata", {}).get("Reasons", {})
    assert statement["Effect"] == "Allow"
    assert not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys()
    for action in _listed(statement["Action"]):
        assert re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action), f"{action} is a pattern"
    for granted in _listed(statement["Resource"]):
        text = granted.get("Fn::Sub", "") if isinstance(granted, dict) else granted
        if text == "*":
            assert reasons[statement["Sid"]], "a grant on everything needs a reason in Metadata.Reasons"
        elif text:  # else a reference to one resource
            parts = text.replace("AWS::", "").split(":", 5)
            assert parts[5] not in ("", "*"), f"{text} is every resource of a service"
            ours = "${Prefix}" in text or parts[2] in ("logs", "ecr", "glue") or TAGGED in _conditions(statement)
            assert ours, f"{text} is not of this deployment"
    if "iam:PassRole" in _listed(statement["Action"]):
        assert statement["Action"] == "iam:PassRole"
        assert statement["Condition"]["StringEquals"]["iam:PassedToService"].endswith(".amazonaws.com")


def test_every_reason_is_of_a_statement() -> None:
    given = {
        f"{name}.{sid}"
        for name, resource in resources("AWS::IAM::")
        for sid in resource.get("Metadata", {}).get("Reasons", {})
    }
    assert given == {name for name, statement, _ in _statements() if statement["Resource"] == "*"}


def test_only_services_may_take_a_role() -> None:
    for name, role in resources("AWS::IAM::Role"):
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
            services = _listed(statement["Principal"]["Service"])
            assert statement["Principal"].keys() == {"Service"}, name
            assert all(service.endswith(".amazonaws.com") for service in services), name


def test_what_others_may_do_here_is_for_one_service_and_only_from_this_account() -> None:
    """Policies of topics and queues; those of buckets only deny (see below)."""
    found: list[str] = []
    for name, resource in (*resources("AWS::SNS::TopicPolicy"), *resources("AWS::SQS::QueuePolicy")):
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
            found.append(f"{name}.{statement['Sid']}")
            assert re.fullmatch(r"[a-z]+:[A-Za-z]+", statement["Action"])
            assert statement["Resource"] != "*"
            if statement["Effect"] == "Deny":
                assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
                continue
            assert statement["Principal"].keys() == {"Service"}
            whose = {key for condition in statement["Condition"].values() for key in condition}
            assert whose & {"aws:SourceAccount", "aws:SourceArn"}, f"{found[-1]}: any account's alarms could come here"
    assert len(found) == 3


def test_every_bucket_is_private_encrypted_versioned_and_tidied() -> None:
    buckets = dict(resources("AWS::S3::Bucket"))
    policies = {name: one for name, one in buckets.items() if one["Type"] == "AWS::S3::BucketPolicy"}
    buckets = {name: one["Properties"] for name, one in buckets.items() if one["Type"] == "AWS::S3::Bucket"}
    assert sorted(one["BucketName"]["Fn::Sub"].rpartition("-")[2] for one in buckets.values()) == sorted(stacks.BUCKETS)
    for name, bucket in buckets.items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4, name
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        encrypted = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"]
        assert encrypted["SSEAlgorithm"] == "AES256"
        rules = bucket["LifecycleConfiguration"]["Rules"]
        assert any("AbortIncompleteMultipartUpload" in rule for rule in rules), name
        assert any("NoncurrentVersionExpiration" in rule for rule in rules), name
    days = {
        (name, rule["Prefix"]): rule["ExpirationInDays"]
        for name, bucket in buckets.items()
        for rule in bucket["LifecycleConfiguration"]["Rules"]
        if "ExpirationInDays" in rule
    }
    assert days == {
        ("storage.ResultsBucket", ""): 7,
        ("storage.ArtifactsBucket", "pipes/"): 2,
        ("storage.FeaturesBucket", "capture/"): 30,
    }, "tables, dumps and models go by maintenance, never by age"
    denied = {
        policy["Properties"]["Bucket"]["Ref"]: policy["Properties"]["PolicyDocument"]["Statement"]
        for policy in policies.values()
    }
    assert {f"storage.{name}" for name in denied} == buckets.keys()
    for [statement] in denied.values():
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_glue_job_is_one_at_a_time_scales_by_itself_and_ends() -> None:
    [(_, job)] = resources("AWS::Glue::Job")
    properties, arguments = job["Properties"], job["Properties"]["DefaultArguments"]
    assert (properties["GlueVersion"], properties["WorkerType"]) == ("5.1", "G.1X")
    assert properties["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
    assert (properties["MaxRetries"], properties["Timeout"]) == (0, 60)
    assert arguments["--enable-auto-scaling"] == "true"
    assert arguments["--custom-logGroup-prefix"] == {"Fn::Sub": "/${Prefix}/glue"}
    assert arguments["--extra-py-files"]["Fn::Sub"].endswith("-artifacts/${PackageKey}")
    assert arguments["--additional-python-modules"]["Fn::Sub"].endswith("-artifacts/${WheelsKey}")
    assert arguments["--python-modules-installer-option"] == "--no-index"


def test_the_months_budget_is_what_aws_takes_and_tells_the_topic() -> None:
    [(_, budget)] = resources("AWS::Budgets::Budget")
    given = _filled(budget["Properties"], {"Prefix": "imdb-assets", "MonthlyUsd": "10"})
    shape: Any = get_session().get_service_model("budgets").operation_model("CreateBudget").input_shape
    validate_parameters({"AccountId": "123456789012", **given}, shape)
    assert given["Budget"]["BudgetLimit"] == {"Amount": "10", "Unit": "USD"}
    told = {one["Address"] for it in given["NotificationsWithSubscribers"] for one in it["Subscribers"]}
    assert told == {"arn:x:sns:x:x:imdb-assets-alerts"}
    [(_, policy)] = resources("AWS::SNS::TopicPolicy")
    assert "budgets.amazonaws.com" in str(policy["Properties"]["PolicyDocument"])


def _filled(value: Any, given: dict[str, str]) -> Any:
    """A part of a template with parameters put in, and `x` for what CloudFormation knows itself."""
    if isinstance(value, list):
        return [_filled(one, given) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"}:
        return given[value["Ref"]]
    if value.keys() == {"Fn::Sub"}:
        return re.sub(r"\$\{([\w:]+)\}", lambda found: given.get(found[1], "x"), value["Fn::Sub"])
    return {name: _filled(one, given) for name, one in value.items()}


def test_a_host_that_is_down_makes_an_alarm_within_minutes() -> None:
    """A rule has done its part once Lambda has the event: retries and dead letters are the function's."""
    trigger = stacks.parse(stacks.TRIGGER.body)["Resources"]
    [target] = trigger["DailyThroughTheHost"]["Properties"]["Targets"]
    assert target.keys() == {"Id", "Arn"}
    retries = trigger["Retries"]["Properties"]
    assert (retries["FunctionName"], retries["MaximumRetryAttempts"]) == ({"Ref": "Function"}, 2)
    failed = {"Fn::GetAtt": ["Undelivered", "Arn"]}
    assert retries["DestinationConfig"]["OnFailure"]["Destination"] == failed
    [may] = [one for name, one, _ in _statements() if name == "trigger.FunctionRole.KeepWhatFailed"]
    assert (may["Action"], may["Resource"]) == ("sqs:SendMessage", failed)
    alarm = trigger["NotStarted"]["Properties"]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Undelivered", "QueueName"]}}]
    assert alarm["Period"] * alarm["EvaluationPeriods"] <= 300
    # an account may have ten at a time, all of which must stay unreserved
    assert "ReservedConcurrentExecutions" not in trigger["Function"]["Properties"]


def test_an_endpoint_that_is_not_ended_makes_an_alarm() -> None:
    serving = stacks.parse(stacks.SERVING.body)["Resources"]
    place = Place("imdb-assets", "123456789012", "cn-north-1", "aws-cn")
    assert place.role("endpoint") == "arn:aws-cn:iam::123456789012:role/imdb-assets-endpoint"
    assert place.topic == "arn:aws-cn:sns:cn-north-1:123456789012:imdb-assets-alerts"
    queue = _filled(serving["NotEnded"]["Properties"], {"Prefix": "imdb-assets"})["QueueName"]
    assert place.arn("sqs", "endpoint-not-ended").rpartition(":")[2] == queue
    [may] = [one for name, one, _ in _statements() if name == "serving.EndpointReaperRole.KeepWhatFailed"]
    assert (may["Action"], may["Resource"]) == ("sqs:SendMessage", {"Fn::GetAtt": ["NotEnded", "Arn"]})
    watched = serving["NotEndedAlarm"]["Properties"]
    assert watched["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["NotEnded", "QueueName"]}}]
    assert "${Prefix}-alerts" in str(watched["AlarmActions"])


def test_every_log_is_kept_for_a_month_and_goes_with_its_stack() -> None:
    groups = {resource["Properties"]["LogGroupName"]["Fn::Sub"]: resource for _, resource in resources("AWS::Logs::")}
    assert groups.keys() == {
        "/aws/lambda/${Prefix}-trigger",
        "/aws/sagemaker/Endpoints/${Prefix}-candidate",
        "/aws/sagemaker/Endpoints/${Prefix}-rating",
        "/${Prefix}/glue/error",
        "/${Prefix}/glue/output",
        "/${Prefix}/host",
    }
    assert {one["Properties"]["RetentionInDays"] for one in groups.values()} == {30}
    assert not any("DeletionPolicy" in one for one in groups.values())
    makers = [name for name, one, _ in _statements() if "logs:CreateLogGroup" in _listed(one["Action"])]
    assert makers == ["serving.TrainingRole.Log"], "SageMaker has one group of training jobs for the whole account"


def test_the_alarms_are_those_that_are_declared() -> None:
    assert stacks.ALARMS.body == cloudwatch.template(), "`make docs` writes it anew"


@pytest.mark.parametrize("stack", ALL, ids=lambda stack: stack.name)
def test_a_template_says_what_it_makes_with_given_parameters(stack: Stack) -> None:
    declared = stacks.parse(stack.body)["Resources"]
    if stack in (stacks.HOST, stacks.TRIGGER):
        instance, task = (set(stack.resources({"Kind": kind})) for kind in ("instance", "task"))
        assert instance | task == set(declared)
        assert instance != task
        assert ("Host" if stack is stacks.HOST else "Function") in instance - task
    elif stack is stacks.MONITORING:
        assert set(declared) - set(stack.resources({"AlertEmail": ""})) == {"Email"}
        assert set(stack.resources({"AlertEmail": "a@example.org"})) == set(declared)
    else:
        assert set(stack.resources({})) == set(declared)


def test_equal_code_has_equal_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place("first", "123456789012", "eu-central-1")
    contents = artifacts.code(Settings(), place)
    assert artifacts.keys(contents) == artifacts.keys(artifacts.code(Settings(), place))
    changed = artifacts.keys({**contents, "job.py": contents["job.py"] + b"#"})
    assert {name for name, key in artifacts.keys(contents).items() if key != changed[name]} == {"job.py"}
