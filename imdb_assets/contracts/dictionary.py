"""The data dictionary, a Markdown page: every table and column of the lake, as declared in the contracts."""

from collections.abc import Iterator

import dataframely as dy

from imdb_assets.contracts.base import Contract, constraints, description
from imdb_assets.contracts.registry import CONTRACTS, VIEWS


def render() -> str:
    """Renders the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Data dictionary"
    yield ""
    yield "`make docs` writes this page from the contracts in `imdb_assets/contracts/`; a test fails if it is outdated."
    yield "The views of `warehouse` are SQL over the tables: [warehouse.md](warehouse.md)."
    for contract in (CONTRACTS | VIEWS).values():
        yield from _table(contract)


def _table(contract: type[Contract]) -> Iterator[str]:
    yield ""
    yield f"## {contract.table}"
    yield ""
    yield description(contract)
    yield ""
    facts = [f"Key: {', '.join(f'`{name}`' for name in contract.primary_key())}."] if contract.primary_key() else []
    if contract.partition_by:
        facts.append(f"Partitioned by `{contract.partition_by}`.")
    if facts:
        yield " ".join(facts)
        yield ""
    yield "| column | type | null | bounds | made from | description |"
    yield "|---|---|---|---|---|---|"
    for name, column in contract.columns().items():
        yield _column(name, column)


def _column(name: str, column: dy.Column) -> str:
    metadata = column.metadata or {}
    words = column.description or ""
    if "regime" in metadata:
        words = f"{words} *{metadata['group']}, {metadata['regime']}.*"
    cells = [
        f"`{name}`",
        str(column.dtype),
        "yes" if column.nullable else "no",
        "; ".join(constraints(column)),
        ", ".join(f"`{source}`" for source in metadata.get("source", [])),
        words,
    ]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201 - its output is the page
