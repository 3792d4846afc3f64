"""Training on SageMaker: the trees that this machine makes; and jobs that fail, stop, or leave what cannot be read."""

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.sagemaker import training_jobs
from imdb_assets.ml import champions
from imdb_assets_tests.aws.deployed import quiet
from imdb_assets_tests.aws.sagemaker_double import PLACE, Aws, instead_of_aws, refused
from imdb_assets_tests.world import CHAMPIONS, FILMS, movie_features

pytestmark = pytest.mark.usefixtures("sdk")
TREES = {"pre-release": 5, "with votes": 5}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Aws]:
    with instead_of_aws(monkeypatch, tmp_path) as double:
        yield double


def test_a_training_job_makes_the_trees_that_this_machine_makes(aws: Aws) -> None:
    films = movie_features(FILMS)
    here = champions.fit_champions(films, CHAMPIONS, TREES)  # pyright: ignore[reportArgumentType] - names of regimes
    there, billed = training_jobs.fit_champions(PLACE, films, CHAMPIONS, TREES, quiet)  # pyright: ignore[reportArgumentType]
    assert there.keys() == here.keys()
    assert billed == 90
    for regime, model in here.items():
        assert there[regime].booster.save_raw("ubj") == model.booster.save_raw("ubj")
        assert (there[regime].features, there[regime].train_rows) == (model.features, model.train_rows)
    [request] = aws.named("CreateTrainingJob")
    assert request["ResourceConfig"] == {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10}
    assert request["AlgorithmSpecification"]["TrainingImage"].endswith("/sagemaker-xgboost:3.2-0")
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 1800}
    assert request["RoleArn"].endswith("role/imdb-assets-training")


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("Failed", "is Failed: AlgorithmError: no films"),
        ("Stopped", "is Stopped"),
        (None, "took longer than 0 minutes"),
    ],
)
def test_a_training_job_that_ends_otherwise_is_told_and_bills_no_more(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, ends: str | None, said: str
) -> None:
    aws.job_ends = ends
    monkeypatch.setattr(training_jobs, "PATIENCE_SECONDS", 0)

    def create(request: dict[str, Any]) -> dict[str, Any]:
        aws.made["TrainingJob", request["TrainingJobName"]] = request
        return {"TrainingJobArn": "arn:aws:sagemaker:eu-central-1:123456789012:training-job/x"}

    monkeypatch.setattr(aws, "on_create_training_job", create, raising=False)
    with pytest.raises(DeployError, match=said):
        training_jobs.fit_champions(PLACE, movie_features(FILMS), CHAMPIONS, TREES, quiet)  # pyright: ignore[reportArgumentType]
    assert (len(aws.named("StopTrainingJob")) == 1) is (ends is None)


def _archive(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{name}.json")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@pytest.mark.parametrize(
    "left",
    [
        b"",
        b"no archive",
        _archive(fitted=os.urandom(9999))[:5000],
        _archive(other=b""),
        _archive(fitted=b"{"),
        _archive(fitted=b'{"pre-release": {}}'),
    ],
    ids=["empty", "of another kind", "cut off", "without models", "half written", "without trees"],
)
def test_trees_that_cannot_be_read_are_told_with_the_remedy(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, left: bytes
) -> None:
    def create(request: dict[str, Any]) -> dict[str, Any]:
        aws.made["TrainingJob", request["TrainingJobName"]] = request
        aws.objects[f"trained/{request['TrainingJobName']}/output/model.tar.gz"] = left
        return {"TrainingJobArn": "arn:aws:sagemaker:eu-central-1:123456789012:training-job/x"}

    monkeypatch.setattr(aws, "on_create_training_job", create)
    with pytest.raises(DeployError, match=r"which cannot be read \(.+\)\..*Materialize models/rating_model again"):
        training_jobs.fit_champions(PLACE, movie_features(FILMS), CHAMPIONS, TREES, quiet)  # pyright: ignore[reportArgumentType]


def test_an_interrupt_says_that_a_job_which_cannot_be_stopped_bills_on(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_request: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    def denied(_request: dict[str, Any]) -> dict[str, Any]:
        raise refused("no", "StopTrainingJob", "AccessDeniedException")

    monkeypatch.setattr(aws, "on_create_training_job", interrupt)
    monkeypatch.setattr(aws, "on_stop_training_job", denied)
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        training_jobs.fit_champions(PLACE, movie_features(FILMS), CHAMPIONS, TREES, told.append)  # pyright: ignore[reportArgumentType]
    [job] = [request["TrainingJobName"] for request in aws.named("StopTrainingJob")]
    assert f"training job {job} still costs money. The job could not be stopped: " in told[-1]
    assert told[-1].endswith(f"aws sagemaker stop-training-job --training-job-name {job}")
