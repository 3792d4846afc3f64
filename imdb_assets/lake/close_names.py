"""Advice for a name that does not exist, shared by all commands that take names."""

from collections.abc import Collection
from difflib import get_close_matches

SUGGESTED = 3


def advice(name: str, known: Collection[str]) -> str:
    """Suggests known names that resemble the typed name, or lists all known names.

    Args:
        name: The name that the user typed.
        known: Existing names, such as `silver.movies`. The typed name may lack the schema.
    """
    last = {one.replace("/", ".").rpartition(".")[2]: one for one in known}
    near = [one for one in known if one.casefold() == name.replace("/", ".").casefold()]
    near += get_close_matches(name, known, SUGGESTED)
    near += [last[part] for part in get_close_matches(name.replace("/", ".").rpartition(".")[2], last, SUGGESTED)]
    if near:
        return f"did you mean {' or '.join(list(dict.fromkeys(near))[:SUGGESTED])}?"
    return f"there are: {', '.join(known)}" if known else "nothing has been made yet; run `make demo` first"
