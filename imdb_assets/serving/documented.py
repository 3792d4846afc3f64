"""Schemas and examples in `/openapi.json` for request bodies that the app parses itself."""

from typing import Any

from imdb_assets.serving import formats
from imdb_assets.serving.answers import Batch, Question
from imdb_assets.serving.descriptions import Description

INVOCATIONS = (
    "Instances are rows of features or, in JSON, films described as for `POST /predict`. A row has the features of one "
    "regime. A JSON row names its features; the regime is `with votes` if the first row has a feature that uses "
    "votes, else `pre-release`. A CSV row has the features in the order of `GET /features`, without a header line; the "
    f"number of columns decides the regime. In a request, the header `{formats.ATTRIBUTES}: regime=pre-release` (or "
    "`with votes`) chooses a regime; in an answer, the same header names the regime that answered. A null, or an empty "
    "field of a CSV row, means that the value is unknown; in JSON, a missing feature is an error."
)
QUESTION: dict[str, Any] = {
    "schema": {"anyOf": [Question.model_json_schema(), Description.model_json_schema()]},
    "examples": {
        "id": {"summary": "A film by its id", "value": {"tconst": "tt0108052"}},
        "description": {
            "summary": "A film that does not exist",
            "value": Description.model_json_schema()["examples"][0],
        },
    },
}
_ROW = {"start_year": 1993, "runtime_minutes": 195, "genre_drama": 1, "director_mean_rating": None, "…": "…"}
REQUEST: dict[str, Any] = {
    formats.JSON: {
        "schema": {
            "type": "object",
            "required": ["instances"],
            "properties": {"instances": {"type": "array", "items": {"type": "object"}}},
        },
        "examples": {
            "rows": {"summary": "Rows of features", "value": {"instances": [_ROW]}},
            "films": {
                "summary": "Described films",
                "value": {"instances": Description.model_json_schema()["examples"]},
            },
        },
    },
    formats.JSON_LINES: {"schema": {"type": "string"}, "example": '{"start_year": 1993, …}\n{"start_year": 2024, …}\n'},
    formats.CSV: {"schema": {"type": "string"}, "example": "1993,1990,195,…\n2024,2020,,…\n"},
}
RESPONSE: dict[str, Any] = {
    formats.JSON: {
        "schema": {
            "anyOf": [
                Batch.model_json_schema(),
                {
                    "type": "object",
                    "description": "Predictions for the films that the request describes.",
                    "required": ["predictions"],
                    "properties": {"predictions": {"type": "array", "items": {"$ref": "#/components/schemas/Answer"}}},
                },
            ]
        }
    },
    formats.JSON_LINES: {"schema": {"type": "string"}, "example": '{"prediction": 8.1, "regime": "pre-release", …}\n'},
    formats.CSV: {"schema": {"type": "string"}, "example": "8.1\n5.4\n"},
}

ATTRIBUTES: dict[str, Any] = {
    "name": formats.ATTRIBUTES,
    "in": "header",
    "required": False,
    "description": "The regime of the model that should answer; a header of the answer names the regime, too.",
    "schema": {"type": "string"},
    "example": "regime=pre-release",
}
METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}
