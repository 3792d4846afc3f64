"""The generated sample as a source. The sample is generated once in a folder, from which its dumps are copied."""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from filelock import FileLock

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.sources.base import Report, no_report
from imdb_assets.sources.folder import FolderSource
from imdb_assets.sources.partial import Partial, Served
from imdb_assets.sources.sample.generator import write_sample


@dataclass(frozen=True)
class SampleSource:
    """A sample of `titles` titles, kept below `cache`. A change of the generator's code requires a new sample."""

    cache: Path
    titles: int
    seed: int
    remote: ClassVar[bool] = False

    @property
    def place(self) -> str:
        """The sample's folder in the cache. Each size, seed and version of the generator has its own folder."""
        return str(self.cache / f"{self.titles}-{self.seed}-{_code_version()}")

    def size(self, file_name: str, known: Served | None) -> None:
        """Returns None, because the size is unknown until the sample is made."""

    def versions(self, file_names: Sequence[str]) -> dict[str, str | None]:
        """The version of each dump: the path of the sample's folder, which names size, seed and generator version."""
        return dict.fromkeys(file_names, self.place)

    def fetch(
        self, file_name: str, partial: Partial, known: Served | None = None, report: Report = no_report
    ) -> Served | None:
        """Generates the seven dumps unless all exist. Copies the requested dump unless `known` is the current version.

        If two processes want the same sample, one waits for the other. Other processes see the complete folder or no
        folder.
        """
        self.prepare(lambda _: None)
        return FolderSource(Path(self.place)).fetch(file_name, partial, known, report)

    def prepare(self, tell: Callable[[str], None]) -> None:
        """Generates the seven dumps unless all exist."""
        folder = Path(self.place)
        if not _is_whole(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(folder.parent / ".lock"):
                if not _is_whole(folder):
                    self._make(folder, tell)

    def _make(self, folder: Path, tell: Callable[[str], None]) -> None:
        def progress(name: str, share: float) -> None:
            tell(f"generating the sample of {self.titles:,} titles: {name}, {share:.0%}")

        new = folder.with_name(f".{folder.name}.new")
        for path in (new, folder):  # removes leftovers of a crash, and a sample that has lost a file
            if path.exists():
                shutil.rmtree(path)
        new.mkdir()
        write_sample(new, titles=self.titles, seed=self.seed, on_progress=progress)
        for path in (*new.iterdir(), new):
            _sync(path)
        new.rename(folder)
        _sync(folder.parent)


def _is_whole(folder: Path) -> bool:
    return all((folder / f"{dump}.tsv.gz").is_file() for dump in DUMP_CONTRACTS)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _code_version() -> str:
    sources = sorted((Path(__file__).parent / "sample").glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
