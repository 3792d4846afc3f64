"""How dumps come into the landing zone, and what is turned away."""

import gzip
import hashlib
import json
import os
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from filelock import FileLock

from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.lake.dump_file import Dump
from imdb_assets.lake.integrity import sha256
from imdb_assets.lake.landing import CHECKED, Landing
from imdb_assets.sources.base import SourceError
from imdb_assets.sources.folder import FolderSource
from imdb_assets_tests.support import write_bytes, write_dump

DUMP = "title.ratings"
FILE = "title.ratings.tsv.gz"
HEADER = "tconst\taverageRating\tnumVotes"
CHANGED = 1_700_000_000  # 2023-11-14T22:13:20+00:00


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "dumps"
    _write(path, 7.5)
    return path


def _write(folder: Path, rating: float) -> bytes:
    path = write_dump(folder, DUMP, [{"tconst": "tt0000001", "averageRating": rating, "numVotes": 10}])
    os.utime(path, (CHANGED, CHANGED))
    return path.read_bytes()


def _entries(landing: Landing) -> list[str]:
    """Everything below the dump's folder, by path; the lock stays, whatever happens."""
    paths = (landing.root / DUMP).rglob("*")
    return sorted(str(path.relative_to(landing.root / DUMP)) for path in paths if path.name != ".lock")


def test_a_dump_is_kept_unchanged_under_its_hash_with_a_manifest(landing: Landing, folder: Path) -> None:
    content = (folder / FILE).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    dump = landing.fetch(DUMP, FolderSource(folder))
    assert asdict(dump) == {
        "name": DUMP,
        "path": str(landing.root / DUMP / digest[:16] / FILE),
        "bytes": len(content),
        "sha256": digest,
        "lines": 1,
        "etag": None,
        "last_modified": "2023-11-14T22:13:20.000000+00:00",
        "origin": str(folder / FILE),
    }
    assert Path(dump.path).read_bytes() == content
    assert landing.landed(DUMP, digest) == dump
    assert _entries(landing) == sorted(
        [digest[:16], f"{digest[:16]}/manifest.json", f"{digest[:16]}/{FILE}", "arrived.json"]
    )
    assert dump.version == digest


def test_a_dump_becomes_current_only_when_published(landing: Landing, folder: Path) -> None:
    first = landing.fetch(DUMP, FolderSource(folder))
    assert landing.current(DUMP) is None
    landing.publish(first)
    assert landing.current(DUMP) == first
    _write(folder, 8.0)
    second = landing.fetch(DUMP, FolderSource(folder))
    assert landing.required(DUMP) == first
    landing.publish(second)
    assert landing.required(DUMP) == second
    assert first.sha256 != second.sha256


def test_the_same_content_twice_is_one_folder(landing: Landing, folder: Path) -> None:
    first = landing.fetch(DUMP, FolderSource(folder))
    before = _entries(landing)
    assert landing.fetch(DUMP, FolderSource(folder)) == first
    assert _entries(landing) == before


def test_a_scheduled_run_hashes_a_dump_again_only_if_it_was_written_to(
    landing: Landing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed = landing.fetch(DUMP, FolderSource(folder))
    hashed: list[Path] = []

    def counted(path: Path) -> str:
        hashed.append(path)
        return sha256(path)

    def fetch(*, rehash: bool) -> int:
        assert replace(landing, rehash=rehash).fetch(DUMP, FolderSource(folder)) == landed
        return len(hashed)

    monkeypatch.setattr("imdb_assets.lake.landing.sha256", counted)
    assert [fetch(rehash=False), fetch(rehash=False), fetch(rehash=True), fetch(rehash=False)] == [1, 1, 2, 2]
    path = Path(landed.path)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"?")
    assert fetch(rehash=False) == 4  # before and after the copy
    assert path.read_bytes() == content
    path.with_name(CHECKED).write_text("{")
    assert fetch(rehash=False) == 5


def test_past_dumps_are_kept(landing: Landing, folder: Path) -> None:
    contents = [(folder / FILE).read_bytes(), _write(folder, 8.0), _write(folder, 8.5)]
    dumps = []
    for content in contents:
        (folder / FILE).write_bytes(content)
        dumps.append(landing.fetch(DUMP, FolderSource(folder)))
    assert [Path(dump.path).read_bytes() for dump in dumps] == contents


def _refusal(landing: Landing, source: FolderSource) -> str:
    """The message; whatever was refused leaves no trace."""
    before = _entries(landing)
    with pytest.raises(SourceError) as caught:
        landing.fetch(DUMP, source)
    assert _entries(landing) == before
    return str(caught.value)


HOW = (
    "Put the dumps into the folder, as .tsv.gz or unpacked as .tsv, or set IMDB_SOURCE_FOLDER to a folder that has all "
    "seven dumps."
)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (["title.crew.tsv.gz"], f"(it has title.crew.tsv.gz). {HOW}"),
        ([], f"(it is empty). {HOW}"),
        (None, f"(no such folder). {HOW}"),
        (["archive.zip", "notes"], f"(it has archive.zip, notes). Unpack archive.zip (unzip archive.zip). {HOW}"),
        (
            [f"{number:02}" for number in range(15)],
            f"(it has {', '.join(f'{n:02}' for n in range(12))} and 3 more). {HOW}",
        ),
    ],
    ids=["another dump", "empty", "no folder", "an archive", "many files"],
)
def test_a_missing_dump_is_refused_with_what_is_there(
    landing: Landing, tmp_path: Path, there: list[str] | None, words: str
) -> None:
    folder = tmp_path / "other"
    if there is not None:
        folder.mkdir()
        for name in there:
            (folder / name).touch()
    assert _refusal(landing, FolderSource(folder)) == f"{FILE}: not in the folder {folder} {words}"
    both = FolderSource(folder).missing([FILE, "title.akas.tsv.gz"])
    assert both == f"{FILE}, title.akas.tsv.gz: not in the folder {folder} {words}"


@pytest.mark.parametrize(
    "place",
    [
        "title.ratings.tsv",
        "title.ratings.tsv/data.tsv",
        "title.ratings.tsv.gz/data.tsv",
        "title.ratings.tsv/title.ratings.tsv",
    ],
)
def test_a_plain_dump_lands_packed(landing: Landing, folder: Path, place: str) -> None:
    packed = folder / FILE
    text = gzip.decompress(packed.read_bytes())
    packed.unlink()
    plain = folder / place
    plain.parent.mkdir(exist_ok=True)
    plain.write_bytes(text)
    source = FolderSource(folder)
    dump = landing.fetch(DUMP, source)
    assert gzip.decompress(Path(dump.path).read_bytes()) == text
    assert (dump.origin, dump.place) == (str(folder / place.partition("/")[0]), source.place)
    landing.publish(dump)
    assert source.size(FILE, dump) == 0
    plain.write_bytes(text + b"tt0000002\t5.5\t7\n")
    os.utime(plain, (CHANGED + 1, CHANGED + 1))
    assert (source.size(FILE, dump), landing.fetch(DUMP, source, dump.sha256).lines) == (None, 2)


def test_the_same_plain_text_lands_as_the_same_bytes_whenever_it_was_written(landing: Landing, folder: Path) -> None:
    text = gzip.decompress((folder / FILE).read_bytes())
    (folder / FILE).unlink()
    plain = folder / "title.ratings.tsv"
    landed: list[Dump] = []
    for second in range(2):
        plain.write_bytes(text)
        os.utime(plain, (CHANGED + second, CHANGED + second))
        landed.append(landing.fetch(DUMP, FolderSource(folder)))
    assert landed[0].sha256 == landed[1].sha256
    assert landed[0].last_modified != landed[1].last_modified


def test_a_packed_dump_without_gz_in_its_name_is_not_packed_again(landing: Landing, folder: Path) -> None:
    content = (folder / FILE).read_bytes()
    (folder / FILE).rename(folder / "title.ratings.tsv")
    assert Path(landing.fetch(DUMP, FolderSource(folder)).path).read_bytes() == content


REMEDY = f"Get {FILE} again; the current dump stays in use."


def test_an_empty_file_is_refused(landing: Landing, folder: Path) -> None:
    (folder / FILE).write_bytes(b"")
    assert _refusal(landing, FolderSource(folder)) == f"{FILE}: the file is empty (0 bytes). {REMEDY}"


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"<html>Service unavailable", "not a gzip file: the file begins with b'<html>Service unavailable'"),
        (HEADER.encode() + b"\n", f"not a gzip file: the file begins with {(HEADER + chr(10)).encode()!r}"),
        (gzip.compress(HEADER.encode())[:12], "the gzip stream is cut off after 12 bytes"),
        (
            gzip.compress(b"")[:10] + b"\xff" * 50,
            "the gzip stream is corrupt (Error -1 Invalid deflate block found, in the first 60 bytes)",
        ),
    ],
    ids=["a web page", "plain text", "cut in the first line", "garbage in gzip's clothing"],
)
def test_what_is_no_gzip_is_refused(landing: Landing, folder: Path, content: bytes, cause: str) -> None:
    (folder / FILE).write_bytes(content)
    assert _refusal(landing, FolderSource(folder)) == f"{FILE}: {cause}. {REMEDY}"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"tconst\tdirectors\twriters\n", "'tconst\\tdirectors\\twriters'"),
        (HEADER.encode() + b"\textra\n", repr(HEADER + "\textra")),
        (HEADER.encode() + b"\r\n", repr(HEADER + "\r")),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"\n", repr("\ufeff" + HEADER)),
        (b"\xff\n", repr("\\xff")),
        (b"tt0000001\t5.5\t10\n", "'tt0000001\\t5.5\\t10'"),
        (b"", "''"),
        (b"x" * 5000, f"'{'x' * 300}'"),
    ],
    ids=[
        "another dump",
        "a column more",
        "carriage return",
        "byte order mark",
        "no text",
        "no header",
        "nothing",
        "one long line",
    ],
)
def test_another_header_is_refused_with_both(landing: Landing, folder: Path, content: bytes, found: str) -> None:
    write_bytes(folder, DUMP, content)
    assert _refusal(landing, FolderSource(folder)) == (
        f"{FILE}: line 1 is not the expected header.\n  expected: {HEADER!r}\n  found:    {found}\n"
        f"{REMEDY} If IMDb has changed the format, change the contract in contracts/bronze.py."
    )


def test_a_landing_zone_that_cannot_be_written_is_an_error_with_the_remedy(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "file").touch()
    landing = Landing(tmp_path / "file" / "landing")
    with pytest.raises(SourceError) as caught:
        landing.fetch(DUMP, FolderSource(folder))
    message = str(caught.value)
    assert message.startswith(f"{FILE}: cannot write to {landing.root / DUMP}: ")
    assert message.endswith("Check permissions, disk space and IMDB_DATA.")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_dump_that_may_not_be_read_is_refused(landing: Landing, folder: Path) -> None:
    (folder / FILE).chmod(0)
    assert _refusal(landing, FolderSource(folder)).startswith(f"{FILE}: no permission to read {folder / FILE}")


@pytest.mark.parametrize("dump", DUMP_CONTRACTS)
def test_every_dump_of_the_tiny_catalogue_lands(landing: Landing, tiny_dumps: Path, dump: str) -> None:
    landed = landing.fetch(dump, FolderSource(tiny_dumps))
    assert gzip.decompress(Path(landed.path).read_bytes()).decode().startswith("\t".join(header(DUMP_CONTRACTS[dump])))


def _land_days(landing: Landing, folder: Path, count: int, day: int = 86_400) -> list[Dump]:
    """Dumps that landed a day apart, the last one a day ago; each was current."""
    dumps: list[Dump] = []
    for number in range(count):
        _write(folder, 1.0 + number / 10)
        dump = landing.fetch(DUMP, FolderSource(folder))
        landing.publish(dump)
        then = time.time() - (count - number) * day
        os.utime(Path(dump.path).with_name("manifest.json"), (then, then))
        dumps.append(dump)
    return dumps


def _kept(landing: Landing, dumps: list[Dump]) -> list[int]:
    return [number for number, dump in enumerate(dumps) if Path(dump.path).is_file()]


def test_pruning_keeps_the_last_two_and_says_what_it_removed(landing: Landing, folder: Path) -> None:
    dumps = _land_days(landing, folder, 5)
    manifest = Path(dumps[0].path).with_name("manifest.json").stat().st_size
    removed = landing.prune(live=())
    assert [entry.path for entry in removed] == sorted(str(Path(dump.path).parent) for dump in dumps[:3])
    assert [entry.bytes for entry in removed] == [
        dump.bytes + manifest for dump in sorted(dumps[:3], key=lambda dump: dump.path)
    ]
    assert _kept(landing, dumps) == [3, 4]
    assert landing.required(DUMP) == dumps[4]
    assert landing.prune(live=()) == []


def test_pruning_never_drops_what_a_live_snapshot_was_made_from(landing: Landing, folder: Path) -> None:
    dumps = _land_days(landing, folder, 5)
    landing.prune(live={dumps[1].sha256, "of no dump here"}, last=1)
    assert _kept(landing, dumps) == [1, 4]


def test_pruning_never_drops_the_current_dump_nor_one_that_just_arrived(landing: Landing, folder: Path) -> None:
    dumps = _land_days(landing, folder, 4)
    landing.publish(dumps[0])  # an old one is in use again
    _write(folder, 9.9)
    arrived = landing.fetch(DUMP, FolderSource(folder))
    landing.prune(live=(), last=0)
    assert _kept(landing, [*dumps, arrived]) == [0, 4]


def test_a_dump_that_lands_again_counts_from_then(landing: Landing, folder: Path) -> None:
    dumps = _land_days(landing, folder, 3)
    _write(folder, 1.0)  # as on the first day
    assert landing.fetch(DUMP, FolderSource(folder)) == dumps[0]
    landing.publish(dumps[0])
    landing.prune(live=())
    assert _kept(landing, dumps) == [0, 2]


def test_pruning_removes_what_was_abandoned_and_old(landing: Landing, folder: Path) -> None:
    (dump,) = _land_days(landing, folder, 1)
    incoming, removal = landing.root / DUMP / ".incoming", landing.root / DUMP / ".removed-0123456789abcdef"
    half_written = Path(dump.path).with_name(".checked.json.x")
    half_written.write_bytes(b"x")
    for leftover in (incoming, removal):
        leftover.mkdir()
        (leftover / FILE).write_bytes(b"x" * 1000)
    assert landing.prune(live=()) == []
    old = time.time() - 3 * 86_400
    for path in (incoming / FILE, incoming, removal / FILE, removal, half_written):
        os.utime(path, (old, old))
    assert [(Path(entry.path).name, entry.bytes) for entry in landing.prune(live=())] == [
        (".incoming", 1000),
        (".removed-0123456789abcdef", 1000),
        (".checked.json.x", 1),
    ]
    assert _entries(landing) == sorted(
        [
            "current.json",
            dump.sha256[:16],
            f"{dump.sha256[:16]}/manifest.json",
            f"{dump.sha256[:16]}/{FILE}",
        ]
    )


def test_pruning_passes_over_a_dump_that_is_being_fetched(landing: Landing, folder: Path) -> None:
    dumps = _land_days(landing, folder, 4)
    with FileLock(landing.root / DUMP / ".lock"):
        assert landing.prune(live=()) == []
    assert _kept(landing, dumps) == [0, 1, 2, 3]


def test_pruning_an_empty_zone(landing: Landing) -> None:
    assert landing.prune(live=()) == []


def test_a_pointer_of_another_version_is_no_dump(landing: Landing, folder: Path) -> None:
    dump = landing.fetch(DUMP, FolderSource(folder))
    old = asdict(dump)
    del old["lines"]
    (landing.root / DUMP / "current.json").write_text(json.dumps(old))
    assert landing.current(DUMP) is None


def test_a_file_of_another_size_lands_whatever_its_time_of_change(landing: Landing, folder: Path) -> None:
    before = landing.fetch(DUMP, FolderSource(folder))
    landing.publish(before)
    assert landing.fetch(DUMP, FolderSource(folder), published=before.sha256) == before
    path = folder / FILE
    empty = gzip.compress(b"", mtime=0)  # another member, without text
    path.write_bytes(path.read_bytes() + empty)
    os.utime(path, (CHANGED, CHANGED))
    after = landing.fetch(DUMP, FolderSource(folder), published=before.sha256)
    assert (after.bytes, after.last_modified) == (before.bytes + len(empty), before.last_modified)
