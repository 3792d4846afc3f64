"""Two sets of a sample's quantities. `IMDB` has IMDb's own proportions, and `DEMO` has the demo's proportions.

This module has everything that differs between the demo and IMDb. Everything that the demo and IMDb share (quirks,
kinds of titles, causes of ratings) is in the modules that draw it.
"""

from dataclasses import dataclass

DEMO_TITLES = 300_000
IMDB_TITLES = 12_700_000  # number of titles in IMDb in 2026; `imdb sample --scale 1` makes the same number


@dataclass(frozen=True)
class OtherCredits:
    """Mean number of people with each job in a title that is not a film.

    The jobs are in the order in which a title lists its principals.
    """

    cast: float
    director: float
    writer: float
    producer: float = 0.0
    composer: float = 0.0
    cinematographer: float = 0.0
    editor: float = 0.0
    production_designer: float = 0.0
    casting_director: float = 0.0
    archive_footage: float = 0.0


@dataclass(frozen=True)
class Proportions:
    """Shares and means of one kind of sample."""

    fewest_titles: int
    """Smallest number of titles; with fewer titles, some quirks would not occur, because their numbers round to 0."""
    film_share: float
    """Share of films among all titles."""
    film_flaws: tuple[tuple[str, float], ...]
    """For each flaw, the share of released films that have the flaw. A film has at most one flaw, such as a
    missing year; a film with a flaw is not clean."""
    unrated_without: tuple[tuple[str, float], ...]
    """For each column, the share of unrated films that lack a value; in IMDb, unrated films lack many values."""
    rated_others: float
    """Among the titles other than films, the share of rated titles."""
    other_credits: OtherCredits
    people_per_title: float
    titles_per_series_writer: int
    """title.crew lists one writer of a series for every `titles_per_series_writer` episodes."""
    akas_per_film: float
    """Mean number of alternative titles of a film, not counting the original title."""
    akas_per_other: float
    localised_episodes: float
    """Share of untitled episodes whose name, such as "Episode #2.7", is in title.akas in seven languages."""
    life_known: float
    """Share of people whose birth year is known."""
    people_per_missing: int
    """One person in every `people_per_missing` is missing from name.basics."""
    packed_bytes_per_title: int
    """Size of all seven files together, divided by the number of titles. Before anything is written, this size is used
    to check the disk space."""


# The demo's share of films is larger than IMDb's, so that a model can learn from 44,000 clean films. Titles other than
# films have fewer credits and alternative titles than in IMDb, so that the demo stays quick.
DEMO = Proportions(
    fewest_titles=2_000,
    film_share=0.197,
    film_flaws=(
        ("adult", 0.012), ("year", 0.010), ("genres", 0.020), ("runtime", 0.050), ("too_short", 0.010),
        ("too_long", 0.003), ("unrated", 0.120),
    ),
    unrated_without=(),
    rated_others=0.13,
    other_credits=OtherCredits(cast=1.6, director=0.35, writer=0.35),
    people_per_title=1.2,
    titles_per_series_writer=200,
    akas_per_film=4.6,
    akas_per_other=0.5,
    localised_episodes=0.05,
    life_known=0.12,
    people_per_missing=1_000,
    packed_bytes_per_title=135,
)  # fmt: skip

IMDB = Proportions(
    fewest_titles=10_000,
    film_share=0.06,
    film_flaws=(
        ("adult", 0.012), ("year", 0.002), ("genres", 0.005), ("runtime", 0.012), ("too_short", 0.006),
        ("too_long", 0.0003), ("unrated", 0.535),
    ),
    unrated_without=(("year", 0.235), ("runtime", 0.60), ("genres", 0.19)),
    rated_others=0.114,
    other_credits=OtherCredits(
        cast=6.95, director=0.87, writer=1.15, producer=1.15, composer=0.35, cinematographer=0.4, editor=0.5,
        production_designer=0.15, casting_director=0.2, archive_footage=0.05,
    ),
    people_per_title=1.2283,
    titles_per_series_writer=5,
    akas_per_film=5.6,
    akas_per_other=1.22,
    localised_episodes=1.0,
    life_known=0.045,
    people_per_missing=6_000,
    packed_bytes_per_title=152,
)  # fmt: skip
