"""One thing, several names."""

from imdb_assets import naming
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.contracts.registry import CONTRACTS


def test_a_table_is_named_alike_everywhere() -> None:
    assert naming.asset_path("silver.movies") == ["silver", "movies"]
    assert naming.asset_name("silver.movies") == "silver/movies"
    assert naming.parameter("silver.movies") == "movies"
    assert all(naming.lake_name(naming.asset_path(name)) == name for name in CONTRACTS)


def test_a_dump_is_known_by_what_has_landed() -> None:
    assert naming.landed("title.basics") == "landing.title_basics"
    assert naming.file_name("title.basics") == "title.basics.tsv.gz"
    assert [naming.dump_of(naming.landed(dump)) for dump in DUMP_CONTRACTS] == list(DUMP_CONTRACTS)
    assert naming.dump_of("silver.movies") is None
