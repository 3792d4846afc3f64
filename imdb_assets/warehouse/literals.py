"""Quotes names and texts for the SQL of DuckDB and SQLite."""


def text_literal(text: str) -> str:
    """The text as a quoted literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(text: str) -> str:
    """The name as a quoted identifier of SQL."""
    return '"' + text.replace('"', '""') + '"'


def qualified(name: str) -> str:
    """A table's name, with or without a schema, quoted for SQL, such as `"silver"."movies"`."""
    return ".".join(map(quoted, name.split(".", 1)))
