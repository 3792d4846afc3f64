"""Writes the sample: seven dumps in IMDb's exact format with invented rows.

Deterministic: the same text for the same size and seed, anywhere. In proportion to IMDb there are more
films (so that a model has enough to learn from), and fewer credits and alternative titles of everything
else (so that a demo stays quick). No row is taken from IMDb. What the rows say is drawn in the neighbouring
modules; here is the order of writing.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from imdb_assets.sources.sample.aka_rows import title_akas
from imdb_assets.sources.sample.catalogue import Catalogue, draw_catalogue
from imdb_assets.sources.sample.credits import draw_credits
from imdb_assets.sources.sample.files import MalformedLine, write_dump
from imdb_assets.sources.sample.people_rows import name_basics, title_principals, write_biographies
from imdb_assets.sources.sample.title_rows import title_basics, title_crew, title_episode, title_ratings

FEWEST_TITLES = 2_000  # below this some proportions round to nothing
ROWS_PER_CHUNK = 100_000  # titles or people at a time; bounds the memory for text


def write_sample(
    out: Path, *, titles: int = 300_000, seed: int = 7, on_file: Callable[[str], None] | None = None
) -> None:
    r"""Writes the seven dumps into a folder.

    Args:
        out: The folder; made if it is not there. Each file replaces its namesake when it is complete.
        titles: How many titles, at least 2,000. At the default there are some 44,000 clean films, 1.3 M
            principals, 0.7 M akas and 0.36 M names: per title fewer principals and akas than IMDb has,
            except for films.
        seed: Another seed makes another catalogue. Unpacked, the files are the same bytes everywhere;
            packed, the same wherever Python is linked with the same zlib.
        on_file: Called with each file's name once it is complete.

    Raises:
        ValueError: Fewer than 2,000 titles.
    """
    if titles < FEWEST_TITLES:
        message = f"titles: expected at least {FEWEST_TITLES:,}, got {titles:,}; smaller samples lack some quirks"
        raise ValueError(message)
    out.mkdir(parents=True, exist_ok=True)
    catalogue = draw_catalogue(seed, titles)
    drawn = draw_credits(seed, catalogue)
    lives = write_biographies(seed, catalogue, drawn)

    def by_title(rows: Callable[[int, int], pl.DataFrame]) -> Iterator[pl.DataFrame]:
        return _in_chunks(rows, titles)

    chunks = {
        "title.basics": by_title(lambda start, stop: title_basics(catalogue, start, stop)),
        "title.ratings": by_title(lambda start, stop: title_ratings(catalogue, start, stop)),
        "title.crew": by_title(lambda start, stop: title_crew(catalogue, drawn, start, stop)),
        "title.episode": by_title(lambda start, stop: title_episode(catalogue, start, stop)),
        "title.principals": by_title(lambda start, stop: title_principals(seed, catalogue, drawn, start, stop)),
        "title.akas": by_title(lambda start, stop: title_akas(seed, catalogue, start, stop)),
        "name.basics": _in_chunks(
            lambda start, stop: name_basics(seed, catalogue, lives, start, stop), len(catalogue.name_order)
        ),
    }
    faults = malformed_lines(catalogue)
    for dump, rows in chunks.items():
        write_dump(out / f"{dump}.tsv.gz", rows, faults.get(dump, []))
        if on_file is not None:
            on_file(f"{dump}.tsv.gz")


def _in_chunks(rows: Callable[[int, int], pl.DataFrame], count: int) -> Iterator[pl.DataFrame]:
    for start, stop in chunk_bounds(count):
        yield rows(start, stop)


def chunk_bounds(count: int) -> list[tuple[int, int]]:
    """Cuts `count` titles or people into runs of about equal length: a short last one might have no credits."""
    chunks = -(-count // ROWS_PER_CHUNK)
    return [(count * chunk // chunks, count * (chunk + 1) // chunks) for chunk in range(chunks)]


def malformed_lines(catalogue: Catalogue) -> dict[str, list[MalformedLine]]:
    """Returns the lines that nobody can read, for three of the dumps; all other lines are well formed."""
    *_, a, b, c, d, _ = catalogue.unused_title_ids  # rows that point nowhere take theirs from both ends
    e, f, g, *_ = catalogue.unused_name_ids
    person = catalogue.name_ids[0]
    lines = {
        "title.basics": [
            (a, f"{a}\tmovie\tCut Off Vlarn"),
            (b, f"{b}\tmovie\tOne Tab\tToo Many\tKrosk\t0\t1999\t\\N\t90\tDrama"),
            (c, f"{c}\tmovie\tYear Thrund\tYear Thrund\t0\t19xx\t\\N\t90\tDrama"),
            (d, f"{d}\tshort\tBytes \xff\xfe\x80 Gliom\tBytes\t0\t2001\t\\N\t12\tShort"),
            ("ttabcdefg", "ttabcdefg\tmovie\tId Stoum\tId Stoum\t0\t1999\t\\N\t90\tDrama"),
        ],
        "title.principals": [
            (a, f"{a}\t1\t{person}\tactor"),
            (b, f"{b}\tfirst\t{person}\tdirector\t\\N\t\\N"),
            ("ttabcdefg", f"ttabcdefg\t1\t{person}\tactor\t\\N\t\\N"),
        ],
        "name.basics": [
            (e, f"{e}\tCut Off Vlarn\t1950"),
            (f, f"{f}\tYear Thrund\t19xx\t\\N\tactor\t\\N"),
            (g, f"{g}\tBytes \xff\xfe\x80 Gliom\t\\N\t\\N\tactor\t\\N"),
            ("nmabcdefg", "nmabcdefg\tId Stoum\t\\N\t\\N\tactor\t\\N"),
        ],
    }
    # In latin-1 the characters \xff, \xfe and \x80 are single bytes, which no UTF-8 text holds.
    return {
        dump: [MalformedLine(place, text.encode("latin-1")) for place, text in of_dump]
        for dump, of_dump in lines.items()
    }
