"""The managed image's four functions answer as the app's `/invocations` does, and carry all they need."""

import json
import shutil
import subprocess
import sys
import tarfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from imdb_assets.aws.sagemaker import inference_script, model_archive
from imdb_assets.serving import formats
from imdb_assets.serving.app import create_app
from imdb_assets.serving.errors import NotReadyError
from imdb_assets.serving.predictor import Predictor
from imdb_assets_tests.world import SHOWCASE, World, ask, records


@pytest.fixture(scope="module")
def shipped_model(world: World, tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """The model as the image gets it: unpacked from the archive, the lake far away."""
    folder = tmp_path_factory.mktemp("opt-ml")
    model_archive.pack(Path(world.store.current().path), folder / "model.tar.gz", {})
    with tarfile.open(folder / "model.tar.gz") as archive:
        archive.extractall(folder / "model", filter="data")
    return inference_script.model_fn(str(folder / "model"))


def _questions(world: World) -> list[tuple[str, str]]:
    asked: list[tuple[str, str]] = []
    for part in world.loaded().record.regimes.values():
        rows = records(SHOWCASE, part.features)
        csv = "".join(",".join("" if value is None else repr(value) for value in row.values()) + "\n" for row in rows)
        asked += [
            (formats.CSV, csv),
            (formats.JSON, json.dumps({"instances": rows})),
            (formats.JSON_LINES, "".join(f"{json.dumps(row)}\n" for row in rows)),
        ]
    film = {"title": "New", "year": 2027, "genres": ["Drama"], "runtime_minutes": 100, "directors": ["Somebody New"]}
    films = [film, {**film, "title": "Rated", "votes": 1000}]
    asked += [
        (formats.JSON, json.dumps({"instances": films})),
        (formats.JSON_LINES, "".join(f"{json.dumps(one)}\n" for one in films)),
    ]
    return asked


def test_both_fronts_give_the_same_bytes(world: World, shipped_model: Predictor) -> None:
    app = create_app(world.predictor())
    asked = _questions(world)
    assert len(asked) == 8
    for kind, body in asked:
        answer = ask(app, "POST", "/invocations", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 200
        for text, content_type in ((body, kind), (body.encode(), f"{kind}; charset=utf-8")):
            asked = inference_script.input_fn(text, content_type)
            said = inference_script.output_fn(inference_script.predict_fn(asked, shipped_model), "text/html")
            assert said == (answer.content, answer.headers["content-type"].partition(";")[0]), (kind, body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/csv", "1,2\n"),
        ("text/csv", "a,b\n"),
        ("application/json", "{"),
        ("application/json", '{"instances": []}'),
        ("application/json", '{"instances": [{"title": "New"}]}'),
        ("application/jsonlines", "1\n"),
        ("image/png", "x"),
    ],
)
def test_both_fronts_refuse_with_the_same_words(world: World, shipped_model: Predictor, kind: str, body: str) -> None:
    answer = ask(create_app(world.predictor()), "POST", "/invocations", content=body, headers={"Content-Type": kind})
    refused = inference_script.predict_fn(inference_script.input_fn(body, kind), shipped_model)
    assert 400 <= refused.status < 500
    assert (refused.status, json.loads(refused.content)) == (answer.status_code, {"error": answer.json()["error"]})


def test_a_damaged_model_fails_the_health_check(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.store.current().path, tmp_path / "model")
    (tmp_path / "model" / "pre-release.ubj").write_bytes(b"torn")
    with pytest.raises(NotReadyError, match=r"pre-release\.ubj is corrupt"):
        inference_script.model_fn(str(tmp_path / "model"))


def test_the_archive_is_the_same_each_time_and_holds_version_and_code(world: World, tmp_path: Path) -> None:
    version = Path(world.store.current().path)
    for name in ("a.tar.gz", "b.tar.gz"):
        model_archive.pack(version, tmp_path / name, {"wheels/a.whl": b"a"})
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        names = set(archive.getnames())
    assert {file.name for file in version.iterdir()} < names
    code = {"inference.py", "requirements.txt", "wheels/a.whl", "imdb_assets/aws/sagemaker/inference_script.py"}
    assert {f"code/{name}" for name in code} < names


PROBE = """
import json, sys

class OnlyWhatIsInstalled:
    def find_spec(self, name, path=None, target=None):
        if path is None and name in refused:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

refused = set(json.loads(sys.argv[2]))
sys.meta_path.insert(0, OnlyWhatIsInstalled())
from imdb_assets.aws.sagemaker import inference_script
model = inference_script.model_fn(sys.argv[1])
body = '{"instances": [{"title": "New", "year": 2027, "genres": ["Drama"], "runtime_minutes": 100}]}'
print(inference_script.predict_fn(inference_script.input_fn(body, "application/json"), model).content.decode())
"""


def test_answering_needs_no_package_that_the_image_is_not_told_to_install(world: World) -> None:
    no_index, find, *pins = model_archive.code({})["requirements.txt"].decode().splitlines()
    assert (no_index, find) == ("--no-index", "--find-links wheels")
    wanted = {pin.partition("=")[0] for pin in pins}
    there = wanted | _needed_by("xgboost-cpu" if sys.platform != "darwin" else "xgboost") | {"imdb-assets"}
    refused = [
        module
        for module, owners in metadata.packages_distributions().items()
        if not set(map(canonicalize_name, owners)) & there and module not in sys.stdlib_module_names
    ]
    assert "fastapi" in refused
    assert "pyiceberg" in refused
    found = subprocess.run(
        [sys.executable, "-c", PROBE, world.store.current().path, json.dumps(refused)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["predictions"][0]["regime"] == "pre-release"


def _needed_by(package: str) -> set[str]:
    """A package with all that pip installs along with it."""
    found, waiting = set[str](), [package]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found.add(name)
            needs = map(Requirement, metadata.requires(name) or [])
            waiting += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found
