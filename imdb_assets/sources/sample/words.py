"""Invented words, titles and people's names for the sample.

All words are made from syllables, and each title has at least one invented word, so real titles and people appear only
by accident. A model can learn nothing about ratings from the invented titles and names. This module makes Polars
Series, from which dumps are written.
"""

# ruff: noqa: PLR2004 - each number selects a form of title, and the same line builds this form

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

ONSETS = [
    "b", "br", "c", "ch", "d", "dr", "f", "g", "gl", "h", "j", "k", "kr", "l", "m", "n", "p", "qu", "r", "s",
    "st", "t", "th", "tr", "v", "vl", "w", "y", "z",
]  # fmt: skip
VOWELS = [*"aeiouaeiouaeio", "ae", "ia", "ou", "ei"]
CODAS = ["", "", "", "l", "m", "n", "nd", "r", "rk", "s", "sk", "t", "th", "x"]
ADJECTIVES = [
    "Amber", "Broken", "Crooked", "Distant", "Eleventh", "Faithless", "Gentle", "Hollow", "Idle", "Jagged",
    "Kindly", "Lesser", "Muted", "Northern", "Obedient", "Patient", "Quiet", "Restless", "Scarlet",
    "Tarnished", "Unfinished", "Velvet", "Wandering", "Young", "Zealous",
]  # fmt: skip
NOUNS = [
    "Archive", "Bridge", "Cartographer", "Daughter", "Estuary", "Ferryman", "Garden", "Harvest", "Inventor",
    "Jury", "Kettle", "Lantern", "Machinist", "Neighbour", "Orchard", "Passenger", "Quarrel", "River",
    "Season", "Telescope", "Umbrella", "Verdict", "Winter", "Yard", "Zeppelin",
]  # fmt: skip
ACCENTS = str.maketrans("aeioucnsz", "áèîöüçñšž")  # puts accents on letters, so that a word looks foreign
EXOTIC_TITLES = (
    '"Velmor in the Deep Tharn',  # an unclosed quote: a reader that interprets quotes takes the next tabs for text
    'The Glask "Affair',
    "Vlorn 🎬🔥",
    "夜の霧谷駅",
    "غبار المدينة الصامتة زلورف",
    "שקט בעמק הזלור",
    "Тихий Жлорн",
    "Krael, Thoum & Sons' 100% \\ Story",
)
VOCABULARY_SIZE = 1_600  # number of invented words; with so many words, titles repeat about as rarely as in IMDb
FIRST_NAMES = 900  # few enough that some people have the same full name, as in IMDb
SURNAMES = 4_000


@dataclass(frozen=True)
class Vocabulary:
    """The invented words that all texts of a sample are made from."""

    words: pl.Series
    foreign: pl.Series  # the words of `words`, with accents
    first_names: pl.Series
    surnames: pl.Series


def invent_vocabulary(rng: np.random.Generator) -> Vocabulary:
    """Invents the words of a sample."""
    words, surnames = invent_words(rng, VOCABULARY_SIZE), invent_words(rng, SURNAMES)
    return Vocabulary(
        words=pl.Series(words),
        foreign=pl.Series([word.translate(ACCENTS) for word in words]),
        first_names=pl.Series(invent_words(rng, FIRST_NAMES)),
        surnames=pl.Series(surnames + [word.translate(ACCENTS) for word in surnames[::20]]),
    )


def invent_words(rng: np.random.Generator, count: int) -> list[str]:
    """Returns `count` distinct capitalised words of two or three syllables, in the order in which they are drawn."""
    words: dict[str, None] = {}
    while len(words) < count:
        syllables = int(rng.choice([2, 2, 2, 3]))
        word = "".join(
            ONSETS[int(rng.integers(len(ONSETS)))] + VOWELS[int(rng.integers(len(VOWELS)))] for _ in range(syllables)
        )
        words[(word + CODAS[int(rng.integers(len(CODAS)))]).capitalize()] = None
    return list(words)


def pick(rng: np.random.Generator, words: Sequence[str | None] | pl.Series, count: int) -> pl.Series:
    """Returns `count` words; each is drawn with equal chance, and words may repeat."""
    return pl.Series(words, dtype=pl.String).gather(rng.integers(0, len(words), count, dtype=np.uint32))


def invent_titles(rng: np.random.Generator, vocabulary: Vocabulary, count: int) -> pl.DataFrame:
    """Invents `count` titles.

    Returns:
        Columns `primary` and `original`; in about every twelfth row, the two titles differ.
    """
    frame = pl.DataFrame(
        {
            "word": pick(rng, vocabulary.words, count),
            "other": pick(rng, vocabulary.words, count),
            "adjective": pick(rng, ADJECTIVES, count),
            "noun": pick(rng, NOUNS, count),
            "form": rng.integers(0, 8, count),
            "foreign": pick(rng, vocabulary.foreign, count),
            "is_foreign": rng.random(count) < 1 / 12,
            "number": rng.integers(2, 100, count),
        }
    )
    word, other, adjective, noun, form = (pl.col(n) for n in ("word", "other", "adjective", "noun", "form"))
    primary = (
        pl.when(form == 0).then(pl.format("The {} {}", adjective, word))
        .when(form == 1).then(pl.format("{} {}", word, other))
        .when(form == 2).then(pl.format("The {} of {}", noun, word))
        .when(form == 3).then(pl.format("{}: The {} {}", word, adjective, noun))
        .when(form == 4).then(pl.format("{}'s {}", word, noun))
        .when(form == 5).then(pl.format("{} and the {} {}", word, adjective, other))
        .when((form == 6) & (pl.col("number") < 20)).then(pl.format("{} {} {}", word, other, "number"))
        .otherwise(pl.format("{} {}", adjective, word))
    )  # fmt: skip
    original = pl.when("is_foreign").then(pl.format("{} {}", "foreign", other)).otherwise(pl.col("primary"))
    return frame.with_columns(primary.alias("primary")).select("primary", original.alias("original"))


def invent_names(rng: np.random.Generator, vocabulary: Vocabulary, count: int) -> pl.Series:
    """Returns `count` people's names; some have a middle initial, some an accent."""
    frame = pl.DataFrame(
        {
            "first": pick(rng, vocabulary.first_names, count),
            "last": pick(rng, vocabulary.surnames, count),
            "initial": pick(rng, ["", "", "", "", "", "", "A. ", "J. ", "M. ", "Q. "], count),
        }
    )
    return frame.select(pl.format("{} {}{}", "first", "initial", "last").alias("name")).to_series()
