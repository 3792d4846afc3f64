"""A model version as SageMaker expects it: one archive with the version's files, the serving code, and its packages."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from imdb_assets.aws.deploy.wheels import SAGEMAKER
from imdb_assets.serving.fingerprint import PACKAGE

ENTRY = b'''"""What the image imports; the functions are the package's, beside this file."""

from imdb_assets.aws.sagemaker.inference_script import input_fn, model_fn, output_fn, predict_fn

__all__ = ["input_fn", "model_fn", "output_fn", "predict_fn"]
'''


def pack(version: Path, archive: Path, wheels: Mapping[str, bytes]) -> None:
    """Writes the archive; the same version, code and wheels make the same bytes.

    Args:
        version: Folder of a model version.
        archive: The .tar.gz file to write.
        wheels: See `code`.
    """
    with (
        archive.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for file in sorted(version.iterdir()):
            with file.open("rb") as content:
                tar.addfile(entry(file.name, file.stat().st_size), content)
        for name, content in code(wheels).items():
            tar.addfile(entry(f"code/{name}", len(content)), io.BytesIO(content))


def code(wheels: Mapping[str, bytes]) -> dict[str, bytes]:
    """Maps each file of the archive's code folder to the file's content.

    In the code folder, the image runs `pip install . -r requirements.txt`.

    Args:
        wheels: Maps the path of each wheel, relative to the code folder, to the wheel's content. The wheels are
            packages that the image lacks (`wheels.fetched`).
    """
    needs = f"--no-index\n--find-links wheels\n{SAGEMAKER.pins}"
    ours = {f"imdb_assets/{file.relative_to(PACKAGE).as_posix()}": file.read_bytes() for file in PACKAGE.rglob("*.py")}
    files = {"inference.py": ENTRY, "requirements.txt": needs.encode(), **dict(sorted(ours.items()))}
    return {**files, **dict(sorted(wheels.items()))}


def entry(name: str, size: int) -> tarfile.TarInfo:
    """The header of a file in an archive of code; equal for equal name and size."""
    made = tarfile.TarInfo(name)
    made.size, made.mode = size, 0o644
    return made
