"""The guard of the monthly budget: compares the costs in `ops.costs` plus those of a planned start with the limit.

One function for everything that bills by the second: Glue jobs, training jobs, the endpoint.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from imdb_assets.aws.billing import prices
from imdb_assets.aws.billing.prices import BudgetError
from imdb_assets.contracts.ops import Costs
from imdb_assets.lake.lake import Lake
from imdb_assets.monitoring.costs import of_month
from imdb_assets.settings import Settings


@dataclass(frozen=True)
class Fits:
    """The result for a planned start that fits the budget."""

    usd: float
    """Expected cost, US dollars."""
    spent_usd: float
    """Known spending this month, US dollars."""


def require(
    settings: Settings, lake: Lake, planned: Mapping[str, float], what: str, *, unrecorded: float = 0.0
) -> Fits:
    """The cost of the planned use, if the monthly budget allows it.

    Args:
        settings: Has IMDB_BUDGET_USD.
        lake: Has `ops.costs`.
        planned: Item of the price table → quantity.
        what: Name of the planned start, such as `the endpoint`.
        unrecorded: US dollars spent that `ops.costs` does not have yet, since it is written after runs.

    Raises:
        BudgetError: It would exceed the budget.
        LakeError: `ops.costs` cannot be read.
    """
    known = prices.prices()
    usd = sum(known[item].of(quantity) for item, quantity in planned.items())
    spent = this_month(lake, datetime.now(UTC)) + unrecorded
    if spent + usd > settings.budget_usd:
        raise BudgetError(
            f"{what} was not started: it would cost ${usd:.2f}, and ${spent:.2f} of this month's "
            f"${settings.budget_usd:.2f} have been spent. Wait for the next month, ask for less, or raise "
            "IMDB_BUDGET_USD."
        )
    return Fits(usd, spent)


def this_month(lake: Lake, now: datetime) -> float:
    """US dollars spent in the calendar month, UTC.

    Args:
        lake: Holds the table; without it, known spending is zero.
        now: The time, UTC.
    """
    return of_month(lake.table(Costs.table).scan(), now) if lake.exists(Costs.table) else 0.0
