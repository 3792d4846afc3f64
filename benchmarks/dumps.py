"""The dumps a benchmark reads: generated at a fraction of IMDb's size, once, and reused by every later run."""

import gzip
import subprocess
import sys
from pathlib import Path

from benchmarks.jobs import BenchError
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.naming import file_name

_COMPLETE = "complete"
"""Marks a folder whose seven dumps are whole; a generator that was stopped leaves none."""

_CHUNK = 1 << 20


def generated(scale: float, root: Path) -> Path:
    """The folder with seven dumps of this scale below `root`; made by `imdb sample` if it is not there.

    Raises:
        BenchError: The generator failed.
    """
    folder = root / f"{scale:g}"
    if (folder / _COMPLETE).exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    imdb = Path(sys.executable).with_name("imdb")
    command = [str(imdb), "sample", "--scale", f"{scale:g}", "--out", str(folder)]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - arguments of our own
        raise BenchError(
            f"The dumps of scale {scale:g} could not be generated: `{' '.join(command)}` failed, see above."
        )
    (folder / _COMPLETE).touch()
    return folder


def require_dumps(folder: Path) -> list[Path]:
    """The seven files of a folder.

    Raises:
        BenchError: Some are missing.
    """
    paths = [folder / file_name(dump) for dump in DUMP_CONTRACTS]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise BenchError(f"{folder}: expected IMDb's seven dumps, and {', '.join(missing)} is missing.")
    return paths


def raw_bytes(path: Path) -> int:
    """Size of a dump unpacked. Counted, since gzip's own note of it wraps at 4 GiB."""
    with gzip.open(path) as source:
        return sum(len(chunk) for chunk in iter(lambda: source.read(_CHUNK), b""))
