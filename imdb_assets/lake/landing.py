"""The landing zone: dumps as served, addressed by content, with a pointer to the current one of each.

`<root>/<dump>/<sha256 prefix>/<dump>.tsv.gz` with its `manifest.json` beside it; `<root>/<dump>/current.json` points
at one of them. A dump is looked at only as far as needed to refuse what is no dump; reading it is up to `dumps/`.
"""

import gzip
import hashlib
import shutil
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.lake.files import read_json, write_json
from imdb_assets.lake.lake import LakeError
from imdb_assets.sources.base import Source, SourceError

CHUNK = 1 << 20  # bytes


@dataclass(frozen=True)
class Dump:
    """One dump in the landing zone."""

    name: str
    """IMDb's name, such as `title.basics`."""
    path: str
    bytes: int
    sha256: str
    etag: str | None
    last_modified: str
    """ISO 8601, UTC."""
    origin: str

    @property
    def version(self) -> str:
        """What identifies the content: IMDb's ETag, else the hash."""
        return self.etag or self.sha256


def file_name(dump: str) -> str:
    """`title.basics` → `title.basics.tsv.gz`."""
    return f"{dump}.tsv.gz"


@dataclass(frozen=True)
class Landing:
    """The landing zone in folder `root`."""

    root: Path

    def current(self, dump: str) -> Dump | None:
        """The dump that readers get; None before the first landing."""
        pointer = read_json(self.root / dump / "current.json")
        return None if pointer is None else Dump(**pointer)

    def required(self, dump: str) -> Dump:
        """The current dump.

        Raises:
            LakeError: It has never landed.
        """
        current = self.current(dump)
        if current is None:
            asset = f"landing/{dump.replace('.', '_')}"
            raise LakeError(f"{file_name(dump)}: not in the landing zone {self.root} yet. Materialize {asset} first.")
        return current

    def fetch(self, dump: str, source: Source) -> Dump:
        """Brings the source's dump into the zone; it becomes current only by `publish`.

        Raises:
            SourceError: The dump is missing, empty, no gzip, or has another header; nothing was changed.
        """
        folder = self.root / dump
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(prefix=".incoming-", dir=folder, ignore_cleanup_errors=True) as incoming:
                return self._land(dump, source, Path(incoming))
        except OSError as error:
            raise SourceError(
                f"{file_name(dump)}: cannot write to {folder}: {error}. Check permissions, disk space and IMDB_DATA."
            ) from error

    def _land(self, dump: str, source: Source, incoming: Path) -> Dump:
        path = incoming / file_name(dump)
        current = self.current(dump)
        known = current if current and current.etag and _intact(current) else None
        fetched = source.fetch(file_name(dump), path, known.etag if known else None)
        if fetched is None:
            assert known is not None  # only a known ETag can be unchanged
            return known
        check_header(dump, path)
        digest = _sha256(path)
        final = self.root / dump / digest[:16]
        landed = Dump(
            name=dump,
            path=str(final / file_name(dump)),
            bytes=path.stat().st_size,
            sha256=digest,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            origin=fetched.origin,
        )
        if not _intact(landed):
            shutil.rmtree(final, ignore_errors=True)
            write_json(incoming / "manifest.json", asdict(landed))
            incoming.rename(final)
        return landed

    def publish(self, dump: Dump) -> None:
        """Makes the dump current."""
        write_json(self.root / dump.name / "current.json", asdict(dump))


def check_header(dump: str, path: Path) -> None:
    """Refuses a file that is no dump of this name.

    Raises:
        SourceError: Empty, no gzip, or another header than the contract's.
    """
    remedy = f"Get {file_name(dump)} anew; the current dump stays in use."
    if path.stat().st_size == 0:
        raise SourceError(f"{file_name(dump)}: the file is empty (0 bytes). {remedy}")
    try:
        with gzip.open(path) as lines:
            first = lines.readline(CHUNK)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{file_name(dump)}: not a readable gzip file: {error}. {remedy}") from error
    expected = "\t".join(header(DUMP_CONTRACTS[dump]))
    found = first.decode("utf-8", "backslashreplace").rstrip("\n")
    if found != expected:
        raise SourceError(
            f"{file_name(dump)}: line 1 is not the expected header.\n"
            f"  expected: {expected!r}\n  found:    {found[:300]!r}\n"
            f"{remedy} If IMDb has changed the format, change the contract in contracts/bronze.py."
        )


def _intact(dump: Dump) -> bool:
    """Whether the file is there with its content: an unchanged ETag must not keep a lost or damaged file in use."""
    path = Path(dump.path)
    return path.is_file() and path.stat().st_size == dump.bytes and _sha256(path) == dump.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
