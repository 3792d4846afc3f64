"""Gold: each film's expected rating, which `ml/expectation.py` always computes in this process, never on Spark."""

from imdb_assets.contracts.expectation import ExpectationCoefficients, RatingExpectation
from imdb_assets.defs.table_asset import Made, table_asset
from imdb_assets.lake.table import Table
from imdb_assets.ml import expectation


@table_asset(ExpectationCoefficients, {"polars"}, reads=["silver.movies"])
def expectation_coefficients(movies: Table) -> Made:
    return Made(expectation.fit(movies.scan()))


@table_asset(RatingExpectation, {"polars"}, reads=["silver.movies", "gold.expectation_coefficients"])
def rating_expectation(movies: Table, expectation_coefficients: Table) -> Made:
    return Made(expectation.expect(movies.scan(), expectation_coefficients.scan()))
