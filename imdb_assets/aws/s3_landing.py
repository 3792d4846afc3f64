"""The landing zone on S3, with the same layout as in a folder, and a local folder for dumps in transit.

A dump is uploaded only after every byte has been checked, and a pointer names the dump only after the upload. The
dump's hash is stored in the object's metadata, so that the dump need not be read again to verify it.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from imdb_assets.aws import s3
from imdb_assets.aws.buckets import Buckets
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.lake.dump_file import Dump
from imdb_assets.lake.landing import Landing, Removed
from imdb_assets.lake.stored import Stored
from imdb_assets.sources.partial import Partial

HASH = "sha256"
"""Key of a dump's hash in the metadata of the dump's object."""


@dataclass(frozen=True)
class S3Landing(Landing):
    """The landing zone in a bucket; `root` is the folder for dumps in transit."""

    buckets: Buckets

    @property
    def address(self) -> str:
        """Address below which the dumps are kept."""
        return f"{self.buckets.of('raw')}/landing"

    def prune(
        self,
        live: Collection[str],
        *,
        last: int = 2,
        safe_age: timedelta = timedelta(days=2),
        dry_run: bool = False,
    ) -> list[Removed]:
        """See `Landing.prune`; also removes the remains of an upload that ended before its manifest was written."""
        now = datetime.now(UTC).timestamp()
        removed = Landing.prune(self, live, last=last, safe_age=safe_age, dry_run=dry_run)  # prunes the local downloads
        for dump in DUMP_CONTRACTS:
            pointed_at = [self._pointed_at(dump, pointer) for pointer in ("current.json", "arrived.json")]
            in_use = {one.sha256[:16] for one in pointed_at if one} | {digest[:16] for digest in live}
            sets: dict[str, list[Stored]] = {}
            for found in s3.listing(f"{self.address}/{dump}/"):
                digest, separator, _ = found.address.removeprefix(f"{self.address}/{dump}/").partition("/")
                if separator:
                    sets.setdefault(digest, []).append(found)
            landed = {
                digest: max(one.changed for one in files)
                for digest, files in sets.items()
                if any(one.address.endswith("/manifest.json") for one in files)
            }
            kept = {*sorted(landed, key=lambda digest: landed[digest], reverse=True)[:last], *in_use}
            for digest, files in sorted(sets.items()):
                half = digest not in landed and now - max(one.changed for one in files) > safe_age.total_seconds()
                if digest not in kept and (digest in landed or half):
                    place = f"{self.address}/{dump}/{digest}"
                    removed.append(Removed(place, len(files), sum(one.bytes for one in files)))
                    if not dry_run:
                        # The manifest is removed first, because files without a manifest do not count as a dump.
                        s3.remove(one.address for one in files if one.address.endswith("/manifest.json"))
                        s3.remove(one.address for one in files)
        return removed

    def _digests(self, dump: str) -> list[str]:
        found = [one.address.split("/") for one in s3.listing(f"{self.address}/{dump}/")]
        return [parts[-2] for parts in found if parts[-1] == "manifest.json"]

    def _keep(self, partial: Partial, landed: Dump) -> None:
        if not self._intact(landed):
            s3.upload(partial.path, landed.path, **{HASH: landed.sha256})
        s3.write_json(f"{landed.path.rpartition('/')[0]}/manifest.json", asdict(landed))
        partial.discard()

    def _point(self, pointer: str, dump: Dump) -> None:
        s3.write_json(f"{self.address}/{dump.name}/{pointer}", asdict(dump))

    def _unpoint(self, pointer: str, dump: str) -> None:
        s3.remove([f"{self.address}/{dump}/{pointer}"])

    def _value(self, key: str) -> Any | None:
        return s3.read_json(f"{self.address}/{key}")

    def _intact(self, dump: Dump) -> bool:
        found = s3.head(dump.path)
        return (
            found is not None
            and found["ContentLength"] == dump.bytes
            and found.get("Metadata", {}).get(HASH) == dump.sha256
        )
