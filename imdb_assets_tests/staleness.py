"""What Dagster's UI says is stale, asked in this process.

GraphQL's `staleStatus` is the public way and needs a workspace around it; it asks this class, which is private.
"""

import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from imdb_assets.naming import lake_name


def stale(instance: dg.DagsterInstance, definitions: dg.Definitions, *layers: str) -> set[str]:
    """Tables of some layers that are stale, by their names in the lake."""
    graph = definitions.resolve_asset_graph()
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    keys = [key for key in graph.executable_asset_keys if key.path[0] in layers]
    return {lake_name(key.path) for key in keys if resolver.get_status(key) is not StaleStatus.FRESH}
