"""The code that runs on AWS: which files are uploaded, and the key of each.

Each key contains a hash of the content, so the same code is not uploaded twice. Changed code gets a new key, so
CloudFormation updates the stacks that contain the key.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from imdb_assets.aws.billing import budget
from imdb_assets.aws.deploy import trigger
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.settings import PROJECT_ROOT, Settings

PACKAGE = PROJECT_ROOT / "imdb_assets"
HOSTED = ("training", "glue_tables", "max_bad_share", "max_drop", "ui_url")
"""Settings that the host gets if they are set on this machine; none of them is secret or specific to this machine."""
IMAGE_FILES = ("requirements/image.txt", "requirements/sagemaker.txt", "pyproject.toml", "setup.py")
"""Files outside the package `imdb_assets` that also determine the image's content."""
JOB_SCRIPT = b'''"""What Glue starts; the job itself is a module of the package in --extra-py-files."""

import runpy

runpy.run_module("imdb_assets.aws.glue_job", run_name="__main__", alter_sys=True)
'''
EPOCH = (2020, 1, 1, 0, 0, 0)
"""Modification time of every file in an archive; the time is fixed so that equal code makes equal bytes."""


def code(settings: Settings, place: Place) -> dict[str, bytes]:
    """Maps the name of each upload to its content.

    Args:
        settings: Settings of the deployment.
        place: Prefix, account and region of the deployment.
    """
    return {
        "job.py": JOB_SCRIPT,
        "package": archive({file: file.read_bytes() for file in sorted(PACKAGE.rglob("*.py"))}, PROJECT_ROOT),
        "trigger.zip": archive({Path("trigger.py"): Path(trigger.__file__).read_bytes()}, Path()),
        "host.env": "".join(f"{name}={value}\n" for name, value in host_environment(settings, place).items()).encode(),
    }


def keys(contents: Mapping[str, bytes]) -> dict[str, str]:
    """Maps each upload's name to its key in the artifacts bucket."""
    names = {"package": "imdb_assets.zip"}
    return {
        name: f"code/{hashlib.sha256(content).hexdigest()[:16]}/{names.get(name, name)}"
        for name, content in contents.items()
    }


def environment(settings: Settings, place: Place) -> dict[str, str]:
    """Environment variables for `.env`; with these variables, the platform uses this deployment."""
    return {
        "IMDB_PROFILE": "aws",
        "IMDB_AWS_PREFIX": place.prefix,
        "IMDB_BUDGET_USD": f"{budget.limit(settings):g}",
        "IMDB_HOST": settings.host,
        "IMDB_ACCEPT_TERMS": settings.accept_terms,
        "IMDB_ALERT_TOPIC": place.topic,
        "IMDB_CLOUDWATCH_NAMESPACE": place.prefix,
        **{
            f"IMDB_{name.upper()}": str(getattr(settings, name)) for name in HOSTED if name in settings.model_fields_set
        },
    }


def host_environment(settings: Settings, place: Place) -> dict[str, str]:
    """Returns the same variables as the function `environment`, plus the settings that turn schedules on.

    The settings for schedules must not be in `.env`, because `imdb ui` on this machine would then run schedules, too.
    """
    return {**environment(settings, place), "IMDB_TRIGGER": "external", "IMDB_SCHEDULE": "running"}


def image_tag() -> str:
    """Tag of the image that holds this code: a hash of the image's content, so each image has a tag of its own."""
    files = [file for file in sorted(PACKAGE.rglob("*")) if file.is_file() and "__pycache__" not in file.parts]
    files += [PROJECT_ROOT / name for name in IMAGE_FILES]
    content = hashlib.sha256()
    for file in files:
        content.update(f"{file.relative_to(PROJECT_ROOT)}\0".encode() + file.read_bytes())
    return content.hexdigest()[:16]


def push_commands(region: str, repository: str) -> list[str]:
    """Shell commands that build the image and push it to the repository; docs/aws.md has the same commands.

    Args:
        region: AWS region.
        repository: Address of the container repository, from `deployment.repository`.
    """
    registry, image = repository.partition("/")[0], f"{repository}:{image_tag()}"
    return [
        f"aws ecr get-login-password --region {region} | docker login --username AWS --password-stdin {registry}",
        f"docker build --platform linux/arm64 --file imdb_assets/aws/deploy/image/Dockerfile --tag {image} .",
        f"docker push {image}",
    ]


def archive(files: Mapping[Path, bytes], root: Path) -> bytes:
    """A zip archive in which each file has its path relative to `root`; the same files always make the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, data in sorted(files.items()):
            name = re.sub(r"^\./", "", path.relative_to(root).as_posix())
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, data)
    return content.getvalue()
