"""Counting ids without making numbers of them anywhere else."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from imdb_assets.defs.bronze.ids import IdSet

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
