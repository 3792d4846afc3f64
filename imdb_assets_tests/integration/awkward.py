"""A few hundred invented titles as bronze tables, with every awkward case that the dumps are known for."""

import random

import polars as pl

from imdb_assets.contracts.bronze import TitleAkas, TitleBasics, TitleCrew, TitlePrincipals, TitleRatings
from imdb_assets_tests.tables import Rows, table

TITLES = 400
PEOPLE = 60  # few, so that careers are long and meet
SEED = 20

_GENRES = ["Drama", "Comedy", "Documentary", "Horror", "Sci-Fi", "Film-Noir", "Reality-TV"]
_NAMES = ["Se7en", "  Two  Words ", "Amélie", "千と千尋", 'The "Quoted', "", "O'Brien\\", "x" * 300, "A\u00a0B", "😀 2"]
_CATEGORIES = ["actor", "actress", "self", "director", "writer", "composer", "archive_footage", None]


def awkward_bronze() -> dict[str, pl.DataFrame]:
    """Bronze tables by asset name; the same rows in every call."""
    draw = random.Random(SEED)
    ids = [f"tt{number:07}" if number % 5 else f"tt1{number:07}" for number in range(1, TITLES + 1)]
    people = [f"nm{number:07}" for number in range(1, PEOPLE + 1)]
    crew_ids = [*people * 4, "", "nm1", "nm\u0660\u0660\u0660\u0660\u0660\u0660\u0661", "nm0000001\n"]
    titles: Rows = []
    ratings: Rows = []
    crew: Rows = []
    principals: Rows = []
    akas: Rows = []
    for tconst in ids:
        titles.append(_title(draw, tconst))
        if draw.random() < 0.7:
            ratings.append(_rating(draw, tconst))
        crew.append(
            {
                "tconst": tconst,
                "directors": draw.choice([None, [], draw.choices(crew_ids, k=draw.randint(1, 3))]),
                "writers": draw.choice([None, draw.choices(crew_ids, k=draw.randint(1, 12))]),
            }
        )
        for ordering in range(1, draw.randint(0, 12) + 1):
            category = draw.choice(_CATEGORIES)
            position = draw.choice([ordering, 1])
            principals.append(
                {"tconst": tconst, "ordering": position, "nconst": draw.choice(people), "category": category}
            )
        akas += [_aka(draw, tconst, ordering) for ordering in range(1, draw.randint(0, 4) + 1)]
    titles += [titles[0], titles[1] | {"startYear": 1950}, titles[2] | {"primaryTitle": None}]
    ratings += [ratings[0], ratings[1] | {"averageRating": 1.0}, ratings[2] | {"numVotes": 3_000_000}]
    crew += crew[:3]
    principals += principals[:9]
    akas += [*akas[:3], akas[3] | {"region": "ZZ"}, akas[4] | {"types": ["alternative", "dvd"]}]
    tables = {
        "title_basics": (TitleBasics, titles),
        "title_ratings": (TitleRatings, ratings),
        "title_crew": (TitleCrew, crew),
        "title_principals": (TitlePrincipals, principals),
        "title_akas": (TitleAkas, akas),
    }
    for _, rows in tables.values():
        draw.shuffle(rows)
    return {name: table(contract, rows) for name, (contract, rows) in tables.items()}


def _title(draw: random.Random, tconst: str) -> dict[str, object]:
    name = draw.choice(_NAMES)
    return {
        "tconst": tconst,
        "titleType": draw.choice(["movie"] * 8 + ["short", None]),
        "primaryTitle": draw.choice([name, name, None]),
        "originalTitle": draw.choice([name, name, draw.choice(_NAMES), None]),
        "isAdult": draw.choice([0] * 15 + [1, None]),
        "startYear": draw.choice([*range(1985, 2005), 1894, 2115, None]),
        "runtimeMinutes": draw.choice([*range(38, 180), 400, 401, 51_420, None]),
        "genres": draw.choice([draw.sample(_GENRES, k=draw.randint(1, 3))] * 9 + [None, []]),
    }


def _rating(draw: random.Random, tconst: str) -> dict[str, object]:
    votes = draw.choice([0, 1, 5, draw.randint(5, 3_000_000)])
    return {"tconst": tconst, "averageRating": draw.randint(10, 100) / 10, "numVotes": votes}


def _aka(draw: random.Random, tconst: str, ordering: int) -> dict[str, object]:
    return {
        "titleId": tconst,
        "ordering": ordering,
        "title": draw.choice([*_NAMES, None]),
        "region": draw.choice(["US", "FR", None]),
        "language": draw.choice(["en", None]),
        "types": draw.choice([None, [], ["imdbDisplay"], ["alternative", "festival"]]),
        "isOriginalTitle": draw.choice([0, 1, None]),
    }
