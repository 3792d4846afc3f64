"""The generated dumps: same bytes for the same seed, IMDb's format, and every oddity readers must survive."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from imdb_assets.sources.sample.files import write_dump
from imdb_assets.sources.sample.films import draw_films
from imdb_assets.sources.sample.generator import ROWS_PER_CHUNK, chunk_bounds, write_sample

TITLES = 4_000
HEADERS = {
    "name.basics": "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
    "title.akas": "titleId ordering title region language types attributes isOriginalTitle",
    "title.basics": ("tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres"),
    "title.crew": "tconst directors writers",
    "title.episode": "tconst parentTconst seasonNumber episodeNumber",
    "title.principals": "tconst ordering nconst category job characters",
    "title.ratings": "tconst averageRating numVotes",
}
MALFORMED = {"title.basics": 5, "title.principals": 3, "name.basics": 4}
SHOWCASE = {"tt0108052", "tt0332280", "tt0418279", "tt0468569", "tt1179904"}

Dumps = dict[str, list[bytes]]


def _read(folder: Path) -> Dumps:
    return {name: gzip.decompress((folder / f"{name}.tsv.gz").read_bytes()).split(b"\n") for name in HEADERS}


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "dumps"
    write_sample(out, titles=TITLES)
    return out


@pytest.fixture(scope="module")
def dumps(folder: Path) -> Dumps:
    return _read(folder)


@pytest.fixture(scope="module")
def rows(dumps: Dumps) -> dict[str, list[dict[str, str]]]:
    """Only what can be read: right number of columns, an id with digits, UTF-8, whole numbers where due."""
    readable: dict[str, list[dict[str, str]]] = {}
    for name, header in HEADERS.items():
        columns = header.split()
        readable[name] = [
            dict(zip(columns, fields, strict=True))
            for line in dumps[name][1:-1]
            if b"\xff" not in line
            and len(fields := line.decode().split("\t")) == len(columns)
            and fields[0][2:].isdigit()
            and "19xx" not in fields
            and "first" not in fields
        ]
    return readable


def _clean_films(rows: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    rated = {row["tconst"] for row in rows["title.ratings"]}
    return [
        row
        for row in rows["title.basics"]
        if row["titleType"] == "movie"
        and row["isAdult"] == "0"
        and row["startYear"] != r"\N"
        and row["genres"] != r"\N"
        and row["runtimeMinutes"] != r"\N"
        and 40 <= int(row["runtimeMinutes"]) <= 400
        and row["tconst"] in rated
    ]


def test_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    written: list[str] = []
    write_sample(tmp_path, titles=TITLES, on_progress=lambda name, share: written.append(name) if share == 1 else None)
    assert sorted(written) == sorted(["catalogue", *(f"{name}.tsv.gz" for name in HEADERS)])
    assert _digests(tmp_path) == _digests(folder)


def test_another_seed_gives_another_catalogue(folder: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, titles=2_000, seed=8)
    assert set(_digests(tmp_path)) == set(_digests(folder))
    assert not set(_digests(tmp_path).values()) & set(_digests(folder).values())
    assert len(_read(tmp_path)["title.basics"]) == 2_000 + MALFORMED["title.basics"] + 2  # header, final newline


def test_too_few_titles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected at least 2,000, got 1,999"):
        write_sample(tmp_path / "none", titles=1_999)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("count", [2_000, 99_999, 100_000, 100_001, 360_000, 12_700_001])
def test_chunks_cover_everything_and_none_is_short(count: int) -> None:
    bounds = chunk_bounds(count)
    assert [start for start, _ in bounds] == [0, *(stop for _, stop in bounds[:-1])]
    assert bounds[-1][1] == count
    sizes = [stop - start for start, stop in bounds]
    assert max(sizes) <= ROWS_PER_CHUNK
    assert min(sizes) >= min(count, ROWS_PER_CHUNK // 2)


def test_a_crash_within_a_file_keeps_the_old_one(tmp_path: Path) -> None:
    def chunks() -> Iterator[pl.DataFrame]:
        yield pl.DataFrame({"tconst": ["tt0000001"]})
        message = "disk full"
        raise OSError(message)

    path = tmp_path / "title.crew.tsv.gz"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="disk full"):
        write_dump(path, chunks(), [])
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_crash_between_files_leaves_whole_ones(tmp_path: Path) -> None:
    def crash(name: str, share: float) -> None:
        if share == 1 and name.startswith("title"):
            raise RuntimeError(name)

    with pytest.raises(RuntimeError, match="title"):
        write_sample(tmp_path, titles=2_000, on_progress=crash)
    assert [path.name for path in tmp_path.iterdir()] == ["title.basics.tsv.gz"]
    assert gzip.decompress((tmp_path / "title.basics.tsv.gz").read_bytes()).endswith(b"\n")


@pytest.mark.parametrize("name", HEADERS)
def test_format(name: str, folder: Path, dumps: Dumps, rows: dict[str, list[dict[str, str]]]) -> None:
    assert (folder / f"{name}.tsv.gz").read_bytes()[4:8] == b"\0\0\0\0"  # gzip's time stamp
    assert dumps[name][0].decode().split("\t") == HEADERS[name].split()
    assert dumps[name][-1] == b""
    assert b"\r" not in b"".join(dumps[name])
    assert len(dumps[name]) - 2 - len(rows[name]) == MALFORMED.get(name, 0)
    assert all("" not in row.values() for row in rows[name])  # nulls are \N


@pytest.mark.parametrize("name", HEADERS)
def test_sorted_by_id_as_text(name: str, dumps: Dumps) -> None:
    ids = [line.split(b"\t")[0] for line in dumps[name][1:-1]]
    assert ids == sorted(ids)
    assert {len(i) for i in ids if i[2:].isdigit()} == {9, 10}


def test_proportions(rows: dict[str, list[dict[str, str]]]) -> None:
    per_title = {name: len(of_dump) / TITLES for name, of_dump in rows.items()}
    assert per_title["title.basics"] == 1
    assert per_title["title.crew"] == pytest.approx(1, abs=0.01)
    assert per_title["name.basics"] == pytest.approx(1.2, abs=0.01)
    assert 3.5 < per_title["title.principals"] < 5
    assert 2 < per_title["title.akas"] < 2.8
    assert 0.2 < per_title["title.ratings"] < 0.32
    kinds = Counter(row["titleType"] for row in rows["title.basics"])
    assert kinds["tvEpisode"] == len(rows["title.episode"]) > TITLES / 2
    assert kinds["movie"] == round(TITLES * 0.197)
    assert kinds["tvPodcast"] == 1
    assert set(kinds) == {
        "movie", "short", "tvEpisode", "tvMiniSeries", "tvMovie", "tvPilot", "tvPodcast", "tvSeries",
        "tvShort", "tvSpecial", "video", "videoGame",
    }  # fmt: skip


def test_clean_films(rows: dict[str, list[dict[str, str]]]) -> None:
    films = [row for row in rows["title.basics"] if row["titleType"] == "movie"]
    clean = _clean_films(rows)
    assert 0.70 < len(clean) / len(films) < 0.80
    assert 0.10 < sum(2018 <= int(row["startYear"]) <= 2025 for row in clean) / len(clean) < 0.20
    assert max(int(row["startYear"]) for row in clean) <= 2025
    rated = {row["tconst"] for row in rows["title.ratings"]}
    announced = [f for f in films if f["startYear"] in {"2026", "2027", "2028"}]
    assert announced
    assert not rated & {film["tconst"] for film in announced}
    for flaw in (
        [f for f in films if f["isAdult"] == "1"],
        [f for f in films if f["startYear"] == r"\N"],
        [f for f in films if f["genres"] == r"\N"],
        [f for f in films if f["runtimeMinutes"] == r"\N"],
        [f for f in films if f["runtimeMinutes"] != r"\N" and int(f["runtimeMinutes"]) < 40],
        [f for f in films if f["runtimeMinutes"] != r"\N" and int(f["runtimeMinutes"]) > 400],
    ):
        assert flaw
    assert any(f["runtimeMinutes"] == "51420" for f in films)
    assert any(f["startYear"] == "2115" for f in films)


def test_showcase_films_are_clean_and_known(rows: dict[str, list[dict[str, str]]]) -> None:
    votes = {row["tconst"]: int(row["numVotes"]) for row in rows["title.ratings"]}
    clean = {row["tconst"] for row in _clean_films(rows)}
    assert clean >= SHOWCASE
    median = sorted(votes.values())[len(votes) // 2]
    assert min(votes[title] for title in SHOWCASE) > 20 * median
    ratings = [float(row["averageRating"]) for row in rows["title.ratings"] if row["tconst"] in SHOWCASE]
    assert min(ratings) >= 5.5
    assert max(ratings) <= 9.0
    assert len(set(ratings)) == len(SHOWCASE)


def test_mean_ratings_hardly_depend_on_votes_but_for_the_best_known() -> None:
    films = draw_films(np.random.default_rng(7), everybody=120_000, films=20_000)
    ratings = films.rating_tenths[np.argsort(films.votes, kind="stable")] / 10
    few, middle, known, best_known = (part.mean() for part in np.split(ratings, [6_000, 16_800, 19_600]))
    assert middle < few < middle + 0.8
    assert abs(known - middle) < 0.4
    assert best_known > known + 0.5


def test_ratings_are_in_range(rows: dict[str, list[dict[str, str]]]) -> None:
    ratings = [float(row["averageRating"]) for row in rows["title.ratings"]]
    votes = sorted(int(row["numVotes"]) for row in rows["title.ratings"])
    assert min(ratings) >= 1
    assert max(ratings) <= 10
    assert all(len(row["averageRating"].split(".")[1]) == 1 for row in rows["title.ratings"])
    assert votes[0] >= 5
    assert 20 < votes[len(votes) // 2] < 120
    assert votes[-1] > 50_000


def test_titles_hold_quotes_and_all_scripts(rows: dict[str, list[dict[str, str]]]) -> None:
    titles = [row["primaryTitle"] for row in rows["title.basics"]]
    assert any(title.startswith('"') and title.count('"') == 1 for title in titles)
    for sample in "🎬夜غשЖ\\":
        assert any(sample in title for title in titles), sample
    assert any(row["primaryTitle"] != row["originalTitle"] for row in rows["title.basics"])


def test_lists_within_akas(rows: dict[str, list[dict[str, str]]]) -> None:
    for column in ("types", "attributes"):
        assert any("\x02" in row[column] for row in rows["title.akas"])
    originals = [row for row in rows["title.akas"] if row["isOriginalTitle"] == "1"]
    assert all(row["types"] == "original" and row["region"] == r"\N" for row in originals)


def test_characters_are_json_but_for_a_handful(rows: dict[str, list[dict[str, str]]]) -> None:
    texts = [row["characters"] for row in rows["title.principals"] if row["characters"] != r"\N"]
    names, unreadable = [], 0
    for text in texts:
        try:
            names += json.loads(text)
        except json.JSONDecodeError:
            unreadable += 1
    assert 1 <= unreadable <= 8
    assert any('"' in name and "," in name for name in names)
    assert any(not name.isascii() for name in names)
    assert any(text.count('","') for text in texts)


def test_duplicates_and_dangling_keys(rows: dict[str, list[dict[str, str]]]) -> None:
    for name in ("name.basics", "title.principals"):
        counts = Counter(tuple(row.values()) for row in rows[name])
        assert 1 <= sum(count > 1 for count in counts.values()) <= 10
    people = {row["nconst"] for row in rows["name.basics"]}
    titles = {row["tconst"] for row in rows["title.basics"]}
    lost = sum(row["nconst"] not in people for row in rows["title.principals"])
    assert 1 <= lost < 0.01 * len(rows["title.principals"])
    for name, column in (
        ("title.akas", "titleId"),
        ("title.crew", "tconst"),
        ("title.episode", "parentTconst"),
        ("title.principals", "tconst"),
        ("title.ratings", "tconst"),
    ):
        assert 1 <= sum(row[column] not in titles for row in rows[name]) <= 60, name
    assert any(row["primaryName"] == r"\N" for row in rows["name.basics"])


def test_people_in_several_jobs_and_disagreeing_directors(rows: dict[str, list[dict[str, str]]]) -> None:
    jobs = Counter((row["tconst"], row["nconst"]) for row in rows["title.principals"])
    assert sum(count > 1 for count in jobs.values()) > 100
    listed: dict[str, set[str]] = {}
    for row in rows["title.principals"]:
        if row["category"] == "director":
            listed.setdefault(row["tconst"], set()).add(row["nconst"])
    crew = {row["tconst"]: set(row["directors"].split(",")) - {r"\N"} for row in rows["title.crew"]}
    disagreeing = sum(listed.get(title, set()) != directors for title, directors in crew.items())
    assert 1 <= disagreeing < 0.05 * len(crew)
