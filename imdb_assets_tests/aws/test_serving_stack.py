"""The endpoint in AWS's own serving stack: sagemaker-containers, on the archive's code and with its packages.

The stack lives in an environment of its own (`make .venv-sagemaker/.ready`). It ran on Python 3.11; the image has 3.12.
"""

import json
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from imdb_assets.aws.deploy.wheels import SAGEMAKER, unpacked
from imdb_assets.aws.sagemaker import model_archive
from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.world import World

PYTHON = PROJECT_ROOT / ".venv-sagemaker" / "bin" / "python"
OLD_PYTHON = """
import collections, collections.abc, inspect

collections.Mapping = collections.abc.Mapping  # what the stack was written for, and Python 3.10 and 3.11 took away
inspect.ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")
"""
ASK = f"""{OLD_PYTHON}
import json, psutil, sys

sys.path.insert(0, sys.argv[1] + "/code")
import inference
from sagemaker_containers import _env, _transformer, _worker

_env.model_dir = sys.argv[1]
transformer = _transformer.Transformer(
    inference.model_fn, inference.input_fn, inference.predict_fn, inference.output_fn
)
app = _worker.Worker(transformer.transform, transformer.initialize, module_name="inference")
app.config["PROPAGATE_EXCEPTIONS"] = False
client = app.test_client()
for kind, body in json.load(sys.stdin):
    answer = client.post("/invocations", data=body, content_type=kind)
    print(json.dumps([answer.status_code, answer.mimetype, json.loads(answer.data)]))
print(json.dumps(psutil.Process().memory_info().rss))
"""
INSTALL = f"""{OLD_PYTHON}
import sys
from sagemaker_containers import _modules

_modules.prepare(sys.argv[1], "inference")
_modules.install(sys.argv[1])
"""
NO_REGISTRY = {"PATH": "/usr/bin:/bin", "PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "0"}
VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"
FILM = {"title": "New", "year": 2027, "genres": ["Drama"], "runtime_minutes": 100}


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON.is_file(), reason="no serving stack: make .venv-sagemaker/.ready")
def test_answers_have_their_content_type_and_the_clients_faults_are_4xx(tmp_path: Path, world: World) -> None:
    told = subprocess.run([PYTHON, "-c", VERSION], capture_output=True, text=True, check=True).stdout.strip()
    wheels = unpacked(replace(SAGEMAKER, python=told).packed())
    model_archive.pack(Path(world.store.current().path), tmp_path / "model.tar.gz", wheels)
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        archive.extractall(tmp_path / "model", filter="data")
    environment = {**NO_REGISTRY, "SAGEMAKER_BASE_DIR": str(tmp_path)}
    command = [PYTHON, "-W", "ignore", "-c", INSTALL, tmp_path / "model" / "code"]
    installed = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert installed.returncode == 0, installed.stderr
    asked = [
        ("application/json", json.dumps({"instances": [FILM]})),
        ("application/json", "{"),
        ("text/csv", "a,b\n"),
        ("image/png", "x"),
    ]
    done = subprocess.run(
        [PYTHON, "-W", "ignore", "-c", ASK, tmp_path / "model"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    *answers, memory = [json.loads(line) for line in done.stdout.splitlines() if line[:1].isdigit() or line[:1] == "["]
    assert [(status, kind) for status, kind, _ in answers] == [
        (200, "application/json"),
        (400, "application/json"),
        (400, "application/json"),
        (415, "application/json"),
    ], done.stderr
    assert answers[0][2]["predictions"][0]["regime"] == "pre-release"
    assert all(said["error"] for _, _, said in answers[1:])
    assert memory < 2 * 2**30, "each of the two vCPU of ml.m5.large has a worker with a model of its own, in 8 GiB"
