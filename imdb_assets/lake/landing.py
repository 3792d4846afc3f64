"""The landing zone stores dumps unchanged, in folders named by hash; each dump has a pointer to its current version.

The landing zone of this module is a folder. `s3_landing.py` has the landing zone on S3, which uses a folder only for
dumps on their way to S3.

A dump is at `<root>/<dump>/<sha256 prefix>/<dump>.tsv.gz` with its `manifest.json` beside it.
`<root>/<dump>/current.json` points at the dump that readers get. `arrived.json` points at a newer dump that no reader
has used yet; `.incoming/` holds a dump that is being fetched. Every byte of a dump is checked before the dump lands
(`dump_file.py`); the package `dumps` reads the rows of landed dumps.
"""

import shutil
from collections.abc import Collection, Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.lake.dump_file import Dump, inspect
from imdb_assets.lake.errors import DamagedError
from imdb_assets.lake.files import read_sealed, reading, state, sync_tree, write_sealed
from imdb_assets.lake.integrity import sha256
from imdb_assets.lake.lake import LakeError
from imdb_assets.naming import asset_name, file_name, landed
from imdb_assets.sources.base import Report, Source, SourceError, no_report
from imdb_assets.sources.partial import Partial, Served

CHECKED = "checked.json"
"""Name of a file beside each dump. The file records the dump's size and times at its last successful check."""
ASKED_AGAIN = 1 << 16  # number of bytes at a dump's end that are fetched again to check gzip's checksum


@dataclass(frozen=True)
class Removed:
    """A file or folder that `prune` has removed or, in a dry run, would remove."""

    path: str
    files: int
    bytes: int


@dataclass(frozen=True)
class Landing:
    """The landing zone in folder `root`."""

    root: Path
    rehash: bool = field(default=True, kw_only=True)
    """Whether to hash a stored dump again even if its size and times are as they were at its last successful check."""

    @property
    def address(self) -> str:
        """The zone's address, for messages."""
        return str(self.root)

    def current(self, dump: str) -> Dump | None:
        """The version of the dump that readers get; None until a version has been published."""
        return self._pointed_at(dump, "current.json")

    def required(self, dump: str) -> Dump:
        """The current dump.

        Raises:
            LakeError: No version of the dump has been published.
        """
        current = self.current(dump)
        if current is None:
            raise LakeError(
                f"{file_name(dump)}: not in the landing zone {self.address} yet. Materialize "
                f"{asset_name(landed(dump))} first."
            )
        return current

    def at(self, file: Path) -> Dump | None:
        """The dump that a pointer or manifest describes; None if another version of this code wrote the file.

        Raises:
            DamagedError: The content of the file differs from what was written.
        """
        return _dump(self._value(str(file.relative_to(self.root))))

    def landed(self, dump: str, sha256: str) -> Dump | None:
        """A current or past dump, found by its hash; None if the zone never had the dump or no longer has it."""
        return _dump(self._value(f"{dump}/{sha256[:16]}/manifest.json"))

    def kept(self, dump: str) -> list[Dump]:
        """The current dump and all past dumps that are still in the zone, in no particular order."""
        return [found for digest in self._digests(dump) if (found := self.landed(dump, digest))]

    def _digests(self, dump: str) -> list[str]:
        """Names of the folders of landed dumps."""
        return [path.parent.name for path in (self.root / dump).glob("[!.]*/manifest.json")]

    def dumped_on(self) -> date:
        """The date of the current set of dumps, which is the date of the dump that was modified last.

        Raises:
            LakeError: Nothing has landed yet.
        """
        times = [datetime.fromisoformat(dump.last_modified) for dump in self._all_current()]
        if not times:
            raise LakeError(f"no dump in the landing zone {self.address} yet. Materialize the landing assets first.")
        return max(times).astimezone(UTC).date()

    def versions(self) -> dict[str, str]:
        """Maps each current dump to its ETag, or to its sha256 if the source has no ETags."""
        return {dump.name: dump.version for dump in self._all_current()}

    def place(self) -> str:
        """The folder or address that the current dumps came from; empty before the first landing."""
        return next((dump.place for dump in self._all_current()), "")

    def _all_current(self) -> list[Dump]:
        return [dump for dump in map(self.current, sorted(DUMP_CONTRACTS)) if dump]

    def known(self, dump: str, published: str | None) -> Dump | None:
        """The dump that the source need not send again; None if the source must send its dump in any case.

        A newly landed dump that no reader has used yet is returned, because landing has checked the dump and no reader
        has refused the dump. For example, a run's first landing step downloads all dumps; the run's later landing steps
        then find newly landed dumps. The current dump is returned only if the published bronze table was made from the
        current dump. If this method returned a dump that bronze refused or never read, the source would not send the
        dump again, and a bad dump would stay current until its ETag changes.

        Args:
            dump: IMDb's name.
            published: The SHA-256 of the dump that the published bronze table was made from.
        """
        arrived, current = self._pointed_at(dump, "arrived.json"), self.current(dump)
        return arrived or (current if current is not None and current.sha256 == published else None)

    def fetch(self, dump: str, source: Source, published: str | None = None, report: Report = no_report) -> Dump:
        """Brings the source's dump into the zone. The dump becomes current only when `publish` is called.

        Two processes that want the same dump wait for each other.

        Args:
            dump: IMDb's name.
            source: The source of the dump.
            published: See `known`.
            report: Called with the number of bytes received so far, and the dump's size.

        Raises:
            SourceError: The dump is missing, is damaged or has an unexpected header, or the network failed. After the
                error, the current dump is unchanged, and a download that can be resumed is kept for the next fetch.
        """
        folder = self.root / dump
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder / ".lock"):
                return self._fetch(dump, source, published, report)
        except OSError as error:
            raise SourceError(
                f"{file_name(dump)}: cannot write to {folder}: {error}. Check permissions, disk space and IMDB_DATA."
            ) from error

    def _fetch(self, dump: str, source: Source, published: str | None, report: Report) -> Dump:
        known = self.known(dump, published)
        if known is not None and not self._intact(known):
            known = None
        with self._incoming(dump) as incoming:
            partial = Partial(incoming / file_name(dump))
            if source.remote and known is None and partial.notes() is None:
                self._begin_with_unpublished(dump, partial)
            resumed = partial.size > 0
            served = source.fetch(file_name(dump), partial, known, report)
            if served is None:
                assert known is not None  # a source returns None only if it still has the known dump
                return known
            try:
                return self._land(dump, partial, served)
            except SourceError:
                if not resumed:
                    raise
            # A power cut can spoil the bytes of a resumed download, so the dump is fetched again from its first byte.
            served = source.fetch(file_name(dump), partial, None, report)
            assert served is not None  # without a known dump, a source always returns a dump
            return self._land(dump, partial, served)

    @contextmanager
    def _incoming(self, dump: str) -> Generator[Path]:
        """A folder for the dump that is being fetched; kept for the next fetch if the download can be resumed."""
        folder = self.root / dump / ".incoming"
        folder.mkdir(exist_ok=True)
        for stray in (*folder.glob(".manifest.json.*"), *folder.parent.glob(".arrived.json.*")):
            stray.unlink()  # left by a process that was killed while writing
        try:
            yield folder
        finally:
            if folder.exists() and Partial(folder / file_name(dump)).notes() is None:
                shutil.rmtree(folder)

    def _begin_with_unpublished(self, dump: str, partial: Partial) -> None:
        """Treats the current dump, if it is intact, like a download that stopped just before the end.

        A dump is requested again if no published bronze table was made from it, even if its ETag is unchanged (see
        `known`). If the source still has the same version, the source sends only the end of the dump, and the checksum
        at the end proves that the bytes in the zone are right.
        """
        current = self.current(dump)
        strong = current is not None and current.etag is not None and current.etag.startswith('"')
        if current is not None and strong and current.bytes > ASKED_AGAIN and self._intact(current):
            with reading(current.path) as whole:
                partial.begin_with(whole, current, missing=ASKED_AGAIN)

    def _land(self, dump: str, partial: Partial, served: Served) -> Dump:
        try:
            found = inspect(dump, partial.path, served)
        except SourceError:
            partial.discard()
            raise
        place = f"{self.address}/{dump}/{found.sha256[:16]}/{file_name(dump)}"
        landed = replace(found, path=place)
        self._keep(partial, landed)
        self._point("arrived.json", landed)
        return landed

    def publish(self, dump: Dump) -> None:
        """Makes the dump current."""
        self._point("current.json", dump)
        self._unpoint("arrived.json", dump.name)

    def _keep(self, partial: Partial, landed: Dump) -> None:
        """Moves a complete dump and its manifest to the dump's final folder."""
        final = Path(landed.path).parent
        write_sealed(partial.path.parent / "manifest.json", asdict(landed))
        if self._intact(landed):
            (partial.path.parent / "manifest.json").replace(final / "manifest.json")  # `final` has the dump already
            partial.discard()
        else:
            shutil.rmtree(final, ignore_errors=True)
            partial.path.parent.rename(final)
            Partial(Path(landed.path)).end()
            sync_tree(final, self.root)  # so that no power cut can destroy a dump that a pointer names

    def _point(self, pointer: str, dump: Dump) -> None:
        """Changes a pointer so that it names a stored dump."""
        write_sealed(self.root / dump.name / pointer, asdict(dump))

    def _unpoint(self, pointer: str, dump: str) -> None:
        (self.root / dump / pointer).unlink(missing_ok=True)

    def _value(self, key: str) -> Any | None:
        """The content of a pointer or manifest; None if the file does not exist."""
        return read_sealed(self.root / key, "Delete the file; the next run fetches the dump again.")

    def _intact(self, dump: Dump) -> bool:
        """Whether a dump's file exists and is intact; if not, the dump is fetched even if its ETag is unchanged."""
        path = Path(dump.path)
        if not path.is_file():
            return False
        checked, now = path.with_name(CHECKED), {"state": list(state(dump.path))}
        if not self.rehash:
            with suppress(DamagedError):
                if read_sealed(checked, "The dump is hashed again.") == now:
                    return True
        sound = path.stat().st_size == dump.bytes and sha256(path) == dump.sha256
        if sound and not self.rehash:
            write_sealed(checked, now)
        return sound

    def prune(
        self,
        live: Collection[str],
        *,
        last: int = 2,
        safe_age: timedelta = timedelta(days=2),
        dry_run: bool = False,
    ) -> list[Removed]:
        """Removes past dumps that need not be kept, and abandoned downloads.

        A dump always stays if it is current or newly arrived, or if its hash is in `live`. A dump that is being
        downloaded right now is skipped.

        Args:
            live: The SHA-256 of every dump from which a readable snapshot was made.
            last: Number of versions of each dump to keep, including the current version.
            safe_age: Age that leftovers must exceed to be removed; younger leftovers may still be in use.
            dry_run: Only report what would be removed.
        """
        removed: list[Removed] = []
        for folder in sorted(path.parent for path in self.root.glob("*/.lock")):
            try:
                with FileLock(folder / ".lock", timeout=0):
                    doomed = [*_abandoned(folder, safe_age), *self._past(folder, live, last)]
                    removed += [_remove(path, dry_run=dry_run) for path in doomed]
            except Timeout:
                continue
        return removed

    def _past(self, folder: Path, live: Collection[str], last: int) -> list[Path]:
        landed = {path.parent: _changed(path) for path in folder.glob("[!.]*/manifest.json")}
        keep = sorted(landed.values(), reverse=True)[:last]
        pointed_at = [self._pointed_at(folder.name, pointer) for pointer in ("current.json", "arrived.json")]
        in_use = {dump.sha256[:16] for dump in pointed_at if dump} | {digest[:16] for digest in live}
        return sorted(path for path, time in landed.items() if time not in keep and path.name not in in_use)

    def _pointed_at(self, dump: str, pointer: str) -> Dump | None:
        return _dump(self._value(f"{dump}/{pointer}"))


def _dump(value: dict[str, Any] | None) -> Dump | None:
    """The dump that a record describes; None without a record, or if another version of this code wrote the record."""
    return Dump(**value) if value is not None and value.keys() == {field.name for field in fields(Dump)} else None


def _abandoned(folder: Path, safe_age: timedelta) -> list[Path]:
    """Old files and folders left by an interrupted download or removal, or by an interrupted write of a small file."""
    kinds = (".incoming", ".removed-*", ".*.json.*", "[!.]*/.*.json.*")
    leftovers = [path for kind in kinds for path in folder.glob(kind)]
    return sorted(path for path in leftovers if datetime.now(UTC) - _changed(path) > safe_age)


def _changed(path: Path) -> datetime:
    """Time of the last write to the file, or to anything in the folder."""
    paths = [path, *path.rglob("*")] if path.is_dir() else [path]
    return datetime.fromtimestamp(max(entry.stat().st_mtime for entry in paths), tz=UTC)


def _remove(path: Path, *, dry_run: bool) -> Removed:
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    removed = Removed(str(path), len(files), sum(file.stat().st_size for file in files))
    if dry_run:
        return removed
    if not path.is_dir():
        path.unlink()
        return removed
    hidden = path.with_name(f".removed-{path.name.removeprefix('.removed-')}")
    if hidden != path:
        shutil.rmtree(hidden, ignore_errors=True)
        path.rename(hidden)  # atomic; if the removal below is interrupted, a later call removes the rest
    shutil.rmtree(hidden)
    return removed
