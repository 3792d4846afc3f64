"""Whatever `/openapi.json` allows is asked: no answer may break what it says, and none may be a failure of the server.

Without schemathesis' own pytest plugin, which does not know this version of pytest.
"""

from pathlib import Path
from typing import cast

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, CheckFunction
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from imdb_assets.lake.provenance import Provenance
from imdb_assets.serving import title_index
from imdb_assets.serving.app import create_app
from imdb_assets.serving.titles import Titles
from imdb_assets_tests.titles import tables
from imdb_assets_tests.world import World

ALL_BUT_ONE = cast("list[CheckFunction]", [one for one in CHECKS.get_all() if one is not positive_data_acceptance])
"""The one takes a body of the right form for one with an answer: a form cannot say which films exist."""


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: f"{mode.value} data")
def test_no_request_breaks_what_the_documentation_says(tmp_path: Path, own_world: World, mode: GenerationMode) -> None:
    title_index.publish(tmp_path / "titles", tables(), Provenance())
    app = create_app(own_world.predictor(), titles=Titles(tmp_path / "titles"))
    api = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [result.ok() for result in api.get_all_operations() if isinstance(result, Ok)]
    assert len(operations) == 12
    if mode is GenerationMode.NEGATIVE:
        operations = [operation for operation in operations if operation.query or operation.body]
        assert len(operations) == 6
    for operation in operations:

        @hypothesis.settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case) -> None:
            case.call_and_validate(checks=ALL_BUT_ONE)

        ask()
