"""The jobs by this platform: the same calls, in the same order, as the bodies of its assets.

What is measured includes what the peers do not do: unreadable lines kept with line number and reason, the audit against
the contract, the Iceberg commit.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import narwhals as nw
import numba  # noqa: F401 - imported now, so that no job pays for it
import pyiceberg.catalog.sql
import pyiceberg.io.pyarrow  # noqa: F401 - the same

from benchmarks.jobs import BenchError, Features, Job
from imdb_assets.contracts.base import Contract
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, quarantine_contract
from imdb_assets.dumps.reader import read_dump
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.lake.audit import Audit, audit
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import publish, staging_folder
from imdb_assets.lake.table import Staged
from imdb_assets.naming import file_name
from imdb_assets.transforms import film_facts
from imdb_assets.transforms.credits import CREW_ROLES, crew_credits, once_per_role
from imdb_assets.transforms.histories import crew_form, earlier_years, pooled_features, team, whole_career
from imdb_assets.transforms.movies import movies
from imdb_assets.transforms.reputation import director_reputation as reputation

Frame = nw.LazyFrame[Any]


class PlatformRunner:
    """Runs the jobs in this process, into a lake of its own."""

    def __init__(self, dumps: Path, home: Path) -> None:
        """Args: folder of the seven dumps; folder of the lake."""
        self.dumps = dumps
        self.lake = Lake(home / "lake")

    def run(self, job: Job) -> None:
        """See `Runner.run`."""
        if job.name == "ingest":
            for dump, contract in DUMP_CONTRACTS.items():
                self._ingest(dump, contract)
            return
        (made,) = job.outputs
        tables = {contract.table.partition(".")[2]: self.lake.table(contract.table) for contract in job.inputs}
        staged = Staged(made.table, staging_folder(self.lake, made), "polars")
        ran = PolarsEngine().run(TRANSFORMS[job.name], tables, made, staged.prefix)
        self._deliver(made, staged, ran.audit)

    def files(self, contract: type[Contract]) -> list[Path]:
        """See `Runner.files`."""
        if not self.lake.exists(contract.table):
            return []
        return [Path(file) for file in self.lake.table(contract.table).files]

    def _ingest(self, dump: str, contract: type[Contract]) -> None:
        quarantine = quarantine_contract(contract)
        rows = Staged(contract.table, staging_folder(self.lake, contract), "polars")
        rejects = Staged(quarantine.table, staging_folder(self.lake, quarantine), "polars")
        read_dump(
            self.dumps / file_name(dump), contract, Path(rows.prefix) / "0.parquet", Path(rejects.prefix) / "0.parquet"
        )
        self._deliver(quarantine, rejects, audit(quarantine, rejects))
        self._deliver(contract, rows, audit(contract, rows))

    def _deliver(self, contract: type[Contract], staged: Staged, result: Audit | None) -> None:
        assert result is not None
        if not result.passed:
            raise BenchError(result.summary(contract.table))
        publish(self.lake, contract, staged, {})


def director_reputation(*, movies: Frame, title_crew: Frame) -> Frame:
    """The platform's table, from the films and the dump that names their directors."""
    return reputation(movies=movies, credits=once_per_role(crew_credits(movies, title_crew, "director")))


def features(*, movies: Frame, title_crew: Frame, director_reputation: Frame) -> Frame:
    """The columns of `gold.movie_features` that `Features` has, by the platform's own expressions."""
    credit_rows = once_per_role(nw.concat([crew_credits(movies, title_crew, role) for role in CREW_ROLES]))
    crew = credit_rows.collect().lazy()  # otherwise Polars would make the rows again for each of their readers
    directors = team(movies, crew, "director")
    parts = [
        earlier_years(directors, director_reputation).select("tconst", **pooled_features("director")),
        whole_career(directors, director_reputation).select("tconst", **pooled_features("director_career")),
        crew_form(crew),
    ]
    made = movies.select(
        "tconst",
        "average_rating",
        *film_facts.title_facts(),
        *film_facts.interactions(),
        *film_facts.votes(),
        *film_facts.title_form(),
    )
    for part in parts:
        made = made.join(part, on="tconst", how="left")
    return made.select(Features.column_names())


TRANSFORMS: Mapping[str, Callable[..., Frame]] = {
    "movies": movies,
    "director_reputation": director_reputation,
    "features": features,
}
"""Job → the transform behind it."""
