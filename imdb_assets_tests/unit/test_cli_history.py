"""`imdb history`, `rollback`, `maintain`, `recover`: which snapshots there are, which ones people and Dagster get."""

import getpass
import json
import re
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from imdb_assets.defs import told
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import publish
from imdb_assets.lake.rollback import roll_back
from imdb_assets_tests.commands import Command
from imdb_assets_tests.lakes import stage
from imdb_assets_tests.unit.printed_films import FILMS, Films


def test_history_says_who_made_each_snapshot_from_what(imdb: Command, films: Lake) -> None:
    staged = stage(films, Films, FILMS.head(1), **{"bronze.a": "1", "bronze.b": "2"})
    publish(films, Films, replace(staged, engine="polars"), {"imdb.run-id": "run 3", "imdb.code-version": "abc"})
    ended = imdb("history", "silver.films", "--format", "json")
    first, second, third = json.loads(ended.out)
    assert (first["current"], second["current"], third["current"]) == (False, False, True)
    assert [row["rows"] for row in (first, second, third)] == [2, 2, 1]
    assert third | {"snapshot": 0, "published_at": ""} == {
        "snapshot": 0,
        "current": True,
        "published_at": "",
        "rows": 1,
        "run": "run 3",
        "code": "abc",
        "engine": "polars",
        "inputs": ["bronze.a 1", "bronze.b 2"],
        "rolled_back_to": [],
    }
    assert [row["snapshot"] for row in (first, second, third)] == [
        snapshot.snapshot_id for snapshot in films.history("silver.films")
    ]
    block = imdb("history", "silver.films").out.splitlines()[-6:]
    assert re.fullmatch(
        rf"{third['snapshot']}   [-\d]{{10}} [\d:]{{5}} UTC   1 rows   <- readers get this snapshot", block[0]
    )
    assert block[1:] == [
        "  run    run 3",
        "  code   abc",
        "  engine polars",
        "  from   bronze.a 1",
        "         bronze.b 2",
    ]


def test_history_of_no_table_fails_with_the_remedy(imdb: Command, films: Lake) -> None:
    for name in ("silver.nothing", "nothing"):
        ended = imdb("history", name)
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(f"{name}: not in the lake at ")
    assert "did you mean silver.movies" in imdb("history", "silver.movis").err
    assert "make materialize ASSETS=silver/movies" in imdb("history", "silver.movies").err


def test_rollback_makes_a_past_snapshot_current_and_is_on_record(imdb: Command, films: Lake) -> None:
    first, second = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    ended = imdb("rollback", "silver.films", "--to", str(first))
    assert ended == (0, f"silver.films: snapshot {first} is current again, 2 rows\n", "")
    assert films.table("silver.films").snapshot_id == first
    row = json.loads(imdb("history", "silver.films", "--format", "json").out)[0]
    (record,) = row["rolled_back_to"]
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT[\d:]{{8}}\+00:00 by {getpass.getuser()}, replacing {second}", record)


def _known() -> str | None:
    """The snapshot of silver.films that Dagster knows."""
    with dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["silver", "films"]))
    assert event is not None
    assert event.asset_materialization is not None
    return (event.asset_materialization.tags or {})["dagster/data_version"]


def _tell(imdb: Command, films: Lake, home: Path) -> None:
    """Gives the command a Dagster of its own, which knows the table's current snapshot."""
    home.mkdir()
    imdb.set("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as instance:
        instance.report_runless_asset_event(told.event(films.table("silver.films"), {}))


def test_rollback_and_recover_tell_dagster_which_snapshot_readers_get(
    imdb: Command, films: Lake, tmp_path: Path
) -> None:
    first, second = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    _tell(imdb, films, tmp_path / "home")
    assert _known() == str(second)
    assert imdb("rollback", "silver.films", "--to", str(first)).code == 0
    assert _known() == str(first)
    roll_back(films, "silver.films", second, by="someone who told nobody")
    assert imdb("recover", "--force").code == 0
    assert _known() == str(second)


@pytest.mark.parametrize("repeated", ["rollback", "ui"])
def test_a_rollback_that_was_killed_before_its_report_is_reported_later(
    imdb: Command, films: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repeated: str
) -> None:
    first, second = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    _tell(imdb, films, tmp_path / "home")
    roll_back(films, "silver.films", first, by="a process that is killed here")
    assert _known() == str(second)
    monkeypatch.setattr("imdb_assets.cli.webserver.serve_locally", lambda *_: None)
    monkeypatch.setattr("imdb_assets.cli.run.use_project_instance", lambda: None)
    ended = imdb(repeated, *(("silver.films", "--to", str(first)) if repeated == "rollback" else ()))
    refusal = f"silver.films: snapshot {first} is the current one already; nothing was changed.\n"
    assert (ended.code, ended.err) == ((1, refusal) if repeated == "rollback" else (0, ""))
    assert _known() == str(first)


def test_rollback_names_what_was_made_from_the_other_snapshot(imdb: Command, films: Lake) -> None:
    class Derived(Films):
        """Made from films."""

        table = "gold.derived"

    first, second = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    publish(films, Derived, stage(films, Derived, FILMS, **{"silver.films": str(second)}), {})
    ended = imdb("rollback", "silver.films", "--to", str(first))
    assert ended.out.splitlines()[1:] == [
        "gold.derived was made from another snapshot of silver.films: roll gold.derived back, or materialize it again"
    ]


def test_maintain_lists_what_goes_and_a_dry_run_what_would(imdb: Command, films: Lake) -> None:
    first, _ = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    options = ("--snapshots", "1", "--days", "0", "--hours", "0")
    would = imdb("maintain", "--dry-run", *options, "--format", "json")
    assert [(row["kind"], row["name"]) for row in json.loads(would.out)] == [
        ("snapshot", f"silver.films {first}"),
        ("unreferenced", "silver.films"),
    ]
    assert len(films.history("silver.films")) == 2
    did = imdb("maintain", *options)
    assert did.code == 0
    assert did.out.splitlines()[-1] == "0.0 MB were removed"
    assert len(films.history("silver.films")) == 1


@pytest.mark.parametrize("options", [("--days", "inf"), ("--days", "nan"), ("--hours", "1e9"), ("--snapshots", "0")])
def test_maintain_refuses_what_is_no_length_of_time(imdb: Command, films: Lake, options: tuple[str, str]) -> None:
    assert imdb("maintain", *options).code == 2
    assert len(films.history("silver.films")) == 2


def test_maintain_has_nothing_to_do_after_two_publishes(imdb: Command, films: Lake) -> None:
    assert imdb("maintain") == (0, "0.0 MB were removed\n", "")


def test_a_damaged_catalog_is_one_message_and_recover_mends_it(imdb: Command, films: Lake) -> None:
    (films.root / "catalog.db").write_bytes(b"garbage")
    ended = imdb("tables")
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert "`imdb recover`" in ended.err
    assert imdb("recover") == (0, "silver.films: 2 rows, from the table's newest intact metadata file\n", "")
    refused = imdb("recover")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("nothing is wrong with the catalog ")
    assert imdb("recover", "--force") == (
        0,
        "silver.films: 2 rows, from the metadata file that the old catalog named\n",
        "",
    )
    assert imdb("tables").code == 0
