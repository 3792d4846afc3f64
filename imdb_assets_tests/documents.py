"""The documents as tests see them: which commands they show, and where their links lead."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from imdb_assets.settings import PROJECT_ROOT

SHELLS = {"sh", "bash", "shell", "console"}
PROGRAMS = {"imdb", "make", "python", "pytest", "dg", "dagster", "pre-commit", "curl", "apt", "aws"}
"""What a command within a sentence begins with; in a block of its own every line is a command."""

_FENCE = re.compile(r"^ *```(\w*)$")
_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_ASSIGNMENT = re.compile(r"[A-Z][A-Z0-9_]*=.*", re.DOTALL)
_BETWEEN = {"&&", "||", "|", ";"}


class Shown(NamedTuple):
    """A command that a document shows."""

    place: str
    """`README.md:12`."""
    variables: dict[str, str]
    """Those set before it."""
    words: tuple[str, ...]
    """Program, without the folder of the virtual environment, and arguments."""
    whole: bool
    """Stands in a block of its own, so that nothing is left out."""

    def __str__(self) -> str:
        """The command, for names of tests."""
        return " ".join(self.words)


def documents() -> list[Path]:
    """Documents that tell people what to do; the decisions tell what was done."""
    return [PROJECT_ROOT / "README.md", PROJECT_ROOT / "CONTRIBUTING.md", *sorted((PROJECT_ROOT / "docs").glob("*.md"))]


def commands(document: Path) -> Iterator[Shown]:
    """Every command of its blocks, and of its sentences those that begin with one of `PROGRAMS`."""
    prose: list[str] = []
    language: str | None = None
    pending, begun = "", 0
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if fence:
            assert not pending, f"{document.name}:{begun}: a quote of this command is not closed"
            language = None if language is not None else fence.group(1)
        elif language is None:
            prose.append(line)
            continue
        elif language in SHELLS:
            pending, begun = (f"{pending}\n{line}", begun) if pending else (line.removeprefix("$ "), number)
            words = _words(pending)
            if words is not None:
                yield from _shown(document, begun, words, whole=True)
                pending = ""
        prose.append("")  # keeps the numbers of lines, and ends a paragraph
    yield from _in_sentences(document, "\n".join(prose))


def links(document: Path) -> Iterator[str]:
    """Where it leads to within the project: `docs/faults.md`, `README.md#terms`, `#terms`."""
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(document: Path) -> set[str]:
    """Names of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _in_sentences(document: Path, prose: str) -> Iterator[Shown]:
    for paragraph in re.finditer(r"(?:.+\n?)+", prose):
        for span in _SPAN.finditer(paragraph.group()):
            words = _words(span.group(1))
            number = prose.count("\n", 0, paragraph.start() + span.start()) + 1
            for shown in _shown(document, number, words or [], whole=False):
                if shown.words[0] in PROGRAMS and len(shown.words) > 1:
                    yield shown


def _words(text: str) -> list[str] | None:
    """Words as a shell has them; None if the command goes on in the next line."""
    if text.endswith("\\"):
        return None
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return None


def _shown(document: Path, number: int, words: list[str], *, whole: bool) -> Iterator[Shown]:
    place, one = f"{document.relative_to(PROJECT_ROOT)}:{number}", list[str]()
    for word in [*words, ";"]:
        if word not in _BETWEEN:
            one.append(word)
            continue
        variables: dict[str, str] = {}
        while one and _ASSIGNMENT.fullmatch(one[0]):
            name, _, value = one.pop(0).partition("=")
            variables[name] = value
        if one:
            yield Shown(place, variables, (one[0].removeprefix(".venv/bin/"), *one[1:]), whole)
        one = []
