"""Fetches the dumps of a run: checks disk space, downloads (in parallel from a remote source), reports progress."""

import shutil
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from imdb_assets.lake.dump_file import Dump
from imdb_assets.lake.landing import Landing
from imdb_assets.naming import file_name
from imdb_assets.sources.base import Source, SourceError
from imdb_assets.sources.progress import Meter, Reading, Watch

CONNECTIONS = 7  # downloads at the same time: one per dump; IMDb's content delivery network can serve far more
SECONDS = 0.5  # between two reports of the downloads' progress
# Bytes that the lake needs for each byte of the dumps: room for two snapshots of all tables, because the older snapshot
# expires later. On the generated sample, one snapshot of all tables takes 1.2 bytes for each byte of the dumps.
LAKE_FACTOR = 2.5


def fetch_all(
    landing: Landing,
    dumps: Sequence[str],
    source: Source,
    published: Mapping[str, str],
    watch: Watch,
) -> dict[str, Dump | BaseException]:
    """Brings dumps into the landing zone, in parallel if the source is remote; an error does not stop other downloads.

    Args:
        landing: The landing zone.
        dumps: IMDb's names. The first dump in the list is always fetched; each of the others is fetched only if the
            source has a new version of it.
        source: The source of the dumps.
        published: Maps each dump to the sha256 of the version that its bronze table was made from; see `Landing.known`.
        watch: Called in this thread with the progress of each download.

    Returns:
        Maps the name of each fetched dump to the landed dump or, if the dump could not land, to the error.

    Raises:
        SourceError: There is not enough disk space for the dumps; nothing was fetched.
    """
    arrivals = {dump: _Arrival(Meter(dump)) for dump in dumps}

    def size(dump: str) -> int | None:
        return source.size(file_name(dump), landing.known(dump, published.get(dump)))

    def fetch(dump: str) -> Dump:
        return landing.fetch(dump, source, published.get(dump), arrivals[dump].report)

    with ThreadPoolExecutor(CONNECTIONS if source.remote else 1) as pool:
        try:
            sizes = dict(zip(dumps, pool.map(size, dumps), strict=True))
            _require_room(landing.root, [size for size in sizes.values() if size])
            futures = {dump: pool.submit(fetch, dump) for dump in dumps if dump == dumps[0] or sizes[dump] != 0}
            waiting: set[Future[Dump]] = set(futures.values())
            while waiting:
                waiting = wait(waiting, timeout=SECONDS).not_done
                for reading in filter(None, (arrival.news() for arrival in arrivals.values())):
                    watch(reading)
        except BaseException:  # includes interrupts, after which the threads must not finish their downloads
            for arrival in arrivals.values():
                arrival.stopped.set()
            raise
    return {dump: future.exception() or future.result() for dump, future in futures.items()}


@dataclass
class _Arrival:
    """State of one download, shared by the thread that downloads and the thread that reports."""

    meter: Meter
    stopped: threading.Event = field(default_factory=threading.Event)
    _state: tuple[int, int | None] = (0, None)

    def report(self, received: int, total: int | None) -> None:
        """Records the progress. Raises an error to end the download if nobody waits for the download any more."""
        if self.stopped.is_set():
            raise SourceError(f"{file_name(self.meter.dump)}: the download was stopped.")
        self._state = received, total

    def news(self) -> Reading | None:
        """The progress so far; None if there was no progress since the last call."""
        return self.meter.read(*self._state)


def _require_room(folder: Path, sizes: list[int]) -> None:
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    free, coming = shutil.disk_usage(there).free, sum(sizes)
    needed = round(coming * (1 + LAKE_FACTOR))
    if needed > free:
        raise SourceError(
            f"not enough disk space: {needed:,} bytes are needed ({coming:,} for {len(sizes)} dumps, the rest for the "
            f"tables made from them), but only {free:,} are free at {there}. Make room on the disk, or set IMDB_DATA "
            "to a folder on a larger disk; nothing was changed."
        )
