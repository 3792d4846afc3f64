"""Which past dumps are worth keeping."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imdb_assets.lake.retention import worth_keeping

DAYS = [datetime(2026, 1, 1, 2, tzinfo=UTC) + timedelta(days=day) for day in range(100)]  # to 10 April


def test_the_last_ones_are_kept() -> None:
    assert worth_keeping(DAYS, last=2, months=0) == {DAYS[-1], DAYS[-2]}


def test_the_first_of_each_month_is_kept_besides() -> None:
    firsts = {datetime(2026, month, 1, 2, tzinfo=UTC) for month in (1, 2, 3, 4)}
    assert worth_keeping(DAYS, last=7, months=None) == {*DAYS[-7:], *firsts}


@pytest.mark.parametrize(("months", "kept"), [(1, {4}), (2, {4, 3}), (9, {4, 3, 2, 1})])
def test_the_first_of_the_newest_months(months: int, kept: set[int]) -> None:
    assert worth_keeping(DAYS, last=0, months=months) == {datetime(2026, month, 1, 2, tzinfo=UTC) for month in kept}


def test_a_month_counts_from_its_first_landing_not_from_its_first_day() -> None:
    late = [datetime(2026, 5, day, tzinfo=UTC) for day in (9, 12, 30)]
    assert worth_keeping(late, last=1, months=None) == {late[0], late[2]}


@given(
    landed=st.lists(st.datetimes(timezones=st.just(UTC)), max_size=30),
    last=st.integers(0, 9),
    months=st.integers(0, 5) | st.none(),
)
def test_what_is_kept_landed_and_is_enough(landed: list[datetime], last: int, months: int | None) -> None:
    kept = worth_keeping(landed, last=last, months=months)
    assert kept <= set(landed)
    assert set(sorted(set(landed))[len(set(landed)) - last :] if last <= len(set(landed)) else landed) <= kept
    assert worth_keeping(kept, last=last, months=months) == kept  # a second look removes nothing more
    in_months = {(time.year, time.month) for time in landed}
    assert len(kept) <= last + (len(in_months) if months is None else months)
