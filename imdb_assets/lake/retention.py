"""Which of a dump's past versions are worth keeping, by the times at which they landed. A rule and nothing else."""

from collections.abc import Iterable
from datetime import datetime


def worth_keeping(landed: Iterable[datetime], *, last: int, months: int | None) -> set[datetime]:
    """The newest ones, and the first one of each of the newest months.

    Args:
        landed: When each version landed.
        last: How many of the newest to keep.
        months: Of how many months with a landing, newest first, the first one is kept besides; None for all.
    """
    newest_first = sorted(set(landed), reverse=True)
    first_of_month = {(time.year, time.month): time for time in newest_first}  # the oldest of a month comes last
    return {*newest_first[:last], *list(first_of_month.values())[:months]}
