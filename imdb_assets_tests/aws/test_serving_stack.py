"""The endpoint in AWS's own serving stack: sagemaker-containers, in an environment of its own, on the archive's code.

Made by `uv venv .venv-sagemaker` and, in it, `uv pip install "setuptools<70" wheel numpy==2.1.0 pyarrow==22.0.0
"protobuf<3.21" "flask<2" "jinja2<3.1" "markupsafe<2.1" "itsdangerous<2.1" "werkzeug<2" gunicorn gevent
xgboost-cpu==3.2.0`, the requirements in the archive, and `uv pip install --no-build-isolation
sagemaker-containers==2.8.6.post2`. It ran on Python 3.11; the image has 3.12.
"""

import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from imdb_assets.aws.sagemaker import model_archive
from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.world import World

PYTHON = PROJECT_ROOT / ".venv-sagemaker" / "bin" / "python"
ASK = """
import collections, collections.abc, inspect, json, sys

collections.Mapping = collections.abc.Mapping  # what the stack was written for, and Python 3.10 and 3.11 took away
inspect.ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")
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
"""
FILM = {"title": "New", "year": 2027, "genres": ["Drama"], "runtime_minutes": 100}


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON.is_file(), reason="no .venv-sagemaker: this file says how to make it")
def test_answers_have_their_content_type_and_the_clients_faults_are_4xx(tmp_path: Path) -> None:
    model_archive.pack(Path(World.build(tmp_path / "world").store.current().path), tmp_path / "model.tar.gz")
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        archive.extractall(tmp_path / "model", filter="data")
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
        env={"PATH": "/usr/bin:/bin", "SAGEMAKER_BASE_DIR": str(tmp_path)},
    )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert [(status, kind) for status, kind, _ in answers] == [
        (200, "application/json"),
        (400, "application/json"),
        (400, "application/json"),
        (415, "application/json"),
    ], done.stderr
    assert answers[0][2]["predictions"][0]["regime"] == "pre-release"
    assert all(said["error"] for _, _, said in answers[1:])
