"""Counting ids and keys without making numbers of them anywhere else."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imdb_assets.defs.bronze.ids import IdSet, count_repeated, neighbours

IDS = st.one_of(
    st.from_regex(r"\Att[0-9]{7,8}\Z"), st.sampled_from(["tt0000001", "tt00000001", "tt9999999", "tt99999999"])
)


@given(known=st.lists(IDS), asked=st.lists(st.none() | IDS))
def test_as_sets_of_text_say(known: list[str], asked: list[str | None]) -> None:
    schema = {"id": pl.String}
    found = IdSet.of(pl.LazyFrame({"id": known}, schema)).count_lost(pl.LazyFrame({"id": asked}, schema))
    ids = [text for text in asked if text is not None]
    lost = [text for text in ids if text not in known]
    assert found == (len(ids), len(lost), len(set(lost)))


def test_lists_and_what_is_no_id() -> None:
    known = IdSet.of(pl.LazyFrame({"nconst": ["nm0000001", "nm12345678"]}))
    lists = pl.LazyFrame(
        {"writers": [["nm0000001", "nm0000002"], None, [], ["nm12345678", None], ["", "nm1", "nmabcdefg"]]}
    )
    assert known.count_lost(lists) == (6, 4, 1)


@given(keys=st.lists(st.tuples(IDS, st.integers(0, 3) | st.just(2**31 - 1)), max_size=30))
@example(keys=[("tt0000001", 1), ("tt0000002", 1), ("tt0000001", 1)])
@example(keys=[("tt0000001", 2), ("tt0000001", 1), ("tt0000001", 2)])
def test_repeated_keys_are_counted_in_any_order(keys: list[tuple[str, int]]) -> None:
    rows = pl.LazyFrame(keys, {"tconst": pl.String, "ordering": pl.Int32}, orient="row")
    ids = [tconst for tconst, _ in keys]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("imdb_assets.defs.bronze.ids.AT_ONCE", 7)
        assert count_repeated(rows, ["tconst", "ordering"], len(keys)) == len(keys) - len(set(keys))
        assert count_repeated(rows, ["tconst"], len(keys)) == len(keys) - len(set(ids))
    repeated, disordered = neighbours(rows, ["tconst", "ordering"])
    pairs = list(pairwise(keys))
    assert repeated == sum(one == before for before, one in pairs)
    assert disordered == sum(one < before for before, one in pairs)
    if not disordered:
        assert repeated == len(keys) - len(set(keys))
