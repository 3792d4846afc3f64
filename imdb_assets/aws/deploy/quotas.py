"""AWS quotas that a deployment needs. New accounts often have SageMaker quotas of 0, and an increase may take days."""

from dataclasses import dataclass

from imdb_assets.aws.client import aws_errors, client
from imdb_assets.lake.errors import LakeError
from imdb_assets.settings import Settings


@dataclass(frozen=True)
class Quota:
    """A quota of an account in one region."""

    service: str
    code: str
    name: str
    needed: int
    purpose: str

    @property
    def request(self) -> str:
        """Shell command that asks AWS to raise the quota to the value needed."""
        return (
            f"aws service-quotas request-service-quota-increase --service-code {self.service} "
            f"--quota-code {self.code} --desired-value {self.needed}"
        )


ENDPOINT = Quota(
    "sagemaker", "L-614B09FD", "ml.m5.large for endpoint usage", 2, "the endpoint, or two endpoints during an update"
)
TRAINING = Quota("sagemaker", "L-CCE2AFA6", "ml.m5.xlarge for training job usage", 1, "IMDB_TRAINING=sagemaker")
HOSTS = {
    "instance": Quota(
        "ec2",
        "L-1216C47A",
        "Running On-Demand Standard instances, vCPUs",
        4,
        "the host, or two hosts during a replacement",
    ),
    "task": Quota("fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 2, "the task of each run"),
}


def needed(settings: Settings) -> list[Quota]:
    """The quotas that a deployment with these settings needs."""
    return [
        *([HOSTS[settings.host]] if settings.host in HOSTS else []),
        *([TRAINING] if settings.training == "sagemaker" else []),
        ENDPOINT,
    ]


def granted(quota: Quota) -> float | None:
    """The quota's value in the account, or AWS's default value; None if AWS does not let us look the quota up."""
    for operation in ("get_service_quota", "get_aws_default_service_quota"):
        try:
            with aws_errors(quota.name):
                found = getattr(client("service-quotas"), operation)(ServiceCode=quota.service, QuotaCode=quota.code)
        except LakeError:  # if a quota was never changed, AWS knows only its default
            continue
        return float(found["Quota"]["Value"])
    return None
