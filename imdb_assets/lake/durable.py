"""Durable writes of Iceberg's metadata on a laptop: a file is complete and synced before the catalog names it."""

import io
import os
from pathlib import Path

from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO

from imdb_assets.lake.files import sync


class DurableFileIO(PyArrowFileIO):
    """PyArrow's file access for local folders; it syncs every file it has written."""

    def new_output(self, location: str) -> PyArrowFile:
        """A file to write; the file is synced when it is closed."""
        scheme, netloc, path = self.parse_location(location, self.properties)
        return _DurableFile(location, path, self.fs_by_scheme(scheme, netloc))


class _DurableFile(PyArrowFile):
    def create(self, overwrite: bool = False) -> "_Stream":  # type: ignore[override] # noqa: FBT001, FBT002
        """Opens the file and makes its folder."""
        path = Path(self.location.removeprefix("file://"))
        if not path.parent.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            sync(path.parent.parent)
        return _Stream(path, "w" if overwrite else "x")


class _Stream(io.BufferedWriter):
    def __init__(self, path: Path, mode: str) -> None:
        super().__init__(io.FileIO(path, mode))
        self._path = path

    def close(self) -> None:
        if self.closed:
            return
        try:
            self.flush()
            os.fsync(self.fileno())
        finally:
            super().close()
        if self._path.suffix == ".json":  # the last file of a commit, in the folder of the commit's other files
            sync(self._path.parent)
