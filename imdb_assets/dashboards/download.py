"""A panel's rows as a file: either CSV for spreadsheets or JSON for programs."""

import polars as pl

BOM = b"\xef\xbb\xbf"
"""Byte-order mark, which tells spreadsheets that the text is UTF-8."""
_FORMULA = r"^[=+\-@\t\r]"
"""Beginnings of text that spreadsheets run as a formula (OWASP, "CSV injection")."""


def csv(rows: pl.DataFrame) -> bytes:
    """The rows below a header with the columns' names; numbers keep all their digits, and times are in UTC.

    Text that a spreadsheet would run as a formula, such as the title `=1+1`, gets an apostrophe in front.
    """
    guarded = rows.with_columns(
        pl.when(pl.col(name).str.contains(_FORMULA)).then("'" + pl.col(name)).otherwise(name).alias(name)
        for name, kind in rows.schema.items()
        if kind == pl.String
    )
    return BOM + guarded.write_csv(datetime_format="%Y-%m-%dT%H:%M:%SZ").encode()


def json(rows: pl.DataFrame) -> bytes:
    """The rows as a list of objects."""
    return rows.write_json().encode()
