"""docs/redshift.sql: what the contracts say, in Redshift's SQL."""

import re

import sqlglot
from sqlglot import exp

from imdb_assets.aws import redshift
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.settings import PROJECT_ROOT

EXTERNAL = re.compile(
    r"CREATE EXTERNAL SCHEMA IF NOT EXISTS \w+\nFROM DATA CATALOG DATABASE '<databases>_\w+' IAM_ROLE '[^']+';"
)


def test_the_script_is_up_to_date() -> None:
    assert (PROJECT_ROOT / "docs" / "redshift.sql").read_text(encoding="utf-8") == redshift.render(), "run: make docs"


def test_every_statement_is_one_of_redshifts() -> None:
    script, external = EXTERNAL.subn("", redshift.render())  # sqlglot does not know external schemas
    assert external == 4
    statements = sqlglot.parse(script, read="redshift", error_level=sqlglot.ErrorLevel.RAISE)
    assert {type(statement) for statement in statements if statement} == {exp.Create, exp.Copy, exp.Insert}
    tables = {
        str(statement.this.this.sql(dialect="redshift"))
        for statement in statements
        if isinstance(statement, exp.Create) and statement.kind == "TABLE"
    }
    assert tables == {name for name in CONTRACTS if name.startswith(("silver.", "gold.", "models."))}


def test_what_distributes_rows_is_as_narrow_as_ids_are() -> None:
    script = redshift.render()
    keys = re.findall(r'^    "(?:tconst|nconst)" (\S+?),?(?: NOT NULL,?)?$', script, re.MULTILINE)
    assert len(keys) > 10
    assert set(keys) == {"VARCHAR(16)"}
    assert "first 16,384 characters" in script


def test_films_live_with_their_credits_and_are_sorted_by_decade() -> None:
    script = redshift.render()
    movies = script[script.index("CREATE TABLE silver.movies") :]
    assert movies[: movies.index(";")].splitlines()[-2:] == [
        'DISTSTYLE KEY DISTKEY ("tconst")',
        'SORTKEY ("decade", "tconst")',
    ]
    assert '"genres" SUPER' in movies
    assert "FROM 's3://<name>-processed/tables/silver/movies/data/<publish>/'" in movies
    assert "INSERT INTO silver.rating_history SELECT * FROM lake_silver.rating_history;" in script
    assert "COPY silver.rating_history" not in script
    assert "FROM 's3://<name>-features/tables/gold/movie_features/data/<publish>/'" in script
