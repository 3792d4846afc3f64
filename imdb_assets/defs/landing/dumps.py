"""Landing: one asset for each dump. The bytes of a dump are stored exactly as the source served them."""

from dataclasses import replace

import dagster as dg

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.defs.policies import asset_key, common, keys_of_the_run
from imdb_assets.defs.unchanged import may_keep
from imdb_assets.lake.handles import Handles
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.transfer import fetch_all
from imdb_assets.naming import dump_of, file_name, lake_name
from imdb_assets.naming import landed as landed_name
from imdb_assets.sources.base import Source, SourceError
from imdb_assets.sources.progress import Reading, Watch


def _landing_asset(dump: str) -> dg.AssetsDefinition:
    key = asset_key(landed_name(dump))

    @dg.asset(
        **common(key),
        description=(
            f"`{file_name(dump)}` as served, stored under the hash of its content; each run lands the newest version."
        ),
        deps=[dg.AssetKey(["imdb", key.path[-1]])],
        kinds={"gzip"},
    )
    def body(
        context: dg.AssetExecutionContext,
        landing: dg.ResourceParam[Landing],
        source: dg.ResourceParam[Source],
        handles: dg.ResourceParam[Handles],
        watch_downloads: dg.ResourceParam[Watch],
    ) -> dg.MaterializeResult:
        def tell(reading: Reading) -> None:
            context.log.info(str(reading))
            watch_downloads(reading)

        of_the_run = _dumps_of_the_run(context)
        dumps = _at_once(dump, of_the_run) if source.remote else [dump]
        published = _published(handles, dumps)
        _require_one_place(landing, source, dump, of_the_run)
        try:
            source.prepare(context.log.info)
            zone = replace(landing, rehash=not may_keep(context))
            landed = fetch_all(zone, dumps, source, published, tell)[dump]
            if isinstance(landed, BaseException):
                raise landed
        except SourceError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        landing.publish(landed)
        served = {"last_modified": landed.last_modified, "bytes": landed.bytes, "origin": landed.origin}
        context.log_event(dg.AssetObservation(dg.AssetKey(["imdb", key.path[-1]]), metadata=served))
        return dg.MaterializeResult(
            data_version=dg.DataVersion(landed.sha256),
            metadata={
                **served,
                "lines": landed.lines,
                "dagster/uri": landed.path,
                "sha256": landed.sha256,
                "etag": landed.etag or "none (not served over HTTP)",
            },
        )

    return body  # pyright: ignore[reportReturnType] - arguments by ** hide which overload of dg.asset this is


def _dumps_of_the_run(context: dg.AssetExecutionContext) -> list[str]:
    """The dumps of all landing steps of the run, in the order of the steps."""
    keys = sorted(key for key in keys_of_the_run(context) if key.path[0] == "landing")
    return [dump for key in keys if (dump := dump_of(lake_name(key.path)))]


def _at_once(dump: str, of_the_run: list[str]) -> list[str]:
    """The dumps to fetch: in a run's first landing step, all dumps of the run; in each later step, the step's own dump.

    Steps run one after the other, but dumps can be downloaded in parallel, so the first step downloads all dumps. A
    later step finds its dump in the landing zone, and only asks the source whether the dump has changed.
    """
    return [dump, *(other for other in of_the_run if other != dump)] if dump == of_the_run[0] else [dump]


def _require_one_place(landing: Landing, source: Source, dump: str, of_the_run: list[str]) -> None:
    """Refuses a dump if the other dumps came from another folder or address, where an id may mean another title."""
    others = [landing.current(other) for other in DUMP_CONTRACTS if other not in of_the_run]
    elsewhere = {other.name: other.place for other in others if other and other.place != source.place}
    if elsewhere:
        raise dg.Failure(
            description=(
                f"{file_name(dump)} is set to come from {source.place}, but {', '.join(elsewhere)} came from "
                f"{', '.join(sorted(set(elsewhere.values())))}. One id can mean different titles in different "
                "sources, so rows from two sources cannot be joined. Nothing was changed. Set IMDB_SOURCE (and "
                "IMDB_SOURCE_FOLDER) in .env to the source of the other dumps, because `imdb demo --source` applies to "
                "one run only; or materialize all seven landing assets in one run."
            ),
            allow_retries=False,
        )


def _published(handles: Handles, dumps: list[str]) -> dict[str, str]:
    """Maps each dump to the sha256 of the version from which its bronze table's current rows come."""
    tables = {dump: handles.find(DUMP_CONTRACTS[dump].table) for dump in dumps}
    read = {dump: table.inputs.get(landed_name(dump)) for dump, table in tables.items() if table}
    return {dump: sha256 for dump, sha256 in read.items() if sha256 is not None}


landing_assets = [_landing_asset(dump) for dump in DUMP_CONTRACTS]
