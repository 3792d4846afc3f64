"""Several processes at once: two writers of one table, of a new table, of a new lake; readers while others publish."""

import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

import duckdb
import pytest

from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.maintenance import maintain
from imdb_assets.lake.retention import Policy
from imdb_assets.lake.rollback import roll_back
from imdb_assets.warehouse.duckdb import connect
from imdb_assets_tests.faults.processes import PATIENCE, SERVER
from imdb_assets_tests.lakes import NOTHING, Films, files_in_use, files_on_disk, films, put, rows, stores

Record = Callable[[str, object], None]

LOST = "another run published this table meanwhile"


def _write(lakes: list[Path], me: int, barrier: Barrier, answer: Connection) -> None:
    """Publishes once to each lake, at the same time as the others; tells how each ended."""
    outcomes: list[tuple[int, str | int]] = []
    for number, root in enumerate(lakes):
        version = 10 * number + me
        barrier.wait(PATIENCE)
        try:
            outcomes.append((version, put(Lake(root), Films, films(me)).snapshot_id))
        except LakeError as error:
            outcomes.append((version, str(error)))
        except Exception as error:  # noqa: BLE001 - for the test to show
            outcomes.append((version, f"{type(error).__name__}: {error}"))
    answer.send(outcomes)


def _race(lakes: list[Path], writers: int) -> list[list[tuple[int, str | int]]]:
    """What each writer says of each lake."""
    barrier = SERVER.Barrier(writers)
    pipes = [SERVER.Pipe(duplex=False) for _ in range(writers)]
    children = [SERVER.Process(target=_write, args=(lakes, me, barrier, pipes[me][1])) for me in range(writers)]
    for child, (_, answer) in zip(children, pipes, strict=True):
        child.start()
        answer.close()  # so that a child that dies is an EOFError here, not a wait
    said = [told.recv() for told, _ in pipes]
    for child, (told, _) in zip(children, pipes, strict=True):
        child.join(PATIENCE)
        child.close()
        told.close()
    return said


def _require_order(root: Path, outcomes: list[tuple[int, str | int]], earlier: int) -> int:
    """Whoever was told success has a snapshot with its rows, the others a clear error; how many lost."""
    lake = Lake(root)
    lost = [outcome for _, outcome in outcomes if isinstance(outcome, str)]
    assert [text for text in lost if LOST not in text] == []
    won = {outcome: version % 10 for version, outcome in outcomes if isinstance(outcome, int)}
    history = [snapshot.snapshot_id for snapshot in lake.history("silver.films")]
    assert len(history) == earlier + len(won)
    assert set(history[earlier:]) == set(won)
    for snapshot_id, version in won.items():
        table = lake.table("silver.films", snapshot_id)
        assert rows(table) == films(version).sort("tconst").to_dicts()
        assert len(table.files) == 3
    assert lake.table("silver.films").snapshot_id == history[-1]
    for _ in range(2):
        maintain(stores(lake), NOTHING)
    assert files_on_disk(lake) == files_in_use(lake)
    return len(lost)


def _run_rounds(lakes: list[Path], writers: int, earlier: int, record: Record, fault: str) -> int:
    """Races for each lake; how many publishes lost one."""
    said = _race(lakes, writers)
    lost = [_require_order(root, [outcomes[number] for outcomes in said], earlier) for number, root in enumerate(lakes)]
    record("fault", fault)
    record("injected", len(lakes))
    record("survived", len(lakes))
    return sum(lost)


def _existing(tmp_path: Path, count: int) -> list[Path]:
    lakes = [tmp_path / str(number) / "lake" for number in range(count)]
    for root in lakes:
        put(Lake(root), Films, films(9))
    return lakes


def _new(tmp_path: Path, count: int) -> list[Path]:
    return [tmp_path / str(number) / "lake" for number in range(count)]


def _with_catalog(tmp_path: Path, count: int) -> list[Path]:
    lakes = _new(tmp_path, count)
    for root in lakes:
        Lake(root).tables()
    return lakes


STARTS = {"an existing table": _existing, "a new table": _with_catalog, "a new lake": _new}


@pytest.mark.parametrize("start", STARTS)
def test_two_writers(start: str, tmp_path: Path, record_property: Record) -> None:
    lakes = STARTS[start](tmp_path, 3)
    _run_rounds(lakes, 2, int(start == "an existing table"), record_property, f"two writers of {start}")


@pytest.mark.slow
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("writers", [2, 4])
def test_many_rounds(start: str, writers: int, tmp_path: Path, record_property: Record) -> None:
    lakes = STARTS[start](tmp_path, 20)
    fault = f"{'two' if writers == 2 else 'four'} writers of {start}"
    lost = _run_rounds(lakes, writers, int(start == "an existing table"), record_property, fault)
    assert lost >= 1, "the writers never met"


def _read(root: Path, stop: Event, answer: Connection) -> None:
    """Reads in a loop, by Polars and by DuckDB; tells how often, which versions it saw, and what went wrong."""
    reads, seen, wrong = 0, set[float](), list[str]()
    while not stop.is_set():
        try:
            frame = Lake(root).table("silver.films").scan().collect()
            found = [(frame.height, *sorted(set(frame["rating"].to_list())))]
            query = "select count(*), list(distinct rating) from silver.films"
            (row,) = connect(Lake(root)).sql(query).fetchall()
            found.append((row[0], *row[1]))
        except (Exception, duckdb.Error) as error:  # noqa: BLE001 - for the test to show
            wrong.append(f"{type(error).__name__}: {error}")
            continue
        for height, *ratings in found:
            if height != 30 or len(ratings) != 1:
                wrong.append(f"a mix: {height} rows, ratings {ratings}")
            seen.update(ratings)
        reads += 1
    answer.send((reads, sorted(seen), wrong))


def _with_reader(root: Path, work: Callable[[], Any]) -> tuple[int, list[float], list[str]]:
    stop, (told, answer) = SERVER.Event(), SERVER.Pipe(duplex=False)
    child = SERVER.Process(target=_read, args=(root, stop, answer))
    child.start()
    time.sleep(0.5)  # so that it has read before, too
    try:
        work()
        time.sleep(0.5)
    finally:
        stop.set()
        result = told.recv() if told.poll(PATIENCE) else (0, [], ["no answer"])
        child.join(PATIENCE)
        child.close()
        told.close()
        answer.close()
    return result


def test_readers_during_twenty_publishes_see_no_mix_and_no_error(lake: Lake, record_property: Record) -> None:
    put(lake, Films, films(0))

    def publish_twenty() -> None:
        for version in range(1, 21):
            put(lake, Films, films(version))

    reads, seen, wrong = _with_reader(lake.root, publish_twenty)
    assert wrong == []
    assert reads >= 5
    assert len(seen) >= 3
    record_property("fault", "publish under readers")
    record_property("injected", 20)
    record_property("survived", 20)


@pytest.mark.slow
def test_readers_during_publishes_rollbacks_and_maintenance_see_no_mix_and_no_error(
    lake: Lake, record_property: Record
) -> None:
    put(lake, Films, films(0))
    policy = Policy(snapshots=5, snapshot_age=timedelta(0), file_age=timedelta(seconds=1))

    def churn() -> None:
        for version in range(1, 21):
            before = lake.table("silver.films").snapshot_id
            put(lake, Films, films(version))
            if version % 3 == 0:
                roll_back(lake, "silver.films", before, by="ann")
            maintain(stores(lake), policy)

    reads, seen, wrong = _with_reader(lake.root, churn)
    assert wrong == []
    assert reads >= 5
    assert len(seen) >= 3
    record_property("fault", "publish, rollback and maintenance under readers")
    record_property("injected", 20)
    record_property("survived", 20)
