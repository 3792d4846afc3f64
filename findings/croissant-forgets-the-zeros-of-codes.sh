#!/usr/bin/env bash
# Question: A Croissant file describes a CSV file: id is an Integer, code and region are Text. Does mlcroissant, the
#   reference implementation, return the codes and ids of the file?
# Guess: Yes: the metadata declare the types, so that no reader has to guess.
# What happens: pandas guesses first, the declared type is applied afterwards. The code 007 becomes b'7.0', as another
#   row has no code; the id 9007199254740993 ends in 2, as another row has no id; the region NA, Namibia, is None. There
#   is no error. Parquet keeps codes and regions, but its ids lose the digit, too. frictionless returns what the same
#   declarations say.
# Versions: mlcroissant 1.1.1, pandas 3.0.6, frictionless 5.21.0.
# For a user: Publish codes as Parquet, fill missing ids, or read the file itself with the declared types.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile mlcroissant==1.1.1 pandas==3.0.6 pyarrow==26.0.1 frictionless==5.21.0

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import hashlib
import json
import logging
from importlib.metadata import version
from pathlib import Path

import mlcroissant
import pyarrow as pa
import pyarrow.parquet
from frictionless import Resource, Schema

logging.disable(logging.CRITICAL)
print("mlcroissant", version("mlcroissant"), "| pandas", version("pandas"), "| frictionless", version("frictionless"))
Path("films.csv").write_text("id,code,region\n9007199254740993,007,NA\n,010,DE\n3,,FR\n")
rows = [(2**53 + 1, "007", "NA"), (None, "010", "DE"), (3, None, "FR")]
ids, codes, regions = (list(column) for column in zip(*rows))
pyarrow.parquet.write_table(pa.table({"id": pa.array(ids, pa.int64()), "code": codes, "region": regions}), "films.parquet")


def by_croissant(file, media_type):
    """The records of a data set of one file, whose metadata are written here."""

    def field(name, data_type):
        source = {"fileObject": {"@id": file}, "extract": {"column": name}}
        return {"@type": "cr:Field", "@id": f"films/{name}", "name": name, "dataType": data_type, "source": source}

    words = "column data dataType extract field fileObject recordSet source".split()
    context = {"@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/", "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo", "citeAs": "cr:citeAs"}
    context |= {word: f"cr:{word}" for word in words} | {"dataType": {"@id": "cr:dataType", "@type": "@vocab"}}
    distribution = {"@type": "cr:FileObject", "@id": file, "name": file, "contentUrl": file, "encodingFormat": media_type, "sha256": hashlib.sha256(Path(file).read_bytes()).hexdigest()}
    records = {"@type": "cr:RecordSet", "@id": "films", "name": "films", "field": [field("id", "sc:Integer"), field("code", "sc:Text"), field("region", "sc:Text")]}
    metadata = {"@context": context, "@type": "sc:Dataset", "name": "films", "description": "films", "conformsTo": "http://mlcommons.org/croissant/1.0", "distribution": [distribution], "recordSet": [records]}
    Path("metadata.json").write_text(json.dumps(metadata))
    return [tuple(record.values()) for record in mlcroissant.Dataset("metadata.json").records("films")]


schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "code", "type": "string"}, {"name": "region", "type": "string"}]}
plain = Resource(path="films.csv", schema=Schema.from_descriptor(schema)).read_rows()
expect("frictionless, CSV", [tuple(row.to_dict().values()) for row in plain], rows)
expect("mlcroissant, CSV", by_croissant("films.csv", "text/csv"), [(2**53, b"7.0", None), (None, b"10.0", b"DE"), (3, None, b"FR")])
expect("mlcroissant, Parquet", by_croissant("films.parquet", "application/x-parquet"), [(2**53, b"007", b"NA"), (None, b"010", b"DE"), (3, None, b"FR")])
PY
