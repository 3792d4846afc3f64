"""Turns the bytes of a `POST /invocations` request into an answer.

This module knows nothing of HTTP: the app and `inference_script` call it.
"""

from typing import NamedTuple

from imdb_assets.ml.iterations import Regime
from imdb_assets.serving import formats
from imdb_assets.serving.predictor import Predictor


class Answered(NamedTuple):
    """An answer, its content type, and its custom attributes."""

    content: bytes
    kind: str
    attributes: str


def answer(predictor: Predictor, kind: str, body: bytes, regime: Regime | None, accept: str | None = None) -> Answered:
    """Predicts ratings for rows or descriptions; uses the request's content type if the client accepts that type."""
    by_kind = [kind, *(other for other in formats.CONTENT_TYPES if other != kind)]
    if kind == formats.CSV:
        wanted = formats.answer_type(accept, by_kind)
        batch = predictor.predict_values(formats.csv_rows(body), regime)
        return Answered(formats.rendered(batch, wanted), wanted, formats.attributes(batch))
    rows = formats.json_rows(body) if kind == formats.JSON else formats.json_lines_rows(body)
    if formats.are_descriptions(rows):
        wanted = formats.answer_type(accept, [other for other in by_kind if other != formats.CSV])
        answers = predictor.predict_described(formats.descriptions(rows), regime)
        return Answered(formats.rendered_answers(answers, wanted), wanted, formats.attributes(answers[0]))
    wanted = formats.answer_type(accept, by_kind)
    batch = predictor.predict_rows(rows, regime)
    return Answered(formats.rendered(batch, wanted), wanted, formats.attributes(batch))
