#!/usr/bin/env bash
# Question: A patito model says that a film was released in 1888 or later, has one to three genres, and a finite score.
#   Do Model.validate(frame) and the pydantic model itself refuse the same rows?
# Guess: Yes. patito says that the model which validates a record also validates a Polars frame.
# What happens: The frame passes with a film of the year 1 and with five genres, an infinite score and a NaN: bounds of
#   dates, instants and lists, bounds of a list's items, and FiniteFloat are not looked at. Bounds of numbers and of
#   texts are. The same values as a record are refused.
# Versions: patito 0.8.6, polars 1.44.2, pydantic 2.14.4.
# For a user: Write such a bound as constraints=pt.field >= date(1888, 1, 1), which is checked on frames.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile patito==0.8.6 polars==1.44.2 pydantic==2.14.4

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from datetime import date, datetime
from importlib.metadata import version
from typing import Annotated

import patito as pt
import polars as pl
import pydantic

print("patito", version("patito"), "| polars", pl.__version__, "| pydantic", pydantic.__version__)


class Film(pt.Model):
    year: int = pt.Field(ge=1888)
    title: str = pt.Field(max_length=20)
    released: date = pt.Field(ge=date(1888, 1, 1))
    updated: datetime = pt.Field(ge=datetime(2020, 1, 1))
    genres: list[str] = pt.Field(min_length=1, max_length=3)
    votes: list[Annotated[int, pydantic.Field(ge=0)]]
    score: pydantic.FiniteFloat


class Checked(pt.Model):
    released: date = pt.Field(constraints=pt.field >= date(1888, 1, 1))


good = {"year": 1999, "title": "Matrix", "released": date(1999, 3, 31), "updated": datetime(2026, 1, 1), "genres": ["Action"], "votes": [5], "score": 8.7}


def accepted(**change):
    """Whether the record and the frame of one row are accepted."""
    record, found = {**good, **change}, []
    for validate in (lambda: Film(**record), lambda: Film.validate(pl.DataFrame([record], schema=Film.dtypes))):
        try:
            validate()
            found.append(True)
        except (pydantic.ValidationError, pt.exceptions.DataFrameValidationError):
            found.append(False)
    return tuple(found)


expect("a good film: record, frame", accepted(), (True, True))
expect("year 1", accepted(year=1), (False, False))
expect("a long title", accepted(title="x" * 21), (False, False))
expect("released in year 1", accepted(released=date(1, 1, 1)), (False, True))
expect("updated in year 1", accepted(updated=datetime(1, 1, 1)), (False, True))
expect("five genres", accepted(genres=list("abcde")), (False, True))
expect("no genre", accepted(genres=[]), (False, True))
expect("negative votes", accepted(votes=[-1]), (False, True))
expect("infinite score", accepted(score=float("inf")), (False, True))
expect("score NaN", accepted(score=float("nan")), (False, True))
try:
    Checked.validate(pl.DataFrame({"released": [date(1, 1, 1)]}))
    sys.exit("CHANGED: a constraint was checked")
except pt.exceptions.DataFrameValidationError as error:
    print("as a constraint:", error.errors()[0]["msg"])
PY
