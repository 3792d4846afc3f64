"""One ministack and one moto for each process that runs tests, started by the first test that asks."""

from collections.abc import Iterator

import pytest

pytest.importorskip("boto3", reason="optional: the packages of requirements/aws.txt, which `make test` installs")

from imdb_assets_tests.aws import emulators
from imdb_assets_tests.aws.emulators import Emulator


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """AWS but for SageMaker; what a module of tests makes in it, it names so that no other meets it."""
    _require()
    with emulators.ministack(tmp_path_factory.mktemp("ministack")) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """SageMaker's API."""
    _require()
    with emulators.moto(tmp_path_factory.mktemp("moto")) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def aws(ministack: Emulator) -> Iterator[Emulator]:
    """An empty ministack, to which this process's SDKs are led for the length of a module."""
    ministack.reset()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        for name, value in ministack.environment.items():
            patch.setenv(name, value)
        yield ministack


def _require() -> None:
    if reason := emulators.missing():
        pytest.skip(reason)
