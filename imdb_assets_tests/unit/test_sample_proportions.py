"""Samples in IMDb's own proportions: as many rows, as wide and as compressible as the real dumps, at any scale."""

import gzip
import inspect
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imdb_assets.sources.base import SourceError
from imdb_assets.sources.sample import generator
from imdb_assets.sources.sample.aka_rows import title_akas
from imdb_assets.sources.sample.catalogue import Catalogue, draw_catalogue
from imdb_assets.sources.sample.credits import draw_credits
from imdb_assets.sources.sample.generator import write_sample
from imdb_assets.sources.sample.ids import draw_ids, format_ids, order_as_text
from imdb_assets.sources.sample.people_rows import title_principals, write_parts
from imdb_assets.sources.sample.proportions import IMDB, IMDB_TITLES
from imdb_assets.sources.sample.title_rows import title_basics, title_crew, title_episode
from imdb_assets.sources.sample.titles import draw_titles, write_titles

SCALE = 0.004
# Of the real dumps in 2026: rows, bytes packed, bytes unpacked.
IMDB_SIZES = {
    "title.basics": (12.7e6, 224e6, 1.0e9),
    "title.ratings": (1.70e6, 8e6, 28e6),
    "title.crew": (12.7e6, 80e6, 0.4e9),
    "title.principals": (101e6, 750e6, 4.3e9),
    "title.akas": (59e6, 510e6, 2.6e9),
    "title.episode": (9.6e6, 52e6, 0.23e9),
    "name.basics": (15.6e6, 300e6, 0.9e9),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("proportions")
    write_sample(out, titles=round(SCALE * IMDB_TITLES), proportions=IMDB)
    return out


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return draw_catalogue(7, round(SCALE * IMDB_TITLES), IMDB)


@pytest.fixture(scope="module")
def dumps(folder: Path) -> dict[str, pl.DataFrame]:
    """Rows that can be read, as text."""
    frames: dict[str, pl.DataFrame] = {}
    for name in IMDB_SIZES:
        text = gzip.decompress((folder / f"{name}.tsv.gz").read_bytes()).decode(errors="replace")
        header, *lines = text.removesuffix("\n").split("\n")
        columns = header.split("\t")
        line = pl.col("line")
        is_readable = line.str.contains(r"^(tt|nm)\d{7,8}\t") & (line.str.count_matches("\t") == len(columns) - 1)
        is_readable &= ~line.str.contains_any(["\ufffd", "\t19xx\t", "\tfirst\t"])
        fields = line.str.split_exact("\t", len(columns) - 1).struct.rename_fields(columns)
        rows = pl.DataFrame({"line": lines}).filter(is_readable).select(fields).unnest("line")
        frames[name] = rows.with_columns(pl.all().replace(r"\N", None))
    return frames


@pytest.mark.parametrize("name", IMDB_SIZES)
def test_a_row_is_as_wide_and_as_compressible_as_imdbs(name: str, folder: Path) -> None:
    rows, packed, unpacked = IMDB_SIZES[name]
    data = (folder / f"{name}.tsv.gz").read_bytes()
    text = gzip.decompress(data)
    count = text.count(b"\n") - 1
    # Which houses are popular is chance: at this scale a few long series decide how many titles are rated.
    assert count == pytest.approx(rows * SCALE, rel=0.25 if name == "title.ratings" else 0.10)
    assert len(text) / count == pytest.approx(unpacked / rows, rel=0.15)
    assert len(data) / count == pytest.approx(packed / rows, rel=0.20 if name == "title.ratings" else 0.15)


def test_films_lack_what_imdbs_lack(dumps: dict[str, pl.DataFrame]) -> None:
    films = dumps["title.basics"].filter(pl.col("titleType") == "movie")
    assert films.height / dumps["title.basics"].height == pytest.approx(0.06, abs=0.002)
    for column, share in (("startYear", 0.13), ("runtimeMinutes", 0.35), ("genres", 0.11)):
        assert films[column].null_count() / films.height == pytest.approx(share, abs=0.03), column
    rated = films.join(dumps["title.ratings"], on="tconst", how="semi")
    assert rated.height / films.height == pytest.approx(0.45, abs=0.03)
    minutes = pl.col("runtimeMinutes").cast(pl.Int32, strict=False)
    clean = rated.filter(
        minutes.is_between(40, 400), pl.col("isAdult") == "0", pl.col("genres", "startYear").is_not_null()
    )
    assert clean.height / SCALE == pytest.approx(320_000, rel=0.05)


def test_people_and_their_credits(dumps: dict[str, pl.DataFrame]) -> None:
    principals, names = dumps["title.principals"], dumps["name.basics"]
    assert principals.height / dumps["title.basics"].height == pytest.approx(8, abs=0.8)
    again = 1 - principals.unique(["tconst", "nconst"]).height / principals.height
    assert again == pytest.approx(0.09, abs=0.025)
    is_cast = principals["category"].is_in(["actor", "actress", "self"])
    assert 0.45 < 1 - principals["characters"].null_count() / principals.height < 0.52
    assert principals.filter(~is_cast)["characters"].drop_nulls().is_in(['["Cut Off, the']).all()
    assert {'["Self"]', '["Self - Host"]'} <= set(principals["characters"])
    assert principals["job"].null_count() > 0.85 * principals.height
    orderings = principals["ordering"].cast(pl.Int32).to_numpy()
    assert orderings.max() <= 75
    assert np.quantile(orderings, 0.95) <= 20
    missing = principals.join(names, on="nconst", how="anti")["nconst"].n_unique()
    assert 1_000 <= missing / SCALE <= 4_000
    assert 1 - names["birthYear"].null_count() / names.height == pytest.approx(0.045, abs=0.01)
    assert names["primaryProfession"].drop_nulls().str.count_matches(",").to_numpy().max() <= 2
    assert names["knownForTitles"].drop_nulls().str.count_matches(",").to_numpy().max() == 3


def test_every_id_that_is_named_exists(dumps: dict[str, pl.DataFrame]) -> None:
    titles = set(dumps["title.basics"]["tconst"])
    known = dumps["name.basics"]["knownForTitles"].drop_nulls().str.split(",").explode()
    assert set(known) <= titles
    people = set(dumps["name.basics"]["nconst"])
    crew = pl.concat(
        [dumps["title.crew"][side].drop_nulls().str.split(",").explode() for side in ("directors", "writers")]
    )
    missing = crew.filter(~crew.is_in(list(people)))
    assert missing.n_unique() < 0.001 * crew.n_unique()
    lost = dumps["title.episode"].join(dumps["title.basics"], left_on="parentTconst", right_on="tconst", how="anti")
    assert 1 <= lost.height <= 0.002 * dumps["title.episode"].height


def test_people_are_known_for_titles_of_their_own(dumps: dict[str, pl.DataFrame]) -> None:
    """Each person's best-known title is one they are credited in, or the series of such a title."""
    credits_ = dumps["title.principals"].join(
        dumps["title.episode"].select("tconst", "parentTconst"), on="tconst", how="left"
    )
    credits_ = credits_.select("nconst", pl.coalesce("parentTconst", "tconst").alias("title")).unique()
    best = dumps["name.basics"].select("nconst", pl.col("knownForTitles").str.split(",").list.first().alias("title"))
    best = best.drop_nulls().join(credits_.select("nconst").unique(), on="nconst", how="semi")
    own = best.join(credits_, on=["nconst", "title"], how="semi")
    assert own.height > 0.95 * best.height


def test_long_lists_of_writers(dumps: dict[str, pl.DataFrame]) -> None:
    writers = dumps["title.crew"]["writers"].drop_nulls().str.count_matches(",").to_numpy() + 1
    assert (writers <= 3).mean() > 0.95
    assert 30 < writers.max() <= 1_300


def test_akas_repeat_the_titles_of_basics(dumps: dict[str, pl.DataFrame]) -> None:
    originals = dumps["title.akas"].filter(pl.col("isOriginalTitle") == "1")
    joined = originals.join(dumps["title.basics"], left_on="titleId", right_on="tconst")
    assert joined.height == dumps["title.basics"].height
    assert joined.filter(pl.col("title") != pl.col("originalTitle")).is_empty()
    assert {"Folge #1.2", "एपिसोड #1.2", "エピソード #1.2"} <= set(dumps["title.akas"]["title"])
    assert any("\x02" in types for types in dumps["title.akas"]["types"].drop_nulls())


def test_texts_and_credits_of_a_run_are_the_same_at_every_call(catalogue: Catalogue) -> None:
    titles = draw_titles(catalogue, 10_000, 20_000)
    assert write_titles(catalogue, titles).equals(write_titles(catalogue, draw_titles(catalogue, 10_000, 20_000)))
    first, second = draw_credits(catalogue, titles), draw_credits(catalogue, titles)
    for name in ("title", "person", "category", "ordering", "crew_title", "crew_person", "crew_is_director"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


@pytest.mark.parametrize("rows", [title_basics, title_crew, title_episode, title_akas, title_principals])
def test_memory_follows_the_run_and_not_the_catalogue(rows: Callable[..., pl.DataFrame], catalogue: Catalogue) -> None:
    extra = (write_parts(catalogue),) if "parts" in inspect.signature(rows).parameters else ()

    def peak(start: int, stop: int) -> int:
        tracemalloc.start()
        rows(catalogue, *extra, start, stop)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(20_000, 22_000) < 0.3 * peak(20_000, 40_000)


def test_a_full_disk_is_found_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator.shutil, "disk_usage", lambda _: generator.shutil._ntuple_diskusage(10, 9, 1_000_000))
    with pytest.raises(SourceError, match=r"of disk space, but only 0\.00 GB are free; nothing was written"):
        write_sample(tmp_path, titles=IMDB_TITLES, proportions=IMDB)
    assert not list(tmp_path.iterdir())


@given(count=st.integers(1, 3_000), seed=st.integers(0, 2**32), density=st.floats(0.05, 0.95))
def test_drawn_ids_are_different_and_within_bounds(count: int, seed: int, density: float) -> None:
    numbers = draw_ids(np.random.default_rng(seed), count, 1_000_000, density=density, reserved=("tt0000001",))
    assert len(numbers) == count
    assert (np.diff(numbers) > 0).all()
    assert numbers[0] >= 2
    assert numbers[-1] <= 1_000_000


@given(st.lists(st.integers(1, 99_999_999), unique=True, min_size=1))
def test_numbers_are_ordered_as_their_ids_are(numbers: list[int]) -> None:
    drawn = np.array(numbers, dtype=np.int32)
    ids = format_ids("tt", drawn[order_as_text(drawn)]).to_list()
    assert ids == sorted(ids)
