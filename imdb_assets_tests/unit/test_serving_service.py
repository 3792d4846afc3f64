"""Which version answers while the store cannot be asked."""

import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.models import ModelStore
from imdb_assets.serving.errors import NotReadyError
from imdb_assets.serving.service import Services
from imdb_assets_tests.world import World


def _unreachable(*_: object) -> NoReturn:
    raise LakeError("the bucket cannot be reached. Log in, and run again.")


def test_the_version_in_memory_answers_while_its_store_cannot_be_reached(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = Services(own_world.store)
    version = services.current().version
    monkeypatch.setattr(ModelStore, "mark", _unreachable)
    monkeypatch.setattr(ModelStore, "mark_is_at_hand", lambda _: False)
    assert services.is_due()
    assert services.current().version == version
    assert services.problem == "the bucket cannot be reached. Log in, and run again."


def test_a_pointer_that_has_not_moved_is_not_read_again(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    services = Services(own_world.store)
    first = services.current().version
    with monkeypatch.context() as patch:
        patch.setattr(ModelStore, "mark_is_at_hand", lambda _: False)  # as on S3, each time that a look is due
        patch.setattr(ModelStore, "current", _unreachable)
        assert services.current().version == first
        assert services.problem is None
    second = own_world.publish_model(6)
    assert services.current().version == second


def test_without_a_version_in_memory_it_is_said_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ModelStore, "mark", _unreachable)
    monkeypatch.setattr(ModelStore, "mark_is_at_hand", lambda _: False)
    with pytest.raises(NotReadyError, match="the bucket cannot be reached"):
        Services(ModelStore(tmp_path)).current()


@pytest.mark.parametrize("running", [True, False], ids=["loaded before", "at the start"])
def test_the_version_before_answers_where_the_current_one_is_damaged(own_world: World, *, running: bool) -> None:
    services = Services(own_world.store)
    first = own_world.store.current()
    if running:
        assert services.current().version == first
    second = own_world.publish_model(6)
    record = Path(second.path) / "model.json"
    sealed = record.read_text()
    record.write_text(sealed.replace('"trees": 6', '"trees": 7'))
    assert services.current().version == first
    assert services.problem == (
        f"model {second.version} cannot be loaded: {record} was changed after it was saved (its content does not match "
        "its seal): re-materialize models/rating_model"
    )
    record.write_text(sealed)
    services = Services(own_world.store)
    assert services.current().version == second
    assert services.problem is None


def test_a_folder_with_another_version_in_it_is_not_served(own_world: World) -> None:
    first = Path(own_world.store.current().path)
    second = Path(own_world.publish_model(6).path)
    shutil.rmtree(second)
    shutil.copytree(first, second)
    services = Services(own_world.store)
    assert services.current().version.version == first.name
    assert f"model.json belongs to model {first.name}; put back the folder of {second.name}" in str(services.problem)
