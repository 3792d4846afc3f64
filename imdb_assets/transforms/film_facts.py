"""Features that depend on the film alone: the feature groups `title`, `interactions` and `votes`, and part of `form`.

Each film's row is computed without reading any other row. `contracts.features.MovieFeatures` declares the columns'
names and meanings; the columns' metadata states the genre of each genre flag.
"""

import narwhals as nw

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.transforms.rows import flag

GENRES: dict[str, str] = {
    name: column.metadata["genre"]
    for name, column in MovieFeatures.columns().items()
    if column.metadata and "genre" in column.metadata
}
"""Maps the name of each genre flag to IMDb's name of the genre."""

_DIGIT = "[0-9]"
_NON_ASCII = r"[^\x00-\x7F]"


def title_facts() -> list[nw.Expr]:
    """Columns of the feature group `title`, computed from columns of `silver.movies`."""
    words = nw.col("primary_title").str.strip_chars(" ").str.replace_all(" +", " ").str.split(" ")
    return [
        nw.col("start_year"),
        nw.col("decade"),
        nw.col("runtime_minutes"),
        nw.col("genres").list.len().alias("genre_count"),
        nw.col("primary_title").str.len_chars().alias("title_length"),
        words.list.len().alias("title_word_count"),
        *(flag(_is(genre)).alias(name) for name, genre in GENRES.items()),
    ]


def interactions() -> list[nw.Expr]:
    """Columns of the feature group `interactions`, computed from columns of `silver.movies`."""
    runtime, year = nw.col("runtime_minutes"), nw.col("start_year")
    return [
        (runtime * flag(_is("Drama"))).alias("runtime_x_drama"),
        (runtime * flag(_is("Documentary"))).alias("runtime_x_documentary"),
        (runtime * nw.col("genres").list.len().cast(nw.Int32)).alias("runtime_x_genre_count"),
        (year * flag(_is("Horror"))).alias("year_x_horror"),
        (year * flag(_is("Documentary"))).alias("year_x_documentary"),
        flag(_is("Drama") & _is("Comedy")).alias("drama_x_comedy"),
    ]


def votes() -> list[nw.Expr]:
    """Columns of the feature group `votes`, computed from columns of `silver.movies`."""
    log_votes = nw.col("num_votes").log()
    return [
        nw.col("num_votes"),
        log_votes.alias("log_votes"),
        (log_votes * nw.col("runtime_minutes")).alias("log_votes_x_runtime"),
    ]


def title_form() -> list[nw.Expr]:
    """Columns of the feature group `form` that describe the title, computed from columns of `silver.movies`."""
    primary, original = nw.col("primary_title"), nw.col("original_title")
    return [
        flag(primary != original).alias("original_title_differs"),
        flag(primary.str.contains(_DIGIT)).alias("title_has_digit"),
        flag(original.str.contains(_NON_ASCII)).alias("title_non_ascii"),
    ]


def _is(genre: str) -> nw.Expr:
    return nw.col("genres").list.contains(genre)
