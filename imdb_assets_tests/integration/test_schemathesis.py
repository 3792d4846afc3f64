"""Whatever `/openapi.json` allows, and what it does not, is asked: no answer may break what it says."""

import pytest
import schemathesis
from schemathesis import Case
from schemathesis.schemas import BaseSchema

from imdb_assets.serving.app import create_app
from imdb_assets_tests.unit.test_serving_support import World


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> BaseSchema:
    app = create_app(World.build(tmp_path_factory.mktemp("world")).predictor())
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    schema.config.generation.update(max_examples=50)
    return schema


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
def test_no_request_breaks_what_the_documentation_says(case: Case) -> None:
    case.call_and_validate()
