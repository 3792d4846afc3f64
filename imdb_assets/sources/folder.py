"""Dumps from a folder: IMDb's seven files, as downloaded by hand or by another tool."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from imdb_assets.sources.base import Fetched, Report, SourceError, no_report


@dataclass(frozen=True)
class FolderSource:
    """Copies dumps from `folder`, which is never written to."""

    folder: Path
    remote: ClassVar[bool] = False

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    def size(self, file_name: str, known: Fetched | None) -> int | None:
        """The file's size; 0 if it is known."""
        path = self.folder / file_name
        if not path.is_file():
            return None
        return 0 if known == _described(path) else path.stat().st_size

    def versions(self, file_names: Sequence[str]) -> dict[str, str | None]:
        """Size and time of change."""
        return {name: _version(self.folder / name) for name in file_names}

    def fetch(
        self, file_name: str, destination: Path, known: Fetched | None = None, report: Report = no_report
    ) -> Fetched | None:
        """Copies the file, unless it is the known one: of the same path and time of change."""
        del report
        path = self.folder / file_name
        if not path.is_file():
            found = sorted(entry.name for entry in self.folder.glob("*.tsv.gz")) if self.folder.is_dir() else []
            have = f"it has {', '.join(found)}" if found else "it has no .tsv.gz file at all"
            raise SourceError(
                f"{file_name}: not in the folder {self.folder} ({have}). "
                f"Put the dump there, or set IMDB_SOURCE_FOLDER to the folder that has all seven."
            )
        described = _described(path)
        if known == described:
            return None
        try:
            shutil.copyfile(path, destination)
        except PermissionError as error:
            raise SourceError(f"{file_name}: no permission to read {path} or write {destination}: {error}.") from error
        return described


def _described(path: Path) -> Fetched:
    changed = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return Fetched(etag=None, last_modified=changed.isoformat(timespec="microseconds"), origin=str(path))


def _version(path: Path) -> str | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return f"{found.st_size}-{found.st_mtime_ns}"
