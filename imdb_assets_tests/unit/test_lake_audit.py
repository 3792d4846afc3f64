"""Audit of staged rows: what is refused, in which words, and that nothing is published then."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from imdb_assets.contracts.base import Contract
from imdb_assets.lake.audit import audit
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.publish import staging_folder
from imdb_assets.lake.table import Staged
from imdb_assets_tests.lakes import People, stage
from imdb_assets_tests.unit.small_tables import FILMS, PEOPLE, Films

KEEPS = "nothing was published"


def _refusal(lake: Lake, contract: type[Contract], staged: Staged) -> str:
    """The audit's words; an audit that fails touches nothing."""
    result = audit(contract, staged)
    assert not result.passed
    assert not lake.exists(contract.table)
    return result.summary(contract.table)


@pytest.mark.parametrize(
    ("change", "summary"),
    [
        ({"tconst": [None, "tt2", "tt3"]}, "1 row breaks 'tconst|nullability' (None)"),
        ({"tconst": ["nm1", "tt2", "tt3"]}, "1 row breaks 'tconst|regex' (nm1)"),
        ({"tconst": ["tt1", "tt2", "tt1"]}, "2 rows break 'primary_key' (tt1)"),
        ({"rating": [10.5, None, 3.0]}, "1 row breaks 'rating|max' (tt1)"),
        ({"decade": [1995, 2000, 1990]}, "1 row breaks 'decade_is_round' (tt1)"),
        ({"decade": [1890, 1880, 1870]}, "3 rows break 'decade|min' (tt1, tt2, tt3, …)"),
        (
            {"rating": [11.0, 12.0, 3.0], "decade": [1990, 2000, 1991]},
            "1 row breaks 'decade_is_round', 2 rows break 'rating|max' (tt1, tt2, tt3, …)",
        ),
    ],
)
def test_a_broken_rule_is_named_with_keys(lake: Lake, change: dict[str, list[Any]], summary: str) -> None:
    frame = FILMS.with_columns(pl.Series(name, values, FILMS.schema[name]) for name, values in change.items())
    assert _refusal(lake, Films, stage(lake, Films, frame)) == f"silver.films: {summary}; {KEEPS}"


@pytest.mark.parametrize(
    ("frame", "summary"),
    [
        (PEOPLE.cast({"born": pl.Int64}), "2 rows break 'born must be Int32, found Int64'"),
        (PEOPLE.drop("born"), "2 rows break 'born must be Int32, found None'"),
        (PEOPLE.with_columns(age=pl.lit(1)), "2 rows break 'column age is not in the contract'"),
        (PEOPLE.clear().cast({"nconst": pl.Int8}), "0 rows break 'nconst must be String, found Int8'"),
    ],
)
def test_another_shape_than_the_contracts_is_refused(lake: Lake, frame: pl.DataFrame, summary: str) -> None:
    assert _refusal(lake, People, stage(lake, People, frame)) == f"gold.people: {summary}; {KEEPS}"


def test_an_audit_that_fails_holds_few_of_the_rows_that_do(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    many = pl.concat([FILMS.with_columns(rating=pl.lit(11.0))] * 1000)
    staged = stage(lake, Films, many)
    collect, heights = pl.LazyFrame.collect, list[int]()

    def counted(frame: pl.LazyFrame, **options: Any) -> pl.DataFrame:
        made = collect(frame, **options)
        heights.append(made.height)
        return made

    monkeypatch.setattr(pl.LazyFrame, "collect", counted)
    result = audit(Films, staged)
    assert result.broken == {"primary_key": 3000, "rating|max": 3000}
    assert len(result.examples) == 3
    assert max(heights) <= 3


def test_keys_that_differ_pass_though_their_hashes_are_one(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pl.Expr, "hash", lambda _: pl.lit(0, pl.UInt64))
    assert audit(Films, stage(lake, Films, FILMS)).passed


def test_a_good_table_says_so(lake: Lake) -> None:
    result = audit(Films, stage(lake, Films, FILMS))
    assert (result.passed, result.rows, result.broken, result.examples) == (True, 3, {}, [])
    assert result.summary("silver.films") == "silver.films: 3 rows satisfy the contract"


@pytest.mark.parametrize(
    ("folder", "decades"),
    [
        ("part_decade=1990", [1990, 2000]),
        ("part_decade=1990", [1990, None]),
        ("part_decade=1990", [2000, 2000]),
        ("part_decade=None", [None, None]),
        ("decade=1990", [1990, 1990]),
        ("", [1990, 1990]),
    ],
    ids=["two values", "a value and null", "another value than its folder's", "null", "wrong folder name", "no folder"],
)
def test_a_file_that_is_not_one_partition_is_refused(lake: Lake, folder: str, decades: list[int | None]) -> None:
    place = Path(staging_folder(lake, Films))
    (place / folder).mkdir(exist_ok=True)
    frame = FILMS.head(2).with_columns(pl.Series("decade", decades, pl.Int32))
    frame.write_parquet(place / folder / "0.parquet")
    staged = Staged(Films.table, str(place), "by hand")
    assert _refusal(lake, Films, staged) == (
        "silver.films: 2 rows break 'each file has the partition value that its path names' "
        f"({place / folder / '0.parquet'}); {KEEPS}"
    )


def test_nothing_staged_is_an_error_that_names_the_engine(lake: Lake) -> None:
    staged = Staged(Films.table, staging_folder(lake, Films), "by hand")
    with pytest.raises(
        LakeError, match=f"^silver.films: the engine by hand staged no Parquet file below {staged.prefix}.$"
    ):
        audit(Films, staged)


def test_staged_files_that_cannot_be_read_are_an_error_with_the_remedy(lake: Lake) -> None:
    staged = stage(lake, People, PEOPLE)
    file = Path(staged.prefix, "0.parquet")
    whole = file.read_bytes()
    file.write_bytes(whole[:-40] + b"\xff" * 32 + whole[-8:])  # a footer that is none
    with pytest.raises(
        LakeError, match=r"^gold\.people: the files that engine by hand staged .* cannot be read "
    ) as caught:
        audit(People, staged)
    assert str(caught.value).endswith("Nothing was published. Materialize gold/people again.")
    assert not lake.exists(People.table)
