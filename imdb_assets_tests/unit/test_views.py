"""The analytical views: what each makes of rows written by hand, and what their SQL and contracts say of each other."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest
import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage as columns_behind

from imdb_assets.contracts.base import Contract, description, lineage, polars_schema
from imdb_assets.contracts.bronze import TitleBasics, quarantine_contract
from imdb_assets.contracts.models import Predictions
from imdb_assets.contracts.people import People
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.contracts.series import Episodes, Series
from imdb_assets.contracts.silver import Credits, Movies, Releases
from imdb_assets.lake.table import Table
from imdb_assets.transforms.movies import movie_funnel
from imdb_assets.warehouse import check, views
from imdb_assets.warehouse.duckdb import over
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.tables import Rows, credit, film, table

NAMES = list(views.every())


def answer(folder: Path, view: str, **rows: Rows | pl.DataFrame) -> list[dict[str, Any]]:
    """Rows of a view over these tables, which keep its contract; tables that are not named have no rows."""
    contracts: dict[str, type[Contract]] = {
        "movies": Movies,
        "credits": Credits,
        "releases": Releases,
        "people": People,
        "series": Series,
        "episodes": Episodes,
        "rating_history": RatingHistory,
        "title_basics": TitleBasics,
        "quarantined": quarantine_contract(TitleBasics),
        "predictions": Predictions,
    }
    handles: list[Table] = []
    for name, contract in contracts.items():
        given = rows.get(name, [])
        frame = given if isinstance(given, pl.DataFrame) else table(contract, given)
        file = folder / f"{name}.parquet"
        frame.write_parquet(file)
        handles.append(Table(contract.table, 1, (str(file),), frame.height, file.stat().st_size))
    found = over(handles, folder).sql(f"from warehouse.{view}").pl()
    assert check.broken(views.every()[f"warehouse.{view}"].contract, found) == {}
    return found.to_dicts()


def test_decades(tmp_path: Path) -> None:
    movies = [
        film("tt0000001", 1994, 7.0, 100, primary_title="Second"),
        film("tt0000002", 1999, 9.0, 300, primary_title="First", runtime_minutes=200),
        film("tt0000003", 1999),
        film("tt0000004", 2030),
    ]
    nineties, thirties = answer(tmp_path, "decade_summary", movies=movies)
    assert nineties == {
        "decade": 1990,
        "films": 3,
        "rated_films": 2,
        "rated_share": pytest.approx(2 / 3),
        "mean_rating": 8.0,
        "rating_spread": pytest.approx(1.0),
        "votes": 400,
        "mean_runtime_minutes": pytest.approx(400 / 3),
        "most_voted_title": "First",
    }
    assert (thirties["films"], thirties["mean_rating"], thirties["rating_spread"]) == (1, None, None)
    assert (thirties["votes"], thirties["most_voted_title"]) == (0, None)


def test_one_rating_has_no_spread(tmp_path: Path) -> None:
    movies = [film(f"tt000000{number}", 1994, 6.7) for number in range(1, 8)]  # whose square is no whole number
    assert answer(tmp_path, "decade_summary", movies=movies)[0]["rating_spread"] == pytest.approx(0, abs=1e-6)


def test_genres_against_their_decade(tmp_path: Path) -> None:
    movies = [
        film("tt0000001", 1994, 7.0, genres=["Drama", "War"]),
        film("tt0000002", 1994, 5.0, genres=["Drama"]),
        film("tt0000003", 1994, genres=["War"]),
        film("tt0000004", 2030, genres=["War"]),
    ]
    rows = answer(tmp_path, "genre_trends", movies=movies)
    assert [(row["genre"], row["decade"], row["films"], row["rated_films"]) for row in rows] == [
        ("Drama", 1990, 2, 2),
        ("War", 1990, 2, 1),
    ]
    assert [row["share_of_decade"] for row in rows] == [pytest.approx(2 / 3)] * 2
    assert [(row["mean_rating"], row["rating_against_decade"]) for row in rows] == [(6.0, 0.0), (7.0, 1.0)]


def test_directors_are_shrunk_and_need_five_films_with_votes(tmp_path: Path) -> None:
    movies = [film(f"tt000000{number}", 1990 + number, 8.0, 100 * number) for number in range(1, 7)]
    movies += [film("tt0000007", 2001, 10.0, 99), film("tt0000008", 2002, 3.0, 400)]
    enough = [credit(f"tt000000{number}", "nm0000001") for number in range(1, 7)] + [credit("tt0000008", "nm0000003")]
    too_few = [credit(f"tt000000{number}", "nm0000002") for number in (1, 2, 3, 4, 7)]
    other = [credit(f"tt000000{number}", "nm0000003", "cast", 1) for number in range(1, 7)]
    (leader,) = answer(tmp_path, "director_leaderboard", movies=movies, credits=[*enough, *too_few, *other])
    mean = (6 * 8.0 + 3.0) / 7  # of films with at least 100 votes
    assert leader == {
        "place": 1,
        "nconst": "nm0000001",
        "films": 6,
        "mean_rating": 8.0,
        "shrunk_rating": pytest.approx((6 * 8.0 + 5 * mean) / 11),
        "votes": 2100,
        "first_year": 1991,
        "last_year": 1996,
        "best_tconst": "tt0000006",
        "best_title": "A Film",
    }


def test_ratings_by_band_of_votes(tmp_path: Path) -> None:
    ratings = [(5.0, 99), (5.0, 50), (6.1, 99), (7.0, 100), (8.0, 999), (7.0, 1000), (9.9, 10_000)]
    movies = [film(f"tt000000{number}", 1990, *rating) for number, rating in enumerate(ratings)]
    rows = answer(tmp_path, "rating_distribution", movies=[*movies, film("tt0000009", 1990)])
    assert [(row["band"], row["votes"], row["rating"], row["films"]) for row in rows] == [
        (1, "under 100", 5.0, 2),
        (1, "under 100", 6.1, 1),
        (2, "100 to 999", 7.0, 1),
        (2, "100 to 999", 8.0, 1),
        (3, "1,000 to 9,999", 7.0, 1),
        (4, "10,000 and more", 9.9, 1),
    ]
    assert [row["share_up_to"] for row in rows] == [pytest.approx(share) for share in (2 / 3, 1, 0.5, 1, 1, 1)]


def test_gems_are_loved_and_little_seen(tmp_path: Path) -> None:
    movies = [film(f"tt00001{number:02}", 1990, 5.0, 1000 + number) for number in range(12)]
    movies += [
        film("tt0000001", 2001, 9.0, 500, primary_title="A Gem", genres=["Drama", "War"]),
        film("tt0000002", 2002, 9.5, 90_000),  # loved and seen
        film("tt0000003", 2003, 10.0, 99),  # too few votes to count
    ]
    (gem,) = answer(tmp_path, "hidden_gems", movies=movies)
    mean = (12 * 5.0 + 9.0 + 9.5) / 14
    assert gem == {
        "place": 1,
        "tconst": "tt0000001",
        "primary_title": "A Gem",
        "start_year": 2001,
        "genres": ["Drama", "War"],
        "average_rating": 9.0,
        "weighted_rating": pytest.approx((500 * 9.0 + 200 * mean) / 700),
        "num_votes": 500,
        "seen_more_than": 0.0,
    }


def test_runtime_in_bands_documentaries_apart(tmp_path: Path) -> None:
    movies = [
        film("tt0000001", 1990, 7.0, 10, runtime_minutes=90),
        film("tt0000002", 1990, 9.0, 30, runtime_minutes=99),
        film("tt0000003", 1990, 5.0, runtime_minutes=100),
        film("tt0000004", 1990, 8.0, runtime_minutes=90, genres=["Drama", "Documentary"]),
        film("tt0000005", 1990, runtime_minutes=90),
    ]
    rows = answer(tmp_path, "runtime_and_rating", movies=movies)
    assert [
        (row["kind"], row["runtime_from"], row["runtime_to"], row["films"], row["mean_rating"]) for row in rows
    ] == [
        ("documentary", 90, 99, 1, 8.0),
        ("fiction", 90, 99, 2, 8.0),
        ("fiction", 100, 109, 1, 5.0),
    ]
    assert rows[1]["standard_error"] == pytest.approx(1 / 2**0.5)
    assert rows[1]["mean_votes"] == 20


def test_the_funnel_counts_as_the_transform_does(tmp_path: Path) -> None:
    bronze = awkward_bronze()
    inputs = {name: nw.from_native(bronze[name].lazy()) for name in ("title_basics", "title_ratings")}
    expected: pl.DataFrame = movie_funnel(**inputs).to_native().collect().sort("step")
    *_, kept, rated = expected["rows"].to_list()
    movies = [film(f"tt{number:07}", 1990, 5.0 if number < rated else None) for number in range(kept)]
    quarantined = [{"line": 7, "raw": "x", "reason": "y", "file": "title.basics.tsv.gz"}]
    basics = bronze["title_basics"]
    rows = answer(tmp_path, "funnel", title_basics=basics, movies=movies, quarantined=quarantined)
    assert [row["titles_left"] for row in rows] == [basics.height + 1, *expected["rows"].to_list()]
    assert [row["rule"] for row in rows[2:]] == expected["rule"].to_list()[1:]
    assert rows[1]["dropped"] == 1
    assert rows[-1]["share_of_lines"] == pytest.approx(rated / (basics.height + 1))


def test_careers_are_compared_with_their_own_first_film(tmp_path: Path) -> None:
    movies = [
        film(f"tt000000{year}", 1990 + year, rating) for year, rating in ((1, 8.0), (2, 6.0), (3, 4.0), (4, None))
    ]
    people = [credit(f"tt000000{number}", "nm0000001") for number in (1, 3, 4)] + [credit("tt0000002", "nm0000002")]
    rows = answer(tmp_path, "career_arcs", movies=movies, credits=people)
    assert [tuple(row.values()) for row in rows] == [(1, 2, 7.0, 7.0, 0.0), (2, 1, 4.0, 8.0, -4.0)]


def test_a_film_counts_once_in_a_region(tmp_path: Path) -> None:
    movies = [film("tt0000001", 1990, 8.0, 10), film("tt0000002", 1990)]
    titles = [("tt0000001", "FR"), ("tt0000001", "FR"), ("tt0000001", None), ("tt0000002", "FR"), ("tt0000002", "US")]
    releases = [
        {"tconst": tconst, "ordering": number, "region": region, "is_original_title": False}
        for number, (tconst, region) in enumerate(titles)
    ]
    rows = answer(tmp_path, "regions", movies=movies, releases=releases)
    assert [tuple(row.values()) for row in rows] == [("FR", 2, 1, 8.0, 10), ("US", 1, 0, None, 0)]


def test_a_film_has_one_prediction(tmp_path: Path) -> None:
    movies = [film("tt0000001", 1990, 8.0, 10), film("tt0000002", 2030)]
    said = [("fold", "pre-release", 6.5), ("temporal", "pre-release", 6.0), ("fold", "with votes", 7.0)]
    made = [("tt0000001", *one) for one in said] + [("tt0000002", "unrated", "pre-release", 5.0)]
    predictions = [
        {
            "tconst": tconst,
            "split": split,
            "regime": regime,
            "iteration": "v11",
            "predicted": predicted,
            "lower": 4.0,
            "upper": 9.0,
            "model_version": "abc",
            "snapshot_id": 1,
        }
        for tconst, split, regime, predicted in made
    ]
    rows = answer(tmp_path, "predicted_ratings", movies=movies, predictions=predictions)
    known = ("tconst", "start_year", "num_votes", "average_rating", "predicted", "above_prediction")
    assert [tuple(row[name] for name in known) for row in sorted(rows, key=lambda row: row["tconst"])] == [
        ("tt0000001", 1990, 10, 8.0, 6.5, 1.5),
        ("tt0000002", 2030, None, None, 5.0, None),
    ]


def _episode(number: int, rating: float | None = None, votes: int = 50, **more: Any) -> dict[str, Any]:
    row = {"tconst": f"tt20000{number:02}", "series_tconst": "tt1000001", "season_number": 1, "start_year": 2001}
    rated = {"average_rating": rating, "num_votes": votes} if rating else {}
    return {**row, "episode_number": number, "primary_title": f"Part {number}", **rated, **more}


A_SERIES = {"tconst": "tt1000001", "kind": "tvSeries", "primary_title": "A Series"}


def test_seasons_count_rated_and_unrated_episodes_and_keep_the_unknown_season(tmp_path: Path) -> None:
    episodes = [
        _episode(1, 8.1, 10),
        _episode(2, 7.1, 30),
        _episode(3, start_year=2002),
        _episode(4, season_number=None, start_year=None),
        _episode(5, 9.0, series_tconst="tt9999999"),  # of no series in the lake
    ]
    rows = answer(tmp_path, "seasons", series=[A_SERIES], episodes=episodes)
    assert [tuple(row.values()) for row in rows] == [
        ("tt1000001", "A Series", 1, 3, 2, pytest.approx(7.6), 40, 2001, 2002),
        ("tt1000001", "A Series", None, 1, 0, None, 0, None, None),
    ]


def test_the_best_and_worst_episodes_of_a_series_with_ten(tmp_path: Path) -> None:
    enough = [_episode(number, 5 + number / 10) for number in range(1, 11)]
    others = [
        _episode(20, 9.9, 19),  # too few votes
        *(_episode(number, 9.0, series_tconst="tt1000002") for number in range(30, 39)),  # nine episodes
    ]
    both = [A_SERIES, A_SERIES | {"tconst": "tt1000002"}]
    rows = answer(tmp_path, "best_and_worst_episodes", series=both, episodes=[*enough, *others])
    assert [(row["side"], row["place"], row["episode_number"], row["average_rating"]) for row in rows] == [
        ("best", 1, 10, 6.0),
        ("best", 2, 9, 5.9),
        ("best", 3, 8, 5.8),
        ("worst", 1, 1, 5.1),
        ("worst", 2, 2, 5.2),
        ("worst", 3, 3, 5.3),
    ]
    tied = [_episode(number, 7.0, 20 + number) for number in range(1, 11)]
    rows = answer(tmp_path, "best_and_worst_episodes", series=[A_SERIES], episodes=tied)
    assert [(row["side"], row["episode_number"]) for row in rows[::3]] == [("best", 10), ("worst", 1)]


def test_a_filmography_has_a_row_for_each_role(tmp_path: Path) -> None:
    movies = [film("tt0000001", 1990, 8.0, 10, primary_title="Rated"), film("tt0000002", 1991)]
    credits_ = [credit("tt0000001", "nm0000001"), credit("tt0000001", "nm0000001", "cast", 3)]
    credits_.append(credit("tt0000002", "nm0000002", "writer"))
    people = [{"nconst": "nm0000001", "name": "Ada"}, {"nconst": "nm0000002"}]
    rows = answer(tmp_path, "filmography", movies=movies, credits=credits_, people=people)
    assert sorted(tuple(row.values()) for row in rows) == [
        ("nm0000001", "Ada", "cast", "tt0000001", "Rated", 1990, 3, 8.0, 10),
        ("nm0000001", "Ada", "director", "tt0000001", "Rated", 1990, None, 8.0, 10),
        ("nm0000002", None, "writer", "tt0000002", "A Film", 1991, None, None, None),
    ]


def test_pairs_make_five_films_together(tmp_path: Path) -> None:
    movies = [film(f"tt000000{number}", 1990 + number, 6.0 if number < 5 else None) for number in range(1, 7)]
    shared = [f"tt000000{number}" for number in range(1, 6)]
    credits_ = [
        row for tconst in shared for row in (credit(tconst, "nm0000002"), credit(tconst, "nm0000001", "cast", 4))
    ]
    credits_ += [credit(tconst, "nm0000001", "writer") for tconst in shared]  # twice in a film counts once
    credits_ += [credit(tconst, "nm0000003", "cast", 5) for tconst in shared]  # too far down
    credits_ += [credit(tconst, "nm0000004", "writer") for tconst in shared[:4]]  # too few together
    credits_.append(credit("tt0000006", "nm0000004"))
    people = [{"nconst": f"nm000000{number}", "name": f"Person {number}"} for number in range(1, 5)]
    rows = answer(tmp_path, "pairs", movies=movies, credits=credits_, people=people)
    assert [tuple(row.values()) for row in rows] == [
        ("nm0000001", "Person 1", "nm0000002", "Person 2", 5, 4, 6.0, 1991, 1995)
    ]


def _rated(tconst: str, *moves: tuple[int, float | None, int]) -> Rows:
    """Rows of the history: days of 2026 from the first of January on, ratings and votes."""
    rows: Rows = []
    for day, rating, votes in moves:
        row: dict[str, Any] = {"tconst": tconst, "valid_from": date(2026, 1, 1) + timedelta(day)}
        row |= {"average_rating": rating, "num_votes": votes if rating else None}
        before: dict[str, Any] = rows[-1] if rows else {"average_rating": None}
        if rating and before["average_rating"]:
            row["rating_change"] = round(rating - before["average_rating"], 1)
            row["votes_change"] = votes - before["num_votes"]
        rows.append(row)
    return rows


def test_a_period_ends_where_the_next_one_of_the_title_begins(tmp_path: Path) -> None:
    history = [*_rated("tt0000001", (0, 7.0, 200), (4, None, 0), (9, 7.1, 300)), *_rated("tt0000002", (1, 5.0, 200))]
    rows = answer(tmp_path, "rating_periods", rating_history=history)
    assert sorted(tuple(row.values()) for row in rows) == [
        ("tt0000001", date(2026, 1, 1), date(2026, 1, 5), 7.0, 200),
        ("tt0000001", date(2026, 1, 5), date(2026, 1, 10), None, None),
        ("tt0000001", date(2026, 1, 10), None, 7.1, 300),
        ("tt0000002", date(2026, 1, 2), None, 5.0, 200),
    ]


def test_movers_compare_the_last_day_with_seven_days_before(tmp_path: Path) -> None:
    history = [
        *_rated("tt0000001", (0, 7.0, 100), (13, 7.4, 150), (14, 7.3, 151), (20, 7.6, 160)),
        *_rated("tt0000002", (0, 7.0, 100), (15, 6.8, 101)),
        *_rated("tt0000003", (0, 7.0, 99), (15, 9.8, 101)),  # too few votes before
        *_rated("tt0000004", (0, 7.0, 100), (20, 7.0, 130)),  # more votes, same rating
        *_rated("tt0000005", (0, 7.0, 100), (20, None, 0)),  # no longer rated
        *_rated("tt0000006", (20, 9.0, 200)),  # new
        *_rated("tt0000007", (0, 7.0, 100), (12, 9.0, 130)),  # moved before the week
    ]
    basics = [{"tconst": "tt0000001", "titleType": "tvEpisode", "primaryTitle": "Riser"}]
    rows = answer(tmp_path, "rating_movers", rating_history=history, title_basics=basics)
    assert [tuple(row.values()) for row in rows] == [
        ("rose", 1, "tt0000001", "tvEpisode", "Riser", 7.4, 7.6, 0.2, 150, 160),
        ("fell", 1, "tt0000002", None, None, 7.0, 6.8, -0.2, 100, 101),
    ]


def test_ratings_settle_with_votes_and_age(tmp_path: Path) -> None:
    movies = [
        film("tt0000001", 2026, 8.0, 500),
        film("tt0000002", 2025, 7.1, 500),
        film("tt0000003", 2025, 6.6, 51),
        film("tt0000004", 1950, 7.0, 20_000),
        film("tt0000006", 1950, 9.0, 5),
        film("tt0000007", 1950),
    ]
    history = [
        *_rated("tt0000001", (0, 7.0, 50), (30, 8.0, 500)),
        *_rated("tt0000002", (1, 7.0, 50), (20, 9.0, 90), (30, 7.1, 500)),
        *_rated("tt0000003", (2, 7.0, 50), (30, 6.6, 51)),
        *_rated("tt0000004", (0, 7.0, 20_000)),  # has not moved
        *_rated("tt0000005", (0, 7.0, 20_000), (30, 6.0, 20_001)),  # no film
        *_rated("tt0000006", (3, 9.0, 5)),  # was not rated four weeks before
        *_rated("tt0000007", (0, 7.0, 100), (30, None, 0)),  # no longer rated
    ]
    rows = answer(tmp_path, "rating_settling", movies=movies, rating_history=history)
    assert [tuple(row.values()) for row in rows] == [
        (1, "under 100", 0, 1, 1.0, 0.0),
        (1, "under 100", 1, 2, 0.25, 0.5),
        (4, "10,000 and more", 10, 1, 0.0, 1.0),
    ]
    shorter = _rated("tt0000001", (3, 7.0, 50), (30, 8.0, 500))
    assert answer(tmp_path, "rating_settling", movies=movies, rating_history=shorter) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_makes_nothing(name: str, tmp_path: Path) -> None:
    rows = answer(tmp_path, name.partition(".")[2])
    assert [row["titles_left"] for row in rows] == [0] * 10 if name == "warehouse.funnel" else rows == []


def test_views_whose_tables_are_missing_are_not_there(tmp_path: Path) -> None:
    file = tmp_path / "movies.parquet"
    table(Movies, [film("tt0000001", 1990, 5.0)]).write_parquet(file)
    warehouse = over([Table("silver.movies", 1, (str(file),), 1, 1)], tmp_path)
    assert warehouse.sql("select films from warehouse.decade_summary").fetchall() == [(1,)]
    with pytest.raises(duckdb.CatalogException, match=r"warehouse\.regions: needs silver\.releases, not made yet"):
        warehouse.sql("from warehouse.regions")


def test_a_view_whose_table_lacks_a_column_leaves_the_others_alone(tmp_path: Path) -> None:
    """As after an update that adds a column, until the table is made again."""
    file = tmp_path / "movies.parquet"
    table(Movies, [film("tt0000001", 1990, 5.0)]).drop("runtime_minutes").write_parquet(file)
    warehouse = over([Table("silver.movies", 1, (str(file),), 1, 1)], tmp_path)
    assert warehouse.sql("select films from warehouse.rating_distribution").fetchall() == [(1,)]
    with pytest.raises(duckdb.CatalogException, match=r"runtime_minutes.*: imdb materialize silver/movies"):
        warehouse.sql("from warehouse.decade_summary")


@pytest.mark.parametrize("name", NAMES)
def test_the_file_opens_with_a_comment_and_reads_tables_of_the_lake(name: str) -> None:
    view = views.every()[name]
    assert view.text.startswith("-- ")
    assert description(view.contract).split()[:2] == view.text.split()[1:3]
    parsed = sqlglot.parse_one(view.text, read="duckdb")
    found = {f"{node.db}.{node.name}" for node in parsed.find_all(exp.Table) if node.db}
    assert set(views.tables(view.text)) == found <= set(CONTRACTS)


def test_every_file_is_a_view_and_every_view_a_file() -> None:
    assert {view.file for view in views.every().values()} == set(views.FOLDER.glob("*.sql"))
    assert set(views.every()) == set(VIEWS)


@pytest.mark.parametrize("name", NAMES)
def test_columns_declare_what_the_sql_computes_them_from(name: str) -> None:
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for known, contract in CONTRACTS.items():
        database, _, short = known.partition(".")
        schema.setdefault(database, {})[short] = dict.fromkeys(contract.column_names(), "text")
    view = views.every()[name]
    for column, declared in lineage(view.contract).items():
        nodes = list(columns_behind(column, view.text, schema=schema, dialect="duckdb").walk())
        found = {
            (f"{node.source.db}.{node.source.name}", node.name.rpartition(".")[2].strip('"').lower())
            for node in nodes
            if isinstance(node.source, exp.Table)
        }
        assert {(source, field.lower()) for source, field in declared} == found, column


@pytest.mark.parametrize("dialect", ["trino", "redshift", "spark"])
@pytest.mark.parametrize("name", NAMES)
def test_other_engines_can_parse_the_text(name: str, dialect: views.Dialect) -> None:
    text = views.select(name, dialect)
    (parsed,) = sqlglot.parse(text, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    assert isinstance(parsed, exp.Select)
    assert parsed.named_selects == views.every()[name].contract.column_names()
    found = {
        f"{node.db}.{node.name}" for node in parsed.find_all(exp.Table) if node.db in {"silver", "bronze", "models"}
    }
    assert found == {read for read in views.tables(views.every()[name].text) if not read.startswith("quarantine")}
    assert sqlglot.transpile(text, read=dialect, write=dialect, pretty=True) == [text]


@pytest.mark.parametrize(
    ("rows", "broken"),
    [
        ({"region": ["FR"], "films": [1], "rated_films": [0], "mean_rating": [None], "votes": [0]}, {}),
        ({"region": ["FR"], "films": [0], "rated_films": [0], "mean_rating": [None], "votes": [0]}, {"films|min": 1}),
    ],
)
def test_rows_are_held_to_the_contract(rows: dict[str, list[Any]], broken: dict[str, int]) -> None:
    contract = views.every()["warehouse.regions"].contract
    assert check.broken(contract, pl.DataFrame(rows, schema=polars_schema(contract))) == broken


def test_columns_are_held_to_the_contract() -> None:
    contract = views.every()["warehouse.regions"].contract
    good = pl.DataFrame(schema=polars_schema(contract)).clear(2)
    assert check.broken(contract, good.with_columns(pl.col("films").cast(pl.Int32))) == {
        "films must be Int64, found Int32": 2
    }
    assert check.broken(contract, good.drop("votes")) == {"votes must be Int64, found None": 2}
    assert check.broken(contract, good.with_columns(more=1)) == {"column more is not in the contract": 2}
