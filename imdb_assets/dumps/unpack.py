"""Unpacks a gzip file into small pieces of text, and explains why a file is not a whole gzip file.

The landing layer and the bronze layer both use this module, so both layers accept the same files. This module knows
nothing about lines and columns.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from isal import igzip_lib, isal_zlib  # 2-3 times as fast as zlib

CHUNK = 1 << 16  # compressed bytes; the text unpacked from them fits the processor's cache
PIECE = 1 << 20  # largest size of a piece of text in bytes; a chunk may unpack to a thousand times its own size
GZIP = 16 + 15  # zlib's wbits: 16 means gzip's header and trailer, 15 means the largest window
MAGIC = b"\x1f\x8b"
PADDING = b"\0 \t\r\n"  # may follow a gzip member: zeros (`gzip` ignores zeros, too) and an editor's white space
PACKED = {
    MAGIC: "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
"""Maps the first bytes of a packed file to its format."""

_EXTRA, _NAME, _COMMENT, _CHECKSUM = 4, 8, 16, 2  # flags of a gzip header (RFC 1952, 2.3.1)


class GzipError(Exception):
    """The file is not a whole gzip file; the message says what was found in the file, but does not name the file."""


def unpack(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yields the text of a gzip file with one or more members, in pieces of 0 to `PIECE` bytes.

    Zeros and white space after a member are skipped. All other bytes after a member must begin another member. If the
    bytes do not begin a member, an error is raised, because the bytes may be a damaged member; the `gzip` command
    ignores such bytes.

    Args:
        read: Returns the next bytes of the file, at most as many as its argument says; returns empty bytes at the
            file's end.

    Raises:
        GzipError: The file is empty, not a gzip file, cut off or corrupt; all text before the damage is yielded first.
    """
    source = _Source(read)
    data = source.more()
    if not data:
        raise GzipError("the file is empty (0 bytes)")
    if not data.startswith(MAGIC):
        packed = packed_as(data)
        raise GzipError(f"not a gzip file: the file {f'is a {packed}' if packed else f'begins with {data[:60]!r}'}")
    while data:
        data = (yield from _member(data, source)).lstrip(PADDING)
        while not data and (chunk := source.more()):
            data = chunk.lstrip(PADDING)
        if not data.startswith(MAGIC[: len(data)]):
            raise GzipError(f"the gzip stream is followed by bytes that are not part of a gzip stream: {data[:60]!r}")


@dataclass
class _Source:
    """A compressed file."""

    read: Callable[[int], bytes]
    done: int = 0

    def more(self) -> bytes:
        """The next bytes of the file; empty bytes at the file's end."""
        chunk = self.read(CHUNK)
        self.done += len(chunk)
        return chunk

    def required(self) -> bytes:
        """The next bytes of an unfinished gzip member; raises an error if the file has ended."""
        chunk = self.more()
        if not chunk:
            raise GzipError(f"the gzip stream is cut off after {self.done:,} bytes")
        return chunk


def _member(data: bytes, source: _Source) -> Generator[bytes, None, bytes]:
    """Yields the text of the gzip member that begins with `data`; returns the bytes after the member."""
    while not _has_whole_header(data):  # isal 1.9.1 rejects the checksum of a header that comes in two pieces
        data += source.required()
    member = isal_zlib.decompressobj(wbits=GZIP)  # pyright: ignore[reportUnknownMemberType] - typed in part
    while True:
        try:
            yield member.decompress(data, PIECE)  # pyright: ignore[reportUnknownMemberType]
        except igzip_lib.IsalError as error:  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType] - stub
            raise GzipError(f"the gzip stream is corrupt ({error}, in the first {source.done:,} bytes)") from error
        if member.eof:
            return member.unused_data
        data = member.unconsumed_tail or source.required()


def packed_as(data: bytes) -> str | None:
    """The format of a packed file that begins with `data`; None if the format is unknown."""
    return next((name for first, name in PACKED.items() if data.startswith(first)), None)


def _has_whole_header(data: bytes) -> bool:
    """Whether `data` has the whole header of a gzip member, with all fields that the flags announce (RFC 1952, 2.3)."""
    end = 10
    if len(data) < end + 2:
        return False
    flags = data[3]
    if flags & _EXTRA:
        end += 2 + int.from_bytes(data[10:12], "little")
    for field in (_NAME, _COMMENT):
        if flags & field:
            end = data.find(b"\0", end) + 1
            if not end:
                return False
    return end + (2 if flags & _CHECKSUM else 0) <= len(data)
