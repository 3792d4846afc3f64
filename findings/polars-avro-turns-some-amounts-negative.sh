#!/usr/bin/env bash
# Question: Polars writes a DECIMAL(10, 2) column by write_avro. Are the amounts in the file those of the frame?
# Guess: Yes, or an error: the format has decimals of any size.
# What happens: All amounts from 327.68 to 655.35 come out as negative ones: 350.00 is -305.36. So do those from
#   21474836.48 to 42949672.95, and higher ones in wider columns. Polars leaves out pairs of zero bytes in front of a
#   number, and with them the sign: 0x88B8 is 35000 without a sign, and -30536 with one, as the format wants. Every
#   reader finds these numbers, Polars' own one as well. The ranges depend on the scale: with one decimal they begin at
#   3276.8. Negative amounts are right.
# Versions: polars 2.1.0, fastavro 1.13.1, avro 1.12.2, polars-avro 0.13.0.
# For a user: Write decimals by polars_avro.write_avro, which is right, or cents as whole numbers. Compare a sum after
#   writing. The documentation calls write_avro unstable, but does not speak of values.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 fastavro==1.13.1 avro==1.12.2 polars-avro==0.13.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from decimal import Decimal
from importlib.metadata import version

import fastavro
import polars as pl
import polars_avro
from avro.datafile import DataFileReader
from avro.io import DatumReader

print("polars", pl.__version__, "| fastavro", fastavro.__version__, "| polars-avro", version("polars-avro"))
texts = ["327.67", "327.68", "350.00", "655.35", "655.36", "-350.00", "21474836.48"]
films = pl.DataFrame({"gross": pl.Series([Decimal(text) for text in texts], dtype=pl.Decimal(10, 2))})
films.write_avro("films.avro", name="films")
wrong = ["327.67", "-327.68", "-305.36", "-0.01", "655.36", "-350.00", "-21474836.48"]
with open("films.avro", "rb") as file:
    expect("fastavro", [str(row["gross"]) for row in fastavro.reader(file)], wrong)
with DataFileReader(open("films.avro", "rb"), DatumReader()) as rows:
    expect("avro", [str(row["gross"]) for row in rows], wrong)
expect("polars", [str(amount) for amount in pl.read_avro("films.avro")["gross"]], wrong)
polars_avro.write_avro(films, "right.avro")
expect("polars, file of polars-avro", [str(amount) for amount in pl.read_avro("right.avro")["gross"]], texts)

prices = pl.DataFrame({"price": pl.Series([Decimal(cents) / 100 for cents in range(1, 100_001)], dtype=pl.Decimal(10, 2))})
prices.write_avro("prices.avro")
back = pl.read_avro("prices.avro")
expect("wrong prices below 1000.00", (prices["price"] != back["price"]).sum(), 32768)
expect("sum before and after", [str(frame["price"].sum()) for frame in (prices, back)], ["50000500.00", "28525663.52"])
PY
