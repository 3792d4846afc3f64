"""Point-in-time records for films of any year: which row holds in a year that has none."""

from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from imdb_assets.contracts.gold import OPEN_YEAR, DirectorReputation, PersonReputation
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.engines.base import conform
from imdb_assets.serving import records
from imdb_assets.transforms.reputation import director_reputation
from imdb_assets_tests.tables import Rows, credit, film, table


def reputation(movies: Rows, credit_rows: Rows) -> pl.DataFrame:
    frames = {"movies": table(Movies, movies), "credits": table(Credits, credit_rows)}
    made = director_reputation(**{name: nw.from_native(frame.lazy()) for name, frame in frames.items()})
    return conform(made, DirectorReputation).to_native().collect()


CAREER = reputation(
    [film("tt0000001", 1990, 6.0), film("tt0000002", 1995, 8.0), film("tt0000003", 2001, 4.0)],
    [credit(f"tt000000{number}", "nm0000001") for number in (1, 2, 3)],
)


def counts(years: list[int]) -> dict[int, int]:
    rows = records.as_of(CAREER, ["nconst"], years)
    return dict(zip(rows["year"], rows["film_count"], strict=True))


def test_a_year_without_a_row_is_held_by_the_next_later_row() -> None:
    years = [1950, 1990, 1991, 1995, 1996, 2001, 2002, 2150]
    assert counts(years) == {1950: 0, 1990: 0, 1991: 1, 1995: 1, 1996: 2, 2001: 2, 2002: 3, 2150: 3, OPEN_YEAR: 3}


def test_the_open_row_comes_along_and_years_may_repeat() -> None:
    assert counts([1995, 1995]) == {1995: 1, OPEN_YEAR: 3}
    assert records.as_of(CAREER.head(0), ["nconst"], [1995]).schema == CAREER.schema


@given(
    films=st.lists(st.tuples(st.integers(1, 3), st.integers(1990, 2000), st.integers(10, 100)), min_size=1, max_size=8),
    year=st.integers(1988, 2003),
)
def test_the_row_that_holds_is_the_one_a_film_of_that_year_would_get(
    films: list[tuple[int, int, int]], year: int
) -> None:
    """The lake's own row, had there been an unrated film of the person in that year."""
    movies = [film(f"tt{number:07d}", made, tenths / 10) for number, (_, made, tenths) in enumerate(films, 1)]
    rows = [credit(f"tt{number:07d}", f"nm000000{person}") for number, (person, _, _) in enumerate(films, 1)]
    people = sorted({row["nconst"] for row in rows})
    asked = [film(f"tt{1000 + number:07d}", year) for number in range(len(people))]
    credited = [credit(f"tt{1000 + number:07d}", person) for number, person in enumerate(people)]
    expected = reputation([*movies, *asked], [*rows, *credited]).filter(pl.col("year") == year).sort("nconst")
    held = records.as_of(reputation(movies, rows), ["nconst"], [year]).filter(pl.col("year") == year).sort("nconst")
    assert_frame_equal(held, expected, check_exact=True)


@pytest.mark.parametrize("rows_a_range", [7, 10_000])
def test_only_asked_people_are_read_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_a_range: int
) -> None:
    monkeypatch.setattr(records, "ROWS_A_RANGE", rows_a_range)
    file = tmp_path / "people.parquet"
    rows = pl.concat(
        CAREER.with_columns(nconst=pl.lit(f"nm{number:07d}"), role=pl.lit(role))
        for number in range(50)
        for role in ("writer", "cast")
    )
    records.write(PersonReputation, rows.sample(fraction=1, shuffle=True, seed=1).lazy(), file)
    stored = pl.read_parquet(file)
    assert_frame_equal(stored, rows.sort("nconst", "role", "year").select(stored.columns))
    found = records.read(PersonReputation, file, {"nconst": {"nm0000007", "nm9999999"}}, [1996]).sort("role", "year")
    assert found.select("nconst", "role", "year", "film_count").rows() == [
        ("nm0000007", "cast", 1996, 2),
        ("nm0000007", "cast", OPEN_YEAR, 3),
        ("nm0000007", "writer", 1996, 2),
        ("nm0000007", "writer", OPEN_YEAR, 3),
    ]
