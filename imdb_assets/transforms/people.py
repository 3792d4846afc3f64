"""`silver.people`: names, years and professions of the people in `silver.credits`."""

from typing import Any

import narwhals as nw

from imdb_assets.transforms.rows import first_row, list_order


def people(*, credits: nw.LazyFrame[Any], name_basics: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:  # noqa: A002 - named like the table
    """One row per credited person. If several rows share an id, every engine keeps the same row.

    Returns:
        Columns of `silver.people`. For a person who is not in the dump, all columns except the id are null.
    """
    credited = credits.select("nconst").unique()
    # Adding an empty text copies the name; without copies, the text of all names would stay in memory (see `releases`).
    rows = name_basics.join(credited, on="nconst", how="semi").select(
        "nconst",
        name=nw.concat_str([nw.col("primaryName"), nw.lit("")]),
        birth_year=nw.col("birthYear"),
        death_year=nw.col("deathYear"),
        professions=nw.col("primaryProfession"),
        known_for=nw.col("knownForTitles"),
    )
    scalars = {name: nw.col(name) for name in ("birth_year", "death_year", "name")}
    order = scalars | list_order("professions") | list_order("known_for")
    return credited.join(first_row(rows, ["nconst"], order), on="nconst", how="left")
