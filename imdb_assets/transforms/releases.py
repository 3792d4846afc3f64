"""`silver.releases`: regions, languages and localized titles of the films of `silver.movies`."""

from typing import Any

import narwhals as nw

from imdb_assets.transforms.rows import first_row, known, list_order


def releases(*, movies: nw.LazyFrame[Any], title_akas: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One row per film and localized title. If several rows share a key, every engine keeps the same row.

    Returns:
        Columns of `silver.releases`.
    """
    # Polars selects rows without copying their text, so the selected rows would keep the text of all akas in memory.
    # Adding "" makes a copy of the selected text.
    title = nw.concat_str([nw.col("title"), nw.lit("")])
    rows = (
        title_akas.select("titleId", "ordering", "title", "region", "language", "types", "isOriginalTitle")
        .join(movies.select("tconst"), left_on="titleId", right_on="tconst", how="semi")
        .select(
            "ordering",
            "region",
            "language",
            "types",
            title=title,
            tconst=nw.col("titleId"),
            is_original_title=known(nw.col("isOriginalTitle") == 1),
        )
    )
    scalars = ("title", "region", "language", "is_original_title")
    order = {name: nw.col(name) for name in scalars} | list_order("types")
    return first_row(rows, ["tconst", "ordering"], order)
