"""The data dictionary page says what the contracts say."""

from imdb_assets.contracts.dictionary import render
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.settings import PROJECT_ROOT


def test_the_page_is_what_the_contracts_say() -> None:
    page = (PROJECT_ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == render(), "write it anew with: make docs"


def test_every_table_has_a_section_with_all_columns() -> None:
    sections = {part.partition("\n")[0]: part for part in render().split("\n## ")[1:]}
    assert list(sections) == [*CONTRACTS, *VIEWS]
    for table, contract in (CONTRACTS | VIEWS).items():
        assert all(f"| `{column}` |" in sections[table] for column in contract.column_names())
