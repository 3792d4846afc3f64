"""Draws sentences that users and contributors read, for a pair of fresh eyes to judge.

`python -m imdb_assets_tests.sentences --seed 1` prints sixty of each kind, each with its place: documents, data
dictionary, messages (errors, alarms, help of the command line) and docstrings. One that needs a second reading is
mended together with all of its kind, and then another seed is drawn.
"""

import argparse
import ast
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from imdb_assets.contracts.base import description
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.documents import documents

DRAWN = 60
SHORTEST = 4
"""Words: less is a label, not a sentence."""

SAYS = ("Error", "Failure", "warning", "error", "info", "print", "echo", "Option", "Argument", "Field", "Alarm")
"""Ends of names whose calls take what people will read."""

_PARAGRAPH = re.compile(r"\n\s*\n|\n\s*(?=\*{0,2}[\w.]+: )")
"""Ends a paragraph: a blank line, or the next entry of a docstring's list of arguments or errors."""
_SENTENCE = re.compile(r"(?<=[.:?!])\s+(?=[A-Z`*\"'{<])")


def draw(kind: str, seed: int) -> list[str]:
    """Sixty sentences of a kind, the same for one seed as long as nobody has written any."""
    found = sorted({f"{place}: {sentence}" for place, text in TEXTS[kind]() for sentence in _sentences(text)})
    return random.Random(seed).sample(found, min(DRAWN, len(found)))


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
    for place, node in _nodes():
        if isinstance(node, ast.Call) and _name(node.func).endswith(SAYS):
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                yield place, _text(argument)


def _docstrings() -> Iterator[tuple[str, str]]:
    for place, node in _nodes():
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield place, ast.get_docstring(node) or ""


TEXTS = {"documents": _documents, "dictionary": _dictionary, "messages": _messages, "docstrings": _docstrings}


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    for file in sorted(Path(PROJECT_ROOT, "imdb_assets").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            yield f"{file.relative_to(PROJECT_ROOT)}:{getattr(node, 'lineno', 1)}", node


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


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
    parser.add_argument("--seed", type=int, required=True)
    seed = parser.parse_args().seed
    for kind in TEXTS:
        numbered = [f"{number}. {sentence}" for number, sentence in enumerate(draw(kind, seed), 1)]
        sys.stdout.write("\n".join([f"\n# {kind}\n", *numbered, ""]))
