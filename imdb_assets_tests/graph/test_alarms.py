"""Every alarm is made to fire by its cause (`alarm_scenarios.py`), is told once, and ends when that is over."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from imdb_assets.defs.ops.run_log import EndedRun
from imdb_assets.monitoring.alarms import ALARMS, DEPLOYED, RUNBOOK
from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.graph.alarm_scenarios import SAID_TOO, SCENARIOS, Platform
from imdb_assets_tests.support import (
    definitions,
    write_tiny_dumps,
)

pytestmark = pytest.mark.usefixtures("roomy_disk")


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    write_tiny_dumps(tmp_path / "dumps")
    with dg.DagsterInstance.ephemeral() as instance:
        yield Platform(tmp_path, instance, monkeypatch)


def alarms_in_words() -> list[str]:
    """The table of alarms, when they fire and how tests make them fire, as Markdown."""
    rows = [
        f"| [{alarm.name}](#{alarm.name}) | {alarm.severity} | {alarm.condition} | {SCENARIOS[alarm.name].words} |"
        for alarm in ALARMS
    ]
    return ["| alarm | severity | fires when | in its test, by |", "|---|---|---|---|", *rows]


def table_of(page: str) -> list[str]:
    """The first table of a page."""
    return list(itertools.takewhile(lambda line: line.startswith("|"), page[page.index("| alarm |") :].splitlines()))


def test_alarms_runbook_and_tests_are_the_same_list() -> None:
    names = [alarm.name for alarm in ALARMS]
    deployed = [alarm.name for alarm in DEPLOYED]
    page = (PROJECT_ROOT / RUNBOOK).read_text(encoding="utf-8")
    assert re.findall(r"^### (\S+)$", page, re.MULTILINE) == names + deployed
    assert list(SCENARIOS) == names
    assert table_of(page) == alarms_in_words(), f"write it again: python -m {__name__}"


def test_a_failed_step_of_any_layer_has_an_alarm() -> None:
    layers = {key.path[0] for key in definitions().resolve_asset_graph().executable_asset_keys} - {"ops"}
    judged = {layer for alarm in ALARMS if alarm.metric == "failed_steps" for layer in alarm.layers}
    assert layers - {"quarantine"} <= judged  # the step of a bronze table makes its quarantine


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_alarm_fires_by_its_cause_and_no_other_does(name: str, platform: Platform) -> None:
    SCENARIOS[name].happen(platform)
    end = platform.options.pop("end", None)
    try:
        fired = platform.look()
    finally:
        if end:
            end()
    assert {name} <= set(fired["alarm"]) <= {name} | SAID_TOO.get(name, set())
    for row in fired.iter_rows(named=True):
        assert row["message"].startswith(f"[{row['severity']}] {row['alarm']}: ")
        assert (row["state"], row["since"]) == ("firing", row["told_at"])


def test_a_look_reads_each_run_once_and_the_reason_comes_with_the_metric(platform: Platform) -> None:
    SCENARIOS["dump-not-landed"].happen(platform)
    read: list[str] = []
    of = EndedRun.of

    def counted(instance: dg.DagsterInstance, record: dg.RunRecord) -> EndedRun:
        read.append(record.dagster_run.run_id)
        return of(instance, record)

    platform.patch.setattr(EndedRun, "of", counted)
    (alarm,) = platform.look().iter_rows(named=True)
    (failed,) = platform.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
    assert read == [failed.run_id]
    measured = platform.lake.table("ops.metrics").scan().filter(pl.col("reason").is_not_null()).collect()
    said = "title.ratings.tsv.gz: not a gzip file: the file begins with b'<html>'. "
    assert dict(measured.select("metric", "asset").iter_rows()) == {
        "run_seconds": "",
        "died_runs": "",
        "failed_steps": "landing/title_ratings",
    }
    assert all(said in reason for reason in measured["reason"])
    assert f"Details: {said}" in alarm["message"]


def main() -> None:
    """Writes the table into the runbook."""
    file = PROJECT_ROOT / RUNBOOK
    page = file.read_text(encoding="utf-8")
    file.write_text(page.replace("\n".join(table_of(page)), "\n".join(alarms_in_words())), encoding="utf-8")


if __name__ == "__main__":
    main()
