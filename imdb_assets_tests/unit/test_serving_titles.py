"""Titles and people of the whole catalogue: by id, by words, by series; and indexes that are damaged or replaced."""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fastapi import FastAPI

from imdb_assets.contracts.bronze import TitleBasics
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.files import read_sealed, write_sealed
from imdb_assets.lake.integrity import sha256
from imdb_assets.lake.provenance import Provenance
from imdb_assets.serving import title_index
from imdb_assets.serving.app import create_app
from imdb_assets.serving.errors import NotReadyError, UnknownIdError
from imdb_assets.serving.titles import CANDIDATES, Titles
from imdb_assets_tests.tables import table
from imdb_assets_tests.titles import BASICS, basics, tables
from imdb_assets_tests.world import SEEN, STORED, World, ask, write

FIRST = Provenance(code_version="1", inputs={"bronze.title_basics": "7"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("titles")
    rows = title_index.publish(folder, tables(), FIRST)
    assert rows == {"titles": len(BASICS) - 1, "episodes": 5, "people": 2, "credits": 7}
    return folder


@pytest.fixture(scope="module")
def titles(folder: Path) -> Titles:
    return Titles(folder)


def ids(found: Any) -> list[str]:
    return [one.tconst for one in found]


def test_a_title_by_its_id(titles: Titles) -> None:
    assert titles.title("tt0000001").model_dump() == {
        "tconst": "tt0000001",
        "kind": "movie",
        "title": "The Quick Fox",
        "original_title": "Le renard",
        "start_year": 1990,
        "end_year": None,
        "runtime_minutes": 100,
        "genres": ["Drama", "War"],
        "rating": 6.0,
        "votes": 10,
        "people": [{"nconst": "nm0000001", "name": "Ada Árbol", "role": "director"}],
        "episode": None,
        "episodes": 0,
        "predicted": None,
    }


def test_people_come_by_role_and_billing(titles: Titles) -> None:
    people = [(one.nconst, one.name, one.role) for one in titles.title("tt0000002").people]
    assert people == [
        ("nm0000002", "Ben", "director"),
        ("nm0000001", "Ada Árbol", "writer"),
        ("nm0000009", None, "cast"),
        ("nm0000002", "Ben", "cast"),
        ("nm0000002", "Ben", "editor"),
    ]


def test_ids_keep_their_zeros(titles: Titles) -> None:
    assert titles.title("tt00000001").title == "Eight Digits"
    assert title_index.text_id("tt", title_index.number("tt0108052")) == "tt0108052"


def test_of_a_title_that_the_dump_has_twice_the_first_row_stays(titles: Titles) -> None:
    assert titles.title("tt0000006").title == "Été"


def test_a_title_that_has_only_its_original_title_is_found_by_it(titles: Titles) -> None:
    (found,) = titles.search("titulo")
    assert (found.tconst, found.title, found.original_title) == ("tt0000007", None, "Sin título")


def test_an_episode_names_its_series_even_if_the_dumps_lack_it(titles: Titles) -> None:
    place = titles.title("tt0000004").episode
    assert place
    assert (place.series, place.series_title, place.season, place.number) == ("tt0000003", "The Quick Series", 1, 1)
    orphan = titles.title("tt0000007").episode
    assert orphan
    assert (orphan.series, orphan.series_title) == ("tt0999999", None)


def test_episodes_come_by_season_and_number_and_those_without_last(titles: Titles) -> None:
    assert ids(titles.episodes("tt0000003")) == ["tt0000004", "tt0000005", "tt0000009", "tt0000008"]
    assert titles.title("tt0000003").episodes == 4
    assert ids(titles.episodes("tt0000003", 1)) == ["tt0000004", "tt0000005", "tt0000009"]
    assert titles.episodes("tt0000001") == []


def test_an_episode_whose_title_the_dumps_lack_has_its_place(titles: Titles) -> None:
    nameless = titles.episodes("tt0000003", 1)[-1]
    assert (nameless.tconst, nameless.title, nameless.kind, nameless.genres) == ("tt0000009", None, None, [])
    assert (nameless.season, nameless.number, nameless.rating) == (1, 2, None)


@pytest.mark.parametrize(("tconst", "rating", "votes"), [("tt0000002", 7.0, 500), ("tt0000007", None, None)])
def test_the_rating_of_a_title_is_that_of_the_tables(
    titles: Titles, tconst: str, rating: float | None, votes: int | None
) -> None:
    found = titles.title(tconst)
    assert (found.rating, found.votes) == (rating, votes)


def test_several_ids_come_in_their_order(titles: Titles) -> None:
    assert ids(titles.titles(["tt0000002", "tt0999999", "tt0000001"])) == ["tt0000002", "tt0000001"]


@pytest.mark.parametrize("wrong", ["tt0999999", "tt1", "nm0000001", "tt0000001\n", "'"])
def test_an_id_that_no_title_has_is_refused(titles: Titles, wrong: str) -> None:
    with pytest.raises(UnknownIdError, match=r"no title has this id"):
        titles.title(wrong)


@pytest.mark.parametrize(
    ("typed", "more", "expected"),
    [
        ("qui", {}, ["tt0000002", "tt0000001", "tt0000003"]),  # most votes first
        ("quick fox", {}, ["tt0000001"]),
        ("the quick f", {}, ["tt0000001"]),
        ("fox the", {}, ["tt0000001"]),
        ("RENARD", {}, ["tt0000001"]),
        ("ete", {}, ["tt0000006"]),
        ("quick", {"kind": "tvSeries"}, ["tt0000003"]),
        ("quick", {"year": 1991}, ["tt0000002"]),
        ("quick", {"kind": "movie", "year": 1990}, ["tt0000001"]),
        ("ete", {"kind": "movie"}, ["tt0000006"]),  # without a year
        ("lost", {"kind": "TVEPISODE"}, ["tt0000008"]),  # with a year that is none
        ("quick", {"kind": "opera"}, []),
        ("quick", {"limit": 1}, ["tt0000002"]),
        ("tt0000003", {}, ["tt0000003"]),
        ("movie", {}, []),  # a kind is no word of a title
        ("\uf000", {}, []),  # the letter of the first kind
        ('"', {}, []),
    ],
)
def test_titles_by_words(titles: Titles, typed: str, more: dict[str, Any], expected: list[str]) -> None:
    assert ids(titles.search(typed, **more)) == expected


def test_a_common_word_is_preferred_and_not_required(titles: Titles) -> None:
    assert ids(titles.search("quick the")) == ["tt0000001", "tt0000003"]
    assert ids(titles.search("quick the a")) == ["tt0000002"]


def test_of_common_words_alone_the_rarest_is_required(titles: Titles) -> None:
    assert ids(titles.search("the filler 17", limit=2)) == ["tt1000017", "tt1000170"]
    assert ids(titles.search("the filler quick")) == []


def test_a_title_with_all_words_comes_first_however_many_without_the_common_ones_have_more_votes(
    tmp_path: Path,
) -> None:
    pies = [basics(f"tt2{number:06}", f"Apple Pie {number}") for number in range(CANDIDATES + 10)]
    added = table(TitleBasics, [*pies, basics("tt3000000", "The Apple Pie")])
    everything = tables()
    everything["bronze.title_basics"] = pl.concat([everything["bronze.title_basics"], added.lazy()])
    title_index.publish(tmp_path, everything, Provenance())
    assert ids(Titles(tmp_path).search("the apple pie", limit=2)) == ["tt3000000", "tt2000000"]


def test_a_person_by_id(titles: Titles) -> None:
    person = titles.person("nm0000001")
    assert (person.name, person.birth_year, person.death_year) == ("Ada Árbol", 1950, None)
    assert person.professions == ["director", "writer"]
    assert ids(person.known_for) == ["tt0000002"]
    assert [(one.tconst, one.role) for one in person.credits] == [("tt0000002", "writer"), ("tt0000001", "director")]
    with pytest.raises(UnknownIdError, match="nobody has this id"):
        titles.person("nm0000009")


def test_a_reader_follows_what_is_published_and_old_files_go(tmp_path: Path) -> None:
    title_index.publish(tmp_path, tables(), FIRST)
    titles = Titles(tmp_path)
    assert titles.title("tt0000001").votes == 10
    before = titles._opened()
    more = tables()
    more["bronze.title_ratings"] = more["bronze.title_ratings"].with_columns(numVotes=pl.lit(77, pl.Int32))
    title_index.publish(tmp_path, more, FIRST)
    assert titles.title("tt0000001").votes == 77
    assert len(list(tmp_path.glob("*.sqlite"))) == 1
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        before.execute("select 1")  # else the disk would keep the removed file as long as the server lives
    known = title_index.published(tmp_path)
    assert known
    assert known.made_from == FIRST


def test_two_writers_leave_one_whole_index(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: title_index.publish(tmp_path, tables(), FIRST), range(8)))
    assert len(made) == 8
    assert [title_index.sound(tmp_path).file] == list(tmp_path.glob("*.sqlite"))


def test_a_failed_attempt_leaves_the_index_and_no_file(tmp_path: Path) -> None:
    title_index.publish(tmp_path, tables(), FIRST)
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        title_index.publish(tmp_path, {**tables(), "silver.credits": pl.LazyFrame({"other": [1]})}, FIRST)
    assert len(list(tmp_path.glob("*.sqlite"))) == 1
    assert Titles(tmp_path).title("tt0000001").votes == 10


def test_ctrl_c_while_rows_are_inserted_ends_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = tables()["silver.credits"].collect()
    many = pl.concat([batches.head(1)] * 200_000).with_columns(
        tconst=pl.concat_str(pl.lit("tt"), pl.int_range(1_000_000, 1_200_000))
    )
    insert = title_index._insert

    def interrupted(cursor: Any, table: str, batch: pl.DataFrame) -> None:
        if table == "credits":
            threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
        insert(cursor, table, batch)

    monkeypatch.setattr(title_index, "_insert", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            title_index.publish(tmp_path, {**tables(), "silver.credits": many.lazy()}, Provenance())
    finally:
        signal.signal(signal.SIGINT, before)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_an_index_of_empty_tables_answers_that_there_is_nothing(tmp_path: Path) -> None:
    nothing = {name: rows.clear() for name, rows in tables().items()}
    counted = title_index.publish(tmp_path, nothing, Provenance())
    assert counted == {"titles": 0, "episodes": 0, "people": 0, "credits": 0}
    assert Titles(tmp_path).search("quick") == []


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage", [_flip, Path.unlink, lambda path: path.write_bytes(b"")], ids=["bit", "gone", "empty"]
)
def test_a_damaged_index_is_refused_and_the_one_before_goes_on(tmp_path: Path, damage: Callable[[Path], Any]) -> None:
    title_index.publish(tmp_path, tables(), FIRST)
    before = Titles(tmp_path)
    assert before.title("tt0000001").votes == 10
    title_index.publish(tmp_path, tables(), FIRST)
    damage(next(tmp_path.glob("*.sqlite")))
    with pytest.raises(NotReadyError, match=r"make materialize ASSETS=serving/title_index"):
        Titles(tmp_path).title("tt0000001")
    with pytest.raises(LakeError, match=r"\.sqlite"):
        title_index.sound(tmp_path)
    assert before.title("tt0000001").votes == 10


@pytest.fixture(scope="module")
def app(world: World, folder: Path) -> FastAPI:
    return create_app(world.predictor(), titles=Titles(folder))


def test_over_http(app: FastAPI) -> None:
    film = ask(app, "GET", f"/titles/{SEEN}").json()
    assert (film["title"], film["rating"], film["predicted"]["rating"]) == ("A film of the lake", 5.0, STORED)
    assert ask(app, "GET", "/titles/tt0000003").json()["predicted"] is None
    assert [one["tconst"] for one in ask(app, "GET", "/titles?q=quick&kind=movie&year=1991").json()] == ["tt0000002"]
    by_ids = ask(app, "GET", "/titles?id=tt0000002&id=tt0000001").json()
    assert [one["tconst"] for one in by_ids] == ["tt0000002", "tt0000001"]
    assert [one["number"] for one in ask(app, "GET", "/titles/tt0000003/episodes?season=1").json()] == [1, 2, 2]
    assert ask(app, "GET", "/people/nm0000001").json()["name"] == "Ada Árbol"


def test_the_history_of_a_rating_over_http(own_world: World, folder: Path) -> None:
    app = create_app(own_world.predictor(), titles=Titles(folder))
    refused = ask(app, "GET", "/titles/tt0000002/history")
    assert (refused.status_code, "silver.rating_history" in refused.json()["error"]) == (503, True)
    days = [
        ("tt0000002", date(2026, 1, 3), None, None),
        ("tt0000002", date(2026, 1, 1), 7.5, 40),
        (SEEN, date(2026, 1, 1), 5.0, 9),
    ]
    names = ("tconst", "valid_from", "average_rating", "num_votes")
    write(own_world.lake, RatingHistory, table(RatingHistory, [dict(zip(names, day, strict=True)) for day in days]))
    assert ask(app, "GET", "/titles/tt0000002/history").json() == [
        {"valid_from": "2026-01-01", "rating": 7.5, "votes": 40},
        {"valid_from": "2026-01-03", "rating": None, "votes": None},
    ]
    assert ask(app, "GET", "/titles/tt0000003/history").json() == []
    assert ask(app, "GET", "/titles/tt0999999/history").status_code == 404


def test_requests_for_titles_count_as_one_path(app: FastAPI) -> None:
    for tconst in ("tt0000001", "tt0000002", "tt0999999"):
        ask(app, "GET", f"/titles/{tconst}")
    metrics = ask(app, "GET", "/metrics").text
    assert 'path="/titles/{tconst}",status="404"' in metrics
    assert "tt0000002" not in metrics


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/titles/tt0999999", 404, "no title has this id"),
        ("/titles/tt0999999/episodes", 404, "no title has this id"),
        ("/people/nm0999999", 404, "nobody has this id"),
        ("/titles", 400, "send either words"),
        ("/titles?q=a&id=tt0000001", 400, "send either words"),
        ("/titles?q=a&limit=51", 422, "limit"),
        ("/titles?q=a&kind=_", 422, "kind"),
        ("/titles?q=a&year=17", 422, "year"),
        ("/titles/tt0000003/episodes?season=x", 422, "season"),
    ],
)
def test_refusals_over_http(app: FastAPI, address: str, status: int, words: str) -> None:
    response = ask(app, "GET", address)
    assert response.status_code == status
    assert words in response.json()["error"]


def test_without_an_index_the_answer_says_what_to_run(tmp_path: Path, own_world: World) -> None:
    app = create_app(own_world.predictor(), titles=Titles(tmp_path / "none"))
    response = ask(app, "GET", "/titles/tt0000001")
    assert response.status_code == 503
    assert "make materialize ASSETS=serving/title_index" in response.json()["error"]


def test_an_index_is_hashed_only_if_it_was_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    title_index.publish(tmp_path, tables(), FIRST)
    hashed: list[Path] = []

    def counted(file: Path) -> str:
        hashed.append(file)
        return sha256(file)

    monkeypatch.setattr(title_index, "sha256", counted)
    index = title_index.sound(tmp_path).file
    assert hashed == []  # the publisher has hashed it, and a server's first request does not wait
    title_index.sound(tmp_path, again=True)
    assert hashed == [index]
    os.utime(index, (0, 0))
    title_index.sound(tmp_path)
    assert hashed == [index] * 2


def test_an_index_of_earlier_code_is_hashed_and_used(tmp_path: Path) -> None:
    title_index.publish(tmp_path, tables(), FIRST)
    pointer = tmp_path / "current.json"
    record = read_sealed(pointer, "")
    assert record
    write_sealed(pointer, {name: value for name, value in record.items() if name != "state"})
    assert Titles(tmp_path).title("tt0000001").votes == 10
    _flip(next(tmp_path.glob("*.sqlite")))
    with pytest.raises(LakeError, match="has changed on the disk"):
        title_index.sound(tmp_path)


def test_an_index_of_another_form_says_what_to_run(tmp_path: Path) -> None:
    title_index.publish(tmp_path, tables(), FIRST)
    (file,) = tmp_path.glob("*.sqlite")
    with closing(sqlite3.connect(file)) as index:
        index.execute("drop table kinds")
        index.commit()
    record = read_sealed(tmp_path / "current.json", "")
    assert record
    write_sealed(tmp_path / "current.json", {**record, "sha256": sha256(str(file)), "state": []})
    with pytest.raises(NotReadyError, match=r"cannot be read \(no such table: kinds\)\. .* make materialize"):
        Titles(tmp_path).title("tt0000001")
