"""Guards the monthly budget: adds the cost of a planned start to the costs in `ops.costs`, and checks the limit.

One function guards everything that AWS bills by the second: Glue jobs, training jobs and the endpoint.
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
"""US dollars a month for everything but the host if IMDB_BUDGET_USD is not set: three times the expected cost."""
NOT_STOPPED = (
    "Glue jobs, training jobs and endpoints that would exceed the budget are not started. The budget does not stop the "
    "host, storage, requests, queries or anything that is already running; AWS's own alarm on the budget only sends a "
    "message."
)


@dataclass(frozen=True)
class Fits:
    """A planned start that fits the budget."""

    usd: float
    """Expected cost, US dollars."""
    spent_usd: float
    """Known spending this month, including the running host, US dollars."""
    limit_usd: float
    """The month's limit, US dollars."""


def limit(settings: Settings) -> float:
    """The most that a month may cost, US dollars: IMDB_BUDGET_USD if set, else the host's cost plus `SPARE_USD`."""
    if settings.budget_usd is not None:
        return settings.budget_usd
    host = prices.total(prices.host_month(settings.host)) if settings.host != "none" else 0
    return SPARE_USD + math.ceil(host)


def require(
    settings: Settings, lake: Lake, planned: Mapping[str, float], what: str, *, unrecorded: float = 0.0
) -> Fits:
    """Checks that the monthly budget allows the planned use, and returns the cost of that use.

    The whole month's cost of a running host counts from the first day, because `ops.costs` does not record hosts.

    Args:
        settings: The settings, with IMDB_BUDGET_USD.
        lake: The lake, with `ops.costs`.
        planned: Item of the price table → quantity.
        what: Name of the planned start, such as `the endpoint`.
        unrecorded: US dollars spent that are not in `ops.costs` yet, because that table is written only after runs.

    Raises:
        BudgetError: The planned use would exceed the budget.
        LakeError: `ops.costs` cannot be read.
    """
    known = prices.prices()
    usd = sum(known[item].of(quantity) for item, quantity in planned.items())
    host = prices.total(prices.host_month("instance")) if settings.host == "instance" else 0.0
    spent = this_month(lake, datetime.now(UTC)) + unrecorded + host
    if spent + usd > limit(settings):
        reserved = f" (${host:.2f} of it for the host's month)" if host else ""
        raise BudgetError(
            f"{what} was not started: it would cost ${usd:.2f}, and ${spent:.2f}{reserved} of this month's budget of "
            f"${limit(settings):.2f} have been spent. Wait for the next month, request less, or raise IMDB_BUDGET_USD."
        )
    return Fits(usd, spent, limit(settings))


def this_month(lake: Lake, now: datetime) -> float:
    """US dollars spent in the calendar month, UTC.

    Args:
        lake: The lake; known spending is zero if it has no table `ops.costs`.
        now: The time, UTC.
    """
    return of_month(lake.table(Costs.table).scan(), now) if lake.exists(Costs.table) else 0.0
