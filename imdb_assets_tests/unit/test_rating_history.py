"""The history of ratings: any order of days gives what the plain definition says of the days that it has."""

from datetime import date, timedelta

import narwhals as nw
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.bronze import TitleRatings
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.engines.base import conform
from imdb_assets.transforms.rating_history import rating_changes
from imdb_assets_tests.rating_days import Ratings, plain
from imdb_assets_tests.tables import table

FIRST = date(2024, 2, 27)  # so that days pass the end of a leap year's February
TITLES = [f"tt000000{digit}" for digit in range(1, 6)]
_RATING = st.tuples(st.integers(10, 13).map(lambda tenths: tenths / 10), st.integers(5, 7))
DUMPS = st.dictionaries(st.sampled_from(TITLES), _RATING, min_size=1)
DAYS = st.integers(0, 5).map(lambda number: FIRST + timedelta(number))


def _dump(ratings: Ratings) -> nw.LazyFrame[pl.LazyFrame]:
    rows = [{"tconst": title, "averageRating": rating, "numVotes": votes} for title, (rating, votes) in ratings.items()]
    return nw.from_native(table(TitleRatings, rows).lazy())


def _made(
    ratings: Ratings, history: dict[date, pl.DataFrame], day: date, next_day: date | None
) -> dict[date, pl.DataFrame]:
    """The partitions that a day's run replaces."""
    before = nw.from_native(pl.concat(history.values()).lazy()) if history else None
    rows = rating_changes(title_ratings=_dump(ratings), rating_history=before, day=day, next_day=next_day)
    made: pl.DataFrame = RatingHistory.validate(conform(rows, RatingHistory).to_native().collect())
    return {one: made.filter(pl.col("valid_from") == one) for one in (day, next_day) if one}


@given(st.lists(st.tuples(DAYS, DUMPS), min_size=1, max_size=9))
def test_days_in_any_order_again_late_or_missing_make_the_plain_history(arrivals: list[tuple[date, Ratings]]) -> None:
    dumps: dict[date, Ratings] = {}
    history: dict[date, pl.DataFrame] = {}
    for day, ratings in arrivals:
        dumps[day] = ratings
        next_day = min((other for other in history if other > day), default=None)
        history |= _made(ratings, history, day, next_day)
        rows = pl.concat(history.values()).sort("valid_from", "tconst").rows()
        assert rows == plain(dumps)


def test_of_two_ratings_of_a_title_the_one_with_more_votes_counts_and_none_without() -> None:
    rows = [("tt0000001", 5.0, 10), ("tt0000001", 6.0, 20), ("tt0000002", 7.0, 0)]
    ratings = pl.DataFrame(rows, schema=polars_schema(TitleRatings), orient="row").lazy()
    made = rating_changes(title_ratings=nw.from_native(ratings), day=FIRST)
    assert conform(made, RatingHistory).to_native().collect().rows() == [("tt0000001", FIRST, 6.0, 20, None, None)]


def test_every_rating_and_the_most_votes_come_back_from_the_history() -> None:
    ratings: Ratings = {f"tt{tenths:07}": (tenths / 10, 2**31 - 1 - tenths) for tenths in range(10, 101)}
    history = _made(ratings, {}, FIRST, None)
    again = _made(ratings, history, FIRST + timedelta(400), None)
    assert again[FIRST + timedelta(400)].is_empty()
    late = _made({"tt0000010": (1.0, 5)}, history | again, FIRST + timedelta(1), FIRST + timedelta(400))
    assert late[FIRST + timedelta(400)].rows() == [
        (title, FIRST + timedelta(400), *ratings[title], *((0.0, 2**31 - 16) if title == "tt0000010" else (None, None)))
        for title in sorted(ratings)
    ]
