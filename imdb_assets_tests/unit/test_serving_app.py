"""The endpoint over HTTP: health, films by id or described, and every refusal with its status and its sentence."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.types import Message

from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore
from imdb_assets.serving.app import create_app
from imdb_assets.serving.fingerprint import fingerprint
from imdb_assets.serving.predictor import Predictor
from imdb_assets_tests.world import SEEN, STORED, World, ask, described, invoke, refusal


def test_ping_says_who_answers_with_which_model(app: FastAPI, world: World) -> None:
    response = ask(app, "GET", "/ping")
    assert response.status_code == 200
    health = response.json()
    assert health.pop("pid") > 0
    assert health.pop("code") == fingerprint()
    assert health == {
        "service": "imdb-assets",
        "model_version": world.store.current().version,
        "iterations": {"pre-release": "v7", "with votes": "v8"},
        "problem": None,
        "lake": str(world.lake.root.resolve()),
    }


def test_ping_without_a_model_is_unhealthy_and_says_why(tmp_path: Path) -> None:
    app = create_app(Predictor(Lake(tmp_path / "lake"), ModelStore(tmp_path / "models")))
    response = ask(app, "GET", "/ping")
    assert response.status_code == 503
    assert response.json()["problem"].startswith("no rating model below")
    assert refusal(ask(app, "POST", "/predict", json={"tconst": "tt0108052"}))[0] == 503
    assert refusal(ask(app, "GET", "/features"))[0] == 503


def test_film_by_its_id(app: FastAPI, world: World) -> None:
    response = ask(app, "POST", "/predict", json={"tconst": SEEN})
    assert response.status_code == 200
    assert response.json() == world.predictor().predict_film(SEEN).model_dump()
    assert response.json()["predicted"] == STORED


def test_a_request_for_another_host_is_refused_like_any_other(world: World) -> None:
    app = create_app(world.predictor(), hosts=("127.0.0.1", "localhost"))
    for host in ("127.0.0.1:8017", "LOCALHOST", "localhost:1"):
        assert ask(app, "GET", "/ping", headers={"Host": host}).status_code == 200
    refused = ask(app, "GET", "/ping", headers={"Host": "rebound.example:8017"})
    assert refusal(refused) == (
        400,
        "host rebound.example:8017: is not a name of this server; send the request to 127.0.0.1 or localhost.",
    )
    answered = ask(app, "GET", "/ping", headers={"Host": "localhost"})
    assert refused.headers.keys() - {"content-length"} == answered.headers.keys() - {"content-length"}
    metrics = ask(app, "GET", "/metrics", headers={"Host": "localhost"}).text
    assert 'imdb_requests_total{path="/ping",status="400"} 1.0' in metrics


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ('{"tconst": "tt9999999"}', 404, "tt9999999: not among the films of the lake"),
        ('{"tconst": "batman"}', 404, "'batman' is not a title id; a title id looks like tt0108052"),
        ("{}", 422, "title: missing; year: missing; genres: missing; runtime_minutes: missing; send {"),
        ('{"tconst": 5}', 422, 'tconst: must be a string; send {"tconst": "tt0108052"}, or describe a film: {"title"'),
        ('{"tconst": "tt0108052", "votes": 1}', 422, 'votes: unknown key; send {"tconst": "tt0108052"}, or'),
        ('["tt0108052"]', 422, 'the body is not a JSON object; send {"tconst"'),
        ('{"votes": NaN}', 400, "NaN and Infinity are not JSON; write null where a value is unknown."),
        ('{"votes": [-Infinity]}', 400, "NaN and Infinity are not JSON; write null"),
        ('{"votes": NaN', 400, "not valid JSON: "),
        ("", 400, "not valid JSON: EOF while parsing a value at line 1 column 0."),
        ('{"tconst": ', 400, "not valid JSON: EOF while parsing a value at line 1 column 11."),
        (described(year="1999"), 422, "year: Input should be a valid integer; send"),
        (described(year=1800), 422, "year: Input should be greater than or equal to 1870; send"),
        (described(runtime_minutes=39.5), 422, "runtime_minutes: Input should be a valid integer"),
        (described(genres=[]), 422, "genres: List should have at least 1 item after validation, not 0; send"),
        (
            described(genres=["Dramma"]),
            422,
            "genres, item 1: 'Dramma' is not a genre of IMDb; did you mean Drama? the genres",
        ),
        (described(genres=["drama", "Drama"]), 422, "genres: 'Drama' is listed twice; send"),
        (described(directors="Ada"), 422, "directors: Input should be a valid list; send"),
        (described(cast=["Ada", 5]), 422, "cast, item 2: must be a string; send"),
        (described(cast=["Ada"] * 51), 422, "cast: List should have at most 50 items after validation, not 51; send"),
        (described(title=" "), 422, "title: must not be blank"),
        (described(budget=1, director="x"), 422, "budget: unknown key; director: unknown key; send"),
        ('{"title": "\\ud800"}', 400, "not valid JSON: "),
    ],
)
def test_malformed_question_teaches(app: FastAPI, body: str, status: int, sentence: str) -> None:
    response = ask(app, "POST", "/predict", content=body, headers={"Content-Type": "application/json"})
    assert refusal(response)[0] == status
    assert refusal(response)[1].startswith(sentence)


@pytest.mark.parametrize(
    ("typed", "nconst", "notes"),
    [
        ("Ada Arbol", "nm0000002", []),
        ("ada árbol", "nm0000001", []),
        ("Ben O\u2019Hara", "nm0000003", ["Ben O\u2019Hara: the answer assumes Ben O'Hara (nm0000003, known for {})."]),
    ],
)
def test_a_name_as_people_type_it_is_the_person(
    app: FastAPI, world: World, typed: str, nconst: str, notes: list[str]
) -> None:
    def answer(name: str) -> dict[str, object]:
        film = described(directors=[name], cast=[name])
        return ask(app, "POST", "/predict", content=film, headers={"Content-Type": "application/json"}).json()

    named, by_id = answer(typed), answer(nconst)
    (person,) = ask(app, "GET", "/people", params={"q": nconst}).json()
    assert named["notes"] == [note.format(person["known_for"]) for note in notes]
    assert named == {**by_id, "notes": named["notes"]}
    assert ask(app, "GET", "/people", params={"q": typed}).json()[0]["nconst"] == nconst


def test_a_name_that_several_people_may_have_is_a_question(app: FastAPI) -> None:
    film = described(writers=["Ada Àrbol"])
    status, error = refusal(ask(app, "POST", "/predict", content=film, headers={"Content-Type": "application/json"}))
    assert status == 422
    assert re.fullmatch(
        r"film 1: nobody is called Ada Àrbol; did you mean Ada Árbol \(nm0000001, known for .+ \(\d+\)\) or "
        r"Ada Arbol \(nm0000002, known for .+ \(\d+\)\)\? Give the id\.",
        error,
    )
    assert refusal(invoke(app, "application/json", json.dumps({"instances": [json.loads(film)]}))) == (422, error)


def test_of_whom_nothing_was_said_the_reason_says_so(app: FastAPI) -> None:
    def families(**more: object) -> set[str]:
        film = described(directors=["Ada Arbol"], **more)
        answer = ask(app, "POST", "/predict", content=film, headers={"Content-Type": "application/json"}).json()
        return {reason["family"] for reason in answer["reasons"]}

    silent, said = families(), families(cast=["Ben O'Hara"], writers=["Somebody New"])
    assert {"cast (none given)", "writers' record (none given)", "director's record"} <= silent
    assert {"cast", "writers' record", "director's record"} <= said
    assert not any("none given" in family for family in said)


def test_other_paths_and_methods_point_to_the_page(app: FastAPI) -> None:
    assert refusal(ask(app, "GET", "/series")) == (404, "there is no /series here; GET / lists the endpoints.")
    assert refusal(ask(app, "GET", "/predict")) == (405, "GET is not allowed at /predict; GET / lists the endpoints.")


def test_failure_of_the_server_shows_no_internals(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = world.predictor()
    monkeypatch.setattr(predictor, "predict_film", lambda _: 1 // 0)
    status, error = refusal(ask(create_app(predictor), "POST", "/predict", json={"tconst": SEEN}))
    assert status == 500
    assert error == "the server failed on this request; its log (serving.log in the data folder) says why."


@pytest.mark.parametrize("path", ["/predict", "/invocations"])
def test_a_client_that_hangs_up_is_no_failure_of_the_server(app: FastAPI, path: str) -> None:
    headers = [(b"host", b"x"), (b"content-type", b"application/json"), (b"content-length", b"9")]
    came: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    told: list[Message] = []

    async def receive() -> Message:
        return came.pop(0)

    async def send(message: Message) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
    asyncio.run(app(scope, receive, send))
    assert [message.get("status") for message in told] == [400, None]
    assert json.loads(told[1]["body"]) == {"error": "the client hung up before the end of the body."}


def test_features_are_listed_in_the_order_of_csv_columns(app: FastAPI, world: World) -> None:
    expected = {regime: part.features for regime, part in world.loaded().record.regimes.items()}
    assert ask(app, "GET", "/features").json() == expected
