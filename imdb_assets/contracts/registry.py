"""The contracts of all tables and views, keyed by name; the lake, the CLI and the data dictionary iterate over them."""

from imdb_assets.contracts import expectation, features, gold, models, ops, people, ratings, series, silver, warehouse
from imdb_assets.contracts.base import Contract
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, quarantine_contract

CONTRACTS: dict[str, type[Contract]] = {
    contract.table: contract
    for contract in (
        *DUMP_CONTRACTS.values(),
        *(quarantine_contract(bronze) for bronze in DUMP_CONTRACTS.values()),
        silver.Movies,
        silver.Credits,
        silver.Releases,
        people.People,
        series.Series,
        series.Episodes,
        ratings.RatingHistory,
        gold.DirectorReputation,
        gold.PersonReputation,
        expectation.ExpectationCoefficients,
        expectation.RatingExpectation,
        expectation.ResidualReputation,
        expectation.TitleWordReputation,
        features.MovieFeatures,
        models.LeakCheck,
        models.Iterations,
        models.ChampionScores,
        models.Audit,
        models.Predictions,
        models.LiveAccuracy,
        models.LivePredictions,
        ops.Runs,
        ops.Metrics,
        ops.Alerts,
        ops.Costs,
    )
}

VIEWS: dict[str, type[Contract]] = {
    contract.table: contract
    for contract in (
        warehouse.Funnel,
        warehouse.DecadeSummary,
        warehouse.GenreTrends,
        warehouse.DirectorLeaderboard,
        warehouse.RatingDistribution,
        warehouse.HiddenGems,
        warehouse.RuntimeAndRating,
        warehouse.CareerArcs,
        warehouse.Regions,
        warehouse.PredictedRatings,
        series.Seasons,
        series.BestAndWorstEpisodes,
        people.Filmography,
        people.Pairs,
        ratings.RatingPeriods,
        ratings.RatingMovers,
        ratings.RatingSettling,
    )
}
"""Contracts of the views over the lake's tables. A view has no rows of its own in the lake."""

SCHEMAS = {name.partition(".")[0] for name in CONTRACTS | VIEWS}
"""Schemas of all tables and views; on AWS, each is a Glue database."""
