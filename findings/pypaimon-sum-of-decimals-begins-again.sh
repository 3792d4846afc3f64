#!/usr/bin/env bash
# Question: A Paimon table adds up a DECIMAL column by key. What does it give once the total has too many digits?
# Guess: An error, as for an INT, or at least NULL.
# What happens: It gives the sum of the amounts since the last overflow: 999.99 + 0.01 + 5.00 is 5.00, a plausible and
#   wrong total. The overflow gives NULL, and NULL plus the next amount is that amount. Products behave in the same way,
#   and so do several amounts in one commit. INT and BIGINT raise "int overflow". SUM of Flink, Paimon's usual engine,
#   is reported to begin again, too, so this may be by design.
# Versions: pypaimon 2.1.0, pyarrow 19.0.1.
# For a user: Declare DECIMAL(38, s) for columns that are added up: a total has more digits than an amount.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pypaimon==2.1.0 pyarrow==19.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from decimal import Decimal
from importlib.metadata import version
from itertools import count

import pyarrow as pa
from pypaimon import CatalogFactory, Schema

print("pypaimon", version("pypaimon"))
catalog = CatalogFactory.create({"warehouse": "."})
catalog.create_database("lake", True)
numbers = count()


def merged(kind, commits, function="sum"):
    """What the table gives for one key after these commits."""
    columns = pa.schema([pa.field("id", pa.int64(), nullable=False), ("v", kind)])
    name = f"lake.t{next(numbers)}"
    options = {"bucket": "1", "merge-engine": "aggregation", "fields.v.aggregate-function": function}
    catalog.create_table(name, Schema.from_pyarrow_schema(columns, primary_keys=["id"], options=options), False)
    table = catalog.get_table(name)
    for values in commits:
        builder = table.new_batch_write_builder()
        write = builder.new_write()
        write.write_arrow(pa.table({"id": [1] * len(values), "v": pa.array(values, kind)}, schema=columns))
        builder.new_commit().commit(write.prepare_commit())
        write.close()
    reader = table.new_read_builder()
    try:
        return str(reader.new_read().to_arrow(reader.new_scan().plan().splits())["v"][0].as_py())
    except ArithmeticError as error:
        return str(error)


amounts = [Decimal("999.99"), Decimal("0.01"), Decimal("5.00")]
expect("DECIMAL(5, 2), all", merged(pa.decimal128(5, 2), [[one] for one in amounts]), "5.00")
expect("DECIMAL(5, 2), in one commit", merged(pa.decimal128(5, 2), [amounts]), "5.00")
expect("DECIMAL(5, 2), the first two", merged(pa.decimal128(5, 2), [[one] for one in amounts[:2]]), "None")
expect("DECIMAL(38, 2), all", merged(pa.decimal128(38, 2), [[one] for one in amounts]), "1005.00")
expect("DECIMAL(5, 2), product", merged(pa.decimal128(5, 2), [[one] for one in (Decimal(100), Decimal(10), Decimal(5))], "product"), "5.00")
expect("INT", merged(pa.int32(), [[2**31 - 1], [1], [5]]), "int overflow: 2147483647 + 1")
PY
