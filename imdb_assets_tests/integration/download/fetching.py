"""One dump that a test's server has and the landing zone fetches, and what is there afterwards."""

import gzip
from pathlib import Path

import pytest

from imdb_assets.lake.dump_file import Dump
from imdb_assets.lake.landing import Landing
from imdb_assets.sources.base import SourceError
from imdb_assets.sources.download import Pace
from imdb_assets.sources.imdb import ImdbSource, Limits
from imdb_assets_tests.integration.download.dump_server import DumpServer

DUMP = "title.ratings"
FILE = "title.ratings.tsv.gz"
LIMITS = Limits(
    silence=0.4,
    pace=Pace(bytes_per_second=10_000, over_seconds=0.3),
    fruitless=3,
    first_pause=0.01,
    longest_pause=0.02,
    longest_retry_after=2.0,
    whole=10.0,
)


def dump_of(seed: int, lines: int = 30_000) -> bytes:
    """About 150 kB of gzip that no two seeds share."""
    rows = (b"tt%07d\t%d.%d\t%d\n" % (i, i % 9 + 1, seed, i * 7919 * seed % 1_000_003) for i in range(lines))
    return gzip.compress(b"tconst\taverageRating\tnumVotes\n" + b"".join(rows), 6, mtime=0)


BODY, NEXT = dump_of(1), dump_of(2)
SIZE = len(BODY)


def fetch(landing: Landing, server: DumpServer, published: Dump | None = None, limits: Limits = LIMITS) -> Dump:
    return landing.fetch(DUMP, ImdbSource(server.url, limits), published and published.sha256)


def refusal(landing: Landing, server: DumpServer, limits: Limits = LIMITS) -> str:
    """The message; the current dump stays."""
    before = landing.current(DUMP)
    with pytest.raises(SourceError) as caught:
        fetch(landing, server, limits=limits)
    assert landing.current(DUMP) == before
    return str(caught.value)


def content(dump: Dump) -> bytes:
    return Path(dump.path).read_bytes()


def leftovers(landing: Landing) -> list[str]:
    """What a failed download has left behind."""
    return sorted(path.name for path in (landing.root / DUMP).glob(".incoming/*"))


def partial(landing: Landing) -> bytes:
    return (landing.root / DUMP / ".incoming" / FILE).read_bytes()
