"""Gold: what each film is expected to be rated. Made in this process whatever the engine (`ml/expectation.py`)."""

import dagster as dg

from imdb_assets.contracts.expectation import ExpectationCoefficients, RatingExpectation
from imdb_assets.defs.policies import asset_key, code_version, table_arguments
from imdb_assets.defs.table_asset import IN_MEMORY, Delivery, deliver, stage_frame
from imdb_assets.defs.unchanged import deliver_kept, kept_table, pinned
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.table import Table
from imdb_assets.ml import expectation


@dg.asset(
    **table_arguments(ExpectationCoefficients, {"polars"}),
    ins={"movies": dg.AssetIn(asset_key("silver.movies"))},
    code_version=code_version(expectation.fit, ExpectationCoefficients),
)
def expectation_coefficients(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake], movies: Table
) -> Delivery:
    inputs = pinned({"movies": movies})
    if kept := kept_table(context, lake, ExpectationCoefficients, inputs, IN_MEMORY):
        yield from deliver_kept(ExpectationCoefficients, kept)
        return
    staged = stage_frame(lake, ExpectationCoefficients, expectation.fit(movies.scan()), inputs)
    yield from deliver(ExpectationCoefficients, staged, metadata={})


@dg.asset(
    **table_arguments(RatingExpectation, {"polars"}),
    ins={
        "movies": dg.AssetIn(asset_key("silver.movies")),
        "expectation_coefficients": dg.AssetIn(asset_key("gold.expectation_coefficients")),
    },
    code_version=code_version(expectation.expect, RatingExpectation),
)
def rating_expectation(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake], movies: Table, expectation_coefficients: Table
) -> Delivery:
    tables = {"movies": movies, "expectation_coefficients": expectation_coefficients}
    lake.require_agreement(tables.values())
    inputs = pinned(tables)
    if kept := kept_table(context, lake, RatingExpectation, inputs, IN_MEMORY):
        yield from deliver_kept(RatingExpectation, kept)
        return
    expected = expectation.expect(movies.scan(), expectation_coefficients.scan())
    staged = stage_frame(lake, RatingExpectation, expected, inputs)
    yield from deliver(RatingExpectation, staged, metadata={})
