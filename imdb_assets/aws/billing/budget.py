"""Guards the monthly budget: a paid service starts only if its cost plus the costs in `ops.costs` is within the limit.

One function, `require`, guards Glue jobs, training jobs and the endpoint, all of which AWS bills by the second.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from imdb_assets.aws.billing import prices
from imdb_assets.aws.billing.prices import BudgetError
from imdb_assets.contracts.ops import Costs
from imdb_assets.lake.lake import Lake
from imdb_assets.monitoring.costs import of_month
from imdb_assets.settings import Settings

SPARE_USD = 10
"""Default limit, in US dollars a month, for everything except the host. The limit is three times the expected cost."""
NOT_STOPPED = (
    "Glue jobs, training jobs and endpoints that would exceed the budget are not started. The budget does not stop the "
    "host, storage, requests, queries or anything that is already running; AWS's own alarm on the budget only sends a "
    "message."
)


@dataclass(frozen=True)
class Fits:
    """A planned use of AWS that the budget allows: the use's expected cost, and the month's spending and limit."""

    usd: float
    """Expected cost of the planned use, US dollars."""
    spent_usd: float
    """Known spending this month, including the running host, US dollars."""
    limit_usd: float
    """The month's limit, US dollars."""


def limit(settings: Settings) -> float:
    """The month's limit, US dollars; it is IMDB_BUDGET_USD or, by default, the host's cost plus `SPARE_USD`."""
    if settings.budget_usd is not None:
        return settings.budget_usd
    host = prices.total(prices.host_month(settings.host)) if settings.host != "none" else 0
    return SPARE_USD + math.ceil(host)


def require(
    settings: Settings, lake: Lake, planned: Mapping[str, float], what: str, *, unrecorded: float = 0.0
) -> Fits:
    """Checks that the monthly budget allows the planned use, and returns the cost of that use.

    If a host is always on, its cost for the whole month counts as spent, because `ops.costs` does not record hosts.

    Args:
        settings: The settings, which determine the budget and the host.
        lake: The lake; its table `ops.costs` has the costs so far.
        planned: Maps each item of the price table to the planned quantity.
        what: Name of the thing to be started, such as `the endpoint`.
        unrecorded: US dollars spent but not yet in `ops.costs`, which is written only after a run.

    Raises:
        BudgetError: The planned use would exceed the budget.
        LakeError: `ops.costs` cannot be read.
    """
    known = prices.prices()
    usd = sum(known[item].of(quantity) for item, quantity in planned.items())
    host = prices.total(prices.host_month("instance")) if settings.host == "instance" else 0.0
    spent = this_month(lake, datetime.now(UTC)) + unrecorded + host
    if spent + usd > limit(settings):
        included = f" The amount spent includes ${host:.2f} for a whole month of the host." if host else ""
        raise BudgetError(
            f"{what} was not started: it would cost ${usd:.2f}, and ${spent:.2f} of this month's budget of "
            f"${limit(settings):.2f} have been spent.{included} Wait for the next month, request less, or raise "
            "IMDB_BUDGET_USD."
        )
    return Fits(usd, spent, limit(settings))


def this_month(lake: Lake, now: datetime) -> float:
    """US dollars spent in the calendar month of `now`, UTC.

    Args:
        lake: The lake; if the lake has no table `ops.costs`, the result is zero.
        now: The time, UTC.
    """
    return of_month(lake.table(Costs.table).scan(), now) if lake.exists(Costs.table) else 0.0
