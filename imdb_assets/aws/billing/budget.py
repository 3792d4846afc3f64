"""The guard of the month's budget: what `ops.costs` has recorded, and whether what is to be started still fits.

One function for all that bills by the second: Glue jobs, training jobs, the endpoint.
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
    """What may be started."""

    usd: float
    """What it is expected to cost."""
    spent_usd: float
    """Known to have been spent this month."""


def require(
    settings: Settings, lake: Lake, planned: Mapping[str, float], what: str, *, unrecorded: float = 0.0
) -> Fits:
    """What the planned use costs, if the month's budget allows it.

    Args:
        settings: With IMDB_BUDGET_USD.
        lake: With `ops.costs`.
        planned: Item of the price table → quantity.
        what: Is to be started, such as `the endpoint`.
        unrecorded: US dollars that the caller knows of and `ops.costs` does not yet: it is written after runs.

    Raises:
        BudgetError: It would pass the budget.
        LakeError: `ops.costs` cannot be read.
    """
    known = prices.prices()
    usd = sum(known[item].of(quantity) for item, quantity in planned.items())
    spent = this_month(lake, datetime.now(UTC)) + unrecorded
    if spent + usd > settings.budget_usd:
        raise BudgetError(
            f"{what} is not started: it would cost ${usd:.2f}, ${spent:.2f} of this month's "
            f"${settings.budget_usd:.2f} are spent. Wait for the next month, ask for less, or raise IMDB_BUDGET_USD."
        )
    return Fits(usd, spent)


def this_month(lake: Lake, now: datetime) -> float:
    """US dollars of the calendar month, UTC.

    Args:
        lake: Holds the table; without it, nothing is known to have been spent.
        now: The time, UTC.
    """
    return of_month(lake.table(Costs.table).scan(), now) if lake.exists(Costs.table) else 0.0
