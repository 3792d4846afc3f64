"""Whatever `/openapi.json` allows is asked: no answer may break what it says, and none may be a failure of the server.

Without schemathesis' own pytest plugin, which does not know this version of pytest.
"""

from pathlib import Path

import hypothesis
import schemathesis
from hypothesis import HealthCheck, given
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from imdb_assets.serving.app import create_app
from imdb_assets_tests.unit.test_serving_support import World

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
"""All but those that take a body of the right form for one with an answer: a form cannot say which films exist."""


def test_no_request_breaks_what_the_documentation_says(tmp_path: Path) -> None:
    app = create_app(World.build(tmp_path).predictor())
    api = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [result.ok() for result in api.get_all_operations() if isinstance(result, Ok)]
    assert len(operations) == 7
    for operation in operations:

        @hypothesis.settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
        @given(case=operation.as_strategy())
        def ask(case: Case) -> None:
            case.call_and_validate(checks=CHECKS)

        ask()
