"""What gets interrupted: a state to start from, a step forward, and what must hold however the step ended."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.lake.dump_file import Dump
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.maintenance import maintain
from imdb_assets.lake.publish import audit, publish, staging_folder
from imdb_assets.lake.recovery import recover
from imdb_assets.lake.rollback import roll_back
from imdb_assets.lake.table import Staged, Table
from imdb_assets.sources.folder import FolderSource
from imdb_assets.transforms import parts
from imdb_assets_tests.lakes import (
    NOTHING,
    Films,
    People,
    files_in_use,
    files_on_disk,
    films,
    people,
    put,
    rows,
    stage,
    stores,
)
from imdb_assets_tests.support import write_dump

DUMP = "title.ratings"
MANY = 1_000_000
"""People, so many that an engine takes a while to write them."""


@dataclass(frozen=True)
class Scenario:
    """One step of the platform, in a data folder of its own."""

    name: str
    prepare: Callable[[Path], None]
    """Makes the state that the step starts from."""
    attempt: Callable[[Path], None]
    """The step; run again after an interruption it must end as if there had been none."""
    unharmed: Callable[[Path], None]
    """Fails unless readers see the state before or after the step, whole."""
    done: Callable[[Path], None]
    """Fails unless readers see the state after the step."""


def lake_of(data: Path) -> Lake:
    """The scenario's lake, opened anew."""
    return Lake(data / "lake")


def _rows(data: Path, name: str = "silver.films") -> list[dict[str, Any]] | None:
    lake = lake_of(data)
    return rows(lake.table(name)) if lake.exists(name) else None


def _films(version: int) -> list[dict[str, Any]]:
    return films(version).sort("tconst").to_dicts()


def require_no_orphan(data: Path) -> None:
    """After maintenance nothing is there but what readers need."""
    for _ in range(2):  # an expiry supersedes one metadata file, which goes the next time
        maintain(stores(lake_of(data)), NOTHING)
    lake = lake_of(data)
    assert files_on_disk(lake) == files_in_use(lake)
    assert [path.name for path in data.rglob(".*") if path.name != ".lock"] == []  # a lock stays for the next to take


def _nothing(data: Path) -> None:
    data.mkdir(exist_ok=True)


def _put_first(data: Path) -> None:
    put(lake_of(data), Films, films(1))


def _first_or_none(data: Path) -> None:
    assert _rows(data) in (None, _films(1))


def _only_first(data: Path) -> None:
    assert _rows(data) == _films(1)
    assert len(lake_of(data).history("silver.films")) in (1, 2)  # killed after the commit, it is published twice


def _put_second(data: Path) -> None:
    put(lake_of(data), Films, films(2))


def _first_or_second(data: Path) -> None:
    assert _rows(data) in (_films(1), _films(2))
    _first_is_still_read(data)


def _second(data: Path) -> None:
    assert _rows(data) == _films(2)
    _first_is_still_read(data)


def _first_is_still_read(data: Path) -> None:
    lake = lake_of(data)
    oldest = lake.history("silver.films")[0].snapshot_id
    assert rows(lake.table("silver.films", oldest)) == _films(1)


def _put_few_people(data: Path) -> None:
    put(lake_of(data), People, people(2))
    many = pl.DataFrame({"nconst": pl.int_range(MANY, eager=True)}).with_columns(
        nconst=pl.format("nm{}", "nconst"), born=pl.lit(MANY, pl.Int32)
    )
    many.write_parquet(data / "many.parquet")


def _make_many_people(data: Path) -> None:
    """As an asset does: an engine stages, part by part, in native code that no hook sees into."""
    lake = lake_of(data)
    source = Table("bronze.people", 1, (str(data / "many.parquet"),), MANY, 0)
    staged = Staged(People.table, staging_folder(lake, People), "polars")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts, "ROWS_AT_A_TIME", MANY // 4)
        PolarsEngine().run(lambda people: people, {"people": source}, People, staged.prefix)
    assert audit(People, staged).passed
    publish(lake, People, staged, {})


def _few_or_many_people(data: Path) -> None:
    frame = lake_of(data).table("gold.people").scan().collect()
    assert (frame.height, frame["born"].unique().to_list()) in ((3, [2]), (MANY, [MANY]))


def _many_people(data: Path) -> None:
    _few_or_many_people(data)
    assert lake_of(data).table("gold.people").rows == MANY


def _dumps(data: Path, version: int) -> FolderSource:
    folder = data.with_name(f"{data.name}-source-{version}")
    write_dump(folder, DUMP, [{"tconst": f"tt{n}", "averageRating": version, "numVotes": 9} for n in range(2000)])
    return FolderSource(folder)


def _land(data: Path, version: int) -> Dump:
    landing = Landing(data / "landing")
    landed = landing.fetch(DUMP, _dumps(data, version))
    landing.publish(landed)
    return landed


def _landed(data: Path) -> int:
    """Which version is current; its file must be whole."""
    current = Landing(data / "landing").required(DUMP)
    content = Path(current.path).read_bytes()
    for version in (1, 2):
        if content == (_dumps(data, version).folder / f"{DUMP}.tsv.gz").read_bytes():
            return version
    raise AssertionError(f"the current dump is neither version: {len(content)} bytes")


def _one_or_two_landed(data: Path) -> None:
    assert _landed(data) in (1, 2)


def _two_landed(data: Path) -> None:
    assert _landed(data) == 2


def _two_snapshots(data: Path) -> None:
    _put_first(data)
    _put_second(data)


def _roll_back(data: Path) -> None:
    lake = lake_of(data)
    first = lake.history("silver.films")[0]
    if not first.current:  # as a person would see in the history
        roll_back(lake, "silver.films", first.snapshot_id, by="ann")


def _rolled_back(data: Path) -> None:
    assert _rows(data) == _films(1)
    assert len(lake_of(data).rollbacks("silver.films")) == 1


def _much_to_remove(data: Path) -> None:
    lake = lake_of(data)
    for version in (3, 1, 2):
        put(lake, Films, films(version))
    stage(lake, Films, films(4))
    stage(lake, People, people(1))


def _maintain(data: Path) -> None:
    maintain(stores(lake_of(data)), NOTHING)


def _history_is_whole(data: Path) -> None:
    lake = lake_of(data)
    assert _rows(data) == _films(2)
    read = [rows(lake.table("silver.films", item.snapshot_id)) for item in lake.history("silver.films")]
    assert read in ([_films(3), _films(1), _films(2)], [_films(2)])


def _removed(data: Path) -> None:
    assert [rows(lake_of(data).table(table.name)) for table in lake_of(data).tables()] == [_films(2)]
    assert len(lake_of(data).history("silver.films")) == 1


def _damaged_catalog(data: Path) -> None:
    lake = lake_of(data)
    put(lake, People, people(2))
    put(lake, Films, films(1))
    lake.catalog.close()
    (lake.root / "catalog.db").write_bytes(b"garbage " * 1000)


def _recover(data: Path) -> None:
    recover(lake_of(data), force=True)


def _refused_or_recovered(data: Path) -> None:
    try:
        _recovered(data)
    except LakeError as error:
        assert "imdb recover" in str(error)  # noqa: PT017 - either outcome is right


def _recovered(data: Path) -> None:
    assert [table.name for table in lake_of(data).tables()] == ["gold.people", "silver.films"]
    assert _rows(data) == _films(1)
    assert _rows(data, "gold.people") == people(2).to_dicts()


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("first publish", _nothing, _put_first, _first_or_none, _only_first),
        Scenario("publish", _put_first, _put_second, _first_or_second, _second),
        Scenario("an engine's table", _put_few_people, _make_many_people, _few_or_many_people, _many_people),
        Scenario(
            "landing",
            lambda data: (_land(data, 1), None)[1],
            lambda data: (_land(data, 2), None)[1],
            _one_or_two_landed,
            _two_landed,
        ),
        Scenario("rollback", _two_snapshots, _roll_back, _first_or_second, _rolled_back),
        Scenario("maintenance", _much_to_remove, _maintain, _history_is_whole, _removed),
        Scenario("recovery", _damaged_catalog, _recover, _refused_or_recovered, _recovered),
    )
}
