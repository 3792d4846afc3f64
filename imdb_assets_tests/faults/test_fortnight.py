"""Two weeks, or three nights of them, that nobody attends to: what is said when, and that all is well in the end."""

from pathlib import Path

import httpx
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from imdb_assets.lake.lake import Lake
from imdb_assets.monitoring.evaluate import firing
from imdb_assets.serving import local
from imdb_assets_tests.faults.fortnight import NIGHTS, log, logged
from imdb_assets_tests.faults.unattended import WHOLE, Night, Unattended, unattended
from imdb_assets_tests.support import TABLES_TO_GOLD, folder_settings, materialize

SAID = {
    7: ["[warning] dump-not-landed: landing/title_ratings"],
    8: ["[resolved] dump-not-landed: landing/title_ratings"],
}
"""Night → every message of it; of the others the page has them."""


def _live(it: Unattended, nights: list[int]) -> list[Night]:
    return [it.night(day, *NIGHTS[night - 1]) for day, night in enumerate(nights, start=1)]


def _as_from_nothing(it: Unattended, folder: Path) -> None:
    """Fails unless the tables are those that the last dumps alone give."""
    for name, content in it.server.files.items():
        (folder / "dumps").mkdir(exist_ok=True)
        (folder / "dumps" / name).write_bytes(content)
    fresh = folder_settings(folder / "dumps", folder / "fresh")
    assert materialize(fresh, *TABLES_TO_GOLD).failures == {}
    for table in Lake(fresh.lake_folder).tables():
        if not table.name.startswith("quarantine."):
            assert_frame_equal(it.lake.table(table.name).scan(), table.scan(), check_row_order=False)


def _firing(it: Unattended) -> pl.DataFrame:
    return firing(it.lake.table("ops.alerts").scan().collect())


def test_three_nights(tmp_path: Path) -> None:
    with unattended(tmp_path) as it:
        first, bad, good = _live(it, [1, 7, 8])
        assert (first.runs, first.said) == (["succeeded"], [])
        assert (bad.runs, bad.said) == (["failed"], SAID[7])
        assert (good.runs, good.said) == (["succeeded"], SAID[8])
        assert _firing(it).is_empty()
        _as_from_nothing(it, tmp_path)


@pytest.mark.slow
def test_a_fortnight(tmp_path: Path) -> None:
    with unattended(tmp_path, WHOLE) as it:
        nights = _live(it, list(range(1, 15)))
        assert list(log(nights)) == logged()
        assert {night.day: night.said for night in nights if night.day in SAID} == SAID
        assert [night.day for night in nights if not night.answers] == [5]  # until the run of the sixth
        assert _firing(it).is_empty()
        runs = it.lake.table("ops.runs").scan().collect()
        assert runs.height == sum(len(night.runs) for night in nights)
        assert set(runs["started_by"]) == {"schedule", "retry"}
        _as_from_nothing(it, tmp_path)
        page = httpx.get(f"{local.url_of(it.settings)}/dashboards/model").text
        for table in ("models.predictions", "models.champion_scores", "serving.live_predictions"):
            assert f"{table}, snapshot {it.lake.table(table).snapshot_id} of 2026-03-" in page
