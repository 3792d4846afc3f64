"""Rows of title.akas in the dump's order: each title's original name comes before its names in various regions."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.sources.sample.catalogue import Catalogue
from imdb_assets.sources.sample.chance import Purpose, scramble, stream
from imdb_assets.sources.sample.title_rows import with_orphans
from imdb_assets.sources.sample.titles import Titles, draw_titles, is_untitled, write_titles
from imdb_assets.sources.sample.words import pick

TRANSLATED = 0.45  # share of alternative titles that differ from the primary title
LIST_SEPARATOR = "\x02"  # separates the values in a cell of `types` or `attributes`, as in IMDb's dumps
LOCALISED = (  # how IMDb names untitled episodes: (word for "episode", region, language)
    ("Folge", "DE", None), ("Épisode", "FR", None), ("Episodio", "ES", None), ("एपिसोड", "IN", "hi"),
    ("Episodio", "IT", None), ("エピソード", "JP", "ja"), ("Episódio", "PT", None),
)  # fmt: skip
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


def _is_localised(catalogue: Catalogue, titles: Titles) -> NDArray[np.bool_]:
    chance = scramble(titles.house) % np.uint64(1_000)
    return is_untitled(titles) & (chance < catalogue.proportions.localised_episodes * 1_000)


def title_akas(catalogue: Catalogue, start: int, stop: int) -> pl.DataFrame:
    """The rows of title.akas for consecutive titles: each title's original name, and its names in various regions."""
    rng = stream(catalogue.seed, Purpose.AKAS, start)
    titles = draw_titles(catalogue, start, stop)
    texts = write_titles(catalogue, titles)
    proportions = catalogue.proportions
    others = rng.poisson(np.where(titles.film >= 0, proportions.akas_per_film, proportions.akas_per_other))
    is_localised = _is_localised(catalogue, titles)
    others[is_localised] = len(LOCALISED)
    title = np.repeat(np.arange(titles.count, dtype=np.uint32), others + 1)
    count = len(title)
    ordering = np.arange(count) - np.repeat(np.cumsum(others + 1) - others - 1, others + 1) + 1
    localised = np.where(is_localised[title] & (ordering > 1), ordering - 1, 0)  # position in LOCALISED (from 1), or 0
    words, regions, languages = (
        pl.Series([None, *column], dtype=pl.String).gather(localised) for column in zip(*LOCALISED, strict=True)
    )
    rows = pl.DataFrame(
        {
            "titleId": titles.ids.gather(title),
            "ordering": ordering.astype(np.int32),
            "original": texts["original"].gather(title),
            "primary": texts["primary"].gather(title),
            "translated": texts["original"].gather(rng.integers(0, titles.count, count, dtype=np.uint32)),
            "is_translated": rng.random(count) < TRANSLATED,
            "is_original": ordering == 1,
            "is_localised": localised > 0,
            "word": words,
            "season": titles.season[title],
            "episode": titles.episode[title],
            "local_region": regions,
            "local_language": languages,
            "region": pick(rng, REGIONS, count),
            "language": pick(rng, LANGUAGES, count),
            "types": pick(rng, TYPES, count),
            "attributes": pick(rng, ATTRIBUTES, count),
        }
    )
    by_region = pl.when("is_translated").then("translated").otherwise("primary")
    numbered = pl.format("{} #{}.{}", "word", "season", "episode")
    is_other = ~pl.col("is_original") & ~pl.col("is_localised")
    rows = rows.select(
        "titleId",
        "ordering",
        pl.when("is_original").then("original").when("is_localised").then(numbered).otherwise(by_region).alias("title"),
        pl.when(is_other).then("region").otherwise("local_region").alias("region"),
        pl.when(is_other).then("language").otherwise("local_language").alias("language"),
        pl.when("is_original").then(pl.lit("original")).when(is_other).then("types").alias("types"),
        pl.when(is_other).then("attributes").alias("attributes"),
        pl.col("is_original").cast(pl.Int8).alias("isOriginalTitle"),
    )
    return with_orphans(rows, catalogue, start, stop, offset=1)
