"""`POST /invocations`: bytes of a content type to an answer in the same. No HTTP: the app and `inference` call it."""

from imdb_assets.ml.iterations import Regime
from imdb_assets.serving import formats
from imdb_assets.serving.predictor import Predictor


def answer(predictor: Predictor, kind: str, body: bytes, regime: Regime | None) -> tuple[bytes, str]:
    """The answer to rows or descriptions, and its custom attributes."""
    if kind == formats.CSV:
        batch = predictor.predict_values(formats.csv_rows(body), regime)
        return formats.rendered(batch, kind), formats.attributes(batch)
    rows = formats.json_rows(body) if kind == formats.JSON else formats.json_lines_rows(body)
    if formats.are_descriptions(rows):
        answers = predictor.predict_described(formats.descriptions(rows), regime)
        return formats.rendered_answers(answers, kind), formats.attributes(answers[0])
    batch = predictor.predict_rows(rows, regime)
    return formats.rendered(batch, kind), formats.attributes(batch)
