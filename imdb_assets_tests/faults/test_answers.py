"""An answer that is lost after the catalog has committed: the publish counts, and nothing of it is cleaned up."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy.exc
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException, CommitStateUnknownException, TableAlreadyExistsError

from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.maintenance import maintain
from imdb_assets.lake.publish import publish
from imdb_assets_tests.lakes import NOTHING, Films, files_in_use, files_on_disk, films, put, rows, stage, stores

Record = Callable[[str, object], None]

ANSWERS = [
    TimeoutError("no answer within 30 s"),
    ConnectionResetError("connection reset by peer"),
    CommitStateUnknownException("the service answered 504"),
    CommitFailedException("the transport sent it twice; the second was refused"),
    TableAlreadyExistsError("the transport sent it twice; the second was refused"),
    sqlalchemy.exc.OperationalError("commit", {}, sqlite3.OperationalError("disk I/O error")),
    RuntimeError("anything else"),
]


def _lose_the_answer(monkeypatch: pytest.MonkeyPatch, answer: Exception, *, before: bool = False) -> None:
    """The next commit is done, or with `before` not, and then all that the caller gets is this exception."""
    commit = SqlCatalog.commit_table

    def lost(*arguments: object, **more: object) -> None:
        monkeypatch.undo()
        if not before:
            commit(*arguments, **more)  # type: ignore[arg-type]
        raise answer

    monkeypatch.setattr(SqlCatalog, "commit_table", lost)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
@pytest.mark.parametrize("earlier", [0, 1], ids=["new table", "existing table"])
def test_a_commit_whose_answer_is_lost_counts(
    lake: Lake, answer: Exception, earlier: int, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    if earlier:
        put(lake, Films, films(1))
    staged = stage(lake, Films, films(2))
    _lose_the_answer(monkeypatch, answer)
    table = publish(lake, Films, staged, {})
    assert table == Lake(lake.root).table("silver.films")
    assert rows(table) == films(2).sort("tconst").to_dicts()
    assert len(lake.history("silver.films")) == 1 + earlier
    for _ in range(2):
        maintain(stores(lake), NOTHING)
    assert files_on_disk(lake) == files_in_use(lake)
    assert rows(lake.table("silver.films")) == films(2).sort("tconst").to_dicts()
    record_property("fault", "answer lost after the commit")


@pytest.mark.parametrize("answer", ANSWERS[:3] + ANSWERS[5:], ids=lambda answer: type(answer).__name__)
def test_a_commit_that_failed_is_an_error_and_can_be_repeated(
    lake: Lake, answer: Exception, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    first = put(lake, Films, films(1))
    staged = stage(lake, Films, films(2))
    _lose_the_answer(monkeypatch, answer, before=True)
    with pytest.raises((type(answer), LakeError)):
        publish(lake, Films, staged, {})
    assert Lake(lake.root).table("silver.films") == first
    assert rows(publish(lake, Films, staged, {})) == films(2).sort("tconst").to_dicts()
    record_property("fault", "commit refused")


def test_an_outcome_that_cannot_be_asked_for_is_called_unknown_and_nothing_is_touched(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    put(lake, Films, films(1))
    staged = stage(lake, Films, films(2))
    commit = SqlCatalog.commit_table

    def lost(*arguments: object, **more: object) -> None:
        monkeypatch.setattr(Lake, "find", _unreachable)
        commit(*arguments, **more)  # type: ignore[arg-type]
        raise TimeoutError("no answer within 30 s")

    monkeypatch.setattr(SqlCatalog, "commit_table", lost)
    with pytest.raises(LakeError) as caught:
        publish(lake, Films, staged, {})
    monkeypatch.undo()
    text = str(caught.value)
    assert (
        "now it cannot be read (the network is down), so it is unknown whether the snapshot is "
        "published. Nothing was cleaned up." in text
    )
    current = lake.table("silver.films")
    assert f"committing snapshot {current.snapshot_id} (no answer within 30 s)" in text
    assert rows(current) == films(2).sort("tconst").to_dicts()
    assert all(Path(file).is_file() for file in current.files)
    record_property("fault", "answer lost, catalog unreachable")


def _unreachable(*_: object) -> None:
    raise ConnectionError("the network is down")
