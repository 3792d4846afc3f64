"""The model store: promotions, rollbacks and challengers, and what a reader sees of them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.models import ModelStore


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """Versions a to d are saved, a to c were promoted in turn."""
    store = ModelStore(tmp_path)
    for version in "abcd":
        (tmp_path / version).mkdir()
    for version in "abc":
        store.publish(store.version(version))
    return store


def test_a_saved_version_that_was_never_promoted_is_a_challenger(store: ModelStore) -> None:
    statuses = {version: store.status(version) for version in store.names()}
    assert statuses == {"a": "was in service", "b": "was in service", "c": "in service", "d": "challenger"}


def test_rolling_back_twice_goes_back_two_promotions(store: ModelStore) -> None:
    assert store.roll_back("me").version == "b"
    assert store.roll_back("me").version == "a"
    with pytest.raises(LakeError, match=r"no version was in service before a; nothing was changed"):
        store.roll_back("me")
    assert [(move.version, move.kind, move.by) for move in store.moves()] == [
        ("a", "promote", "a run"),
        ("b", "promote", "a run"),
        ("c", "promote", "a run"),
        ("b", "rollback", "me"),
        ("a", "rollback", "me"),
    ]


def test_after_a_rollback_a_promotion_is_rolled_back_to_where_it_came_from(store: ModelStore) -> None:
    store.roll_back("me")
    store.promote("d", "me")
    assert store.before().version == "b"


def test_the_same_version_published_again_is_no_promotion(store: ModelStore) -> None:
    mark = store.mark()
    store.publish(store.version("c"))
    assert (store.mark(), len(store.moves())) == (mark, 3)
    store.promote("d", "me")
    assert store.mark() != mark


def test_versions_that_are_unknown_gone_or_in_service_are_refused(store: ModelStore) -> None:
    with pytest.raises(LakeError, match=r"no model version 'x' below .*; there are: a, b, c, d"):
        store.promote("x", "me")
    with pytest.raises(LakeError, match="model c is in service already; nothing was changed"):
        store.promote("c", "me")
    (store.root / "b").rmdir()
    with pytest.raises(LakeError, match="no model version 'b'"):
        store.roll_back("me")
    assert store.current().version == "c"


def test_two_who_move_at_once_are_both_remembered(tmp_path: Path) -> None:
    """Threads stand for processes here: a file lock of each call tells neither from the other."""
    store = ModelStore(tmp_path)
    versions = [f"v{number}" for number in range(24)]
    for version in versions:
        (tmp_path / version).mkdir()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda version: store.publish(store.version(version)), versions))
    assert sorted(move.version for move in store.moves()) == sorted(versions)
    assert store.moves()[-1].version == store.current().version


@pytest.mark.parametrize("version", ["../elsewhere", "a/b", ".hidden", "..", ""])
def test_a_name_that_leads_elsewhere_is_refused(store: ModelStore, version: str) -> None:
    with pytest.raises(LakeError, match="is not the name of a model version"):
        store.version(version)


def test_a_removal_that_a_crash_ended_is_not_in_the_way_of_the_next(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_path: Path) -> None:
        raise KeyboardInterrupt

    (store.root / "a" / "model.json").touch()
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", crash)
        with pytest.raises(KeyboardInterrupt):
            store.remove("a")
    assert store.names() == ["b", "c", "d"]
    (store.root / "a").mkdir()
    (store.root / "a" / "model.json").touch()
    store.remove("a")
    assert store.names() == ["b", "c", "d"]
