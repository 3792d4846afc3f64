"""One ministack and one moto for each process that runs tests, started by the first test that asks."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("boto3", reason="optional: the packages of requirements/aws.txt, which `make test` installs")

from imdb_assets.aws import client as clients
from imdb_assets.aws.deploy import cloudformation, deployment
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.settings import Settings
from imdb_assets_tests.aws import emulators
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.world import World


@pytest.fixture(autouse=True, scope="session")
def descriptions_of_services() -> Iterator[None]:
    """botocore parses the description of a service once, and not again for each of the many sessions of tests."""
    from botocore import loaders

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(loaders.create_loader))
        yield


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
    with led_to(ministack.environment):
        yield ministack


@pytest.fixture
def place(aws: Emulator, moto: Emulator, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty account; SageMaker, which ministack lacks, is moto's."""
    aws.reset()
    moto.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", moto.url)
    forget()
    monkeypatch.setattr(cloudformation, "POLL_SECONDS", 0.05)
    return deployment.place_of(Settings())


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two model versions."""
    world = World.build(tmp_path_factory.mktemp("world"))
    first = world.store.current()
    return [Path(first.path), Path(world.publish_model(trees=7).path)]


@pytest.fixture(scope="module")
def sdk() -> None:
    """SageMaker's SDK; compiling it warns of its docstrings, and takes seconds that other tests need not wait for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("sagemaker.core.resources", reason="optional: the packages of requirements/aws.txt")


@contextmanager
def led_to(environment: Mapping[str, str]) -> Iterator[None]:
    """This process's SDKs talk to what the variables name, and to nothing else."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
            patch.setenv(name, "")  # so that what is set meanwhile is taken back
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        forget()
        clients.session()  # `place_of` does it before SageMaker's SDK is used
        yield
    forget()


def forget() -> None:
    """The next client is made from the environment as it then is."""
    clients.session.cache_clear()
    clients.client.cache_clear()
    clients.account.cache_clear()


def _require() -> None:
    if reason := emulators.missing():
        pytest.skip(reason)
