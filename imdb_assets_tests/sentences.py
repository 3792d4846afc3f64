"""Draws sentences that users and contributors read, for a pair of fresh eyes to judge.

`python -m imdb_assets_tests.sentences --seed 1` prints sixty of each kind, each with its place: documents, data
dictionary, messages (whatever a string of the code, a page, a view or a template tells people) and docstrings with
comments. One that needs a second reading is mended together with all of its kind, and then another seed is drawn.
Without a seed all sentences are printed.
"""

import argparse
import ast
import inspect
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from imdb_assets.contracts.base import description
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.documents import documents

DRAWN = 60
SHORTEST = 4
"""Words: less is a label, not a sentence."""

LEFT_OUT = {"imdb_assets_tests", "benchmarks", "findings", "docs", "requirements"}
"""Folders that are not part of the product, or that are read as documents."""
PAGES = {
    ".html": r">([^<>]+)<|(?:placeholder|label|title)=\"([^\"]+)\"",
    ".js": r"\"((?:[^\"\\\n]|\\.)+)\"|`((?:[^`\\]|\\.)+)`",
}
"""Ending of a file → pattern of the texts that a page shows."""
TOLD = {".sql": "--", ".example": "#"}
"""Ending of a file → beginning of its comments, which count as messages."""
COMMENTED = {  # the same for comments that only contributors read
    ".py": "#",
    ".js": "//",
    ".yaml": "#",
    ".toml": "#",
    "Dockerfile": "#",
    "Makefile": "#",
}

_MARKS = "noqa|type:|pyright:|fmt:"
"""How comments begin that only tools read."""
_CODE = re.compile(r"\s*(?:create|insert|alter|query|pragma|attach|set|load)\b.*|.*\bselect\b.*\bfrom\b", re.DOTALL)
"""SQL and the like, which people do not read."""
_DESCRIBED = re.compile(r"Description: (?:>-\n)?(.+(?:\n ++(?!\S+:(?:\s|$)|- ).+)*)")
_PARAGRAPH = re.compile(r"\n\s*\n|\n\s*[-*] |\n\s*(?=\*{0,2}[\w.]+: )")
"""Ends a paragraph: a blank line, or the next entry of a list, also of a docstring's list of arguments or errors."""
_SENTENCE = re.compile(r"(?<=[.:?!])\s+(?=[A-Z`*\"'{<])")


def draw(kind: str, seed: int | None) -> list[str]:
    """Sixty sentences of a kind, the same for one seed as long as nobody has written any; all without a seed."""
    found = sorted({f"{place}: {sentence}" for place, text in TEXTS[kind]() for sentence in _sentences(text)})
    return found if seed is None else random.Random(seed).sample(found, min(DRAWN, len(found)))


def _documents() -> Iterator[tuple[str, str]]:
    for document in documents():
        if document.name == "data-dictionary.md":
            continue
        text = re.sub(r"^ *```.*?^ *```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", text):
            if not paragraph.lstrip().startswith(("|", "#", "<", "![")):
                sentences = " ".join(re.sub(r"^\s*(?:[-*]|\d+\.) ", "", paragraph).split())
                yield str(document.relative_to(PROJECT_ROOT)), sentences


def _dictionary() -> Iterator[tuple[str, str]]:
    for name, contract in (CONTRACTS | VIEWS).items():
        yield name, description(contract)
        for column, declared in contract.columns().items():
            yield f"{name}.{column}", declared.description or ""


def _messages() -> Iterator[tuple[str, str]]:
    in_dictionary = {text for _, text in _dictionary()}
    for place, tree in _trees():
        for line, text in _strings(tree):
            if text not in in_dictionary and not _CODE.match(text):
                yield f"{place}:{line}", text
    for place, text in _files(PAGES):
        for found in re.finditer(PAGES[place.suffix], re.sub(r"\{%.*?%\}", " ", text)):
            yield str(place), re.sub(r"\$?\{+.*?\}+", "{…}", found.group(1) or found.group(2))
    for place, text in _files([".yaml"]):
        for found in _DESCRIBED.finditer(text):
            yield str(place), found.group(1)
    for found in re.findall("## (.+)", Path(PROJECT_ROOT, "Makefile").read_text(encoding="utf-8")):
        yield "Makefile", found
    yield from _comments(TOLD)


def _docstrings() -> Iterator[tuple[str, str]]:
    for place, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr):
                yield f"{place}:{node.lineno}", inspect.cleandoc(_text(node.value))
    yield from _comments(COMMENTED)


TEXTS = {"documents": _documents, "dictionary": _dictionary, "messages": _messages, "docstrings": _docstrings}


def _files(endings: Iterable[str]) -> Iterator[tuple[Path, str]]:
    tracked = subprocess.check_output(["git", "ls-files"], cwd=PROJECT_ROOT, text=True).splitlines()
    for place in map(Path, tracked):
        if place.parts[0] not in LEFT_OUT and (place.suffix or place.name) in endings:
            yield place, (PROJECT_ROOT / place).read_text(encoding="utf-8")


def _comments(marks: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each block of lines, and each line that ends in a comment, with its code."""
    for place, text in _files(marks):
        mark = marks[place.suffix or place.name]
        for found in re.finditer(rf"(?:^ *{mark} .*\n)+|^.* {mark} (?!{_MARKS}).+$", text, re.MULTILINE):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{place}:{line}", re.sub(rf"^ *{mark} ", "", found.group(), flags=re.MULTILINE)


def _trees() -> Iterator[tuple[Path, ast.AST]]:
    for place, text in _files([".py"]):
        yield place, ast.parse(text)


def _strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of every string that is not a docstring."""
    within = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant | ast.JoinedStr):
        yield node.lineno, _text(node)
        within = [part.value for part in within if isinstance(part, ast.FormattedValue)]
    for child in within:
        yield from _strings(child)


def _text(node: ast.expr) -> str:
    """What a string says, with its values as `{…}`."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
    return ""


def _sentences(text: str) -> Iterator[str]:
    for paragraph in _PARAGRAPH.split(text):
        for sentence in _SENTENCE.split(" ".join(paragraph.split())):
            if len(sentence.split()) >= SHORTEST:
                yield sentence


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int)
    seed = parser.parse_args().seed
    for kind in TEXTS:
        numbered = [f"{number}. {sentence}" for number, sentence in enumerate(draw(kind, seed), 1)]
        sys.stdout.write("\n".join([f"\n# {kind}\n", *numbered, ""]))
