"""Quotes names and texts for the SQL of DuckDB and SQLite."""


def text_literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(text: str) -> str:
    """A name in SQL."""
    return '"' + text.replace('"', '""') + '"'


def qualified(name: str) -> str:
    """A table's name in SQL, such as `"silver"."movies"`, with or without a schema."""
    return ".".join(map(quoted, name.split(".", 1)))
