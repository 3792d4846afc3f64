"""Metrics in CloudWatch: an asset that exists only if `IMDB_CLOUDWATCH_NAMESPACE` names a namespace."""

from datetime import UTC, datetime

import dagster as dg

from imdb_assets.defs.policies import asset_key, common
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.handles import Handles
from imdb_assets.monitoring import evaluate
from imdb_assets.settings import Settings, load_settings
from imdb_assets.wiring import publisher_of


@dg.asset(
    **common(dg.AssetKey(["ops", "cloudwatch"])),
    description="Publishes to CloudWatch the latest values of some metrics, and the number of alarms that fire.",
    # If alerts cannot be sent, `ops.alerts` fails, so this asset is not made. Without this asset, CloudWatch gets no
    # values, and CloudWatch's heartbeat alarm fires.
    deps=[asset_key("ops.metrics"), asset_key("ops.alerts")],
    kinds={"cloudwatch"},
)
def published(settings: dg.ResourceParam[Settings], handles: dg.ResourceParam[Handles]) -> dg.MaterializeResult:
    publish = publisher_of(settings)
    assert publish is not None  # without a namespace, this asset does not exist
    metrics = handles.table("ops.metrics")
    try:
        values = publish(evaluate.latest(metrics.scan().collect(), datetime.now(UTC)))
    except LakeError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    return dg.MaterializeResult(metadata={"namespace": settings.cloudwatch_namespace, "values": values})


@dg.definitions
def in_cloudwatch() -> dg.Definitions:
    """The asset `ops.cloudwatch`; no asset if no namespace is set."""
    asset: dg.AssetsDefinition = published  # pyright: ignore[reportAssignmentType] - see `table_asset`
    return dg.Definitions(assets=[asset] if load_settings().cloudwatch_namespace else [])
