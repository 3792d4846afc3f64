"""Random streams. Each run of consecutive titles has its own streams, so a run can be drawn without other runs."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Purpose(IntEnum):
    """Purposes of random streams. A purpose's number is part of a stream's seed, so the number must not change."""

    FILMS = 1
    FILM_CREW = 2
    CHARACTERS = 3
    LIVES = 4
    NAMES = 5
    AKAS = 6
    HOUSES = 7
    TITLE_IDS = 8
    NAME_IDS = 9
    TITLES = 10
    TEXTS = 11
    CREDITS = 12
    WORDS = 13
    PRINCIPALS = 14


def stream(seed: int, purpose: Purpose, start: int | None = None) -> np.random.Generator:
    """Opens a random stream for a purpose, such as drawing words, or for the titles from number `start` on."""
    return np.random.default_rng([seed, purpose] if start is None else [seed, purpose, start])


def scramble(*numbers: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Maps each tuple of numbers to 64 random-looking bits, so that random choices need not be stored.

    Each number is mixed by SplitMix64's finaliser (Steele, Lea and Flood, 2014).
    """
    mixed = np.zeros(numbers[0].shape, dtype=np.uint64)
    for number in numbers:
        mixed += number.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return mixed
