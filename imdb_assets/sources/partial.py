"""A version of a dump (`Served`), and an unfinished download with notes on the downloaded version (`Partial`).

The received bytes and the notes about the download are kept in two files, so both outlive the process. The notes always
describe the received bytes; a download without notes is not resumed. The landing zone decides where partial downloads
are kept; sources write the received bytes.
"""

import json
import os
import shutil
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Served:
    """One version of a dump, as its source describes it."""

    etag: str | None
    """The ETag that the server gives the dump; None if the source gives no ETag."""
    last_modified: str
    """Time of the dump's last change, in UTC and in the format ISO 8601."""
    origin: str
    """Address or path that the dump comes from."""
    bytes: int | None
    """Size of the dump in bytes; None if the source does not name the size."""


@dataclass(frozen=True)
class Partial:
    """The partial download at `path`."""

    path: Path

    @property
    def size(self) -> int:
        """Number of bytes received so far."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def notes(self) -> Served | None:
        """The version of the dump that the received bytes belong to; None if the download cannot be resumed."""
        try:
            return Served(**json.loads(self._notes.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):  # the notes may be missing, empty or in an older format
            return None

    def begin(self, notes: Served | None) -> None:
        """Drops the received bytes and begins a new download, which can be resumed later only if `notes` are given."""
        self._notes.unlink(missing_ok=True)
        self.path.write_bytes(b"")
        if notes is not None:
            self._write(notes)

    def begin_with(self, whole: Path, notes: Served, *, missing: int) -> None:
        """Copies the file `whole` without its last `missing` bytes; `whole` must have more than `missing` bytes."""
        self.begin(None)
        shutil.copyfile(whole, self.path)
        os.truncate(self.path, self.size - missing)
        self._write(notes)

    def end(self) -> None:
        """Removes the notes, since all bytes have arrived."""
        self._notes.unlink(missing_ok=True)

    def discard(self) -> None:
        """Removes the received bytes, and the notes on the dump's version."""
        self.end()
        self.path.unlink(missing_ok=True)

    def _write(self, notes: Served) -> None:
        temporary = self._notes.with_suffix(".new")
        said = {field.name: getattr(notes, field.name) for field in fields(Served)}
        temporary.write_text(json.dumps(said), encoding="utf-8")
        temporary.replace(self._notes)

    @property
    def _notes(self) -> Path:
        return self.path.with_name(f".{self.path.name}.json")
