"""A disk that is full, or read-only: a clear error, the lake as it was, and all well once there is space."""

import errno
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.maintenance import maintain
from imdb_assets.lake.recovery import recover
from imdb_assets.lake.retention import Policy
from imdb_assets.lake.rollback import roll_back
from imdb_assets.warehouse.export import Kind, export
from imdb_assets.warehouse.relations import Relation
from imdb_assets_tests.lakes import NOTHING, Films, files_in_use, files_on_disk, films, put, rows, stores

Record = Callable[[str, object], None]

PAGE = 4096  # bytes; what tmpfs gives out
FULL = ("No space left", "disk is full", "disk I/O error")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"a disk for the test cannot be mounted: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(disk: Path, pages: int) -> Path:
    """Leaves so many pages free."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"x" * PAGE)
        except OSError:
            pass
    with filler.open("r+b") as out:
        out.truncate(max(0, filler.stat().st_size // PAGE * PAGE - pages * PAGE))
    return filler


def test_a_full_disk(disk: Path, record_property: Record) -> None:
    lake = Lake(disk / "lake")
    first = put(lake, Films, films(1))
    causes: list[str] = []
    current = first
    for pages in range(40):
        filler = _fill(disk, pages)
        try:
            put(lake, Films, films(2))
        except (LakeError, OSError, pl.exceptions.ComputeError) as error:  # the last by Polars, which stages
            causes.append(str(error))
        assert Lake(lake.root).table("silver.films", first.snapshot_id) == first
        current = Lake(lake.root).table("silver.films")
        assert rows(current) == films(1 if current == first else 2).sort("tconst").to_dicts()
        filler.unlink()
        if current != first:
            break
    assert len(causes) >= 10
    assert [cause for cause in causes if not any(words in cause for words in FULL)] == []
    assert current != first, "40 pages are plenty"
    for _ in range(2):
        maintain(stores(lake), NOTHING)
    assert files_on_disk(lake) == files_in_use(lake)
    assert rows(put(lake, Films, films(3))) == films(3).sort("tconst").to_dicts()
    record_property("fault", "full disk, at every page of a publish")
    record_property("injected", len(causes))
    record_property("survived", len(causes))


def test_a_new_lake_on_a_full_disk(disk: Path, record_property: Record) -> None:
    causes: list[str] = []
    for pages in range(12):
        filler = _fill(disk, pages)
        try:
            assert Lake(disk / "lake").catalog
        except LakeError as error:
            causes.append(str(error))
        filler.unlink()
    assert len(causes) >= 3
    assert [cause for cause in causes if not any(words in cause for words in FULL)] == []
    assert rows(put(Lake(disk / "lake"), Films, films(1))) == films(1).sort("tconst").to_dicts()
    record_property("fault", "full disk, new lake")
    record_property("injected", len(causes))
    record_property("survived", len(causes))


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", "parquet", "csv"])
def test_an_export_to_a_full_disk(disk: Path, kind: Kind) -> None:
    out = disk / "out" / "films"
    relations = [Relation(name, "from range(20_000)", "", {}, indexes={"x": "range"}) for name in ("a", "b")]
    causes: list[int | None] = []
    for pages in range(2, 80, 5):
        filler = _fill(disk, pages)
        with closing(duckdb.connect()) as connection:
            try:
                export(connection, relations, out, kind, replace=True)
            except OSError as error:
                causes.append(error.errno)
        filler.unlink()
        if out.exists():
            break
        assert not [*disk.glob("out/*")]
    assert len(causes) >= 2
    assert {*causes} == {errno.ENOSPC}


def test_a_read_only_disk_is_read_and_nothing_else(disk: Path, record_property: Record) -> None:
    lake = Lake(disk / "lake")
    first, second = put(lake, Films, films(1)), put(lake, Films, films(2))
    lake.catalog.close()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    lake = Lake(disk / "lake")
    assert rows(lake.table("silver.films")) == films(2).sort("tconst").to_dicts()
    attempts: dict[str, Callable[[], object]] = {
        "silver.films: cannot write below": lambda: put(lake, Films, films(3)),
        "silver.films: not rolled back: ": lambda: roll_back(lake, "silver.films", first.snapshot_id, by="ann"),
        "maintenance stopped: ": lambda: maintain(
            stores(lake), Policy(snapshot_age=timedelta(0), file_age=timedelta(0))
        ),
        "the catalog was not rebuilt: ": lambda: recover(lake, force=True),
    }
    for start, attempt in attempts.items():
        with pytest.raises(LakeError) as caught:
            attempt()
        assert str(caught.value).startswith(start)
        assert "Read-only file system" in str(caught.value)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert Lake(disk / "lake").table("silver.films") == second
    assert rows(put(Lake(disk / "lake"), Films, films(3))) == films(3).sort("tconst").to_dicts()
    record_property("fault", "read-only disk")
    record_property("injected", len(attempts))
    record_property("survived", len(attempts))


def test_a_read_only_disk_without_a_lake(disk: Path, record_property: Record) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    lake = Lake(disk / "lake")
    assert lake.tables() == []
    with pytest.raises(LakeError, match=r"cannot write below .*Read-only file system"):
        put(lake, Films, films(1))
    record_property("fault", "read-only disk")
