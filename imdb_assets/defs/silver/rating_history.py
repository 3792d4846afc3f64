"""Silver: how ratings moved, day by day. Each partition is a day with a dump of ratings.

The asset has a job of its own, because the daily job cannot have one partition for each day: when a daily run starts,
its dumps have not landed, so their day is still unknown. A day is made from the dump itself rather than from
`bronze.title_ratings`, which has only the latest dump. Every partition is made in the same way, whether the day's dump
is new, late, from a folder, or landed long ago.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.bronze import TitleRatings
from imdb_assets.contracts.parquet import file_schema
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.defs.code_version import code_version
from imdb_assets.defs.policies import asset_key, column_lineage, contract_arguments
from imdb_assets.defs.table_asset import commit, contract_check
from imdb_assets.defs.told import materialized
from imdb_assets.defs.unchanged import Told, code_of, is_unchanged, may_keep
from imdb_assets.dumps.reader import DumpError, read_dump
from imdb_assets.engines.base import EngineError, Engines, conform
from imdb_assets.lake.audit import audit
from imdb_assets.lake.dated_dumps import DatedDumps
from imdb_assets.lake.dump_file import Dump
from imdb_assets.lake.files import parquet_files, reading, scan, writing
from imdb_assets.lake.handles import Handles
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.provenance import PLACE
from imdb_assets.lake.publish import field_ids, staging_folder
from imdb_assets.lake.table import Staged, Table, partition_folder
from imdb_assets.naming import landed
from imdb_assets.settings import Settings
from imdb_assets.transforms.rating_history import rating_changes

RATINGS = "title.ratings"
DAYS = dg.DailyPartitionsDefinition(start_date="2018-01-01", end_offset=1)
"""All days from 2018 up to today; a dump can have been made on any of these days."""
_DAY_OF_FILE = re.compile(rf"/{partition_folder('valid_from')}=([0-9-]+)/")


def dated_dumps(landing: Landing, settings: Settings) -> DatedDumps:
    """Returns an object that finds the dump of ratings of a given day."""
    return DatedDumps(RATINGS, landing, settings.dated_dumps, settings.dump_date)


def day_of_bronze(lake: Lake, landing: Landing, settings: Settings) -> tuple[date, Dump] | None:
    """The dump that bronze was made from, and its day; None if there is no such dump or its day is not in `DAYS`."""
    bronze = lake.published(TitleRatings.table)
    dump = landing.landed(RATINGS, bronze.inputs[landed(RATINGS)]) if bronze else None
    day = dated_dumps(landing, settings).day_of(dump) if dump else None
    return (day, dump) if day and dump and DAYS.has_partition_key(day.isoformat()) else None


_ARGUMENTS = contract_arguments(RatingHistory, {"iceberg", "parquet", "narwhals"})


@dg.multi_asset(  # `asset` would warn about `backfill_policy`, which a run of several days needs
    specs=[
        dg.AssetSpec(
            **{name: value for name, value in _ARGUMENTS.items() if name != "check_specs"},
            deps=[asset_key(landed(RATINGS)), asset_key(TitleRatings.table)],
            code_version=code_version(rating_changes, read_dump, conform, RatingHistory),
            partitions_def=DAYS,
        )
    ],
    name="silver__rating_history",  # named like the steps of other assets
    # The check is not partitioned, because Dagster 1.13.27 loses the result of a partitioned check (a preview feature)
    # if one run makes several days.
    check_specs=_ARGUMENTS["check_specs"],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def rating_history(
    context: dg.AssetExecutionContext,
    handles: dg.ResourceParam[Handles],
    landing: dg.ResourceParam[Landing],
    engines: dg.ResourceParam[Engines],
    settings: dg.ResourceParam[Settings],
) -> Told:
    before = handles.find(RatingHistory.table)
    place = before.provenance.place if before else ""
    dumps = dated_dumps(landing, settings).require(_days_of_the_run(context), place)
    for day, dump in dumps.items():
        inputs = _inputs(dump, place or landing.place())
        if before and may_keep(context) and is_unchanged(before.provenance, code_of(context), inputs):
            context.log.info("%s: unchanged since snapshot %d.", day, before.snapshot_id)
            continue
        staged = replace(_staged(handles.lake, engines, settings, before, day, dump), inputs=inputs)
        found = audit(RatingHistory, staged)
        if not found.passed:
            yield contract_check(
                RatingHistory, found.summary(RatingHistory.table), rows=found.rows, broken=found.broken
            )
        before = commit(context, RatingHistory, staged, found)
        context.add_asset_metadata(
            {"changes": found.rows, "dump": dump.origin}, asset_key=context.asset_key, partition_key=day.isoformat()
        )
    assert before is not None  # a run makes at least one day, so the loop has published the table
    words = f"{RatingHistory.table}: the rows of {len(dumps)} days satisfy the contract"
    yield contract_check(RatingHistory, words, days=len(dumps))
    yield materialized(before, {"dagster/column_lineage": column_lineage(RatingHistory)})


def _days_of_the_run(context: dg.AssetExecutionContext) -> list[date]:
    if not (context.has_partition_key or context.has_partition_key_range):
        raise dg.Failure(
            f"{RatingHistory.table}: is made day by day, but this run names no day. Choose partitions in the UI, or "
            "run `imdb materialize silver/rating_history --days 2026-01-31` (or --days FROM...TO).",
            allow_retries=False,
        )
    return [date.fromisoformat(key) for key in context.partition_keys]


def _inputs(dump: Dump, place: str) -> dict[str, str]:
    return {**({PLACE: place} if place else {}), landed(RATINGS): dump.sha256}


def _staged(lake: Lake, engines: Engines, settings: Settings, before: Table | None, day: date, dump: Dump) -> Staged:
    """Stages the rows of a day and of the history's next day, because the next day's rows depend on the earlier day."""
    engine = engines.default
    days = (
        {date.fromisoformat(found[1]) for file in before.files if (found := _DAY_OF_FILE.search(file))}
        if before
        else set()
    )
    next_day = min((one for one in days if one > day), default=None)
    ids, folder = field_ids(lake, RatingHistory), staging_folder(lake, RatingHistory)
    with TemporaryDirectory(prefix="imdb-") as temporary:
        ratings = _ratings(dump, settings, Path(temporary))
        inputs = {"title_ratings": ratings, **({"rating_history": before} if before else {})}
        try:
            with lake.home.errors(f"{RatingHistory.table}: nothing was staged or published"):
                engine.run(partial(rating_changes, day=day, next_day=next_day), inputs, RatingHistory, folder, ids)
        except EngineError as error:
            raise dg.Failure(f"{RatingHistory.table}: {error}", metadata=error.facts, allow_retries=False) from error
    folder = _with_empty_days(lake, folder, [day, *([next_day] if next_day else [])], ids)
    _require_ratings(folder, day, ratings.rows, dump, settings.max_drop)
    return Staged(RatingHistory.table, folder, engine.name, base=before.snapshot_id if before else None)


def _ratings(dump: Dump, settings: Settings, folder: Path) -> Table:
    """The dump's rows, read in the same way as for bronze.

    Raises:
        dg.Failure: The dump cannot be read, has no rows, or has more unreadable lines than allowed.
    """
    rows = folder / "rows.parquet"
    try:
        with reading(dump.path) as path:
            counts = read_dump(path, TitleRatings, rows, folder / "rejects.parquet")
    except DumpError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    if counts.too_many or counts.bad_share > settings.max_bad_share or not counts.rows:
        raise dg.Failure(
            f"{RatingHistory.table}: {counts.quarantined:,} of {counts.lines:,} lines of {dump.origin} cannot be read "
            f"(IMDB_MAX_BAD_SHARE allows {settings.max_bad_share:.2%}); nothing was published. Get the dump again.",
            allow_retries=False,
        )
    return Table(TitleRatings.table, 0, (str(rows),), counts.rows, rows.stat().st_size)


def _with_empty_days(lake: Lake, folder: str, days: list[date], ids: Mapping[str, int]) -> str:
    """Adds an empty file for each day without changes, so that each day has a file. Returns the folder."""
    there = {found[1] for file in parquet_files(folder) if (found := _DAY_OF_FILE.search(file))}
    if not there:
        folder = staging_folder(lake, RatingHistory)  # a new folder: the engine's folder has a file without rows
    schema = polars_schema(RatingHistory)
    for day in days:
        if day.isoformat() not in there:
            with writing(f"{folder}/{partition_folder('valid_from')}={day}/0.parquet") as path:
                path.parent.mkdir(exist_ok=True)
                pl.DataFrame(schema=schema).write_parquet(path, arrow_schema=file_schema(schema, ids))
    return folder


def _require_ratings(folder: str, day: date, rows: int, dump: Dump, allowed: float) -> None:
    """Fails the asset if too many titles would lose their rating: perhaps the dump was cut off before compression."""
    gone = pl.col("num_votes").is_null() & (pl.col("valid_from") == day)
    lost = int(scan(parquet_files(folder)).select(gone.sum()).collect(engine="streaming").item())
    share = lost / (rows + lost)
    if share > allowed:
        raise dg.Failure(
            f"{RatingHistory.table}: {dump.origin} of {day} lacks {lost:,} of the titles that had a rating before "
            f"({share:.2%}; IMDB_MAX_DROP allows {allowed:.2%}); nothing was published. Get the dump again; if the "
            "titles have lost their ratings for good, run once with IMDB_MAX_DROP=1.",
            allow_retries=False,
        )
