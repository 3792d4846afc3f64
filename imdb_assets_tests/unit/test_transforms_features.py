"""Every group of features by example, values worked out by hand."""

import math
import statistics
from typing import Any

import pytest

from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.ml.iterations import feature_metadata
from imdb_assets.transforms.histories import PRIOR_FILMS, PRIOR_TENTHS
from imdb_assets_tests.tables import Rows, by_key, credit, film, table
from imdb_assets_tests.unit.catalogues import Catalogue

ANN, BOB, CAT = "nm0000001", "nm0000002", "nm0000003"
PRIOR = PRIOR_TENTHS / 10
LOG_1000 = round(math.log(1000) * 1e6) / 1e6


def _features(films: Rows, credit_rows: Rows) -> dict[str, dict[str, Any]]:
    return by_key(Catalogue(table(Movies, films), table(Credits, credit_rows)).features(), "tconst")


def _of_film(credit_rows: Rows | None = None, **facts: Any) -> dict[str, Any]:
    return _features([film("tt0000001", 2000, **facts)], credit_rows or [])["tt0000001"]


def test_title_facts() -> None:
    row = _of_film(primary_title=" Two  Words", genres=["Comedy", "Drama", "Sci-Fi"], runtime_minutes=101)
    assert (row["title_length"], row["title_word_count"], row["genre_count"]) == (11, 2, 3)
    assert {name for name, value in row.items() if name.startswith("genre_") and value == 1} == {
        "genre_comedy",
        "genre_drama",
        "genre_sci_fi",
    }
    assert (row["start_year"], row["decade"], row["runtime_minutes"]) == (2000, 2000, 101)


def test_interactions() -> None:
    row = _of_film(genres=["Comedy", "Drama"], runtime_minutes=101)
    names = ("runtime_x_drama", "runtime_x_documentary", "runtime_x_genre_count", "drama_x_comedy", "year_x_horror")
    assert [row[name] for name in names] == [101, 0, 202, 1, 0]
    other = _of_film(genres=["Documentary", "Horror"], runtime_minutes=60)
    assert (other["runtime_x_documentary"], other["year_x_documentary"], other["year_x_horror"]) == (60, 2000, 2000)
    assert (other["runtime_x_drama"], other["drama_x_comedy"]) == (0, 0)


def test_votes() -> None:
    row = _of_film(rating=7.0, votes=20)
    assert (row["num_votes"], row["log_votes"]) == (20, pytest.approx(math.log(20), rel=1e-12))
    assert row["log_votes_x_runtime"] == pytest.approx(math.log(20) * 100, rel=1e-12)
    unrated = _of_film()
    assert [unrated[name] for name in ("average_rating", "num_votes", "log_votes", "log_votes_x_runtime")] == [None] * 4


@pytest.mark.parametrize(
    ("primary", "original", "expected"),
    [
        ("Seven", "Seven", (0, 0, 0)),
        ("Se7en", "Seven", (1, 1, 0)),
        ("Amelie", "Amélie", (1, 0, 1)),
        ("٣", "٣", (0, 0, 1)),
        (None, "Seven", (None, None, 0)),
        ("Seven", None, (None, 0, None)),
    ],
)
def test_title_form(primary: str | None, original: str | None, expected: tuple[int | None, ...]) -> None:
    row = _of_film(primary_title=primary, original_title=original)
    assert (row["original_title_differs"], row["title_has_digit"], row["title_non_ascii"]) == expected
    assert row["title_length"] == (None if primary is None else len(primary))


def test_crew_form() -> None:
    row = _of_film([credit("tt0000001", ANN), credit("tt0000001", BOB), credit("tt0000001", BOB, "writer")])
    assert (row["director_count"], row["writer_count"], row["writer_is_director"]) == (2, 1, 1)
    apart = _of_film([credit("tt0000001", ANN), credit("tt0000001", BOB, "writer")])
    assert apart["writer_is_director"] == 0
    half = _of_film([credit("tt0000001", ANN)])
    assert (half["director_count"], half["writer_count"], half["writer_is_director"]) == (1, None, None)


def _director_history() -> dict[str, dict[str, Any]]:
    films = [
        film("tt0000001", 1990, 6.0),
        film("tt0000002", 1995, 8.0),
        film("tt0000003", 1995, 7.1),
        film("tt0000004", 2000, 3.0),
        film("tt0000005", 2000, 9.0),  # of the same year: unknown to tt0000004
        film("tt0000006", 2005, 1.0),  # later: unknown to tt0000004
        film("tt0000007", 1999),  # unrated: counts nothing
    ]
    ann, bob = (
        ("tt0000001", "tt0000002", "tt0000004", "tt0000006", "tt0000007"),
        ("tt0000003", "tt0000004", "tt0000005"),
    )
    return _features(films, [credit(t, ANN) for t in ann] + [credit(t, BOB) for t in bob])


def test_director_history_pools_the_team_over_earlier_years_only() -> None:
    row = _director_history()["tt0000004"]
    earlier = [6.0, 8.0, 7.1]
    assert row["director_film_count"] == 3
    assert row["director_mean_rating"] == 211 / 30
    assert (row["director_max_rating"], row["director_min_rating"]) == (8.0, 6.0)
    assert row["director_rating_std"] == pytest.approx(statistics.pstdev(earlier), rel=1e-12)
    assert row["director_mean_log_votes"] == pytest.approx(LOG_1000, rel=1e-12)
    assert row["director_shrunk_rating"] == pytest.approx((21.1 + PRIOR_FILMS * PRIOR) / (3 + PRIOR_FILMS), rel=1e-12)
    assert (row["director_career_years"], row["director_gap_years"]) == (10, 5)


def test_director_career_holds_the_film_itself_and_the_future() -> None:
    row = _director_history()["tt0000004"]
    ratings = [6.0, 8.0, 3.0, 1.0, 7.1, 3.0, 9.0]  # tt0000004 counts for both its directors
    assert row["director_career_film_count"] == len(ratings)
    assert row["director_career_mean_rating"] == pytest.approx(statistics.mean(ratings), rel=1e-12)
    assert (row["director_career_max_rating"], row["director_career_min_rating"]) == (9.0, 1.0)
    assert row["director_career_rating_std"] == pytest.approx(statistics.pstdev(ratings), rel=1e-12)


def test_a_debut_has_a_count_of_zero_the_prior_and_nulls() -> None:
    row = _director_history()["tt0000001"]
    assert (row["director_film_count"], row["director_shrunk_rating"]) == (0, PRIOR)
    unknown = ("mean_rating", "max_rating", "min_rating", "rating_std", "mean_log_votes", "career_years", "gap_years")
    assert [row[f"director_{name}"] for name in unknown] == [None] * len(unknown)


def test_one_earlier_film_has_no_spread() -> None:
    assert _director_history()["tt0000002"]["director_rating_std"] == 0.0


def test_a_film_without_credits_has_nulls_throughout() -> None:
    row = _of_film(rating=5.0)
    people = [name for name in feature_metadata() if name.startswith(("director_", "writer_", "cast_"))]
    assert {name: row[name] for name in people} == dict.fromkeys(people)


def test_writers_and_cast_have_records_of_their_own_role() -> None:
    films = [film("tt0000001", 1990, 6.0), film("tt0000002", 1991, 8.0), film("tt0000003", 2000)]
    rows = [
        credit("tt0000001", ANN, "writer"),
        credit("tt0000002", ANN, "cast", 1),
        credit("tt0000003", ANN, "writer"),
        credit("tt0000003", ANN, "cast", 1),
    ]
    row = _features(films, rows)["tt0000003"]
    assert (row["writer_film_count"], row["writer_mean_rating"], row["writer_max_rating"]) == (1, 6.0, 6.0)
    assert (row["cast_film_count"], row["cast_mean_rating"], row["cast_min_rating"]) == (1, 8.0, 8.0)
    assert row["director_film_count"] is None


def test_only_the_first_six_billed_count_ties_by_id() -> None:
    actors = [f"nm000010{n}" for n in range(8)]
    films = [film(f"tt000001{n}", 1990, (50 + n) / 10) for n in range(8)] + [film("tt0000003", 2000)]
    early = [credit(f"tt000001{n}", actor, "cast", 40) for n, actor in enumerate(actors)]
    positions = [9, 8, 3, 3, 3, 3, 3, 9]  # six places: the five at 3, then the one at 8
    late = [credit("tt0000003", actor, "cast", place) for actor, place in zip(actors, positions, strict=True)]
    row = _features(films, early + late)["tt0000003"]
    assert (row["cast_film_count"], row["cast_max_rating"], row["cast_min_rating"]) == (6, 5.6, 5.1)
    tied = [credit("tt0000003", actor, "cast", 3) for actor in actors]
    row = _features(films, early + tied)["tt0000003"]
    assert (row["cast_film_count"], row["cast_max_rating"], row["cast_min_rating"]) == (6, 5.5, 5.0)
