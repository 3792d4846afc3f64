"""The champions' scores: populations, maturity, rolling origin, slices, ceiling, coverage."""

from datetime import date
from functools import cache

import polars as pl
import pytest

from imdb_assets.contracts.models import ChampionScores
from imdb_assets.ml import bootstrap, ceiling, iterations, protocol, recipe, splits
from imdb_assets.ml.iterations import Regime
from imdb_assets_tests.films import movie_features

CHAMPIONS: dict[Regime, str] = {"pre-release": "v7", "with votes": "v8"}
DUMPED = date(2022, 5, 1)


@cache
def protocol_scores() -> pl.DataFrame:
    return protocol.score_champions(movie_features(), CHAMPIONS, DUMPED)


def _one(**names: str) -> dict[str, float]:
    wanted = {"regime": "pre-release", "maturity": "all", "breakdown": "none", "slice": "all", **names}
    return protocol_scores().filter(**wanted).row(0, named=True)


def test_every_champion_split_population_and_maturity_is_there() -> None:
    table = protocol_scores()
    assert ChampionScores.is_valid(table)
    whole = table.filter(breakdown="none")
    assert whole.filter(maturity="all").height == 2 * 3 * 3
    assert whole.filter(maturity="mature").height == 2 * (3 * 3 - 1)  # under 30 mature films of the most voted
    assert set(table["breakdown"]) == {
        "none",
        "release year",
        "decade",
        "genre",
        "vote band",
        "director's earlier films",
    }


def test_temporal_headline_is_that_of_a_model_of_the_years_before() -> None:
    films = splits.clean(movie_features())
    later = splits.is_test(films, "temporal")
    predicted = recipe.fit(films, ~later, iterations.iteration("v7")).predict(films.filter(later))
    expected = bootstrap.measure(films.filter(later)["average_rating"].to_numpy(), predicted)
    found = _one(split="temporal", population="all clean films")
    assert {name: found[name] for name in expected._fields} == expected._asdict()


def test_populations_choose_rows() -> None:
    films = splits.clean(movie_features()).filter(pl.col("start_year") >= 2018)
    found = _one(split="temporal", population="at least 100 votes")
    assert found["test_rows"] == films.filter(pl.col("num_votes") >= 100).height


def test_mature_films_are_two_years_old_at_the_dumps_date() -> None:
    films = splits.clean(movie_features())
    found = _one(split="temporal", population="all clean films", maturity="mature")
    assert found["test_rows"] == films.filter(pl.col("start_year").is_between(2018, 2020)).height
    assert found["ceiling"] > _one(split="temporal", population="all clean films")["ceiling"]


def test_rolling_origin_tests_the_last_eight_years() -> None:
    years = protocol_scores().filter(
        split="rolling origin", population="all clean films", breakdown="release year", regime="with votes"
    )
    films = splits.clean(movie_features())
    expected = films.filter(pl.col("start_year") >= 2015).group_by("start_year").len().sort("start_year")
    assert years["slice"].to_list() == [str(year) for year in range(2015, 2023)]
    assert years["test_rows"].to_list() == expected["len"].to_list()
    assert _one(split="rolling origin", population="all clean films")["test_rows"] == expected["len"].sum()


@pytest.mark.parametrize(
    ("breakdown", "order"),
    [
        ("vote band", ["fewer than 100", "100-999", "1,000-9,999", "10,000-99,999", "100,000 or more"]),
        ("director's earlier films", ["debut", "director unknown", "1-2", "3-5", "6 or more"]),
    ],
)
def test_slices_come_in_the_order_of_their_numbers(breakdown: str, order: list[str]) -> None:
    table = protocol_scores().filter(split="random", population="all clean films", regime="with votes")
    found = table.filter(breakdown=breakdown, maturity="all")["slice"].to_list()
    assert len(found) > 1
    assert found == [name for name in order if name in found]


def test_slices_of_a_breakdown_add_up() -> None:
    table = protocol_scores().filter(split="random", population="all clean films", regime="with votes")
    whole = table.filter(breakdown="none", maturity="all")["test_rows"][0]
    for breakdown, least in (("vote band", 0.9), ("director's earlier films", 1), ("decade", 0.9)):
        parts = table.filter(breakdown=breakdown)["test_rows"].sum()
        assert least * whole <= parts <= whole, breakdown  # slices of fewer than 30 films are left out
    drama = table.filter(breakdown="genre", slice="Drama")["test_rows"][0]
    films = splits.clean(movie_features())
    held_out = films.filter(splits.is_test(films, "random"))
    assert drama == held_out["genre_drama"].sum()


def test_coverage_is_that_of_the_temporal_test_only() -> None:
    table = protocol_scores()
    assert table.filter(pl.col("split") != "temporal")["coverage"].null_count() > 0
    assert table.filter(pl.col("coverage").is_not_null())["split"].unique().to_list() == ["temporal"]
    assert 0.82 < _one(split="temporal", population="all clean films")["coverage"] < 0.97


def test_the_ceiling_by_hand() -> None:
    films = pl.DataFrame({"average_rating": [5.0, 7.0], "num_votes": [10, 40], "start_year": [2000, 2001]})
    sampling = ceiling.VOTE_SPREAD**2 * (1 / 10 + 1 / 40) / 2
    assert ceiling.label_noise_ceiling(films, date(2020, 1, 1)) == pytest.approx(1 - sampling)
    assert ceiling.label_noise_ceiling(films, date(2002, 1, 1)) == pytest.approx(1 - sampling - 0.23 / 2)


def test_more_votes_never_lower_the_ceiling() -> None:
    films = splits.clean(movie_features())
    many = films.with_columns(pl.col("num_votes") * 10)
    assert ceiling.label_noise_ceiling(films, DUMPED) < ceiling.label_noise_ceiling(many, DUMPED) <= 1
