"""Sends requests to the endpoint from another process. This module is cheap to import; `app` has the server's side."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from imdb_assets.serving.answers import Answer, Failure, Question
from imdb_assets.serving.errors import EndpointError

if TYPE_CHECKING:
    from imdb_assets.serving.search import Film

INDEX_SECONDS = 300.0
"""Largest number of seconds to wait for a search. If there is no model yet, the first search waits until the search
index has been made. Making the index of the small demo takes only a few seconds."""
TIMEOUT_SECONDS = 10.0
"""Largest number of seconds to wait for an answer. Most answers take milliseconds. The first answer after a table was
published takes longer, because the server reads the tables again."""


PREDICTIONS = {"/predict", "/invocations"}
"""Paths whose requests ask for predictions."""


@dataclass(frozen=True)
class Counts:
    """Statistics of predictions since the endpoint started."""

    requests: int
    errors: int
    """Number of answers with a status of 500 or above."""
    p95_ms: float
    """Upper end, in milliseconds, of the histogram's bucket that contains the 95th percentile of durations."""


def counts(url: str) -> Counts:
    """How many predictions were requested, how many failed in the server, and how long requests took.

    Raises:
        EndpointError: Nothing answers, or the answer has no metrics.
    """
    import httpx
    from prometheus_client.parser import text_string_to_metric_families

    try:
        with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False) as http:
            text = http.get("/metrics").raise_for_status().text
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    except (httpx.HTTPError, ValueError) as error:
        raise EndpointError(f"{url}/metrics does not answer as expected: {error or type(error).__name__}") from error
    of_predictions = [sample for sample in samples if sample.labels.get("path") in PREDICTIONS]
    asked = [sample for sample in of_predictions if sample.name == "imdb_requests_total"]
    within: dict[float, float] = {}
    for sample in of_predictions:
        if sample.name == "imdb_request_seconds_bucket":
            bound = float(sample.labels["le"])
            within[bound] = within.get(bound, 0.0) + sample.value
    total = max(within.values(), default=0.0)
    p95 = next((bound for bound, count in sorted(within.items()) if count >= 0.95 * total), 0.0)
    longest = max((bound for bound in within if bound != float("inf")), default=0.0)
    return Counts(
        requests=int(sum(sample.value for sample in asked)),
        errors=int(sum(sample.value for sample in asked if sample.labels["status"].startswith("5"))),
        p95_ms=min(p95, longest) * 1000,
    )


def films(url: str, typed: str) -> "list[Film]":
    """Films whose title has words that start with the typed words.

    Raises:
        EndpointError: Nothing answers, or there is nothing to search yet.
    """
    import httpx

    from imdb_assets.serving.search import Film

    try:
        with httpx.Client(base_url=url, timeout=INDEX_SECONDS, trust_env=False) as http:
            response = http.get("/films", params={"q": typed}).raise_for_status()
    except httpx.HTTPError as error:
        raise EndpointError(f"the search at {url}/films does not answer: {error or type(error).__name__}") from error
    return TypeAdapter(list[Film]).validate_json(response.content)


def ask(url: str, tconsts: Iterable[str]) -> list[tuple[Answer, float]]:
    """Asks about the films one after the other, over one connection; returns each answer and its duration in ms.

    Raises:
        EndpointError: Nothing answers, or the endpoint refuses a film; the message has the endpoint's reason.
    """
    import httpx

    # `trust_env=False` ignores proxies in environment variables: no proxy can reach this machine's loopback address.
    with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False) as http:
        answers: list[tuple[Answer, float]] = []
        for tconst in tconsts:
            started = time.perf_counter()
            try:
                response = http.post("/predict", json=Question(tconst=tconst).model_dump())
            except httpx.HTTPError as error:
                raise EndpointError(
                    f"the endpoint at {url} does not answer: {error or type(error).__name__}. "
                    "Materialize serving/rating_endpoint, which starts the endpoint."
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
        reason = "the answer does not have the expected form; see serving.log in the data folder"
    raise EndpointError(f"{url}/predict answered {status}: {reason}")
