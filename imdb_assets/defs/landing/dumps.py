"""Landing: one asset per dump, kept as served."""

import dagster as dg

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.defs.policies import common
from imdb_assets.lake.landing import Dump, Landing, file_name
from imdb_assets.sources.base import Source, SourceError


def _landing_asset(dump: str) -> dg.AssetsDefinition:
    name = dump.replace(".", "_")

    @dg.asset(
        **common(dg.AssetKey(["landing", name])),
        description=f"`{file_name(dump)}` as served, addressed by its content. A run reads the current one.",
        deps=[dg.AssetKey(["imdb", name])],
        kinds={"gzip"},
        io_manager_key="dumps",
        retry_policy=dg.RetryPolicy(
            max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
        ),
    )
    def body(
        context: dg.AssetExecutionContext, landing: dg.ResourceParam[Landing], source: dg.ResourceParam[Source]
    ) -> dg.MaterializeResult[Dump]:
        try:
            landed = landing.fetch(dump, source)
        except SourceError as error:
            raise dg.Failure(description=str(error), allow_retries=error.may_pass) from error
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
