#!/usr/bin/env bash
# Question: A SAS transport file (XPORT, version 5) has three region codes: US, DE and FR. How many rows do readers
#   find?
# Guess: Three.
# What happens: pandas finds four: the last is empty. The file has no number of rows, and is filled up with blanks to
#   80 bytes. pandas takes blanks off in steps of eight bytes, so texts of up to seven bytes leave rows over: three
#   codes of one letter are eight rows. pyreadstat takes off all blanks, and finds three. Both lose the empty rows at
#   the end of a table that has only texts: two titles of three may be gone. A number in each row prevents all this, as
#   a missing one is not blank.
# Versions: pandas 3.1.1, pyreadstat 1.3.7.
# For a user: Use version 8 of the format, which says how many rows there are (pandas does not read it), or give the
#   table a column with a number. The lost rows lie in the format, pandas' new rows do not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pandas==3.1.1 pyreadstat==1.3.7

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import pandas as pd
import pyreadstat

print("pandas", pd.__version__, "| pyreadstat", pyreadstat.__version__)


def write(columns, version=5):
    pyreadstat.write_xport(pd.DataFrame(columns), "films.xpt", file_format_version=version)


def by_pandas():
    return [row[0] for row in pd.read_sas("films.xpt", encoding="utf-8").values.tolist()]


def by_pyreadstat():
    return [row[0] for row in pyreadstat.read_xport("films.xpt")[0].values.tolist()]


write({"region": ["US", "DE", "FR"]})
expect("pandas, codes of two letters", by_pandas(), ["US", "DE", "FR", ""])
expect("pyreadstat", by_pyreadstat(), ["US", "DE", "FR"])
write({"size": ["S", "M", "L"]})
expect("pandas, codes of one letter", by_pandas(), ["S", "M", "L", "", "", "", "", ""])
expect("pyreadstat", by_pyreadstat(), ["S", "M", "L"])
write({"title": ["Fog over the Harbour", "", ""]})
expect("pandas, titles that are missing", by_pandas(), ["Fog over the Harbour"])
expect("pyreadstat", by_pyreadstat(), ["Fog over the Harbour"])
write({"region": ["US", "DE", ""], "votes": [1, 2, None]})
expect("pandas, with a number", by_pandas(), ["US", "DE", ""])
expect("pyreadstat", by_pyreadstat(), ["US", "DE", ""])
write({"title": ["Fog over the Harbour", "", ""]}, version=8)
expect("pyreadstat, version 8", by_pyreadstat(), ["Fog over the Harbour", "", ""])
PY
