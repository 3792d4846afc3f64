"""The generated sample as a source: made once into a folder, then delivered like any folder of dumps."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from imdb_assets.sources.base import Fetched, Report, no_report
from imdb_assets.sources.folder import FolderSource
from imdb_assets.sources.sample.generator import write_sample


@dataclass(frozen=True)
class SampleSource:
    """A sample of `titles` titles, kept below `cache` and made anew when the generator's code changes."""

    cache: Path
    titles: int
    seed: int
    remote: ClassVar[bool] = False

    @property
    def place(self) -> str:
        """Its folder in the cache: one for each size, seed and version of the generator."""
        return str(self.cache / f"{self.titles}-{self.seed}-{_code_version()}")

    def size(self, file_name: str, known: Fetched | None) -> None:
        """Not known before the sample is made."""

    def fetch(
        self, file_name: str, destination: Path, known: Fetched | None = None, report: Report = no_report
    ) -> Fetched | None:
        """Generates the seven dumps if they are not there, and copies the one asked for unless it is known."""
        folder = Path(self.place)
        complete = folder / "complete"
        if not complete.exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_sample(folder, titles=self.titles, seed=self.seed)
            complete.touch()
        return FolderSource(folder).fetch(file_name, destination, known, report)


def _code_version() -> str:
    sources = sorted((Path(__file__).parent / "sample").glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
