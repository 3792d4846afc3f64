"""Packages for Glue's and SageMaker's containers: wheels are uploaded with our code, so jobs need no package registry.

`imdb deploy` downloads the wheels, checks them against the hashes in requirements/ and uploads them as one archive.
"""

import hashlib
import io
import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from imdb_assets.aws import s3
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.lake.errors import LakeError
from imdb_assets.settings import PROJECT_ROOT

PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64")
"""Platform tags of the wheels. Glue 5.1 and SageMaker's XGBoost image run on x86-64 with glibc 2.34 or newer."""


@dataclass(frozen=True)
class Wheels:
    """The packages of one kind of container."""

    name: str
    """Name, without the ending, of the file in requirements/ that lists the container's packages."""
    python: str
    """Version of the container's Python, such as `3.11`."""

    @property
    def requirements(self) -> str:
        """Pinned versions and hashes; `make requirements` writes them from the .in file of the same name."""
        return (PROJECT_ROOT / "requirements" / f"{self.name}.txt").read_text(encoding="utf-8")

    @property
    def pins(self) -> str:
        """The pinned packages, one `name==version` per line."""
        return "".join(f"{pin}\n" for pin in re.findall(r"^\S+==\S+", self.requirements, re.MULTILINE))

    @property
    def key(self) -> str:
        """Key of the archive in the artifacts bucket; Glue recognizes a zip of wheels by the key's ending."""
        digest = hashlib.sha256(f"{self.python} {PLATFORMS} {self.requirements}".encode()).hexdigest()[:16]
        return f"code/{digest}/{self.name}.gluewheels.zip"

    def packed(self) -> bytes:
        """Downloads the wheels and packs them as Glue expects them, in a folder `wheels/` with a requirements.txt.

        Raises:
            DeployError: A wheel cannot be downloaded, or the wheel's hash is not the pinned hash.
        """
        content = io.BytesIO()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "pins.txt").write_text(self.requirements, encoding="utf-8")
            options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", self.python]
            platforms = [option for platform in PLATFORMS for option in ("--platform", platform)]
            command = [sys.executable, "-m", "pip", "download", "--quiet", *options, *platforms]
            files = ["--requirement", str(folder / "pins.txt"), "--dest", str(folder / "wheels")]
            done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode:
                said = done.stderr.strip().rpartition("\n")[2]
                raise DeployError(
                    f"the packages in requirements/{self.name}.txt cannot be downloaded: {said}. Check the network and "
                    "pip's settings, and repeat the command."
                )
            with zipfile.ZipFile(content, "w") as archive:
                archive.writestr("wheels/requirements.txt", self.pins)
                for wheel in sorted((folder / "wheels").iterdir()):
                    archive.write(wheel, f"wheels/{wheel.name}")
        return content.getvalue()


GLUE = Wheels("glue", "3.11")
SAGEMAKER = Wheels("sagemaker", "3.12")


def provide(place: Place, wheels: Wheels) -> int:
    """Uploads the archive of wheels unless the bucket has it already; returns the number of bytes uploaded.

    Raises:
        DeployError: The wheels cannot be downloaded.
        LakeError: AWS refused the request or could not be reached.
    """
    address = _address(place, wheels)
    if s3.head(address) is not None:
        return 0
    content = wheels.packed()
    s3.put(address, content)
    return len(content)


def fetched(place: Place, wheels: Wheels) -> dict[str, bytes]:
    """The wheels that `imdb deploy` has uploaded, as a dict from path in the archive to content.

    Raises:
        LakeError: No wheels were uploaded for this code, or AWS refused the request.
    """
    address = _address(place, wheels)
    found = s3.get(address)
    if found is None:
        raise LakeError(f"{address}: missing; the packages that this code needs were not uploaded. Run `imdb deploy`.")
    return unpacked(found[0])


def unpacked(archive: bytes) -> dict[str, bytes]:
    """The wheels in an archive, as a dict from path to content."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return {name: packed.read(name) for name in packed.namelist() if name.endswith(".whl")}


def _address(place: Place, wheels: Wheels) -> str:
    return f"s3://{place.bucket('artifacts')}/{wheels.key}"
