"""A download that has not ended yet: the bytes so far and, in a hidden file beside them, what they are bytes of.

Both outlive the process. At every moment the bytes belong to the notes, or there are no notes and nothing is resumed.
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Notes:
    """What must still hold for more bytes to fit."""

    origin: str
    validator: str
    """What If-Range takes: a strong ETag, or a Last-Modified that is as good as one."""
    total: int | None
    """Bytes of the whole dump; None if the server did not say."""


@dataclass(frozen=True)
class Partial:
    """The partial download at `path`."""

    path: Path

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def notes(self) -> Notes | None:
        """What the bytes belong to; None if they cannot be resumed."""
        try:
            return Notes(**json.loads(self._notes.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):  # the latter after a power cut: the file is there, its text is not
            return None

    def begin(self, notes: Notes | None) -> None:
        """Drops the bytes, and makes room for those of another dump."""
        self._notes.unlink(missing_ok=True)
        self.path.write_bytes(b"")
        if notes is not None:
            self._write(notes)

    def begin_with(self, whole: Path, notes: Notes, *, missing: int) -> None:
        """Begins with a copy of `whole` that lacks its last `missing` bytes, of which it must have more."""
        self.begin(None)
        shutil.copyfile(whole, self.path)
        os.truncate(self.path, self.size - missing)
        self._write(notes)

    def end(self) -> None:
        """Forgets the notes: the bytes are whole."""
        self._notes.unlink(missing_ok=True)

    def discard(self) -> None:
        """Removes bytes and notes."""
        self.end()
        self.path.unlink(missing_ok=True)

    def _write(self, notes: Notes) -> None:
        temporary = self._notes.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(notes)), encoding="utf-8")
        temporary.replace(self._notes)

    @property
    def _notes(self) -> Path:
        return self.path.with_name(f".{self.path.name}.json")
