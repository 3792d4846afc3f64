"""What changes a table's code version, and what does not: on source texts that are changed as they are read."""

import ast
import runpy
import warnings
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from imdb_assets.defs import code_version
from imdb_assets.naming import lake_name
from imdb_assets.settings import PROJECT_ROOT

MODULES = ("bronze.dumps", "silver.tables", "gold.tables", "gold.expectation", "models.tables")
"""Whose tables' versions are compared."""

Change = Callable[..., set[str]]


def _versions() -> dict[str, str | None]:
    """Table → code version, by the sources as they are now."""
    for cached in (code_version._read, code_version._defined_as):
        cached.cache_clear()
    found: dict[str, str | None] = {}
    for name in MODULES:
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # the module is imported already
            made = runpy.run_module(f"imdb_assets.defs.{name}", run_name=f"imdb_assets.defs.{name}")
        values = [one for value in made.values() for one in (value if isinstance(value, list) else [value])]
        for asset in values:
            if isinstance(asset, dg.AssetsDefinition):
                found |= {lake_name(key.path): version for key, version in asset.code_versions_by_key.items()}
    return found


@pytest.fixture(scope="module")
def before() -> dict[str, str | None]:
    versions = _versions()
    assert len(versions) == 7 + 6 + 7 + 4
    return versions


@pytest.fixture
def change(before: dict[str, str | None], monkeypatch: pytest.MonkeyPatch) -> Change:
    """Tables whose versions change with a text of a file."""
    read = code_version.source

    def changed(*edits: tuple[str, str, str]) -> set[str]:
        def source(path: Path) -> bytes:
            text = read(path).decode()
            for file, old, new in edits:
                if path == PROJECT_ROOT / "imdb_assets" / file:
                    assert old in text, f"{file} no longer says {old!r}"
                    text = text.replace(old, new)
            return text.encode()

        monkeypatch.setattr(code_version, "source", source)
        return {table for table, version in _versions().items() if version != before[table]}

    return changed


def test_words_clients_and_charts_are_no_code_of_a_table(change: Change) -> None:
    unchanged = change(
        ("aws/client.py", "def explained(error: Exception)", "def explained(error: BaseException)"),
        ("lake/publish.py", "another run published this table meanwhile", "someone else was faster"),
        ("engines/base.py", "A transform could not be run", "No transform could be run"),
        ("engines/polars.py", "JOIN_SAMPLE_ROWS = 1_000_000", "JOIN_SAMPLE_ROWS = 2_000_000"),
        ("dumps/reader.py", "class DumpError(Exception):\n", "class DumpError(Exception):\n    # a comment\n"),
        ("dashboards/charts.py", "STEP, HEIGHT = 22, 240", "STEP, HEIGHT = 22, 250"),
        ("contracts/silver.py", 'description="', 'description="In other words: '),
    )
    assert unchanged == set()


@pytest.mark.parametrize(
    ("edit", "tables"),
    [
        (
            ("transforms/title_words.py", "PRIOR_FILMS = 20", "PRIOR_FILMS = 21"),
            {"gold.movie_features", "models.leak_check"},
        ),
        (
            ("transforms/reputation.py", "def _per_year(movies", "def _per_year(movies_, movies"),
            {"gold.director_reputation", "gold.person_reputation", "models.leak_check"},
        ),
        (("contracts/ratings.py", "max=10,", "max=11,"), {"silver.movies", "silver.series", "silver.episodes"}),
    ],
)
def test_helpers_and_bounds_are_code_of_the_tables_that_they_concern(
    change: Change, edit: tuple[str, str, str], tables: set[str]
) -> None:
    assert change(edit) == tables


def test_how_rows_are_cast_is_code_of_the_tables_that_are_cast(change: Change, before: dict[str, str | None]) -> None:
    bronze = {name for name in before if name.startswith("bronze.")}
    assert change(("dumps/reader.py", "KEEP_REJECTS = ", "KEEP_REJECTS = 1 + ")) == bronze
    cast = change(("engines/base.py", "nw.col(name).cast(dtype)", "nw.col(name).cast(dtype).fill_null(0)"))
    assert cast == set(before) - bronze


@pytest.mark.parametrize("package", ["contracts", "transforms", "ml", "dumps"])
def test_whatever_these_modules_do_is_in_a_definition(package: str) -> None:
    """Else it would change rows and no version."""
    allowed = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
    for path in (PROJECT_ROOT / "imdb_assets" / package).glob("*.py"):
        for node in ast.parse(path.read_bytes()).body:
            is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            only_checked = isinstance(node, ast.If) and ast.unparse(node.test) in {
                "TYPE_CHECKING",
                "__name__ == '__main__'",
            }
            assert isinstance(node, allowed) or is_text or only_checked, f"{path.name}:{node.lineno}"
