"""A few hundred invented titles as bronze tables, with every awkward case that the dumps are known for."""

import random

import polars as pl

from imdb_assets.contracts.bronze import (
    NameBasics,
    TitleAkas,
    TitleBasics,
    TitleCrew,
    TitleEpisode,
    TitlePrincipals,
    TitleRatings,
)
from imdb_assets_tests.tables import Rows, table

TITLES = 400
SERIES, EPISODES = 160, 400
ONE_CREDIT = 200  # people
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
    more = random.Random(SEED + 1)
    series, episodes = _series(more), _episodes(more)
    once = [f"nm1{number:06}" for number in range(ONE_CREDIT)]
    principals += [
        {"tconst": more.choice(ids), "ordering": 20, "nconst": nconst, "category": more.choice(_CATEGORIES)}
        for nconst in once
    ]
    names = [_person(more, nconst) for nconst in [*people[5:], *once]]
    names += [names[0], names[1] | {"birthYear": 1900}, names[2] | {"primaryName": None}]
    titles += [*series, *(row for row, _ in episodes if more.random() < 0.9)]
    ratings += [_rating(more, str(row["tconst"])) for row in titles[-EPISODES:] if more.random() < 0.7]
    tables = {
        "title_basics": (TitleBasics, titles),
        "title_ratings": (TitleRatings, ratings),
        "title_crew": (TitleCrew, crew),
        "title_principals": (TitlePrincipals, principals),
        "title_akas": (TitleAkas, akas),
        "title_episode": (TitleEpisode, [row for _, row in episodes]),
        "name_basics": (NameBasics, names),
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


def _series(draw: random.Random) -> Rows:
    """Series of either kind, some for adults; some twice, with other values."""
    rows = [
        _title(draw, f"tt2{number:06}")
        | {
            "titleType": draw.choice(["tvSeries", "tvSeries", "tvMiniSeries"]),
            "endYear": draw.choice([2005, 2009, None]),
        }
        for number in range(SERIES)
    ]
    return [*rows, rows[0], rows[1] | {"startYear": 1950}, rows[2] | {"titleType": "tvMiniSeries"}]


def _episodes(draw: random.Random) -> list[tuple[dict[str, object], dict[str, object]]]:
    """Rows of episodes in the dumps of titles and of episodes; some of no series, some of two."""
    rows: list[tuple[dict[str, object], dict[str, object]]] = [
        (
            _title(draw, f"tt3{number:06}") | {"titleType": "tvEpisode"},
            {
                "tconst": f"tt3{number:06}",
                "parentTconst": f"tt2{draw.randint(0, SERIES + 20) if number % 2 else number % 9:06}",
                "seasonNumber": draw.choice([1, 2, 3, None]),
                "episodeNumber": draw.choice([*range(1, 30), None]),
            },
        )
        for number in range(EPISODES)
    ]
    title, row = rows[0]
    return [*rows, rows[1], ({**title, "startYear": 1950}, row), (title, {**row, "parentTconst": "tt2000001"})]


def _person(draw: random.Random, nconst: str) -> dict[str, object]:
    return {
        "nconst": nconst,
        "primaryName": draw.choice([*_NAMES, None]),
        "birthYear": draw.choice([1950, 1970, None]),
        "deathYear": draw.choice([2001, None, None]),
        "primaryProfession": draw.choice([None, [], ["actor"], ["writer", "director"]]),
        "knownForTitles": draw.choice([None, [], ["tt0000001"], ["tt0000002", "tt2000001"]]),
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
