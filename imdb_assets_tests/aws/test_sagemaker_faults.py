"""What SageMaker can do to us over the wire: cause and remedy are said, nothing is half published or left billing."""

import io
import re
import tarfile
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from imdb_assets.aws.deploy import wheels
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.aws.sagemaker import endpoint, inference_script, model_archive, training_jobs, training_script
from imdb_assets.lake.errors import LakeError
from imdb_assets.ml import champions
from imdb_assets.ml.iterations import Regime
from imdb_assets.serving.errors import EndpointError
from imdb_assets_tests.aws import emulators, misbehaving
from imdb_assets_tests.aws.conftest import led_to
from imdb_assets_tests.aws.emulators import REGION, Emulator
from imdb_assets_tests.aws.faulty import Fault
from imdb_assets_tests.aws.misbehaving import Aws
from imdb_assets_tests.world import CHAMPIONS, FILMS, movie_features

PLACE = Place("imdb-assets", "123456789012", REGION)
RATING, CANDIDATE = "imdb-assets-rating", "imdb-assets-candidate"
TREES: dict[Regime, int] = {"pre-release": 3, "with votes": 3}
EXPIRED = {"code": "ExpiredTokenException", "status": 400, "message": "The security token included is expired"}
BUSY = r"too busy, or had a fault, \d+ times in a row"


def denied(action: str, resource: str = "endpoint/imdb-assets-candidate") -> str:
    """AWS's own words."""
    user, arn = "arn:aws:sts::1:assumed-role/r/s", f"arn:aws:sagemaker:{REGION}:123456789012:{resource}"
    because = "because no identity-based policy allows the action"
    return f"User: {user} is not authorized to perform: {action} on resource: {arn} {because}"


@pytest.fixture(scope="module")
def server(moto: Emulator) -> Iterator[Aws]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK's, of its docstrings
        pytest.importorskip("sagemaker.core.resources", reason="optional: the packages of requirements/aws.txt")
    with misbehaving.serving(moto) as aws:
        yield aws


@pytest.fixture
def aws(server: Aws, moto: Emulator, versions: list[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """An empty account with the stacks' bucket and group of schedules."""
    from sagemaker.core.utils.utils import SageMakerClient

    moto.reset()
    location = {"LocationConstraint": REGION}
    moto.client("s3").create_bucket(Bucket=PLACE.bucket("features"), CreateBucketConfiguration=location)
    moto.client("scheduler").create_schedule_group(Name=PLACE.prefix)

    def predict(config: str, kind: str, body: bytes) -> bytes:
        version = next(one for one in versions if config == f"imdb-assets-{one.name}")
        return inference_script.predict_fn(
            inference_script.input_fn(body, kind), inference_script.model_fn(str(version))
        ).content

    server.faults, server.states, server.then, server.asked, server.answers = [], {}, {}, [], predict
    for module in (endpoint, training_jobs):
        monkeypatch.setattr(module, "POLL_SECONDS", 0)
    monkeypatch.setattr(endpoint, "CREATE_SECONDS", 0)
    monkeypatch.setattr(inference_script, "model_fn", cache(inference_script.model_fn))
    monkeypatch.setattr(model_archive, "pack", lambda version, archive, _: archive.write_bytes(version.name.encode()))
    monkeypatch.setattr(wheels, "fetched", lambda *_: {})
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    with led_to(emulators.environment(server.url)):
        SageMakerClient.reset()
        yield server
    SageMakerClient.reset()


def up(version: Path, told: list[str] | None = None) -> endpoint.Up:
    return endpoint.up(PLACE, version, hours=2, progress=(told if told is not None else []).append)


def config(version: Path) -> str:
    return f"imdb-assets-{version.name}"


def schedules(moto: Emulator) -> set[str]:
    return {one["Name"] for one in moto.client("scheduler").list_schedules(GroupName=PLACE.prefix)["Schedules"]}


def _name(value: object) -> str:
    if isinstance(value, Fault):
        return f"{value.operation}-{value.code or 'closed'}{'-after' if value.after else ''}"
    return re.sub(r"\W+", "-", str(value))[:12]


HOPELESS = [
    (Fault("s3.PutObject", "AccessDenied", 403), "the permission s3:PutObject"),
    (Fault("s3.PutObject", "NoSuchBucket", 404), "no such bucket.*imdb deploy"),
    (Fault("sagemaker.DescribeModel", "ThrottlingException", 400), f"looking for model.*{BUSY}"),
    (Fault("sagemaker.CreateModelPackage", "ThrottlingException", 400), BUSY),
    (
        Fault("sagemaker.CreateModel", "AccessDeniedException", 400, denied("sagemaker:CreateModel", "model/x")),
        f"the permission sagemaker:CreateModel on arn:aws:sagemaker:{REGION}:123456789012:model/x",
    ),
    (Fault("sagemaker.CreateEndpointConfig", "InternalFailure", 500), BUSY),
    (Fault("scheduler.CreateSchedule", "InternalServerException", 500), f"scheduling the end of.*{BUSY}"),
    (Fault("sagemaker.CreateEndpoint", "ServiceUnavailable", 503), BUSY),
    (Fault("sagemaker.CreateEndpoint", "ResourceLimitExceeded", 400, "0 instances"), "a quota of the account"),
    (Fault("sagemaker.CreateEndpoint"), "Check the network"),
    (Fault("sagemaker-runtime.InvokeEndpoint", "ModelNotReadyException", 429), "ModelNotReadyException"),
    (Fault("sagemaker-runtime.InvokeEndpoint", "ServiceUnavailable", 503), BUSY),
    (Fault("sagemaker-runtime.InvokeEndpoint"), "Check the network"),
    (Fault("sagemaker.UpdateEndpoint", "ThrottlingException", 400), BUSY),
    (
        Fault("sagemaker.UpdateEndpoint", "AccessDeniedException", 400, denied("sagemaker:UpdateEndpoint")),
        "the permission sagemaker:UpdateEndpoint on ",
    ),
]


QUICK = {"NoSuchBucket", "ThrottlingException"}
"""Their codes, on the first and on the last steps; the others are as slow, and in `make test-all` only."""


@pytest.mark.parametrize(
    ("fault", "words"),
    [pytest.param(*case, marks=[] if case[0].code in QUICK else pytest.mark.slow) for case in HOPELESS],
    ids=_name,
)
def test_the_version_before_goes_on_serving_and_nothing_else_bills(
    aws: Aws, versions: list[Path], fault: Fault, words: str
) -> None:
    up(versions[0])
    fault.met = 0
    aws.faults = [fault]
    with pytest.raises(EndpointError, match=f"(?s){words}.*{versions[0].name} still serves at {RATING}\\."):
        up(versions[1])
    assert fault.met >= 1
    assert aws.endpoints() == {RATING: config(versions[0])}
    aws.faults = []
    assert up(versions[1]).version == versions[1].name
    assert aws.endpoints() == {RATING: config(versions[1])}


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation", ["sagemaker.CreateEndpoint", "sagemaker.DescribeEndpoint", "sagemaker.UpdateEndpoint"]
)
def test_what_passes_is_waited_for(aws: Aws, versions: list[Path], operation: str) -> None:
    up(versions[0])
    aws.faults = [
        Fault(operation, "ThrottlingException", 400, times=2),
        Fault(operation, "InternalFailure", 500, times=1),
    ]
    assert up(versions[1]).version == versions[1].name
    assert aws.endpoints() == {RATING: config(versions[1])}
    assert [fault.met for fault in aws.faults] == [2, 1]


LOST = [
    "sagemaker.CreateModelPackageGroup",
    "sagemaker.CreateModel",
    "sagemaker.CreateEndpointConfig",
    "scheduler.CreateSchedule",
    "sagemaker.CreateEndpoint",
]


@pytest.mark.parametrize("operation", LOST)
def test_a_step_counts_whose_answer_was_lost(aws: Aws, versions: list[Path], operation: str) -> None:
    aws.faults = [Fault(operation, times=1, after=True)]
    up(versions[0])
    assert aws.faults[0].met == 1
    assert aws.endpoints() == {RATING: config(versions[0])}
    assert len(aws.named(operation.partition(".")[2])) == 1


def test_a_registration_whose_answer_was_lost_is_repeated_with_the_same_token(aws: Aws, versions: list[Path]) -> None:
    aws.faults = [Fault("sagemaker.CreateModelPackage", "InternalFailure", 500, times=1, after=True)]
    up(versions[0])
    first, second = aws.named("CreateModelPackage")
    assert first["ClientToken"] == second["ClientToken"]  # by which AWS takes them for one


@pytest.mark.parametrize("times", [1, 10**6])
def test_an_endpoint_whose_answers_were_lost_is_known_again(aws: Aws, versions: list[Path], times: int) -> None:
    up(versions[0])
    aws.faults = [Fault("sagemaker.CreateEndpoint", times=times, after=True)]
    assert up(versions[1]).version == versions[1].name
    assert aws.endpoints() == {RATING: config(versions[1])}


@pytest.mark.parametrize("operation", ["sagemaker.UpdateEndpoint", "sagemaker.DeleteEndpoint"])
def test_an_update_or_removal_counts_whose_answer_was_lost(aws: Aws, versions: list[Path], operation: str) -> None:
    up(versions[0])
    aws.faults = [Fault(operation, times=10**6, after=True)]
    told: list[str] = []
    assert up(versions[1], told).version == versions[1].name
    assert aws.endpoints() == {RATING: config(versions[1])}


def test_an_endpoint_of_somebody_else_is_left_alone(aws: Aws, versions: list[Path]) -> None:
    up(versions[0])

    def faster(_request: dict[str, Any]) -> None:
        aws.sagemaker.create_endpoint(EndpointName=CANDIDATE, EndpointConfigName=config(versions[1]))

    aws.then["CreateEndpointConfig"] = faster
    with pytest.raises(EndpointError, match="Cannot create already existing endpoint"):
        up(versions[1])
    assert aws.endpoints() == {RATING: config(versions[0]), CANDIDATE: config(versions[1])}


def test_an_endpoint_stuck_in_creating_is_removed(aws: Aws, versions: list[Path]) -> None:
    aws.states[RATING] = "Creating"
    with pytest.raises(EndpointError, match=r"Creating.*no endpoint is up, and nothing is billed"):
        up(versions[0])
    assert aws.endpoints() == {}


def test_credentials_that_are_expired_from_the_start_change_nothing(aws: Aws, versions: list[Path]) -> None:
    aws.faults = [Fault("sagemaker", **EXPIRED)]
    with pytest.raises(EndpointError, match=r"expired or wrong.*aws sso login.*It is unknown which version serves now"):
        up(versions[0])
    assert aws.asked == []
    assert aws.faults[0].met <= 2  # what cannot help is not repeated


def test_credentials_that_expire_meanwhile_leave_an_endpoint_with_an_end(
    aws: Aws, versions: list[Path], moto: Emulator
) -> None:
    aws.then["CreateEndpoint"] = lambda _request: aws.faults.append(Fault("sagemaker", **EXPIRED))
    with pytest.raises(
        EndpointError,
        match=rf"expired or wrong.*And {RATING} could not be removed: if the endpoint exists, it costs .*down",
    ):
        up(versions[0])
    assert f"end-of-{RATING}" in schedules(moto)
    aws.faults = []
    assert endpoint.down(PLACE, [].append)
    assert aws.endpoints() == {}


def test_a_candidate_that_cannot_be_removed_is_told_and_has_an_end(
    aws: Aws, versions: list[Path], moto: Emulator
) -> None:
    up(versions[0])
    message = denied("sagemaker:DeleteEndpoint")
    aws.faults = [Fault("sagemaker.DeleteEndpoint", "AccessDeniedException", 400, message)]
    told: list[str] = []
    assert up(versions[1], told).version == versions[1].name
    told_so = rf"the permission sagemaker:DeleteEndpoint on .*So {CANDIDATE} costs money until"
    assert any(re.search(told_so, line) for line in told)
    assert f"end-of-{CANDIDATE}" in schedules(moto)


def test_an_end_that_is_refused_says_that_the_endpoint_may_bill(aws: Aws, versions: list[Path]) -> None:
    up(versions[0])
    aws.faults = [Fault("sagemaker.DeleteEndpoint", "InternalFailure", 500)]
    with pytest.raises(EndpointError, match=rf"(?s){BUSY}.*may still cost money"):
        endpoint.down(PLACE, [].append)


@pytest.fixture
def job(aws: Aws, moto: Emulator) -> Aws:
    """The account; a training job leaves its trees at once."""

    def run(request: dict[str, Any]) -> None:
        packed = io.BytesIO()
        with tempfile.TemporaryDirectory() as name, tarfile.open(fileobj=packed, mode="w:gz") as archive:
            given, made = Path(name) / "given", Path(name) / "made"
            given.mkdir()
            made.mkdir()
            training_script.write_input(given, movie_features(FILMS), CHAMPIONS, TREES)  # pyright: ignore[reportArgumentType]
            training_script.fit(given, made)
            archive.add(made, arcname=".")
        key = f"trained/{request['TrainingJobName']}/output/model.tar.gz"
        moto.client("s3").put_object(Bucket=PLACE.bucket("features"), Key=key, Body=packed.getvalue())

    aws.then["CreateTrainingJob"] = run
    return aws


def train() -> dict[Regime, Any]:
    films = movie_features(FILMS)
    return training_jobs.fit_champions(PLACE, films, CHAMPIONS, TREES, [].append)[0]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("sagemaker.CreateTrainingJob", "ThrottlingException", 400, times=2),
        Fault("sagemaker.CreateTrainingJob", times=1, after=True),
        Fault("sagemaker.DescribeTrainingJob", "InternalFailure", 500, times=2),
        Fault("s3.PutObject", "SlowDown", 503, times=2),
        Fault("s3.PutObject", times=1, after=True),
    ],
    ids=_name,
)
def test_a_training_job_is_made_once_whatever_passes(job: Aws, fault: Fault) -> None:
    fault.met = 0
    job.faults = [fault]
    here = champions.fit_champions(movie_features(FILMS), CHAMPIONS, TREES)  # pyright: ignore[reportArgumentType]
    for regime, model in train().items():
        assert model.booster.save_raw("ubj") == here[regime].booster.save_raw("ubj")
    assert fault.met == fault.times
    assert len(job.named("CreateTrainingJob")) == 1
    assert job.named("StopTrainingJob") == []


@pytest.mark.parametrize(
    ("fault", "kind", "words", "stopped"),
    [
        (Fault("s3.PutObject", "AccessDenied", 403), LakeError, "the permission s3:PutObject", 0),
        (Fault("sagemaker.CreateTrainingJob", "ResourceLimitExceeded", 400, "0"), DeployError, "a quota of", 0),
        (Fault("sagemaker.CreateTrainingJob", after=True), DeployError, "Check the network", 1),
        (
            Fault(
                "sagemaker.DescribeTrainingJob", "AccessDeniedException", 400, denied("sagemaker:DescribeTrainingJob")
            ),
            DeployError,
            "the permission sagemaker:DescribeTrainingJob",
            1,
        ),
    ],
    ids=_name,
)
def test_a_training_job_that_nobody_waits_for_is_stopped(
    job: Aws, fault: Fault, kind: type[Exception], words: str, stopped: int
) -> None:
    fault.met = 0
    job.faults = [fault]
    with pytest.raises(kind, match=words):
        train()
    running = [request["TrainingJobName"] for request in job.named("CreateTrainingJob")]
    assert len(running) == stopped
    assert set(running) <= {request["TrainingJobName"] for request in job.named("StopTrainingJob")}


def test_a_training_job_that_cannot_be_stopped_has_an_end(job: Aws) -> None:
    job.then["CreateTrainingJob"] = lambda _request: job.faults.append(Fault("sagemaker", **EXPIRED))
    with pytest.raises(DeployError, match=r"expired or wrong.*could not be stopped: .*ends after at most 30 minutes"):
        train()
    (request,) = job.named("CreateTrainingJob")
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 1800}
