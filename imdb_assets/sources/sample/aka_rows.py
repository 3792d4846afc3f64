"""Rows of title.akas, as they stand in the dump: first the original title, then titles by region."""

import numpy as np
import polars as pl

from imdb_assets.sources.sample.catalogue import Catalogue
from imdb_assets.sources.sample.title_rows import with_orphans
from imdb_assets.sources.sample.words import pick

# Titles besides the original one. IMDb has 4.6 a title, most of them of episodes; cut here.
PER_FILM, PER_OTHER = 4.6, 0.6
TRANSLATED = 0.45  # share of alternative titles that differ from the primary title
LIST_SEPARATOR = "\x02"  # IMDb's own, within types and attributes
REGIONS = [
    "US", "US", "US", "GB", "GB", "DE", "DE", "FR", "FR", "IT", "ES", "JP", "BR", "CA", "IN", "RU", "PL",
    "SE", "PT",
    "MX", "AR", "GR", "HU", "FI", "DK", "NO", "TR", "CN", "KR", "AU", "XWW", "XEU", "SUHH",
]  # fmt: skip
LANGUAGES = [*[None] * 12, "en", "en", "fr", "de", "ja", "tr", "bg", "cmn", "hi"]
TYPES = [
    *[None] * 80, *["imdbDisplay"] * 100, *["alternative"] * 8, *["working"] * 5, "dvd", "tv", "video",
    "festival",
    LIST_SEPARATOR.join(["working", "dvd"]),
]  # fmt: skip
ATTRIBUTES = [
    *[None] * 280, *["literal title", "new title", "short title", "complete title", "reissue title"] * 2,
    LIST_SEPARATOR.join(["new title", "reissue title"]),
]  # fmt: skip


def title_akas(seed: int, catalogue: Catalogue, start: int, stop: int) -> pl.DataFrame:
    """One row per title and alternative title of a run of titles."""
    rng = np.random.default_rng([seed, 6, start])
    is_film = catalogue.film[start:stop] >= 0
    others = rng.poisson(np.where(is_film, PER_FILM, PER_OTHER))
    title = np.repeat(np.arange(start, stop), others + 1)
    count = len(title)
    ordering = np.arange(count) - np.repeat(np.cumsum(others + 1) - others - 1, others + 1) + 1
    is_original = ordering == 1
    translated = catalogue.titles["original"].gather(rng.integers(0, catalogue.count, count))
    rows = pl.DataFrame(
        {
            "titleId": catalogue.title_ids.gather(title),
            "ordering": ordering,
            "original": catalogue.titles["original"].gather(title),
            "primary": catalogue.titles["primary"].gather(title),
            "translated": translated,
            "is_translated": rng.random(count) < TRANSLATED,
            "is_original": is_original,
            "region": pick(rng, REGIONS, count),
            "language": pick(rng, LANGUAGES, count),
            "types": pick(rng, TYPES, count),
            "attributes": pick(rng, ATTRIBUTES, count),
        }
    )
    by_region = pl.when("is_translated").then("translated").otherwise("primary")
    abroad = ~pl.col("is_original")
    rows = rows.select(
        "titleId",
        "ordering",
        pl.when("is_original").then("original").otherwise(by_region).alias("title"),
        pl.when(abroad).then("region").alias("region"),
        pl.when(abroad).then("language").alias("language"),
        pl.when(abroad).then("types").otherwise(pl.lit("original")).alias("types"),
        pl.when(abroad).then("attributes").alias("attributes"),
        pl.col("is_original").cast(pl.Int8).alias("isOriginalTitle"),
    )
    return with_orphans(rows, catalogue, start, stop, offset=1)
