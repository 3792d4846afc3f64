"""Finds the dump of a given day, in the landing zone or in a folder of dated dumps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from imdb_assets.lake.dump_file import Dump, inspect
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.landing import Landing
from imdb_assets.naming import file_name
from imdb_assets.sources.base import SourceError
from imdb_assets.sources.partial import Served

SHOWN = 5
"""Largest number of days that an error message lists; if there are more, the message names the first and the last."""


@dataclass(frozen=True)
class DatedDumps:
    """The versions of one dump, by day."""

    dump: str
    """IMDb's name of the dump."""
    landing: Landing
    folder: Path | None
    """A folder of daily folders such as `2026-01-31`, each with the day's file; None if no folder is set."""
    current_day: date | None = None
    """The day of the current dump; if None, the day is the date of the dump's last change."""

    def day_of(self, dump: Dump) -> date:
        """The day of a landed dump, which is the UTC date of the dump's last change.

        If `current_day` is set, the day of the current dump is `current_day` instead.
        """
        current = self.landing.current(self.dump)
        if self.current_day and current and current.sha256 == dump.sha256:
            return self.current_day
        return datetime.fromisoformat(dump.last_modified).astimezone(UTC).date()

    def require(self, days: Iterable[date], place: str) -> dict[date, Dump]:
        """The dumps of the given days. A dump in the folder takes precedence over a dump in the landing zone.

        Args:
            days: The days.
            place: Where landed dumps must come from (`Dump.place`); if empty, dumps from all places are accepted. In
                dumps from another folder or address, the same ids may mean other titles.

        Returns:
            A mapping from days to dumps, in the order of days.

        Raises:
            LakeError: A day has no dump, or its file cannot be read. The message names the missing days, and the days
                that have a landed dump.
        """
        landed = {
            self.day_of(dump): dump
            for dump in sorted(self.landing.kept(self.dump), key=lambda dump: dump.last_modified)
            if place in {"", dump.place}
        }
        wanted = sorted(days)
        missing = [day for day in wanted if day not in landed and self._path(day) is None]
        if missing:
            raise LakeError(self._refusal(missing, sorted(landed), place))
        return {day: self._read(day) if self._path(day) else landed[day] for day in wanted}

    def _path(self, day: date) -> Path | None:
        path = self.folder / day.isoformat() / file_name(self.dump) if self.folder else None
        return path if path and path.is_file() else None

    def _read(self, day: date) -> Dump:
        path = self._path(day)
        assert path is not None  # the caller has found the file
        changed = f"{day.isoformat()}T00:00:00+00:00"
        try:
            return inspect(self.dump, path, Served(None, changed, str(path), path.stat().st_size))
        except (SourceError, OSError) as error:
            raise LakeError(f"{path} cannot be used: {error}") from error

    def _refusal(self, missing: list[date], landed: list[date], place: str) -> str:
        has = f"it has {_days(landed)}" if landed else "it has none"
        dated = (
            f"{self.folder} has none of the missing dumps either"
            if self.folder
            else "IMDB_DATED_DUMPS names no folder of dated dumps"
        )
        return (
            f"{file_name(self.dump)}: the landing zone {self.landing.address} has no dump of {_days(missing)} "
            f"({has}{f' from {place}' if place else ''}), and {dated}. Nothing was published. Choose days that have a "
            f"dump, or put each day's file into a folder as {missing[0]}/{file_name(self.dump)} and set "
            "IMDB_DATED_DUMPS to that folder."
        )


def _days(days: list[date]) -> str:
    """The days as text; if there are many, only the first and the last."""
    if len(days) <= SHOWN:
        return ", ".join(map(str, days))
    return f"{len(days)} days from {days[0]} to {days[-1]}"
