#!/usr/bin/env bash
# Question: Apache's avro package for Python writes the decimals 7.5 and 12 to a field with two decimals. What is
#   read?
# Guess: 7.50 and 12.00, or an error, as for 7.555, which does not fit: "exponent … is too large for the schema
#   scale".
# What happens: 0.75 and 0.12. The writer stores the digits of the number as they are, and the reader moves the point
#   by the scale of the field. Only numbers with exactly two decimals are right, so one column has right and wrong
#   amounts, and 1E+2 is 0.01. This goes for bytes and fixed; all readers agree. Nor are digits counted: 123456.78 is
#   written to a field of five, which avro and fastavro read as 123460. fastavro writes 7.50, and refuses 123456.78.
# Versions: avro 1.12.2, fastavro 1.13.1, polars 2.1.0.
# For a user: Write with fastavro, or amount.quantize(Decimal("0.01")) first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile avro==1.12.2 fastavro==1.13.1 polars==2.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json
from decimal import Decimal
from importlib.metadata import version

import avro.schema
import fastavro
import polars as pl
from avro.datafile import DataFileReader, DataFileWriter
from avro.errors import AvroException
from avro.io import DatumReader, DatumWriter

print("avro", version("avro"), "| fastavro", fastavro.__version__, "| polars", pl.__version__)
forms = {"bytes": {"type": "bytes"}, "fixed": {"type": "fixed", "name": "amount", "size": 5}}


def schema(form, precision):
    kind = {**forms[form], "logicalType": "decimal", "precision": precision, "scale": 2}
    return {"type": "record", "name": "film", "fields": [{"name": "gross", "type": kind}]}


def read(texts, form="bytes", precision=10):
    """What avro, fastavro and Polars read after avro has written these numbers."""
    with DataFileWriter(open("films.avro", "wb"), DatumWriter(), avro.schema.parse(json.dumps(schema(form, precision)))) as writer:
        for text in texts:
            writer.append({"gross": Decimal(text)})
    with DataFileReader(open("films.avro", "rb"), DatumReader()) as rows:
        by_avro = [str(row["gross"]) for row in rows]
    with open("films.avro", "rb") as file:
        by_fastavro = [str(row["gross"]) for row in fastavro.reader(file)]
    return by_avro, by_fastavro, [str(amount) for amount in pl.read_avro("films.avro")["gross"]]


def refused(write):
    try:
        write()
    except (AvroException, ValueError) as error:
        return type(error).__name__


for form in forms:
    expect(f"{form}: avro, fastavro, polars", read(["7.5", "12", "7.50", "1E+2"], form), (["0.75", "0.12", "7.50", "0.01"],) * 3)
expect("7.555", refused(lambda: read(["7.555"])), "AvroOutOfScaleException")
expect("123456.78 to five digits", read(["123456.78"], precision=5)[:2], (["1.2346E+5"], ["1.2346E+5"]))


def by_fastavro(text, precision=10):
    with open("films.avro", "wb") as file:
        fastavro.writer(file, schema("bytes", precision), [{"gross": Decimal(text)}])
    return str(pl.read_avro("films.avro")["gross"][0])


expect("fastavro writes 7.5 and 12", [by_fastavro("7.5"), by_fastavro("12")], ["7.50", "12.00"])
expect("fastavro, 123456.78 to five digits", refused(lambda: by_fastavro("123456.78", 5)), "ValueError")
PY
