"""Dated prices of AWS, and the expected cost of a job, a day and a month.

prices.toml has the prices and the expected quantities; `ops.costs` has the quantities that runs really used. This
module only does arithmetic.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

FILE = Path(__file__).with_name("prices.toml")
RUNS = 30
"""Number of runs in a month."""

Kind = Literal["instance", "task"]


class BudgetError(Exception):
    """The planned use would exceed the monthly budget; the message says by how much, and what to do."""


@dataclass(frozen=True)
class Price:
    """The price of one item."""

    item: str
    usd: float
    per: float
    """Number of units that the price covers."""
    unit: str
    name: str

    def of(self, quantity: float) -> float:
        """Price of a quantity, US dollars."""
        return self.usd * quantity / self.per


@dataclass(frozen=True)
class Line:
    """One line of an estimate."""

    price: Price
    quantity: float
    because: str

    @property
    def usd(self) -> float:
        """US dollars."""
        return self.price.of(self.quantity)

    def cells(self) -> dict[str, str]:
        """The line of an estimate, as a dict from column heading to text."""
        price = self.price
        return {
            "what": price.name,
            "how much": f"{self.quantity:,.0f} {price.unit}",
            "price": f"{price.usd:g} for {_round(price)}",
            "$": f"{self.usd:.3f}",
            "because": self.because,
        }


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def dated() -> str:
    """Date of the prices, ISO 8601."""
    return _table()["dated"]


def region() -> str:
    """AWS region that the prices are for."""
    return _table()["region"]


def prices() -> dict[str, Price]:
    """Item → price."""
    return {item: Price(item, **price) for item, price in _table()["prices"].items()}


def run() -> list[Line]:
    """Expected use of AWS by one run, if all dumps have changed."""
    return _lines(_table()["run"])


def month() -> list[Line]:
    """Expected use of AWS in a month without a host: storage, an endpoint on demand and daily runs on changed dumps."""
    runs = [Line(line.price, line.quantity * RUNS, f"{RUNS} runs: {line.because}") for line in run()]
    return [*runs, *_lines(_table()["month"])]


def host_month(kind: Kind) -> list[Line]:
    """Expected use of AWS by a host in a month."""
    return _lines(_table()["hosts"][kind])


def total(lines: Sequence[Line]) -> float:
    """US dollars."""
    return sum(line.usd for line in lines)


def estimates() -> dict[str, list[Line]]:
    """Maps each estimate's title to the estimate's lines."""
    return {
        "A run with all dumps changed": run(),
        "A month without a host": month(),
        "A month of a host that is always on": host_month("instance"),
        "A month of a nightly task instead of an always-on host": host_month("task"),
    }


def page() -> str:
    """The estimates as Markdown."""
    parts = [f"Prices in US dollars, as of {dated()}, in the region {region()}.", ""]
    for title, lines in estimates().items():
        rows = [line.cells() for line in lines]
        parts += [f"**{title}: ${total(lines):.2f}**", ""]
        parts += [f"| {' | '.join(rows[0])} |", f"|{'---|' * len(rows[0])}"]
        parts += [*(f"| {' | '.join(row.values())} |" for row in rows), ""]
    return "\n".join(parts)


def job(name: Literal["glue", "training"]) -> dict[str, float]:
    """Maps an item of the price table to the quantity that one job is expected to use.

    `budget.py` estimates a job's cost from these quantities.
    """
    return {one["item"]: one["quantity"] for one in [_table()["jobs"][name]]}


def _lines(found: Sequence[Mapping[str, Any]]) -> list[Line]:
    known = prices()
    return [Line(known[one["item"]], one["quantity"], one["because"]) for one in found]


def _round(price: Price) -> str:
    """The unit that a price is for, in the words of AWS's price pages."""
    names = {3600: "an hour", 1073741824: "a GiB", 1000000000000: "a TB", 1000: "a thousand", 730: "a month", 1: "one"}
    return names[int(price.per)]
