"""What a person's earlier films were rated: by example, and against a slow and simple count."""

import math
from typing import Any

import polars as pl
from hypothesis import given, settings

from imdb_assets.contracts.gold import OPEN_YEAR, DirectorReputation, PersonReputation
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.transforms.reputation import director_reputation, person_reputation
from imdb_assets_tests.tables import Rows, by_key, credit, film, run, table
from imdb_assets_tests.unit.catalogues import Catalogue, catalogues

ANN, BOB = "nm0000001", "nm0000002"
NOTHING = (0, 0, 0, None, None, 0, None, None)


def _of_directors(films: Rows, credit_rows: Rows) -> dict[tuple[str, int], tuple[Any, ...]]:
    inputs = {"movies": table(Movies, films), "credits": table(Credits, credit_rows)}
    rows = run(director_reputation, DirectorReputation, inputs).rows()
    return {(nconst, year): tuple(record) for nconst, year, *record in rows}


def _micro(votes: int) -> int:
    return math.floor(math.log(votes) * 1e6 + 0.5)


def test_a_record_knows_strictly_earlier_years_and_the_open_row_everything() -> None:
    films = [film(f"tt000000{n}", year, rating) for n, year, rating in [(1, 2000, 6.1), (2, 2003, 8.0), (3, 2003, 4.7)]]
    made = _of_directors(films, [credit(f["tconst"], ANN) for f in films])
    votes = _micro(1000)
    assert made == {
        (ANN, 2000): NOTHING,
        (ANN, 2003): (1, 61, 61**2, 61, 61, votes, 2000, 2000),
        (ANN, OPEN_YEAR): (3, 61 + 80 + 47, 61**2 + 80**2 + 47**2, 80, 47, 3 * votes, 2000, 2003),
    }


def test_unrated_films_make_rows_but_count_nothing() -> None:
    films = [film("tt0000001", 2000), film("tt0000002", 2001, 7.0), film("tt0000003", 2002), film("tt0000004", 2003)]
    made = _of_directors(films, [credit(f["tconst"], ANN) for f in films] + [credit("tt0000001", BOB)])
    seven = (1, 70, 4900, 70, 70, _micro(1000), 2001, 2001)
    assert [made[ANN, year] for year in (2000, 2001, 2002, 2003, OPEN_YEAR)] == [NOTHING, NOTHING, seven, seven, seven]
    assert (made[BOB, 2000], made[BOB, OPEN_YEAR]) == (NOTHING, NOTHING)


def test_extremes_hold_over_years_without_rated_films_and_over_weaker_ones() -> None:
    ratings = [(2000, 5.0), (2001, 9.0), (2002, None), (2003, 2.0), (2004, 6.0)]
    films = [film(f"tt000000{n}", year, rating) for n, (year, rating) in enumerate(ratings)]
    made = _of_directors(films, [credit(f["tconst"], ANN) for f in films])
    assert [made[ANN, year][3:5] for year in (2001, 2002, 2003, 2004, OPEN_YEAR)] == [
        (50, 50),
        (90, 50),
        (90, 50),
        (90, 20),
        (90, 20),
    ]


def test_roles_are_apart_and_only_their_tables() -> None:
    films = [film("tt0000001", 2000, 7.0), film("tt0000002", 2001, 5.0)]
    credit_rows = [
        credit("tt0000001", ANN, "writer"),
        credit("tt0000001", ANN, "director"),
        credit("tt0000002", ANN, "cast", 1),
        credit("tt0000002", ANN, "composer", 2),
        credit("tt0000002", ANN, "writer"),
    ]
    inputs = {"movies": table(Movies, films), "credits": table(Credits, credit_rows)}
    people = by_key(run(person_reputation, PersonReputation, inputs), "nconst", "role", "year")
    assert {key: row["film_count"] for key, row in people.items()} == {
        (ANN, "writer", 2000): 0,
        (ANN, "writer", 2001): 1,
        (ANN, "writer", OPEN_YEAR): 2,
        (ANN, "cast", 2001): 0,
        (ANN, "cast", OPEN_YEAR): 1,
    }
    assert set(_of_directors(films, credit_rows)) == {(ANN, 2000), (ANN, OPEN_YEAR)}


def test_no_films_make_no_records() -> None:
    assert _of_directors([], []) == {}


def _slowly(movies: pl.DataFrame, credit_rows: pl.DataFrame) -> dict[tuple[str, str, int], tuple[Any, ...]]:
    films = by_key(movies, "tconst")
    careers: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for tconst, nconst, role, _ in credit_rows.iter_rows():
        if role in ("writer", "cast"):
            careers.setdefault((nconst, role), []).append(films[tconst])
    records: dict[tuple[str, str, int], tuple[Any, ...]] = {}
    for (nconst, role), career in careers.items():
        for year in {f["start_year"] for f in career} | {OPEN_YEAR}:
            before = [f for f in career if f["start_year"] < year and f["average_rating"] is not None]
            tenths = [round(f["average_rating"] * 10) for f in before]
            years = [f["start_year"] for f in before]
            records[nconst, role, year] = (
                len(before),
                sum(tenths),
                sum(t * t for t in tenths),
                max(tenths, default=None),
                min(tenths, default=None),
                sum(_micro(f["num_votes"]) for f in before),
                min(years, default=None),
                max(years, default=None),
            )
    return records


@settings(deadline=None)
@given(catalogues())
def test_records_are_what_a_slow_count_says(catalogue: Catalogue) -> None:
    inputs = {"movies": catalogue.movies, "credits": catalogue.credits}
    made = run(person_reputation, PersonReputation, inputs)
    names = [name for name in made.columns if name not in ("nconst", "role", "year")]
    fast = {key: tuple(row[name] for name in names) for key, row in by_key(made, "nconst", "role", "year").items()}
    assert fast == _slowly(catalogue.movies, catalogue.credits)
