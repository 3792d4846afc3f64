"""Content types of `POST /invocations`: turns request bodies into rows and answers into bytes. `rows` checks rows."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from imdb_assets.ml.iterations import REGIMES, Regime
from imdb_assets.serving.answers import Answer, Batch, Question
from imdb_assets.serving.descriptions import Description
from imdb_assets.serving.errors import BadRequestError, InvalidError, NotAcceptableError, UnsupportedFormatError
from imdb_assets.serving.rows import NUMBER_OR_NULL, is_number

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Asked = TypeVar("Asked", Question, Description)

ASKED = (
    'send {"tconst": "tt0108052"}, or describe a film: {"title": "…", "year": 2027, "genres": ["Drama"], '
    '"runtime_minutes": 110, "directors": ["…"], "writers": ["…"], "cast": ["…"]}'
)
PROBLEMS = 5
"""Largest number of problems reported for one description."""

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
CONTENT_TYPES = (CSV, JSON, JSON_LINES)

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
"""Header that SageMaker passes on in requests and in answers; the header has `name=value` pairs, separated by `;`."""


def content_type(header: str | None) -> str:
    """The media type of a Content-Type header.

    Raises:
        UnsupportedFormatError: The content type is none of `CONTENT_TYPES`.
    """
    given = (header or "").partition(";")[0].strip().lower()
    if given not in CONTENT_TYPES:
        raise UnsupportedFormatError(
            f"content type {given[:60] or 'missing'}: not supported; "
            f"send Content-Type: {', '.join(CONTENT_TYPES[:-1])} or {CONTENT_TYPES[-1]}."
        )
    return given


def answer_type(accept: str | None, kinds: Sequence[str]) -> str:
    """The first of `kinds` that the client accepts. Callers put the request's own content type first in `kinds`.

    Raises:
        NotAcceptableError: The client accepts none of the possible content types.
    """
    ranges: dict[str, bool] = {}
    for part in (accept or "*/*").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        ranges[name] = not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
    for kind in kinds:
        nearest = (name for name in (kind, f"{kind.partition('/')[0]}/*", "*/*") if name in ranges)
        if ranges.get(next(nearest, "")):
            return kind
    raise NotAcceptableError(
        f"Accept: {(accept or '')[:60]}: the answer can be {' or '.join(kinds)}; name one of these types in Accept."
    )


def asked_regime(header: str | None) -> Regime | None:
    """The regime that SageMaker's custom attributes ask for; other attributes, such as a trace id, are ignored.

    Raises:
        BadRequestError: The attributes ask for an unknown regime.
    """
    for attribute in (header or "").split(";"):
        name, _, value = attribute.partition("=")
        if name.strip().lower() == "regime":
            for regime in REGIMES:
                if value.strip().lower() == regime:
                    return regime
            raise BadRequestError(
                f"{ATTRIBUTES}: regime={value.strip()[:60]} is unknown; allowed: {', '.join(REGIMES)}."
            )
    return None


def csv_rows(body: bytes) -> list[list[float | None]]:
    """Rows of numbers without a header line; an empty field is null.

    Raises:
        BadRequestError: A field is not a number, or rows differ in length.
    """
    try:
        lines = body.decode("ascii").rstrip().splitlines()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise BadRequestError(
            f"line {line}: has a character that is not ASCII; rows are numbers separated by commas."
        ) from error
    rows: list[list[float | None]] = []
    for number, line in enumerate(lines, 1):
        fields = line.split(",")
        if rows and len(fields) != len(rows[0]):
            raise BadRequestError(
                f"line {number}: {len(fields)} columns, but line 1 has {len(rows[0])}; all lines must be equally long."
            )
        rows.append([_number(field, number, column) for column, field in enumerate(fields, 1)])
    return rows


def json_rows(body: bytes) -> list[dict[str, Any]]:
    """The rows in the body `{"instances": [{…}, …]}`.

    Raises:
        BadRequestError: The body is not JSON, or is not an object with the list `instances`.
    """
    document = _json(body)
    form = 'send {"instances": [{"start_year": 1993, …}, …]}'
    if not isinstance(document, dict) or "instances" not in document:
        raise BadRequestError(f"the body is JSON, but not an object with the key `instances`; {form}.")
    others = sorted(set(document) - {"instances"})
    if others:
        raise BadRequestError(f"the body has an unknown key {others[0][:60]!r}; {form}. Name a regime in {ATTRIBUTES}.")
    instances = document["instances"]
    if not isinstance(instances, list):
        raise BadRequestError(f"`instances` is not a list; {form}.")
    for number, row in enumerate(instances, 1):
        if not isinstance(row, dict):
            raise BadRequestError(f"row {number} of `instances` is not an object of features; {form}.")
    return instances


def question(body: bytes) -> Question | Description:
    """A film, given by its id or by a description.

    Raises:
        BadRequestError: The body is not JSON.
        InvalidError: The body is neither an id nor a valid description.
    """
    document = _json(body)
    if not isinstance(document, dict):
        raise InvalidError(f"the body is not a JSON object; {ASKED}.")
    return _valid(Question, document) if "tconst" in document else _valid(Description, document)


def are_descriptions(rows: list[dict[str, Any]]) -> bool:
    """Whether JSON rows are descriptions of films and not rows of features: only descriptions have a title."""
    return bool(rows) and "title" in rows[0]


def is_description(body: bytes) -> bool:
    """Whether a body may describe a film; decided without parsing the whole body."""
    return b'"title"' in body


def descriptions(instances: list[dict[str, Any]]) -> list[Description]:
    """The films in the body `{"instances": [{"title": …, …}, …]}`.

    Raises:
        InvalidError: An element of `instances` does not describe a film; the message names the element.
    """
    return [_valid(Description, film, f"film {number}: ") for number, film in enumerate(instances, 1)]


def _valid(form: type[Asked], document: dict[str, Any], where: str = "") -> Asked:
    try:
        return form.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems = [sentence(problem, problem["loc"]) for problem in found]
        more = f"; and {len(problems) - PROBLEMS} more" if len(problems) > PROBLEMS else ""
        raise InvalidError(f"{where}{'; '.join(problems[:PROBLEMS])}{more}; {ASKED}.") from error


def sentence(problem: "Mapping[str, Any] | ErrorDetails", location: Sequence[int | str]) -> str:
    """A pydantic validation error in words, such as `directors, item 2: must be a string`."""
    first, *rest = location
    place = "".join([str(first)[:60], *(f", item {item + 1}" for item in rest if isinstance(item, int))])
    own = {
        "missing": "missing",
        "extra_forbidden": "unknown key",
        "string_type": "must be a string",
        "string_pattern_mismatch": "must not be blank",  # the only pattern in `Description` forbids blank text
    }
    said = own.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    return f"{place}: {said}"


def json_lines_rows(body: bytes) -> list[dict[str, Any]]:
    """Rows of JSON Lines, one object per line.

    Raises:
        BadRequestError: A line is not a JSON object.
    """
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(body.rstrip().split(b"\n") if body.strip() else [], 1):
        row = _json(line, number)
        if not isinstance(row, dict):
            raise BadRequestError(
                f'line {number}: not a JSON object; send one per line, such as {{"start_year": 1993, …}}.'
            )
        rows.append(row)
    return rows


def rendered_answers(answers: list[Answer], kind: str) -> bytes:
    """Converts answers about described films to the content type `kind`."""
    if kind == JSON:
        return to_json({"predictions": answers})
    return b"".join(to_json(answer) + b"\n" for answer in answers)


def rendered(batch: Batch, kind: str) -> bytes:
    """The answer in the given content type: CSV has one number per line, and JSON Lines have one object per line."""
    if kind == CSV:
        return "".join(f"{value}\n" for value in batch.predictions).encode()
    if kind == JSON:
        return to_json(batch)
    rest = batch.model_dump(exclude={"predictions", "lower", "upper"})
    rows = zip(batch.predictions, batch.lower, batch.upper, strict=True)
    return b"".join(
        to_json({"prediction": value, "lower": lower, "upper": upper, **rest}) + b"\n" for value, lower, upper in rows
    )


def attributes(batch: Batch | Answer) -> str:
    """The value of the header `ATTRIBUTES`. The header names model and regime, for which CSV answers have no fields."""
    return f"regime={batch.regime};iteration={batch.iteration};model_version={batch.model_version}"


def _number(field: str, line: int, column: int) -> float | None:
    text = field.strip()
    if not text:
        return None
    try:
        value = None if "_" in text else float(text)  # Python accepts 1_000 as a number; other languages do not
    except ValueError:
        value = None
    if not is_number(value):
        header = " Send rows without a header line." if line == 1 and value is None else ""
        raise BadRequestError(f"line {line}, column {column}: got {text[:40]!r}; {NUMBER_OR_NULL}.{header}")
    return value


def _json(text: bytes, line: int | None = None) -> Any:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:  # the error's message ends with a place, such as "at line 1 column 17"
        where = f"line {line}: " if line else ""
        with suppress(ValueError):
            from_json(text)
            raise BadRequestError(
                f"{where}NaN and Infinity are not JSON; write null where a value is unknown."
            ) from error
        reason = str(error).replace("line 1 ", "") if line else str(error)
        raise BadRequestError(f"{where}not valid JSON: {reason}.") from error
