"""A model version as SageMaker takes it: one archive of its files and of the code that answers from them."""

import gzip
import io
import tarfile
from importlib import metadata
from pathlib import Path

from imdb_assets.serving.fingerprint import PACKAGE

PACKAGES = (
    "anyascii",
    "dataframely",
    "filelock",
    "narwhals",
    "polars",
    "polars-runtime-32",
    "pydantic",
    "pydantic-core",
    "pydantic-settings",
)
"""What `inference` imports and the managed image lacks; XGBoost and NumPy are the image's."""
ENTRY = b'''"""What the image imports; the functions are the package's, beside this file."""

from imdb_assets.aws.sagemaker.inference_script import input_fn, model_fn, output_fn, predict_fn

__all__ = ["input_fn", "model_fn", "output_fn", "predict_fn"]
'''


def pack(version: Path, archive: Path) -> None:
    """Writes the archive; the same version and code make the same bytes.

    Args:
        version: Folder of a model version.
        archive: Written, .tar.gz.
    """
    with (
        archive.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for file in sorted(version.iterdir()):
            with file.open("rb") as content:
                tar.addfile(_entry(file.name, file.stat().st_size), content)
        for name, content in code().items():
            tar.addfile(_entry(f"code/{name}", len(content)), io.BytesIO(content))


def code() -> dict[str, bytes]:
    """Name → content of the archive's code folder."""
    pins = "".join(f"{name}=={metadata.version(name)}\n" for name in PACKAGES)
    ours = {f"imdb_assets/{file.relative_to(PACKAGE).as_posix()}": file.read_bytes() for file in PACKAGE.rglob("*.py")}
    return {"inference.py": ENTRY, "requirements.txt": pins.encode(), **dict(sorted(ours.items()))}


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o644
    return entry
