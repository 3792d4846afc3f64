"""The endpoint over HTTP: every content type, and every refusal with its status and its sentence."""

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from imdb_assets.dashboards.pages import Pages
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.dashboards.selection import ALL_FILMS, Selection
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore
from imdb_assets.ml.iterations import Regime
from imdb_assets.serving.app import create_app
from imdb_assets.serving.fingerprint import fingerprint
from imdb_assets.serving.middleware import MAX_BYTES
from imdb_assets.serving.predictor import Predictor
from imdb_assets_tests.world import SEEN, SHOWCASE, STORED, World, ask, records

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


@pytest.fixture(scope="module")
def app(world: World) -> FastAPI:
    return create_app(world.predictor())


def rows(world: World, regime: Regime = "pre-release") -> list[dict[str, float | None]]:
    return records(SHOWCASE, world.loaded().record.regimes[regime].features)


def csv(rows: list[dict[str, float | None]]) -> str:
    return "".join(",".join("" if value is None else repr(value) for value in row.values()) + "\n" for row in rows)


def described(**more: object) -> str:
    film = {"title": "New", "year": 2027, "genres": ["Drama"], "runtime_minutes": 100}
    return json.dumps({**film, **more})


def invoke(app: FastAPI, kind: str, content: str | bytes, **headers: str) -> httpx.Response:
    headers = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return ask(app, "POST", "/invocations", content=content, headers=headers)


def refusal(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert body.keys() == {"error"}
    return response.status_code, body["error"]


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


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/csv"),
        ("text/csv", "text/csv"),
        ("text/*;q=0.5, application/json", "text/csv"),
        ("application/json", "application/json"),
        ("application/xml, application/jsonlines;q=0.1", "application/jsonlines"),
        ("text/csv;q=0, */*", "application/json"),
        ("APPLICATION/*", "application/json"),
    ],
)
def test_an_answer_is_in_a_content_type_that_is_accepted(app: FastAPI, world: World, accept: str, kind: str) -> None:
    response = invoke(app, "text/csv", csv(rows(world)), Accept=accept)
    assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (200, kind)
    expected = invoke(app, "application/json", json.dumps({"instances": rows(world)})).json()["predictions"]
    match kind:
        case "text/csv":
            assert [float(line) for line in response.text.splitlines()] == expected
        case "application/json":
            assert response.json()["predictions"] == expected
        case _:
            assert [json.loads(line)["prediction"] for line in response.text.splitlines()] == expected


@pytest.mark.parametrize("accept", ["application/xml", "text/html;q=0.9, image/*", "*/*;q=0"])
def test_what_no_answer_can_be_is_refused(app: FastAPI, world: World, accept: str) -> None:
    sentence = (
        "the answer can be text/csv or application/json or application/jsonlines; name one of these types in Accept."
    )
    assert refusal(invoke(app, "text/csv", csv(rows(world)), Accept=accept)) == (406, f"Accept: {accept}: {sentence}")
    assert refusal(ask(app, "POST", "/predict", json={"tconst": SEEN}, headers={"Accept": accept}))[0] == 406
    film = json.dumps({"instances": [json.loads(described())]})
    status, error = refusal(invoke(app, "application/json", film, Accept="text/csv"))
    assert status == 406
    assert error.startswith("Accept: text/csv: the answer can be application/json or application/jsonlines; name")


@pytest.mark.parametrize("generated", [True, False])
def test_every_page_says_whose_the_data_are(world: World, tmp_path: Path, *, generated: bool) -> None:
    pages = Pages(world.lake, tmp_path, generated=lambda: generated)
    app = create_app(world.predictor(), pages, generated=lambda: generated)
    for address in ("/", "/openapi.json", *(f"/dashboards/{name}" for name in DASHBOARDS)):
        text = ask(app, "GET", address).text
        assert ("This is a generated sample: its films, people and ratings are made up" in text) is generated, address
        assert ("Information courtesy of IMDb (https://www.imdb.com). Used with permission." in text) is not generated
        assert not re.search("IMDb ratings|IMDb's dump", text)  # of a sample, neither is IMDb's
        assert "<!-- " not in text


def test_a_request_for_another_host_is_refused_like_any_other(world: World) -> None:
    app = create_app(world.predictor(), hosts=("127.0.0.1", "localhost"))
    for host in ("127.0.0.1:8017", "LOCALHOST", "localhost:1"):
        assert ask(app, "GET", "/ping", headers={"Host": host}).status_code == 200
    refused = ask(app, "GET", "/ping", headers={"Host": "rebound.example:8017"})
    assert refusal(refused) == (400, "host rebound.example:8017: not this server's name; ask 127.0.0.1 or localhost.")
    answered = ask(app, "GET", "/ping", headers={"Host": "localhost"})
    assert refused.headers.keys() - {"content-length"} == answered.headers.keys() - {"content-length"}
    metrics = ask(app, "GET", "/metrics", headers={"Host": "localhost"}).text
    assert 'imdb_requests_total{path="/ping",status="400"} 1.0' in metrics


def test_json_in_json_out(app: FastAPI, world: World) -> None:
    response = invoke(app, "application/json; charset=utf-8", json.dumps({"instances": rows(world)}))
    assert response.status_code == 200
    assert response.json() == world.predictor().predict_rows(rows(world)).model_dump()
    assert response.json()["regime"] == "pre-release"


def test_json_lines_in_json_lines_out(app: FastAPI, world: World) -> None:
    lines = "\n".join(json.dumps(row) for row in rows(world, "with votes")) + "\n"
    response = invoke(app, "application/jsonlines", lines)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/jsonlines"
    answered = [json.loads(line) for line in response.text.splitlines()]
    assert [answer["prediction"] for answer in answered] == world.predictor().predict_rows(
        rows(world, "with votes")
    ).predictions
    assert {answer["regime"] for answer in answered} == {"with votes"}


@pytest.mark.parametrize("regime", ["pre-release", "with votes"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_csv_in_csv_out_with_the_regime_of_its_columns(app: FastAPI, world: World, regime: Regime, end: str) -> None:
    response = invoke(app, "text/csv", csv(rows(world, regime)).rstrip() + end)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/csv")
    answered = [float(line) for line in response.text.splitlines()]
    assert answered == world.predictor().predict_rows(rows(world, regime)).predictions
    assert response.headers[ATTRIBUTES].startswith(f"regime={regime};iteration=v")


def test_regime_asked_for_in_the_header_overrides_the_votes(app: FastAPI, world: World) -> None:
    body = json.dumps({"instances": rows(world, "with votes")})
    headers = {"Content-Type": "application/json", ATTRIBUTES: "trace=7; regime=pre-release"}
    response = ask(app, "POST", "/invocations", content=body, headers=headers)
    assert response.json() == world.predictor().predict_rows(rows(world)).model_dump()


@pytest.mark.parametrize(
    ("kind", "body", "sentence"),
    [
        ("text/csv", "start_year,decade\n1,2\n", r"line 1, column 1: got 'start_year'; .*; send rows without a header"),
        ("text/csv", "1,2\n1,x\n", r"line 2, column 2: got 'x'; a feature is a number"),
        ("text/csv", "1,2\n1,2,3\n", r"line 2: 3 columns, line 1 has 2"),
        ("text/csv", "1,2\n\n1,2\n", r"line 2: 1 columns, line 1 has 2"),
        ("text/csv", "1,nan\n", r"line 1, column 2: got 'nan'"),
        ("text/csv", "1,inf\n", r"line 1, column 2: got 'inf'"),
        ("text/csv", "1,1e39\n", r"line 1, column 2: got '1e39'"),
        ("text/csv", "1_000,2\n", r"line 1, column 1: got '1_000'"),
        ("text/csv", "1,2\n1,ä\n", r"line 2: has a character that is not ASCII"),
        ("text/csv", "1,2\n", r"rows have 2 columns, but the model reads \d+ \(pre-release\) or \d+ \(with votes\)"),
        ("text/csv", "", "the request has no rows"),
        ("application/json", "", r"not valid JSON: EOF .* line 1"),
        ("application/json", '{"instances": [\n{"a": 1,}]}', r"not valid JSON: .* at line 2 column 9"),
        ("application/json", "[1]", r'not an object with the key instances; send {"instances"'),
        ("application/json", '{"instances": 1}', "instances is not a list"),
        ("application/json", '{"instances": [1]}', "row 1 of instances is not an object"),
        ("application/json", '{"instances": []}', "the request has no rows"),
        (
            "application/json",
            '{"instances": [], "regime": "pre-release"}',
            r"unknown key 'regime'; .* Name a regime in X-Amzn",
        ),
        ("application/json", '{"instances": [{"start_year": NaN}]}', "write null where a value is unknown"),
        (
            "application/json",
            '{"instances": [{"start_year": 1}]}',
            r"row 1: \d+ features missing for regime 'pre-release'",
        ),
        ("application/json", "[" * 100_000, "not valid JSON: recursion limit"),
        ("application/json", b'{"instances": [{"\xff": 1}]}', "not valid JSON: invalid unicode"),
        ("application/json", '{"instances": [{"start_year": 1' + "0" * 6000 + "}]}", "not valid JSON|features missing"),
        ("application/jsonlines", '{"a": 1}\n{"a": \n', r"line 2: not valid JSON: EOF while parsing"),
        ("application/jsonlines", "{}\n\n{}\n", "line 2: not valid JSON"),
        ("application/jsonlines", "[1]\n", "line 1: not a JSON object; send one per line"),
        ("application/jsonlines", "", "the request has no rows"),
    ],
)
def test_malformed_rows_name_the_place(app: FastAPI, kind: str, body: str | bytes, sentence: str) -> None:
    status, error = refusal(invoke(app, kind, body))
    assert status == 400
    assert re.search(sentence, error), error
    assert len(error) < 400


def test_huge_integer_is_refused_in_a_short_sentence(app: FastAPI, world: World) -> None:
    body = json.dumps({"instances": rows(world)}).replace('"start_year": ', '"start_year": 1' + "0" * 4000)
    status, error = refusal(invoke(app, "application/json", body))
    assert (status, len(error) < 200) == (400, True)
    assert error.startswith(("row 1: start_year is 1000", "row 1: start_year is inf"))


@pytest.mark.parametrize("value", ["future", "", "pre_release"])
def test_unknown_regime_says_which_there_are(app: FastAPI, value: str) -> None:
    headers = {"Content-Type": "text/csv", ATTRIBUTES: f"regime={value}"}
    response = ask(app, "POST", "/invocations", content="1", headers=headers)
    assert refusal(response) == (400, f"{ATTRIBUTES}: regime={value} is unknown; allowed: pre-release, with votes.")


def test_other_content_types_are_refused(app: FastAPI) -> None:
    expected = "not supported; send Content-Type: text/csv, application/json or application/jsonlines."
    assert refusal(invoke(app, "text/plain", "1")) == (415, f"content type text/plain: {expected}")
    assert refusal(ask(app, "POST", "/invocations", content=b"1")) == (415, f"content type missing: {expected}")
    status, error = refusal(ask(app, "POST", "/predict", content='{"tconst": "tt0108052"}'))
    assert (status, error) == (415, "content type missing: not supported here; send Content-Type: application/json.")


def test_too_many_rows_and_bytes_are_refused(app: FastAPI) -> None:
    assert refusal(invoke(app, "text/csv", "1\n" * 10_001)) == (
        413,
        "the request has 10,001 rows, but at most 10,000 are allowed; send several requests.",
    )
    sentence = "the body is larger than 25 MB; send several requests."
    for path, kind in (("/invocations", "text/csv"), ("/predict", "application/json")):
        headers = {"Content-Type": kind}
        announced = ask(app, "POST", path, content=b"1" * (MAX_BYTES + 1), headers=headers)
        assert refusal(announced) == (413, sentence)

        async def stream():
            for _ in range(26):
                yield b"1" * 1_000_000

        assert refusal(ask(app, "POST", path, content=stream(), headers=headers)) == (413, sentence)


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
        ("Ben O\u2019Hara", "nm0000003", ["Ben O\u2019Hara: taken for Ben O'Hara (nm0000003, known for {})."]),
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


def test_page_stands_alone_and_attributes(app: FastAPI) -> None:
    response = ask(app, "GET", "/")
    assert response.headers["content-type"].startswith("text/html")
    assert "Information courtesy of IMDb (https://www.imdb.com). Used with permission." in response.text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", response.text)
    documented = ask(app, "GET", "/openapi.json").json()["paths"]
    assert documented.keys() == {"/ping", "/features", "/predict", "/people", "/films", "/invocations", "/metrics"}
    assert all(path in response.text for path in documented)


def test_dashboards_are_served_where_there_are_pages(world: World, tmp_path: Path) -> None:
    class Stub(Pages):
        def html(self, name: str, chosen: Selection = ALL_FILMS) -> bytes:
            return f"<!doctype html>{name}{chosen.query}".encode()

        def vega(self) -> bytes:
            return b"vega"

    app = create_app(world.predictor(), Stub(world.lake, tmp_path))
    moved = ask(app, "GET", "/dashboards")
    assert (moved.status_code, moved.headers["location"]) == (307, "dashboards/catalogue")
    for name in DASHBOARDS:
        page = ask(app, "GET", f"/dashboards/{name}")
        assert (page.status_code, page.text) == (200, f"<!doctype html>{name}")
        assert page.headers["content-type"].startswith("text/html")
        assert "script-src 'self';" in page.headers["content-security-policy"]
    script = ask(app, "GET", "/dashboards/vega.js")
    assert (script.text, script.headers["cache-control"]) == ("vega", "max-age=86400")
    assert "vegaEmbed" in ask(app, "GET", "/dashboards/charts.js").text
    assert "aria-sort" in ask(app, "GET", "/dashboards/tables.js").text
    assert ask(app, "GET", "/dashboards/nothing").status_code == 404
    asked = "decade=1980&genre=Sci-Fi&votes=1000"
    chosen = ask(app, "GET", f"/dashboards/people?{asked}")
    assert chosen.text == f"<!doctype html>people?{asked}"
    assert ask(app, "GET", "/dashboards/people?decade=&genre=&votes=").text == "<!doctype html>people"  # an empty form
    page = ask(app, "GET", "/").text
    assert re.findall(r'<a href="dashboards/(\w+)">([^<]+)</a>', page) == [
        (name, dashboard.title) for name, dashboard in DASHBOARDS.items()
    ]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ("decade=1985", "decade: Input should be a multiple of 10."),
        ("genre=Scifi", "genre: 'Scifi' is not one of Action, Adventure, "),
        ("votes=many", "votes: Input should be a valid integer"),
    ],
)
def test_a_wrong_choice_of_films_is_said(world: World, tmp_path: Path, asked: str, error: str) -> None:
    app = create_app(world.predictor(), Pages(world.lake, tmp_path))
    status, said = refusal(ask(app, "GET", f"/dashboards/catalogue?{asked}"))
    assert status == 422
    assert said.startswith(error)


def test_the_rows_of_a_panel_can_be_downloaded(world: World, tmp_path: Path) -> None:
    app = create_app(world.predictor(), Pages(world.lake, tmp_path))
    decades = ask(app, "GET", "/dashboards/catalogue/decades.json").json()
    chosen = decades[0]["decade"]
    answer = ask(app, "GET", f"/dashboards/catalogue/decades.csv?decade={chosen}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="decades.csv"'
    of_the_decade = [f"{row['decade']},{row['state']},{row['films']}" for row in decades if row["decade"] == chosen]
    assert answer.text.lstrip("\ufeff").splitlines() == ["decade,state,films", *of_the_decade]
    assert refusal(ask(app, "GET", "/dashboards/catalogue/nothing.csv"))[0] == 404
    assert refusal(ask(app, "GET", "/dashboards/catalogue/decades.xlsx"))[0] == 422
    status, error = refusal(ask(app, "GET", "/dashboards/model/audit.csv"))
    assert (status, error) == (
        503,
        "model/audit: models.audit is not in the lake yet: materialize models/audit.",
    )


def test_without_a_lake_there_are_no_dashboards(app: FastAPI) -> None:
    assert ask(app, "GET", "/dashboards").status_code == 404


def test_documentation_has_examples_of_every_content_type(app: FastAPI) -> None:
    operation = ask(app, "GET", "/openapi.json").json()["paths"]["/invocations"]["post"]
    for content in (operation["requestBody"]["content"], operation["responses"]["200"]["content"]):
        assert content.keys() == {"text/csv", "application/json", "application/jsonlines"}
    assert all({"example", "examples"} & kind.keys() for kind in operation["requestBody"]["content"].values())
    assert ask(app, "GET", "/docs").status_code == 404  # its scripts would come from a CDN
