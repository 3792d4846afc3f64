#!/usr/bin/env bash
# Question: one dataframely schema says max_length=6. The frame, the pydantic model and the SQL column made of it:
#   do they agree on "Amélie"?
# Guess: yes. They are three forms of one contract, and the word has six letters.
# What happens: the frame counts bytes and refuses the row, as é has two. The pydantic model counts characters and takes it.
#   The SQLAlchemy column is VARCHAR(6), which is six characters in PostgreSQL. (In Redshift it would be bytes again.)
#   The documentation of String says bytes; to_pydantic_model and to_sqlalchemy_columns pass the number on as it is.
# Versions: dataframely 3.1.2, polars 2.1.0, pydantic 2.14.4, SQLAlchemy 2.0.51.
# What follows: for titles and names leave room for the longest encoding, or use check= with str.len_chars().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dataframely==3.1.2 polars==2.1.0 pydantic==2.14.4 SQLAlchemy==2.0.51
"$work/venv/bin/python" - <<'PY'
import dataframely as dy
import polars as pl
from pydantic import ValidationError
from sqlalchemy.dialects import postgresql

print("dataframely", dy.__version__, "| polars", pl.__version__)


class Films(dy.Schema):
    title = dy.String(max_length=6)


model = Films.to_pydantic_model()


def by_model(title):
    try:
        model(title=title)
    except ValidationError:
        return False
    return True


def by_frame(title):
    return Films.is_valid(pl.DataFrame({"title": [title]}))


column = Films.to_sqlalchemy_columns(postgresql.dialect())[0]
declared = column.type.compile(postgresql.dialect())
verdicts = {title: (by_frame(title), by_model(title)) for title in ("Amelie", "Amélie", "Amelies")}
print("PostgreSQL column:", declared)
for title, (frame, pydantic) in verdicts.items():
    print(f"{title}: {len(title)} characters, {len(title.encode())} bytes | frame {frame} | pydantic {pydantic}")
assert declared == "VARCHAR(6)"
assert verdicts == {"Amelie": (True, True), "Amélie": (False, True), "Amelies": (False, False)}
PY
