"""What Glue and SageMaker install: everything pinned, hashed and beside the code, so that no start asks a registry."""

import io
import sys
import zipfile
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from imdb_assets.aws import s3
from imdb_assets.aws.deploy import wheels
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.aws.deploy.wheels import GLUE, SAGEMAKER, Wheels
from imdb_assets.lake.errors import LakeError
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.emulators import REGION, Emulator

IN_THE_IMAGES = {"numpy"}
"""What Glue 5.1 and the image of XGBoost have, and our packages take as it is."""
PYTHON = sys.executable
BOTH = pytest.mark.parametrize("needed", [GLUE, SAGEMAKER], ids=["glue", "sagemaker"])


def _pinned(needed: Wheels) -> dict[str, str]:
    return dict(line.split("==") for line in needed.pins.splitlines())


@BOTH
def test_what_is_installed_there_is_what_runs_here(needed: Wheels) -> None:
    here: dict[str, str] = {canonicalize_name(one.name): one.version for one in metadata.distributions()}
    pinned = _pinned(needed)
    assert {name: here[name] for name in pinned if name in here} == {n: v for n, v in pinned.items() if n in here}
    assert pinned.keys() - here.keys() <= {"setuptools", "wheel"}, "they only build our own code there"


@BOTH
def test_nothing_that_the_packages_need_is_left_to_a_registry(needed: Wheels) -> None:
    environment = {"python_version": needed.python, "python_full_version": f"{needed.python}.0", "extra": ""}
    pinned = _pinned(needed)
    for name in pinned.keys() - {"setuptools", "wheel"}:
        for text in metadata.requires(name) or []:
            need = Requirement(text)
            if need.marker is None or need.marker.evaluate(environment):
                there = canonicalize_name(need.name)
                assert there in pinned.keys() | IN_THE_IMAGES, f"{name} needs {need}"
                assert there not in pinned or need.specifier.contains(pinned[there])


def _pip(folder: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """A Python whose pip is a program of the test."""
    python = folder / "python"
    python.write_text(f"#!{PYTHON}\nimport sys, pathlib\n{program}\n", encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))


def test_wheels_are_downloaded_for_the_containers_by_their_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {"--require-hashes", "--no-deps", "--only-binary", "3.11", "manylinux2014_x86_64"}
    program = f"""
assert {wanted!r} <= set(sys.argv), sys.argv
folder = pathlib.Path(sys.argv[sys.argv.index("--dest") + 1])
folder.mkdir()
(folder / "a-1.whl").write_bytes(b"a")
"""
    _pip(tmp_path, monkeypatch, program)
    packed = zipfile.ZipFile(io.BytesIO(GLUE.packed()))
    assert packed.namelist() == ["wheels/requirements.txt", "wheels/a-1.whl"]
    assert packed.read("wheels/requirements.txt").decode() == GLUE.pins
    _pip(tmp_path, monkeypatch, "sys.exit('ERROR: first\\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES')")
    with pytest.raises(DeployError, match=r"requirements/glue\.txt cannot be downloaded: ERROR: THESE PACKAGES DO NOT"):
        GLUE.packed()


def test_they_are_uploaded_once_and_missing_ones_are_said_to_be(
    aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_buckets(aws, "imdb-wheels")
    place = Place("imdb-wheels", "000000000000", REGION)
    with pytest.raises(LakeError, match=r"sagemaker\.gluewheels\.zip: missing.*Run `imdb deploy`"):
        wheels.fetched(place, SAGEMAKER)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("wheels/requirements.txt", "a==1\n")
        archive.writestr("wheels/a-1.whl", b"a")
    monkeypatch.setattr(Wheels, "packed", lambda _: content.getvalue())
    assert wheels.provide(place, SAGEMAKER) == len(content.getvalue())
    assert wheels.fetched(place, SAGEMAKER) == {"wheels/a-1.whl": b"a"}
    monkeypatch.setattr(Wheels, "packed", lambda _: pytest.fail("they are there"))
    assert wheels.provide(place, SAGEMAKER) == 0
    assert replace(SAGEMAKER, python="3.11").key != SAGEMAKER.key
    assert s3.head(f"s3://{place.bucket('artifacts')}/{SAGEMAKER.key}") is not None
