"""Reads lines of the common form straight into Arrow arrays, and reports the other lines, which `lines.py` must read.

Each column of a contract is read by a compiled loop of `kernel.py`. Text with few distinct values is
dictionary-encoded, and Parquet stores the dictionary unchanged.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import dataframely as dy
import numpy as np

from imdb_assets.contracts.base import NCONST, TCONST, Contract
from imdb_assets.contracts.bronze import header
from imdb_assets.dumps.lines import SEPARATORS
from imdb_assets.dumps.parquet import FEW_VALUES

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from imdb_assets.dumps.kernel import Bytes, Flags, Places

_LETTERS = {TCONST: (ord("t"), ord("t")), NCONST: (ord("n"), ord("m"))}
"""Maps a pattern of ids to the two letters that begin each id; seven or eight digits follow the letters."""

MOST_DOUBTFUL = 5_000
"""If a text has at most this number of doubtful lines, `lines.py` reads only the doubtful lines. If a text has more
doubtful lines, `lines.py` reads the whole text, because inserting thousands of single rows would take longer."""

_INT32 = np.iinfo(np.int32)


class _Field(NamedTuple):
    """The positions of one field in all lines of a text."""

    text: "Bytes"
    begins: "Places"
    ends: "Places"
    present: "Flags"


class Read(NamedTuple):
    """The result of reading some lines."""

    rows: "pa.Table"
    """One row per line; the rows of lines that are left to `lines.py` must not be used."""
    doubtful: "NDArray[np.int64]"
    """Indexes, from 0, of the lines that are left to `lines.py`."""
    text: bytes
    """The text of the lines that are left to `lines.py`."""


def read(text: bytes, contract: type[Contract]) -> Read:
    """Reads lines of a dump; the header is not among these lines.

    Args:
        text: Whole lines.
        contract: Contract of the bronze table.
    """
    import pyarrow as pa

    from imdb_assets.dumps import kernel

    if not text.endswith(b"\n"):
        text += b"\n"
    names, characters = header(contract), np.frombuffer(text + bytes(kernel.PADDING), np.uint8)
    begins, ends, present, doubt = kernel.split(characters, len(names))
    fields = {name: _Field(characters, *field) for name, *field in zip(names, begins, ends, present, strict=True)}
    columns = {
        # The dump has no field for the column `charactersRaw`, which holds the text of a list that is an invalid JSON
        # array. Only `lines.py` reads lines with an invalid array, so `charactersRaw` is null in rows from `fast.py`.
        name: _array(fields[name], column, doubt) if name in fields else pa.nulls(len(doubt), pa.string())
        for name, column in contract.columns().items()
    }
    if np.count_nonzero(doubt) > MOST_DOUBTFUL:
        doubt[:] = True
    doubtful = np.flatnonzero(doubt)
    whole = (text[begin : text.index(b"\n", begin) + 1] for begin in begins[0, doubtful].tolist())
    return Read(pa.table(columns), doubtful, b"".join(whole))


def _array(field: _Field, column: dy.Column, doubt: "Flags") -> Any:
    """Reads one column, and marks in `doubt` the lines that `lines.py` must read instead."""
    import pyarrow as pa

    from imdb_assets.dumps import kernel

    valid = None if field.present.all() else pa.py_buffer(np.packbits(field.present, bitorder="little").data)
    if not column.nullable:
        doubt |= ~field.present
    metadata = column.metadata or {}
    encoding = metadata.get("encoding")
    # Ids get no dictionary, because an id occurs only a few times. zstd compresses repeated ids to fewer bytes than the
    # indexes of a dictionary would take.
    texts = _plain if "references" in metadata else _texts
    if encoding == "json":
        offsets, places, data = kernel.strings(*field, doubt)
        data.flags.writeable = False  # read-only like the dump's text; for writeable bytes, numba would compile again
        return _lists(offsets, valid, texts(data, places[:-1], places[1:], None))
    if encoding in SEPARATORS:
        offsets, begins, ends = kernel.elements(*field, ord(SEPARATORS[encoding]), doubt)
        return _lists(offsets, valid, texts(field.text, begins, ends, None))
    if isinstance(column, dy.String) and column.regex:
        return _strings(*kernel.ids(field.text, field.begins, field.ends, *_LETTERS[column.regex], doubt), valid)
    if isinstance(column, dy.String):
        return texts(field.text, field.begins, field.ends, valid)
    if isinstance(column, dy.Int32):
        low, high = _INT32.min if column.min is None else column.min, _INT32.max if column.max is None else column.max
        return _fixed(pa.int32(), kernel.integers(*field, low, high, doubt), valid)
    assert isinstance(column, dy.Float64)
    low, high = -np.inf if column.min is None else column.min, np.inf if column.max is None else column.max
    return _fixed(pa.float64(), kernel.decimals(*field, float(low), float(high), doubt), valid)


def _fixed(kind: "pa.DataType", values: Any, valid: Any) -> Any:
    import pyarrow as pa

    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(values.data)])


def _lists(offsets: "Places", valid: Any, elements: Any) -> Any:
    import pyarrow as pa

    kind = pa.list_(elements.type)
    return pa.Array.from_buffers(kind, len(offsets) - 1, [valid, pa.py_buffer(offsets.data)], children=[elements])


def _texts(text: "Bytes", begins: "Places", ends: "Places", valid: Any) -> Any:
    """An array of texts, dictionary-encoded if few of the texts are distinct."""
    import pyarrow as pa

    from imdb_assets.dumps import kernel

    codes, firsts, lasts = kernel.distinct(text, begins, ends, int(FEW_VALUES * len(begins)))
    if len(codes):
        dictionary: Any = pa.DictionaryArray
        return dictionary.from_arrays(_fixed(pa.int32(), codes, valid), _plain(text, firsts, lasts, None))
    return _plain(text, begins, ends, valid)


def _plain(text: "Bytes", begins: "Places", ends: "Places", valid: Any) -> Any:
    from imdb_assets.dumps import kernel

    return _strings(*kernel.plain(text, begins, ends), valid)


def _strings(offsets: "Places", data: "Bytes", valid: Any) -> Any:
    import pyarrow as pa

    return pa.Array.from_buffers(
        pa.string(), len(offsets) - 1, [valid, pa.py_buffer(offsets.data), pa.py_buffer(data.data)]
    )
