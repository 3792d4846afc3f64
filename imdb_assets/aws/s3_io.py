"""File IO for Iceberg's metadata on S3, through the shared client: files are encrypted and never overwritten.

Polars and Spark read the data files; this module reads only the footers of data files, by ranged reads.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pyiceberg.io import FileIO, InputFile, OutputFile

from imdb_assets.aws import s3
from imdb_assets.aws.client import aws_errors, client

if TYPE_CHECKING:
    from typing_extensions import Buffer

READ_AHEAD = 1 << 18
"""Bytes of a ranged read; for most footers one read is enough."""


class S3FileIO(FileIO):
    """Iceberg's file IO for `s3://` addresses."""

    def new_input(self, location: str) -> S3File:
        """A file to read."""
        return S3File(location)

    def new_output(self, location: str) -> S3File:
        """A file to write."""
        return S3File(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Removes a file."""
        s3.remove([location if isinstance(location, str) else location.location])


class S3File(InputFile, OutputFile):
    """One file, to read or to write."""

    def __len__(self) -> int:
        """Size in bytes.

        Raises:
            FileNotFoundError: The file does not exist.
        """
        found = s3.head(self.location)
        if found is None:
            raise FileNotFoundError(f"there is no {self.location}")
        return int(found["ContentLength"])

    def exists(self) -> bool:
        """Whether the file exists."""
        return s3.head(self.location) is not None

    def to_input_file(self) -> S3File:
        """Returns the object itself, because the class `S3File` serves both to read and to write."""
        return self

    def open(self, seekable: bool = True) -> io.BufferedIOBase:  # type: ignore[override] # noqa: ARG002, FBT001, FBT002
        """A stream of the file's bytes.

        Raises:
            FileNotFoundError: The file does not exist.
        """
        if self.location.endswith(".parquet"):
            return io.BufferedReader(_Ranges(self.location, len(self)), READ_AHEAD)
        found = s3.get(self.location)
        if found is None:
            raise FileNotFoundError(f"there is no {self.location}")
        return io.BytesIO(found[0])

    def create(self, overwrite: bool = False) -> _Whole:  # type: ignore[override] # noqa: FBT001, FBT002
        """A stream whose bytes become the object when the stream is closed."""
        return _Whole(self.location, absent=not overwrite)


class _Ranges(io.RawIOBase):
    """Reads an object piece by piece."""

    def __init__(self, address: str, size: int) -> None:
        super().__init__()
        self._bucket, self._key = s3.split(address)
        self._address, self._size, self._place = address, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Buffer) -> int:
        into = memoryview(buffer).cast("B")
        end = min(self._place + len(into), self._size)
        if end <= self._place:
            return 0
        with aws_errors(f"{self._address} cannot be read"):
            answer = client("s3").get_object(Bucket=self._bucket, Key=self._key, Range=f"bytes={self._place}-{end - 1}")
            content = answer["Body"].read()
        into[: len(content)] = content
        self._place += len(content)
        return len(content)


class _Whole(io.BytesIO):
    """Collects bytes and writes them as one object."""

    def __init__(self, address: str, *, absent: bool) -> None:
        super().__init__()
        self._address, self._absent = address, absent

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            super().close()  # a partial file is not written
        self.close()

    def close(self) -> None:
        if self.closed:
            return
        content = self.getvalue()
        super().close()
        try:
            s3.put(self._address, content, absent=self._absent)
        except s3.ConflictError as error:
            raise FileExistsError(str(error)) from error
