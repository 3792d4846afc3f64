"""Takes dumps from a folder with IMDb's seven files, which the user or another program has downloaded."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from isal.igzip import IGzipFile

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.sources.base import Report, SourceError, no_report
from imdb_assets.sources.partial import Partial, Served

ALL = tuple(f"{dump}.tsv.gz" for dump in DUMP_CONTRACTS)
GZIP = b"\x1f\x8b"
SHOWN = 12
"""Largest number of files that an error message about the folder lists."""


@dataclass(frozen=True)
class FolderSource:
    """Copies dumps from `folder`, which is never written to.

    For example, `title.ratings` is taken from `title.ratings.tsv.gz`, or else from `title.ratings.tsv`, or else from
    `title.ratings.tsv/data.tsv`, the path that Kaggle and macOS make. Plain files are compressed while they are copied.
    """

    folder: Path
    remote: ClassVar[bool] = False

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    def size(self, file_name: str, known: Served | None) -> int | None:
        """The file's size; 0 if `known` is the current version, None if the file is missing or has to be compressed."""
        path = self._path(file_name)
        if path is None:
            return None
        served = self._described(file_name, path)
        return 0 if _same(served, known) else served.bytes

    def versions(self, file_names: Sequence[str]) -> dict[str, str | None]:
        """The version of each dump: the size and modification time of its file."""
        return {name: _version(self._path(name)) for name in file_names}

    def missing(self, file_names: Sequence[str] = ALL) -> str | None:
        """Says which dumps the folder lacks, which files it has, and what to do; None if the folder has all dumps."""
        absent = [name for name in file_names if self._path(name) is None]
        if not absent:
            return None
        there = sorted(entry.name for entry in self.folder.iterdir()) if self.folder.is_dir() else None
        have = "no such folder" if there is None else "it is empty"
        if there:
            have = f"it has {', '.join(there[:SHOWN])}{f' and {len(there) - SHOWN:,} more' if there[SHOWN:] else ''}"
        unpack = "".join(f"Unpack {name} (unzip {name}). " for name in there or () if name.endswith(".zip"))
        return (
            f"{', '.join(absent)}: not in the folder {self.folder} ({have}). {unpack}Put the dumps into the folder, "
            "as .tsv.gz or unpacked as .tsv, or set IMDB_SOURCE_FOLDER to a folder that has all seven dumps."
        )

    def prepare(self, tell: Callable[[str], None]) -> None:
        """Does nothing, because the folder already has the dumps."""

    def fetch(
        self, file_name: str, partial: Partial, known: Served | None = None, report: Report = no_report
    ) -> Served | None:
        """Copies the file, unless its path, size and modification time equal those of `known`."""
        del report
        path = self._path(file_name)
        if path is None:
            raise SourceError(self.missing([file_name]))
        served = self._described(file_name, path)
        if _same(served, known):
            return None
        try:
            if served.bytes is None:
                _pack(path, partial.path)
            else:
                shutil.copyfile(path, partial.path)
        except PermissionError as error:
            raise SourceError(f"{file_name}: no permission to read {path} or write {partial.path}: {error}.") from error
        return served

    def _path(self, file_name: str) -> Path | None:
        return next((path for path in self._places(file_name) if path.is_file()), None)

    def _places(self, file_name: str) -> Iterator[Path]:
        packed = self.folder / file_name
        plain = packed.with_suffix("")
        yield from (packed, plain, plain / "data.tsv", packed / "data.tsv", plain / plain.name)

    def _described(self, file_name: str, path: Path) -> Served:
        found = path.stat()
        changed = datetime.fromtimestamp(found.st_mtime, tz=UTC)
        return Served(
            etag=None,
            last_modified=changed.isoformat(timespec="microseconds"),
            origin=str(self.folder / path.relative_to(self.folder).parts[0]),
            bytes=found.st_size if path.name == file_name or _is_packed(path) else None,
        )


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(GZIP)) == GZIP


def _pack(plain: Path, to: Path) -> None:
    """Compresses a file; the same text always gives the same bytes."""
    with plain.open("rb") as text, to.open("wb") as file, IGzipFile("", "wb", 1, file, mtime=0) as packed:
        while piece := text.read(1 << 20):
            packed.write(piece)


def _same(served: Served, known: Served | None) -> bool:
    """Whether the file is unchanged since `known` was delivered; False if nothing was delivered before.

    The size is not compared if the file has to be compressed first.
    """
    return (
        known is not None
        and (served.origin, served.last_modified) == (known.origin, known.last_modified)
        and served.bytes in {None, known.bytes}
    )


def _version(path: Path | None) -> str | None:
    if path is None:
        return None
    found = path.stat()
    return f"{found.st_size}-{found.st_mtime_ns}"
