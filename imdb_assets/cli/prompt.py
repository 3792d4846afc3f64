"""The prompt of `imdb sql`: a line editor with history, and completion of names."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory
from prompt_toolkit.shortcuts import CompleteStyle

LEAVE = {"exit", "quit", ".exit", ".quit", r"\q"}


def ask(names: Iterable[str], history: Path) -> Iterator[str]:
    """Queries as a person types them, each up to its semicolon, until Ctrl-D or `exit`.

    Args:
        names: What Tab completes.
        history: File with earlier queries, which the arrow keys bring back.
    """
    history.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Condition(lambda: not _is_whole(get_app().current_buffer.text))
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(history)),
        completer=WordCompleter(sorted(names), ignore_case=True, pattern=re.compile(r"[\w.]+")),
        complete_while_typing=False,
        multiline=unfinished,
        complete_style=CompleteStyle.READLINE_LIKE,
        prompt_continuation=lambda _width, _line, wrapped: "" if wrapped else "   -> ",
    )
    while True:
        try:
            text = session.prompt("imdb> ").strip()
        except KeyboardInterrupt:  # Ctrl-C discards the line
            continue
        except EOFError:
            return
        if text.rstrip(";") in LEAVE:
            return
        if text:
            yield text


def _is_whole(text: str) -> bool:
    text = text.strip()
    return not text or text.endswith(";") or text in LEAVE
