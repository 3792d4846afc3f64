"""Two weeks, or three nights of them, that nobody attends to: what is said when, and that all is well in the end."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from imdb_assets.lake.lake import Lake
from imdb_assets.monitoring.evaluate import firing
from imdb_assets_tests.faults.fortnight import NIGHTS, Fortnight, Night, fortnight
from imdb_assets_tests.support import TABLES_TO_GOLD, folder_settings, materialize

SAID = {
    7: ["[warning] dump-not-landed: landing/title_ratings"],
    8: ["[resolved] dump-not-landed: landing/title_ratings"],
    9: ["[warning] dump-not-landed: landing/name_basics and 6 more"],
    10: ["[resolved] dump-not-landed: landing/name_basics and 6 more"],
    12: ["[warning] dump-not-landed: landing/title_akas"],
    13: [
        "[warning] check-failed: bronze/title_akas keys_are_unique",
        "[warning] rows-jumped: bronze/title_akas",
        "[resolved] dump-not-landed: landing/title_akas",
    ],
    14: [
        "[resolved] check-failed: bronze/title_akas keys_are_unique",
        "[resolved] rows-jumped: bronze/title_akas",
    ],
}
"""Night → every message of it; none of the others."""

RUNS = {7: ["failed"], 9: ["failed"], 11: ["killed", "succeeded"], 12: ["failed"]}
"""Night → how its runs ended; of all others that it succeeded."""

UNCHANGED = {4, 5, 7, 9}
"""Nights after which readers have what they had: nothing new came, or not the ratings, which alone change here."""


def _live(it: Fortnight, nights: list[int]) -> list[Night]:
    return [it.night(day, *NIGHTS[night - 1]) for day, night in enumerate(nights, start=1)]


def _as_from_nothing(it: Fortnight, folder: Path) -> None:
    """Fails unless the tables are those that the last dumps alone give."""
    for name, content in it.server.files.items():
        (folder / "dumps").mkdir(exist_ok=True)
        (folder / "dumps" / name).write_bytes(content)
    fresh = folder_settings(folder / "dumps", folder / "fresh")
    assert materialize(fresh, *TABLES_TO_GOLD).failures == {}
    for table in Lake(fresh.lake_folder).tables():
        if not table.name.startswith("quarantine."):
            assert_frame_equal(it.lake.table(table.name).scan(), table.scan(), check_row_order=False)


def _firing(it: Fortnight) -> pl.DataFrame:
    return firing(it.lake.table("ops.alerts").scan().collect())


def test_three_nights(tmp_path: Path) -> None:
    with fortnight(tmp_path) as it:
        first, bad, good = _live(it, [1, 7, 8])
        assert (first.runs, first.said) == (["succeeded"], [])
        assert (bad.runs, bad.said) == (["failed"], SAID[7])
        assert (good.runs, good.said) == (["succeeded"], SAID[8])
        assert _firing(it).is_empty()
        _as_from_nothing(it, tmp_path)


@pytest.mark.slow
def test_a_fortnight(tmp_path: Path) -> None:
    with fortnight(tmp_path) as it:
        nights = _live(it, list(range(1, 15)))
        assert {night.day: night.said for night in nights if night.said} == SAID
        assert [night.runs for night in nights] == [RUNS.get(night.day, ["succeeded"]) for night in nights]
        assert {night.day for night in nights if not night.published} == UNCHANGED
        assert _firing(it).is_empty()
        runs = it.lake.table("ops.runs").scan().collect()
        assert runs.height == sum(len(night.runs) for night in nights)
        assert set(runs["started_by"]) == {"schedule", "retry"}
        _as_from_nothing(it, tmp_path)
