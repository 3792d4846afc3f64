"""The bundle lets a model version compute films' features without a lake.

The bundle holds names, titles, and the records of people and of title words.

Because the bundle is in the model's folder, the same folder works on a laptop and in a container without a lake. The
bundle is written when a model version is made; `ml/artifact.py` stores the bundle's files beside the model's trees, and
records the files' checksums.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.expectation import ExpectationCoefficients, ResidualReputation, TitleWordReputation
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.gold import DirectorReputation, PersonReputation
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.engines.base import conform
from imdb_assets.lake.table import Table
from imdb_assets.ml import expectation
from imdb_assets.serving import comparables, records, search
from imdb_assets.transforms.features import movie_features
from imdb_assets.transforms.title_words import words_of

RECORDS: Mapping[str, type[Contract]] = {
    "director_reputation": DirectorReputation,
    "person_reputation": PersonReputation,
    "residual_reputation": ResidualReputation,
    "title_word_reputation": TitleWordReputation,
}
"""The point-in-time records that the transform `movie_features` reads. Maps each parameter of the transform to the
contract of the parameter's table."""
TABLES: Mapping[str, type[Contract]] = {**RECORDS, "expectation_coefficients": ExpectationCoefficients}
"""`RECORDS` and the coefficients of the expected rating, a table without a key to look up, which is read whole."""
SEARCH_FILE, KNOWN_FILE = "search.sqlite", "well_known.parquet"
INPUTS = (
    "silver.movies",
    "silver.credits",
    "bronze.name_basics",
    MovieFeatures.table,
    *(contract.table for contract in TABLES.values()),
)
"""The tables that a bundle is made from."""


class BundleError(ValueError):
    """A model version's bundle cannot be used with this code; the message names what is missing and the remedy."""


def writer(tables: Collection[Table]) -> Callable[[Path], None]:
    """Returns a function that makes a bundle from the tables `INPUTS` and writes the bundle to a folder."""
    frames = {table.name: table.scan() for table in tables}

    def write(folder: Path) -> None:
        for name, contract in TABLES.items():
            records.write(contract, frames[contract.table], _file(folder, name))
        search.write(
            folder / SEARCH_FILE,
            movies=frames["silver.movies"],
            credits=frames["silver.credits"],
            names=frames["bronze.name_basics"],
        )
        comparables.write(folder / KNOWN_FILE, movies=frames["silver.movies"], features=frames[MovieFeatures.table])

    return write


@dataclass(frozen=True)
class Bundle:
    """The bundle of one model version, opened for reading; safe to share between threads."""

    folder: Path
    search: search.Search
    comparables: comparables.Comparables

    @classmethod
    def open(cls, folder: Path) -> "Bundle":
        """Opens the bundle in a model version's folder.

        Raises:
            BundleError: The bundle lacks a file, or a column that this code reads.
        """
        remedy = "re-materialize models/rating_model"
        for lost in (folder / name for name in (SEARCH_FILE, KNOWN_FILE) if not (folder / name).is_file()):
            raise BundleError(f"{lost} is missing: {remedy}")
        for name, contract in TABLES.items():
            file = _file(folder, name)
            if not file.is_file():
                raise BundleError(f"{file} is missing: {remedy}")
            lacking = polars_schema(contract).items() - pl.read_parquet_schema(file).items()
            if lacking:
                columns = ", ".join(sorted(column for column, _ in lacking))
                raise BundleError(f"{file} was made by another version of the code and lacks {columns}: {remedy}")
        return cls(folder, search.Search(folder / SEARCH_FILE), comparables.Comparables(folder / KNOWN_FILE))

    def features(self, movies: pl.DataFrame, credits: pl.DataFrame) -> pl.DataFrame:  # noqa: A002 - the table's name
        """Computes the features of real or invented films with the transform of `gold.movie_features`.

        Args:
            movies: Rows of `silver.movies`; the title ids may be invented.
            credits: Rows of `silver.credits`; person ids may be invented, and people without records count as
                beginners.

        Returns:
            Rows of `gold.movie_features`, in the order of the films.
        """
        films = movies.cast(polars_schema(Movies))  # pyright: ignore[reportArgumentType] - a schema is a mapping
        words: pl.LazyFrame = words_of(nw.from_native(films.lazy())).to_native()
        wanted = {"nconst": set(credits["nconst"]), "word": set(words.collect()["word"])}
        years = set(films["start_year"])
        held = {
            name: records.read(contract, _file(self.folder, name), wanted, years) for name, contract in RECORDS.items()
        }
        coefficients = pl.scan_parquet(_file(self.folder, "expectation_coefficients"), glob=False)
        frames = {
            "movies": films,
            "credits": credits.cast(polars_schema(Credits)),  # pyright: ignore[reportArgumentType]
            "rating_expectation": expectation.expect(films.lazy(), coefficients),
            **held,
        }
        made: pl.LazyFrame = conform(
            movie_features(**{name: nw.from_native(frame.lazy()) for name, frame in frames.items()}), MovieFeatures
        ).to_native()
        return movies.select("tconst").join(made.collect(), on="tconst", how="left", maintain_order="left")


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"
