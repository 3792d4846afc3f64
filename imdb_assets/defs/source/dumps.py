"""IMDb's seven files as external assets, so that lineage begins at IMDb even if another source is selected."""

import dagster as dg

from imdb_assets.contracts.base import description
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.defs.policies import common
from imdb_assets.naming import file_name, landed, parameter


def _spec(dump: str) -> dg.AssetSpec:
    contract = DUMP_CONTRACTS[dump]
    return dg.AssetSpec(
        **common(dg.AssetKey(["imdb", parameter(landed(dump))])),
        description=f"IMDb's `{file_name(dump)}`. {description(contract)}\n\nColumns: {', '.join(header(contract))}.",
        kinds={"gzip"},
        metadata={"address": dg.MetadataValue.url(f"https://datasets.imdbws.com/{file_name(dump)}")},
    )


dumps = [_spec(dump) for dump in DUMP_CONTRACTS]
