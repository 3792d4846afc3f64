"""Finds types to which columns must be cast so that Python gets exact values, and makes column names distinct."""

from collections.abc import Collection

from duckdb.sqltypes import DuckDBPyType

from imdb_assets.warehouse.literals import quoted

WRITTEN = {"blob", "geometry", "interval", "time_ns", "timestamp_ns", "timestamptz_ns", "type"}
"""Types whose values are returned as text, as DuckDB writes them. As Python objects, values of these types would be
bytes or lose precision."""


def exact(kind: DuckDBPyType) -> str | None:
    """The type to which values must be cast to be exact, also inside lists and records; None if no cast is needed."""
    if kind.id in WRITTEN:
        return "VARCHAR"
    if kind.id not in {"list", "array", "struct", "tuple", "map", "union"}:
        return None
    parts = [(name, part) for name, part in kind.children if isinstance(part, DuckDBPyType)]
    if kind.id == "union":
        parts = parts[1:]  # a union's first child is its tag, not a value
    casts = [exact(part) for _, part in parts]
    if not any(casts):
        return None
    texts = [text or str(part) for text, (_, part) in zip(casts, parts, strict=True)]
    match kind.id:
        case "list":
            return f"{texts[0]}[]"
        case "array":
            return f"{texts[0]}[{dict(kind.children)['size']}]"
        case "struct" | "union":
            texts = [f"{quoted(name)} {text}" for (name, _), text in zip(parts, texts, strict=True)]
    return f"{kind.id}({', '.join(texts)})"


def distinct(names: Collection[str]) -> list[str]:
    """The names, with numbers added to repeated names, because a JSON object has only one value per name."""
    found: dict[str, None] = {}
    for name in names:
        number, one = 0, name
        while one in found:
            number += 1
            one = f"{name}_{number}"
        found[one] = None
    return list(found)
