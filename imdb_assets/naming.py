"""The names of a table, a dump or a model in different places, and the conversions between these names.

No other module converts names.

| thing | name in the lake | asset | function's parameter | file |
|---|---|---|---|---|
| table | `silver.movies` | `silver/movies` | `movies` | |
| dump `title.basics` | `landing.title_basics` | `landing/title_basics` | `title_basics` | `title.basics.tsv.gz` |
| model | `models.rating_model` | `models/rating_model` | `rating_model` | |

A snapshot records its inputs by the names that they have in the lake.
"""

from collections.abc import Iterable

MODEL = "models.rating_model"
"""The model's name, in the form of a table's name."""
_LANDING = "landing."


def asset_path(name: str) -> list[str]:
    """Splits `silver.movies` into `["silver", "movies"]`: the asset key's parts, and the table's nested folders."""
    return name.split(".")


def asset_name(name: str) -> str:
    """Converts `silver.movies` to `silver/movies`, the asset's name as people and `make materialize` write it."""
    return "/".join(asset_path(name))


def maker(name: str) -> str:
    """Name of the asset that makes a table; `bronze/title_basics` also makes `quarantine.title_basics`."""
    return asset_name(name.replace("quarantine.", "bronze."))


def lake_name(path: Iterable[str]) -> str:
    """Joins the parts of an asset key, such as `["silver", "movies"]`, to `silver.movies`."""
    return ".".join(path)


def schema(name: str) -> str:
    """Takes the schema from a name, such as `silver` from `silver.movies`."""
    return name.partition(".")[0]


def joined(name: str) -> str:
    """Converts `silver.movies` to `silver_movies`, the table's name in formats that have no schemas."""
    return "_".join(asset_path(name))


def parameter(name: str) -> str:
    """Takes `movies` from `silver.movies`; function parameters that receive the table have this shorter name."""
    return name.partition(".")[2]


def landed(dump: str) -> str:
    """Converts the dump `title.basics` to its name in the lake, `landing.title_basics`."""
    return _LANDING + dump.replace(".", "_")


def dump_of(name: str) -> str | None:
    """Converts `landing.title_basics` to the dump `title.basics`; None if the name does not belong to a dump."""
    return name.removeprefix(_LANDING).replace("_", ".") if name.startswith(_LANDING) else None


def file_name(dump: str) -> str:
    """Converts the dump `title.basics` to its file's name, `title.basics.tsv.gz`."""
    return f"{dump}.tsv.gz"
