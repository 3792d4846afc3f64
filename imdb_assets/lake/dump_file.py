"""The record of a landed dump, and the check of a dump file. The check reads the file once, in constant memory.

The check also counts lines, independently of the parser, so that the bronze table's number of lines can be checked.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from imdb_assets.contracts.bronze import DUMP_CONTRACTS, LONGEST_LINE, header
from imdb_assets.dumps.unpack import GzipError, packed_as, unpack
from imdb_assets.naming import file_name
from imdb_assets.sources.base import SourceError
from imdb_assets.sources.partial import Served

LONGEST_HEADER = 1 << 16  # bytes


@dataclass(frozen=True, kw_only=True)
class Dump(Served):
    """One dump in the landing zone: what the source said about the dump, and what we found by reading every byte."""

    name: str
    """IMDb's name of the dump, such as `title.basics`."""
    path: str
    bytes: int
    sha256: str
    lines: int
    """Number of lines below the header, counted without parsing them. Only a line feed ends a line; text after the last
    line feed counts as a line too."""

    @property
    def version(self) -> str:
        """Text that identifies the content: the ETag or, if there is no ETag, the hash."""
        return self.etag or self.sha256

    @property
    def place(self) -> str:
        """The folder or address that this dump and the other six dumps came from (`Source.place`)."""
        return self.origin.rpartition("/")[0]


def inspect(dump: str, path: Path, served: Served) -> Dump:
    """Reads the whole file, checks the header and gzip's checksums and lengths, and finds hash, size and line count.

    Raises:
        SourceError: The file is empty, not gzip, truncated or corrupt; or its header is not the contract's; or a line
            is too long.
    """
    content = _Content(dump)
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as data:

        def read(count: int) -> bytes:
            nonlocal size
            chunk = data.read(count)
            digest.update(chunk)
            size += len(chunk)
            return chunk

        try:
            for text in unpack(read):
                content.take(text)
        except GzipError as error:
            raise _refusal(dump, str(error)) from error
    return Dump(
        etag=served.etag,
        last_modified=served.last_modified,
        origin=served.origin,
        name=dump,
        path=str(path),
        bytes=size,
        sha256=digest.hexdigest(),
        lines=content.lines(),
    )


class _Content:
    """The text of a dump, checked and counted piece by piece."""

    def __init__(self, dump: str) -> None:
        self._dump = dump
        self._first = b""
        self._header_seen = False
        self._line_feeds = 0
        self._last = b"\n"
        self._unended = 0  # number of bytes of the unfinished line at the end of the text so far

    def take(self, text: bytes) -> None:
        """Counts the lines of a piece of text, and checks the header as soon as all of the header has arrived."""
        if not text:
            return
        at_line_feeds = np.frombuffer(text, np.uint8) == ord("\n")
        self._require_lines_of_a_dump(text, at_line_feeds)
        self._line_feeds += int(np.count_nonzero(at_line_feeds))
        self._last = text[-1:]
        if not self._header_seen:
            self._first += text[:LONGEST_HEADER]
            if b"\n" in self._first or len(self._first) >= LONGEST_HEADER:
                self._check_header()

    def lines(self) -> int:
        """Number of lines below the header."""
        if not self._header_seen:
            self._check_header()
        return self._line_feeds + (self._last != b"\n") - 1

    def _require_lines_of_a_dump(self, text: bytes, at_line_feeds: npt.NDArray[np.bool_]) -> None:
        first = text.find(b"\n")
        longest = self._unended + (first if first >= 0 else len(text))
        self._unended = len(text) - text.rfind(b"\n") - 1 if first >= 0 else longest
        if len(text) > LONGEST_LINE and first >= 0:  # in a shorter text, no line is too long
            longest = max(longest, int(np.diff(np.flatnonzero(at_line_feeds)).max(initial=0)))
        if max(longest, self._unended) > LONGEST_LINE:
            raise _refusal(self._dump, f"a line is longer than {LONGEST_LINE:,} bytes; IMDb's lines are shorter")

    def _check_header(self) -> None:
        self._header_seen = True
        if inside := packed_as(self._first):
            raise SourceError(
                f"{file_name(self._dump)}: compressed twice: the gzip file holds a {inside} file instead of text. "
                "Unpack the file once with gunzip; the current dump stays in use."
            )
        expected = "\t".join(header(DUMP_CONTRACTS[self._dump]))
        found = self._first.partition(b"\n")[0].decode("utf-8", "backslashreplace")
        self._first = b""
        if found != expected:
            raise SourceError(
                f"{file_name(self._dump)}: line 1 is not the expected header.\n"
                f"  expected: {expected!r}\n  found:    {found[:300]!r}\n"
                f"{_remedy(self._dump)} If IMDb has changed the format, change the contract in contracts/bronze.py."
            )


def _refusal(dump: str, why: str) -> SourceError:
    return SourceError(f"{file_name(dump)}: {why}. {_remedy(dump)}")


def _remedy(dump: str) -> str:
    return f"Get {file_name(dump)} again; the current dump stays in use."
