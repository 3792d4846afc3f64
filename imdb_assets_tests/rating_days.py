"""Days of ratings, and their history by its plain definition."""

from collections.abc import Mapping
from datetime import date

Ratings = Mapping[str, tuple[float, int]]
"""A day's dump: title → rating and votes."""
Row = tuple[str, date, float | None, int | None, float | None, int | None]
"""A row of the history: title, day, rating and votes, and by how much they changed."""


def plain(dumps: Mapping[date, Ratings]) -> list[Row]:
    """The rows of the history by its definition: each day compared with the day before it."""
    rows: list[Row] = []
    before: Ratings = {}
    for day in sorted(dumps):
        now = dumps[day]
        rows += [
            (title, day, *now[title], *_change(before.get(title), now[title]))
            for title in now
            if now[title] != before.get(title)
        ]
        rows += [(title, day, None, None, None, None) for title in before if title not in now]
        before = now
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _change(before: tuple[float, int] | None, now: tuple[float, int]) -> tuple[float | None, int | None]:
    return (round(now[0] - before[0], 1) + 0.0, now[1] - before[1]) if before else (None, None)
