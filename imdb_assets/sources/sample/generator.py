"""Writes the sample: seven dumps in IMDb's exact format with invented rows.

The same size and seed give the same text on every machine. No row is taken from IMDb. Titles are handled in runs
(groups of consecutive titles), one run after the other. Memory holds the text of one run of titles at a time, and a few
numbers for every title and person. The other modules of this package draw the content of the rows; this module decides
in which order rows are written.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from imdb_assets.sources.base import SourceError
from imdb_assets.sources.sample.aka_rows import title_akas
from imdb_assets.sources.sample.catalogue import Catalogue, draw_catalogue
from imdb_assets.sources.sample.files import MalformedLine, write_dump
from imdb_assets.sources.sample.ids import format_ids
from imdb_assets.sources.sample.people_rows import name_basics, title_principals, write_biographies, write_parts
from imdb_assets.sources.sample.proportions import DEMO, DEMO_TITLES, Proportions
from imdb_assets.sources.sample.title_rows import title_basics, title_crew, title_episode, title_ratings

ROWS_PER_CHUNK = 100_000  # number of titles or people whose rows are made at a time; bounds the memory for text
FIRST_STEP = "catalogue"
SPARE_SPACE = 1.15  # free space must be 1.15 times the expected size, since sizes differ a little by seed

OnProgress = Callable[[str, float], None]


def write_sample(
    out: Path,
    *,
    titles: int = DEMO_TITLES,
    seed: int = 7,
    proportions: Proportions = DEMO,
    on_progress: OnProgress | None = None,
) -> None:
    r"""Writes the seven dumps into a folder.

    Args:
        out: The folder, which is made if it does not exist. A complete file replaces an older file with the same name.
        titles: Number of titles. With the demo's proportions, 300,000 titles come with some 44,000 clean films, 1.2 M
            principals, 0.7 M akas and 0.36 M names. IMDb itself has 12.7 M titles.
        seed: Each seed gives a different catalogue. The dumps' text is the same on every machine; the compressed files
            are the same wherever Python uses the same zlib.
        proportions: Shares and means of the sample, such as the share of films.
        on_progress: Called with a file's name and the share of the file that has been written; 1 means that the file is
            complete. The first step draws the catalogue and writes no file; the name of this step is `catalogue`.

    Raises:
        ValueError: `titles` is smaller than `proportions.fewest_titles`.
        SourceError: There is too little disk space; nothing was written.
    """
    fewest = proportions.fewest_titles
    if titles < fewest:
        message = (
            f"titles: expected at least {fewest:,}, got {titles:,}; smaller samples lack some of the dumps' quirks"
        )
        raise ValueError(message)
    out.mkdir(parents=True, exist_ok=True)
    _require_space(out, titles * proportions.packed_bytes_per_title)
    report = on_progress or (lambda _name, _share: None)
    report(FIRST_STEP, 0.0)
    catalogue = draw_catalogue(seed, titles, proportions)
    report(FIRST_STEP, 1.0)
    faults = malformed_lines(catalogue)

    def write(dump: str, rows: Callable[[int, int], pl.DataFrame], count: int = titles) -> None:
        name = f"{dump}.tsv.gz"
        write_dump(out / name, _in_chunks(rows, count, lambda share: report(name, share)), faults.get(dump, []))
        report(name, 1.0)

    write("title.basics", lambda start, stop: title_basics(catalogue, start, stop))
    write("title.ratings", lambda start, stop: title_ratings(catalogue, start, stop))
    write("title.crew", lambda start, stop: title_crew(catalogue, start, stop))
    write("title.episode", lambda start, stop: title_episode(catalogue, start, stop))
    parts = write_parts(catalogue)
    write("title.principals", lambda start, stop: title_principals(catalogue, parts, start, stop))
    write("title.akas", lambda start, stop: title_akas(catalogue, start, stop))
    lives = write_biographies(catalogue)
    write("name.basics", lambda start, stop: name_basics(catalogue, lives, start, stop), len(catalogue.name_order))


def _require_space(out: Path, expected: int) -> None:
    free, needed = shutil.disk_usage(out).free, int(expected * SPARE_SPACE)
    if free < needed:
        message = (
            f"{out}: the seven dumps need about {needed / 1e9:.2f} GB of disk space, but only {free / 1e9:.2f} GB are "
            "free; nothing was written. Free some space, name another folder, or make a smaller sample."
        )
        raise SourceError(message)


def _in_chunks(
    rows: Callable[[int, int], pl.DataFrame], count: int, on_share: Callable[[float], None]
) -> Iterator[pl.DataFrame]:
    for start, stop in chunk_bounds(count):
        on_share(start / count)
        yield rows(start, stop)


def chunk_bounds(count: int) -> list[tuple[int, int]]:
    """Divides titles or people into runs of about equal length, because a very short run might have no credits."""
    chunks = -(-count // ROWS_PER_CHUNK)
    return [(count * chunk // chunks, count * (chunk + 1) // chunks) for chunk in range(chunks)]


def malformed_lines(catalogue: Catalogue) -> dict[str, list[MalformedLine]]:
    """Returns the malformed lines for three of the dumps; all other lines are well formed."""
    *_, a, b, c, d, _ = catalogue.unused_title_ids  # the other ids are for titles that title.basics lacks
    e, f, g, *_ = catalogue.unused_name_ids
    person = format_ids("nm", catalogue.name_numbers[:1])[0]
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
    # In latin-1, the characters \xff, \xfe and \x80 become three bytes, which together are not valid UTF-8.
    return {
        dump: [MalformedLine(place, text.encode("latin-1")) for place, text in of_dump]
        for dump, of_dump in lines.items()
    }
