"""Landing: one asset per dump, kept as served."""

import dagster as dg

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.defs.policies import common
from imdb_assets.lake.landing import Dump, Landing, file_name
from imdb_assets.sources.base import Source, SourceError

MAX_RETRIES = 2  # of network faults only: what is wrong with a dump stays wrong
RETRY_SECONDS = 5  # doubled each time


def _landing_asset(dump: str) -> dg.AssetsDefinition:
    name = dump.replace(".", "_")

    @dg.asset(
        **common(dg.AssetKey(["landing", name])),
        description=f"`{file_name(dump)}` as served, addressed by its content. A run reads the current one.",
        deps=[dg.AssetKey(["imdb", name])],
        kinds={"gzip"},
        io_manager_key="dumps",
    )
    def body(
        context: dg.AssetExecutionContext, landing: dg.ResourceParam[Landing], source: dg.ResourceParam[Source]
    ) -> dg.MaterializeResult[Dump]:
        try:
            landed = landing.fetch(dump, source)
        except SourceError as error:
            if error.may_pass and context.retry_number < MAX_RETRIES:
                raise dg.RetryRequested(MAX_RETRIES, RETRY_SECONDS * 2**context.retry_number) from error
            raise dg.Failure(description=str(error), allow_retries=False) from error
        served = {"last_modified": landed.last_modified, "bytes": landed.bytes, "origin": landed.origin}
        context.log_event(dg.AssetMaterialization(dg.AssetKey(["imdb", name]), metadata=served))
        return dg.MaterializeResult(
            value=landed,
            data_version=dg.DataVersion(landed.version),
            metadata={
                **served,
                "dagster/uri": landed.path,
                "sha256": landed.sha256,
                "etag": landed.etag or "none (not served over HTTP)",
            },
        )

    return body  # pyright: ignore[reportReturnType] - arguments by ** hide which overload of dg.asset this is


landing_assets = [_landing_asset(dump) for dump in DUMP_CONTRACTS]
