"""The peers' queries, one file per job and engine, written by hand in each engine's own dialect.

Braces stand for what differs from run to run: where a table is read from. `{genre_flags}` are 22 lines that differ by
the genre's name alone.
"""

from pathlib import Path

from imdb_assets.transforms.film_facts import GENRES


def statement(engine: str, name: str) -> str:
    """The text of `sql/<engine>/<name>.sql`."""
    return (Path(__file__).parent / engine / f"{name}.sql").read_text(encoding="utf-8")


def genre_flags(contains: str) -> str:
    """A column of 0 or 1 per genre; `contains` is what the dialect calls its test for an element of a list."""
    return ",\n".join(f"CAST({contains}(genres, '{genre}') AS INT) AS {name}" for name, genre in GENRES.items())
