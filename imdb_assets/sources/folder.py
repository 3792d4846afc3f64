"""Dumps from a folder: IMDb's seven files, as downloaded by hand or by another tool."""

import shutil
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

    def size(self, file_name: str, known: Fetched | None) -> int | None:
        """The file's size."""
        del known
        path = self.folder / file_name
        return path.stat().st_size if path.is_file() else None

    def fetch(
        self, file_name: str, destination: Path, known: Fetched | None = None, report: Report = no_report
    ) -> Fetched:
        """Copies the file; a folder has no ETag, so it always delivers."""
        del known, report
        path = self.folder / file_name
        if not path.is_file():
            found = sorted(entry.name for entry in self.folder.glob("*.tsv.gz")) if self.folder.is_dir() else []
            have = f"it has {', '.join(found)}" if found else "it has no .tsv.gz file at all"
            raise SourceError(
                f"{file_name}: not in the folder {self.folder} ({have}). "
                f"Put the dump there, or set IMDB_SOURCE_FOLDER to the folder that has all seven."
            )
        try:
            shutil.copyfile(path, destination)
        except PermissionError as error:
            raise SourceError(f"{file_name}: no permission to read {path} or write {destination}: {error}.") from error
        changed = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
        return Fetched(etag=None, last_modified=changed.isoformat(timespec="seconds"), origin=str(path))
