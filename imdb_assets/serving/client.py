"""Asking the endpoint from another process. Cheap to import; the server's side is in `app`."""

import time
from collections.abc import Iterable

from pydantic import ValidationError

from imdb_assets.serving.answers import Answer, Failure, Question
from imdb_assets.serving.errors import EndpointError

TIMEOUT_SECONDS = 10.0
"""An answer takes milliseconds; the first after a publish reads the tables anew."""


def ask(url: str, tconsts: Iterable[str]) -> list[tuple[Answer, float]]:
    """The answer for each film, and the milliseconds its request took; one after the other over one connection.

    Args:
        url: The endpoint's address, such as `http://127.0.0.1:8017`.
        tconsts: Title ids.

    Raises:
        EndpointError: Nobody answers, or the endpoint refuses one film; with its reason.
    """
    import httpx

    # trust_env: a proxy of the environment knows nothing of this machine's loopback address
    with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False) as http:
        answers: list[tuple[Answer, float]] = []
        for tconst in tconsts:
            started = time.perf_counter()
            try:
                response = http.post("/predict", json=Question(tconst=tconst).model_dump())
            except httpx.HTTPError as error:
                raise EndpointError(
                    f"the endpoint at {url} does not answer: {error or type(error).__name__}. "
                    "Materialize serving/rating_endpoint, which starts it."
                ) from error
            latency_ms = (time.perf_counter() - started) * 1000
            answers.append((_answer(url, response.status_code, response.content), latency_ms))
        return answers


def _answer(url: str, status: int, content: bytes) -> Answer:
    try:
        if status == 200:  # noqa: PLR2004 - HTTP's OK
            return Answer.model_validate_json(content)
        reason = Failure.model_validate_json(content).error
    except ValidationError:
        reason = "that is not how the rating endpoint answers; see serving.log in the data folder"
    raise EndpointError(f"{url}/predict answered {status}: {reason}")
