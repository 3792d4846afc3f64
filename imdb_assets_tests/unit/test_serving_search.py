"""Search by what is typed: words by their beginnings, best known first, and people told apart."""

import pytest

from imdb_assets.contracts.bronze import NameBasics
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.serving import search
from imdb_assets.serving.search import Film, Person, Search
from imdb_assets_tests.tables import credit, film, table

NAMES = {
    "nm0000001": "José Ñandú-Müller",
    "nm0000002": "Jose Nandu Muller",
    "nm0000003": "Joanna O'Hara",
    "nm0000004": "Unrated Person",
    "nm0000005": "Straße K. Жуков",
    "nm0000006": "Jean-Luc O\u2019Brien",
    "nm0000007": "Søren Łukasz",
    "nm0000008": "Ægir Đạt",
}
MOVIES = [
    film("tt0000001", 1990, 6.0, 10, primary_title="The Quick Fox", original_title="Le renard"),
    film("tt0000002", 1991, 7.0, 500, primary_title="Quick and Quiet"),
    film("tt0000003", 1992, 8.0, 90, primary_title="Été"),
    film("tt0000004", 1993, primary_title="Quick Unrated"),
]
CREDITS = [
    credit("tt0000001", "nm0000001"),
    credit("tt0000001", "nm0000001", "writer"),
    credit("tt0000001", "nm0000002"),
    credit("tt0000002", "nm0000002"),
    credit("tt0000003", "nm0000003", "cast", 1),
    credit("tt0000004", "nm0000004"),
    credit("tt0000003", "nm0000005", "writer"),
    credit("tt0000003", "nm0000004", "editor"),
    *(credit("tt0000003", f"nm000000{number}", "writer") for number in (6, 7, 8)),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Search:
    file = tmp_path_factory.mktemp("index") / "search.sqlite"
    names = [
        {"nconst": nconst, "primaryName": name, "birthYear": 1950, "primaryProfession": ["director", "writer"]}
        for nconst, name in NAMES.items()
    ]
    search.write(
        file,
        movies=table(Movies, MOVIES).lazy(),
        credits=table(Credits, CREDITS).lazy(),
        names=table(NameBasics, [*names, names[0]]).lazy(),
    )
    return Search(file)


def people(index: Search, typed: str) -> list[str]:
    return [person.nconst for person in index.people(typed)]


def test_beginnings_of_words_find_people_best_known_first(index: Search) -> None:
    assert people(index, "JO") == ["nm0000002", "nm0000001", "nm0000003"]
    assert people(index, "Mül jos") == ["nm0000002", "nm0000001"]
    assert people(index, "o'h") == ["nm0000003"]
    assert people(index, "жук") == people(index, "strasse") == ["nm0000005"]
    assert people(index, "ose") == []
    assert people(index, "nm0000003") == ["nm0000003"]
    assert people(index, "nm0000009") == []


def test_what_tells_people_apart(index: Search) -> None:
    assert index.person("nm0000002") == Person(
        nconst="nm0000002",
        name="Jose Nandu Muller",
        birth_year=1950,
        profession="director",
        film_count=2,
        known_for="Quick and Quiet (1991)",
    )


def test_people_without_a_rated_film_are_not_in_it(index: Search) -> None:
    assert index.person("nm0000004") is None
    assert people(index, "unrated") == []


def test_names_that_are_spelt_as_typed_come_first(index: Search) -> None:
    assert people(index, "josé") == ["nm0000001", "nm0000002"]
    assert people(index, "jose") == ["nm0000002", "nm0000001"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("JOSÉ  nandu muller", ["nm0000002", "nm0000001"]),
        ("josé Ñandú-müller", ["nm0000001"]),
        ("jose\u0301 n\u0303andu\u0301-mu\u0308ller", ["nm0000001"]),
        ("Jose Nandu Muller", ["nm0000002"]),
        ("Jose Nandu-Muller", ["nm0000002", "nm0000001"]),
        ("Joanna O\u2019Hara", ["nm0000003"]),
        ("joanna o`hara", ["nm0000003"]),
        ("Jean\u2011Luc O'Brien", ["nm0000006"]),
        ("Jean Luc O\u02bcBrien", ["nm0000006"]),
        ("Soren Lukasz", ["nm0000007"]),
        ("Aegir Dat", ["nm0000008"]),
        ("ÆGIR ĐẠT", ["nm0000008"]),
        ("Strasse K Zhukov", ["nm0000005"]),
        ("Jose", []),
        ("Jean O'Brien", []),
    ],
)
def test_a_name_is_found_however_it_is_typed_and_its_own_spelling_wins(
    index: Search, typed: str, found: list[str]
) -> None:
    assert [person.nconst for person in index.namesakes(typed)] == found


def test_the_best_known_films_are_rated_ones(index: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [found.tconst for found in index.best_known()] == ["tt0000002", "tt0000003", "tt0000001"]
    monkeypatch.setattr(search, "BEST_KNOWN", 2)
    assert [found.tconst for found in index.best_known()] == ["tt0000002", "tt0000003"]


def test_films_by_either_title_most_votes_first(index: Search) -> None:
    assert [found.tconst for found in index.films("quick")] == ["tt0000002", "tt0000001", "tt0000004"]
    assert index.films("renard") == [
        Film(tconst="tt0000001", title="The Quick Fox", start_year=1990, rating=6.0, votes=10)
    ]
    assert [found.tconst for found in index.films("ete")] == ["tt0000003"]


@pytest.mark.parametrize("typed", ["", " ", '"', "*", "a* OR b", "NEAR(a b)", "\0", "'; drop table people", "a" * 5000])
def test_whatever_is_typed_is_no_syntax(index: Search, typed: str) -> None:
    assert index.people(typed) == []
    assert index.namesakes(typed) == []
