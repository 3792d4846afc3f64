"""Cutting a transform's inputs: every row once, what belongs together together, and whole what is not cut."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from imdb_assets.transforms import parts

CREDITS = pl.DataFrame({"tconst": [f"tt{number}" for number in range(40)], "nconst": [f"nm{n % 9}" for n in range(40)]})
MOVIES = pl.DataFrame({"tconst": [f"tt{number}" for number in range(30)]})
FRAMES = {"credits": CREDITS.lazy(), "movies": MOVIES.lazy()}


def _collected(column: str | None) -> list[dict[str, pl.DataFrame]]:
    made = parts.parts(FRAMES, column)
    return [{name: frame.collect() for name, frame in frames.items()} for frames in made]


@pytest.mark.parametrize(
    ("column", "rows", "count"), [("nconst", 40, 1), ("nconst", 13, 4), ("tconst", 10, 4), (None, 1, 1)]
)
def test_as_many_parts_as_the_rows_that_are_cut_need(
    column: str | None, rows: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "ROWS_AT_A_TIME", rows)
    assert len(_collected(column)) == count


def test_what_has_the_column_is_cut_and_the_rest_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "ROWS_AT_A_TIME", 10)
    made = _collected("nconst")
    assert_frame_equal(pl.concat(part["credits"] for part in made), CREDITS, check_row_order=False)
    people = [set(part["credits"]["nconst"]) for part in made]
    assert sum(map(len, people)) == len(set().union(*people)) == 9
    assert all(part["movies"].equals(MOVIES) for part in made)


def test_inputs_that_have_the_column_are_cut_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "ROWS_AT_A_TIME", 10)
    for part in _collected("tconst"):
        credited, films = set(part["credits"]["tconst"]), set(part["movies"]["tconst"])
        assert films == credited & set(MOVIES["tconst"])


def test_without_rows_there_is_one_part() -> None:
    (frames,) = parts.parts({"credits": CREDITS.clear().lazy()}, "nconst")
    assert frames["credits"].collect().is_empty()
