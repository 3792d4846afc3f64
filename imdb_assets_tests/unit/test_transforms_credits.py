"""Who did what, by which dump; and releases."""

import polars as pl

from imdb_assets.contracts.bronze import TitleAkas, TitleCrew, TitlePrincipals
from imdb_assets.contracts.silver import Credits, Movies, Releases
from imdb_assets.transforms.credits import credits  # noqa: A004 - named like the table
from imdb_assets.transforms.releases import releases
from imdb_assets_tests.tables import Rows, film, run, table

MOVIES = table(Movies, [film("tt0000001", 2000), film("tt0000002", 2001)])


def _credits(crew: Rows, principals: Rows) -> list[tuple[str, str, str, int | None]]:
    inputs = {
        "movies": MOVIES,
        "title_crew": table(TitleCrew, crew),
        "title_principals": table(TitlePrincipals, principals),
    }
    return run(credits, Credits, inputs).rows()


def _principal(ordering: int, nconst: str | None, category: str | None, tconst: str = "tt0000001") -> dict[str, object]:
    return {"tconst": tconst, "ordering": ordering, "nconst": nconst, "category": category}


def test_crew_is_the_authority_for_directors_and_writers() -> None:
    crew: Rows = [{"tconst": "tt0000001", "directors": ["nm0000001"], "writers": ["nm0000002", "nm0000001"]}]
    principals = [_principal(1, "nm0000009", "director"), _principal(2, "nm0000008", "writer")]
    assert _credits(crew, principals) == [
        ("tt0000001", "nm0000001", "director", None),
        ("tt0000001", "nm0000001", "writer", None),
        ("tt0000001", "nm0000002", "writer", None),
    ]


def test_actors_and_selves_are_cast_and_the_rest_keeps_its_category() -> None:
    principals = [
        _principal(1, "nm0000001", "actor"),
        _principal(2, "nm0000002", "actress"),
        _principal(3, "nm0000003", "self"),
        _principal(4, "nm0000004", "composer"),
        _principal(5, "nm0000005", "a category of tomorrow"),
        _principal(6, "nm0000006", None),
    ]
    assert [(nconst, role, order) for _, nconst, role, order in _credits([], principals)] == [
        ("nm0000001", "cast", 1),
        ("nm0000002", "cast", 2),
        ("nm0000003", "cast", 3),
        ("nm0000004", "composer", 4),
        ("nm0000005", "a category of tomorrow", 5),
    ]


def test_a_person_stands_once_per_role_at_the_best_position() -> None:
    principals = [
        _principal(7, "nm0000001", "actor"),
        _principal(3, "nm0000001", "self"),
        _principal(3, "nm0000001", "self"),
        _principal(9, "nm0000001", "producer"),
    ]
    crew: Rows = [{"tconst": "tt0000001", "directors": ["nm0000001", "nm0000001"]}] * 2
    assert _credits(crew, principals) == [
        ("tt0000001", "nm0000001", "cast", 3),
        ("tt0000001", "nm0000001", "director", None),
        ("tt0000001", "nm0000001", "producer", 9),
    ]


def test_titles_that_are_no_films_and_people_without_an_id_are_left_out() -> None:
    dirty = [None, "", "nm12", " nm0000001", "nm0000001\n", "nm\u0660\u0660\u0660\u0660\u0660\u0660\u0661", "tt0000001"]
    crew: Rows = [
        {"tconst": "tt0000001", "directors": dirty, "writers": None},
        {"tconst": "tt0000002", "directors": [], "writers": ["nm12345678"]},
        {"tconst": "tt0000003", "directors": ["nm0000001"], "writers": ["nm0000001"]},
    ]
    principals = [_principal(1, "nm0000001", "actor", "tt0000003")]
    assert _credits(crew, principals) == [("tt0000002", "nm12345678", "writer", None)]


def test_no_dump_rows_make_no_credits() -> None:
    assert _credits([], []) == []


def _releases(akas: Rows) -> pl.DataFrame:
    return run(releases, Releases, {"movies": MOVIES, "title_akas": table(TitleAkas, akas)})


def test_releases_are_those_of_films_once_per_key_in_any_order() -> None:
    akas: Rows = [
        {"titleId": "tt0000001", "ordering": 1, "title": "Un", "region": "FR", "types": None, "isOriginalTitle": 1},
        {"titleId": "tt0000001", "ordering": 2, "title": "One", "region": "US", "types": ["imdbDisplay"]},
        {"titleId": "tt0000001", "ordering": 2, "title": "One", "region": "GB", "types": ["imdbDisplay"]},
        {"titleId": "tt0000001", "ordering": 2, "title": "One", "region": "US", "types": ["imdbDisplay"]},
        {"titleId": "tt0000003", "ordering": 1, "title": "Not a film"},
    ]
    expected = [
        ("tt0000001", 1, "Un", "FR", None, None, True),
        ("tt0000001", 2, "One", "GB", None, ["imdbDisplay"], False),
    ]
    assert _releases(akas).rows() == expected
    assert _releases(akas[::-1]).rows() == expected
