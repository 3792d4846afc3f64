"""Rows and descriptions in every content type (`/invocations`), and every refusal with its status and its sentence."""

import json
import re

import pytest
from fastapi import FastAPI

from imdb_assets.ml.iterations import Regime
from imdb_assets.serving.middleware import MAX_BYTES
from imdb_assets.serving.rows import NEVER_NULL
from imdb_assets_tests.world import SEEN, SHOWCASE, World, ask, described, invoke, records, refusal

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


def rows(world: World, regime: Regime = "pre-release") -> list[dict[str, float | None]]:
    return records(SHOWCASE, world.loaded().record.regimes[regime].features)


def csv(rows: list[dict[str, float | None]]) -> str:
    return "".join(",".join("" if value is None else repr(value) for value in row.values()) + "\n" for row in rows)


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


def test_only_features_that_some_films_lack_may_be_null(app: FastAPI, world: World) -> None:
    films = rows(world)
    assert films[0].keys() - NEVER_NULL
    films[0] |= dict.fromkeys(films[0].keys() - NEVER_NULL)
    assert invoke(app, "text/csv", csv(films)).status_code == 200
    films[-1] |= {"start_year": None}
    for kind, body in (("text/csv", csv(films)), ("application/json", json.dumps({"instances": films}))):
        status, error = refusal(invoke(app, kind, body))
        assert status == 400
        assert error.startswith(
            f"row {len(films)}: start_year is null (in CSV: an empty field), but every film in the training"
        )


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
        ("text/csv", "start_year,decade\n1,2\n", r"line 1, column 1: got 'start_year'; .* Send rows without a header"),
        ("text/csv", "1,2\n1,x\n", r"line 2, column 2: got 'x'; a feature is a number"),
        ("text/csv", "1,2\n1,2,3\n", r"line 2: 3 columns, but line 1 has 2"),
        ("text/csv", "1,2\n\n1,2\n", r"line 2: 1 columns, but line 1 has 2"),
        ("text/csv", "1,nan\n", r"line 1, column 2: got 'nan'"),
        ("text/csv", "1,inf\n", r"line 1, column 2: got 'inf'"),
        ("text/csv", "1,1e39\n", r"line 1, column 2: got '1e39'"),
        ("text/csv", "1_000,2\n", r"line 1, column 1: got '1_000'"),
        ("text/csv", "1,2\n1,ä\n", r"line 2: has a character that is not ASCII"),
        ("text/csv", "1,2\n", r"rows have 2 columns, but the model reads \d+ \(pre-release\) or \d+ \(with votes\)"),
        ("text/csv", "", "the request has no rows"),
        ("application/json", "", r"not valid JSON: EOF .* line 1"),
        ("application/json", '{"instances": [\n{"a": 1,}]}', r"not valid JSON: .* at line 2 column 9"),
        ("application/json", "[1]", r'not an object with the key `instances`; send {"instances"'),
        ("application/json", '{"instances": 1}', "`instances` is not a list"),
        ("application/json", '{"instances": [1]}', "row 1 of `instances` is not an object"),
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


def test_documentation_has_examples_of_every_content_type(app: FastAPI) -> None:
    operation = ask(app, "GET", "/openapi.json").json()["paths"]["/invocations"]["post"]
    for content in (operation["requestBody"]["content"], operation["responses"]["200"]["content"]):
        assert content.keys() == {"text/csv", "application/json", "application/jsonlines"}
    assert all({"example", "examples"} & kind.keys() for kind in operation["requestBody"]["content"].values())
    assert ask(app, "GET", "/docs").status_code == 404  # its scripts would come from a CDN
