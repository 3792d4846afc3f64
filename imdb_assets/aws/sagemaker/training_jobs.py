"""Trains the champions as a SageMaker job from films and code on S3; training on this machine gives equal trees."""

import gzip
import hashlib
import io
import json
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import polars as pl

from imdb_assets.aws import s3
from imdb_assets.aws.billing import budget, prices
from imdb_assets.aws.billing.prices import BudgetError
from imdb_assets.aws.client import aws_errors, client, code_of, explained
from imdb_assets.aws.deploy import deployment, wheels
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.aws.sagemaker import model_archive, registry, training_script
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake
from imdb_assets.ml import training
from imdb_assets.ml.iterations import Regime
from imdb_assets.settings import Settings

INSTANCE = "ml.m5.xlarge"
LIMIT_SECONDS = 1800
"""Time after which SageMaker ends the job, which AWS bills by the second. Training two champions takes a minute or two.
"""
PATIENCE_SECONDS = LIMIT_SECONDS + 900
"""Longest wait for a job, including the time that the job waits for a machine."""
POLL_SECONDS = 10
_ENDED = {"ResourceNotFound", "ValidationException"}
"""SageMaker's error codes for an attempt to stop a job that does not exist or is not running."""
UNREADABLE = (tarfile.TarError, EOFError, zlib.error, OSError, LookupError, TypeError, ValueError)
"""Errors that the reader of trained trees raises if the trees' archive is truncated, damaged or made by other code.
XGBoostError is a ValueError."""
ENTRY = b"""import runpy

runpy.run_module("imdb_assets.aws.sagemaker.training_script", run_name="__main__", alter_sys=True)
"""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class SageMakerTrainer:
    """Trains champions as a SageMaker job, if the month's budget allows it."""

    settings: Settings
    lake: Lake
    """The lake; its table `ops.costs` has the costs so far."""

    def fit(
        self, films: pl.DataFrame, chosen: Mapping[Regime, str], trees: Mapping[Regime, int], progress: Progress
    ) -> tuple[dict[Regime, training.Fitted], dict[str, float]]:
        """See `fit_champions`; also returns the seconds that AWS bills for the job.

        Raises:
            TrainingError: The job would exceed the budget, AWS refused the job, or the job failed; the message says
                what to do.
        """
        try:
            budget.require(self.settings, self.lake, prices.job("training"), "the training job")
            fitted, billed = fit_champions(deployment.place_of(self.settings), films, chosen, trees, progress)
        except (BudgetError, DeployError, LakeError) as error:
            raise training.TrainingError(str(error)) from error
        return fitted, {"training seconds": billed}


def fit_champions(
    place: Place, films: pl.DataFrame, chosen: Mapping[Regime, str], trees: Mapping[Regime, int], progress: Progress
) -> tuple[dict[Regime, training.Fitted], int]:
    """Does what `champions.fit_champions` does, but in a SageMaker training job instead of this process.

    Returns a dict from regime to model, and the seconds that AWS bills.

    Args:
        place: Prefix, account and region of the deployment.
        films: All rows of `gold.movie_features`.
        chosen: Maps each regime to the iteration to train.
        trees: Maps each regime to the number of trees.
        progress: Callback that gets a message at each step.

    Raises:
        DeployError: AWS refused a request, or the job failed, was stopped or took too long; the message names the job's
            log.
        LakeError: The films cannot be uploaded, or the trained trees cannot be read.
    """
    from sagemaker.core import shapes
    from sagemaker.core.resources import TrainingJob
    from sagemaker.core.utils.exceptions import FailedStatusError, TimeoutExceededError

    features = f"s3://{place.bucket('features')}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        training_script.write_input(folder, films, chosen, trees)
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        files["sourcedir.tar.gz"] = _code(wheels.fetched(place, wheels.SAGEMAKER))
        digest = hashlib.sha256(b"".join(files.values())).hexdigest()[:16]
        source = f"{features}/training/{digest}"
        for file, content in files.items():
            s3.put_once(f"{source}/{'code' if file.endswith('.gz') else 'films'}/{file}", content)
    job = f"{place.prefix}-{digest}-{uuid4().hex[:8]}"  # with a random ending: SageMaker accepts a name only once
    settings = {"sagemaker_program": "train.py", "sagemaker_submit_directory": f"{source}/code/sourcedir.tar.gz"}
    where = "The job's log is in /aws/sagemaker/TrainingJobs; nothing was published."
    with aws_errors(f"training job {job}", DeployError), _else_stopped(job, progress):
        registry.make(
            TrainingJob,
            training_job_name=job,
            role_arn=place.role("training"),
            algorithm_specification=shapes.AlgorithmSpecification(
                training_input_mode="File", training_image=registry.image_of(place.region)
            ),
            hyper_parameters={key: json.dumps(value) for key, value in settings.items()},
            input_data_config=[
                shapes.Channel(
                    channel_name="films",
                    data_source=shapes.DataSource(
                        s3_data_source=shapes.S3DataSource(
                            s3_data_type="S3Prefix",
                            s3_uri=f"{source}/films/",
                            s3_data_distribution_type="FullyReplicated",
                        )
                    ),
                )
            ],
            output_data_config=shapes.OutputDataConfig(s3_output_path=f"{features}/trained/"),
            resource_config=shapes.ResourceConfig(instance_type=INSTANCE, instance_count=1, volume_size_in_gb=10),
            stopping_condition=shapes.StoppingCondition(max_runtime_in_seconds=LIMIT_SECONDS),
            tags=registry.tags_of(place),
        )
        made = TrainingJob.get(training_job_name=job)
        assert made is not None
        progress(f"training job {job} on {INSTANCE}")
        try:
            made.wait(poll=POLL_SECONDS, timeout=PATIENCE_SECONDS)
        except TimeoutExceededError as error:
            raise DeployError(
                f"training job {job} took longer than {PATIENCE_SECONDS // 60} minutes. {where}"
            ) from error
        except FailedStatusError:
            pass  # the job's state is examined below
    if made.training_job_status != "Completed":
        reason = made.failure_reason if isinstance(made.failure_reason, str) else "SageMaker gives no reason"
        raise DeployError(f"training job {job} is {made.training_job_status}: {reason}. {where}")
    billed = made.billable_time_in_seconds
    billed = billed if isinstance(billed, int) else LIMIT_SECONDS  # if unknown, the longest allowed time is assumed
    made_of = f"{features}/trained/{job}/output/model.tar.gz"
    found = s3.get(made_of)
    if found is None:
        raise DeployError(f"training job {job} wrote no {made_of}. {where}")
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            tarfile.open(fileobj=io.BytesIO(found[0]), mode="r:gz") as archive,
        ):
            archive.extractall(folder, filter="data")
            return training_script.read_output(Path(folder)), billed
    except UNREADABLE as error:
        raise DeployError(
            f"training job {job} wrote {made_of}, which cannot be read ({error or type(error).__name__}). {where} "
            "Materialize models/rating_model again, or train the model here (IMDB_TRAINING=here)."
        ) from error


@contextmanager
def _else_stopped(job: str, progress: Progress) -> Iterator[None]:
    """Stops the job if a step fails, because the job would otherwise go on costing money."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except BaseException as error:
        try:
            client("sagemaker").stop_training_job(TrainingJobName=job)
        except (BotoCoreError, ClientError) as failed:
            if code_of(failed) not in _ENDED:
                ends = (
                    f"The job could not be stopped: {explained(failed)} The job ends after at most "
                    f"{LIMIT_SECONDS // 60} minutes. To end the job sooner: aws sagemaker stop-training-job "
                    f"--training-job-name {job}"
                )
                if isinstance(error, Exception):  # not an interrupt, which has no message
                    what = str(error) if isinstance(error, DeployError) else f"training job {job}: {explained(error)}"
                    raise DeployError(f"{what} {ends}") from error
                progress(f"training job {job} still costs money. {ends}")
        raise


def _code(packages: Mapping[str, bytes]) -> bytes:
    """Packs the project's code, packages and a start script into the archive that the image's script mode expects."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, data in {**model_archive.code(packages), "train.py": ENTRY}.items():
            tar.addfile(model_archive.entry(name, len(data)), io.BytesIO(data))
    return gzip.compress(content.getvalue(), compresslevel=1, mtime=0)
