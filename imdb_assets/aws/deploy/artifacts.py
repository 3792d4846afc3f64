"""The code that runs on AWS: what is uploaded, under which key. A key holds a hash of its content.

So that the same code is not uploaded twice, and changed code changes the stacks that name it.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from imdb_assets.aws.deploy import trigger
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.settings import PROJECT_ROOT, Settings

PACKAGE = PROJECT_ROOT / "imdb_assets"
HOSTED = ("training", "glue_tables", "max_bad_share", "max_drop", "ui_url")
"""Settings that hold on the host as they do here, where they are set; no secret, and nothing of this machine."""
JOB_SCRIPT = b'''"""What Glue starts; the job itself is a module of the package in --extra-py-files."""

import runpy

runpy.run_module("imdb_assets.aws.glue_job", run_name="__main__", alter_sys=True)
'''
EPOCH = (2020, 1, 1, 0, 0, 0)
"""Time of every file in an archive, so that equal code makes equal bytes."""


def code(settings: Settings, place: Place) -> dict[str, bytes]:
    """Name → content of everything that is uploaded.

    Args:
        settings: Of the deployment.
        place: Where it is.
    """
    return {
        "job.py": JOB_SCRIPT,
        "package": archive({file: file.read_bytes() for file in sorted(PACKAGE.rglob("*.py"))}, PROJECT_ROOT),
        "trigger.zip": archive({Path("trigger.py"): Path(trigger.__file__).read_bytes()}, Path()),
        "host.env": "".join(f"{name}={value}\n" for name, value in environment(settings, place).items()).encode(),
    }


def keys(contents: Mapping[str, bytes]) -> dict[str, str]:
    """Name → key in the artifacts bucket."""
    names = {"package": "imdb_assets.zip"}
    return {
        name: f"code/{hashlib.sha256(content).hexdigest()[:16]}/{names.get(name, name)}"
        for name, content in contents.items()
    }


def environment(settings: Settings, place: Place) -> dict[str, str]:
    """Variables with which the platform uses this deployment, on the host or in `.env`: what there is, and who may."""
    return {
        "IMDB_PROFILE": "aws",
        "IMDB_AWS_PREFIX": place.prefix,
        "IMDB_BUDGET_USD": f"{settings.budget_usd:g}",
        "IMDB_HOST": settings.host,
        "IMDB_ACCEPT_TERMS": settings.accept_terms,
        "IMDB_ALERT_TOPIC": place.topic,
        "IMDB_CLOUDWATCH_NAMESPACE": place.prefix,
        **({} if settings.host == "none" else {"IMDB_TRIGGER": "external", "IMDB_SCHEDULE": "running"}),
        **{
            f"IMDB_{name.upper()}": str(getattr(settings, name)) for name in HOSTED if name in settings.model_fields_set
        },
    }


def push_commands(place: Place) -> list[str]:
    """Shell commands that build the image and push it to where host and task look for it; docs/aws.md has them too."""
    registry = f"{place.account}.dkr.ecr.{place.region}.amazonaws.com"
    image = f"{registry}/{place.prefix}:latest"
    return [
        f"aws ecr get-login-password --region {place.region} | docker login --username AWS --password-stdin {registry}",
        f"docker build --platform linux/arm64 --file imdb_assets/aws/deploy/image/Dockerfile --tag {image} .",
        f"docker push {image}",
    ]


def archive(files: Mapping[Path, bytes], root: Path) -> bytes:
    """A zip file of these files, by their paths below the root; equal files make equal bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, data in sorted(files.items()):
            name = re.sub(r"^\./", "", path.relative_to(root).as_posix())
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, data)
    return content.getvalue()
