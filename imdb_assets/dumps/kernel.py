"""The loops of the fast reader, compiled by numba: they turn the bytes of lines into the buffers of Arrow arrays.

Each function reads one kind of field in all lines, and marks in `doubt` the lines that `lines.py` must read instead;
results for these lines must not be used. A field, or an element of a list, is the text from position `begins[i]` up to
`ends[i]`. The last `PADDING` bytes of a text belong to no field, so eight bytes can be loaded from any place in a field
at once. The functions do not use contracts or pyarrow; `fast.py` uses both.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numba.extending import intrinsic
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int32]
Flags = NDArray[np.bool_]
Function = TypeVar("Function", bound=Callable[..., Any])

PADDING = 8
"""Number of bytes after the last line or element of a text: as many as are loaded at once."""

_TAB, _LINE_FEED, _RETURN, _BLANK = ord("\t"), ord("\n"), ord("\r"), ord(" ")
_BACKSLASH, _N, _ZERO, _POINT = ord("\\"), ord("N"), ord("0"), ord(".")
_QUOTE, _COMMA, _OPEN, _CLOSE = ord('"'), ord(","), ord("["), ord("]")
_FIRST_NOT_ASCII = 0x80
_TRIAL = 4096  # number of texts that are examined to find out whether most texts differ
_ODD = np.uint64(0x9E3779B97F4A7C15)  # odd factor of the hash: 2⁶⁴ divided by the golden ratio
_BYTES = np.uint64(0x0101010101010101)  # times a byte: a word of eight such bytes
_UPPER_BITS = _BYTES * np.uint64(0x80)
_QUOTES, _BACKSLASHES = _BYTES * np.uint64(_QUOTE), _BYTES * np.uint64(_BACKSLASH)
_DIGITS_OF_ID = np.uint64(0xFFFFFFFFFFFF0000)  # bits of the six digits in the first eight bytes of an id
_INTEGER_DIGITS, _DECIMAL_DIGITS = 9, 15  # 9 digits always fit in 32 bits; 15 digits fit in a float's 53 bits

_MEANING = dict(zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True))
_UNESCAPED = np.array([_MEANING.get(byte, 0) for byte in range(256)], np.uint8)
"""Maps the byte after a backslash in JSON to the character that the backslash and the byte stand for. The byte `u`, and
bytes that may not follow a backslash, are mapped to 0."""


def _compiled(function: Function) -> Function:
    """Compiles a function at its first call; the compiled function runs without Python's global lock.

    numba caches machine code beside this file. If numba cannot write beside this file, numba uses the user's cache
    folder. Without a cache, every process compiles the functions again, which takes some seconds.
    """
    compiled: Any
    try:
        compiled = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # numba found no folder for its cache
        compiled = numba.njit(nogil=True)(function)
    return compiled


def _eight_bytes(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """The address of eight bytes in an array; the arguments are the array and the position of the first byte."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.bitcast(builder.gep(array.data, [arguments[1]]), context.get_value_type(numba.uint64).as_pointer())


def _loading(_context: Any, text: Any, _at: Any) -> Any:
    def code(*called: Any) -> Any:
        _, builder, _, _ = called
        return builder.load(_eight_bytes(*called), align=1)

    return numba.uint64(text, numba.intp), code


def _storing(_context: Any, data: Any, _at: Any, _word: Any) -> Any:
    def code(*called: Any) -> Any:
        context, builder, _, arguments = called
        builder.store(arguments[2], _eight_bytes(*called), align=1)
        return context.get_dummy_value()

    return numba.void(data, numba.intp, numba.uint64), code


def _counting_zeros(_context: Any, _word: Any) -> Any:
    def code(*called: Any) -> Any:
        context, builder, _, arguments = called
        return builder.cttz(arguments[0], context.get_constant(numba.boolean, 1))

    return numba.uint64(numba.uint64), code


_load: Any = intrinsic(_loading)
"""Loads eight bytes of a text, from any position, as an integer; the first byte is the integer's lowest byte."""
_store: Any = intrinsic(_storing)
"""Stores the eight bytes of an integer at any position of an array, the lowest byte first."""
_low_zeros: Any = intrinsic(_counting_zeros)
"""The number of zero bits below the lowest bit that is 1."""


@_compiled
def _word(text: Bytes, begin: Any, end: Any) -> Any:
    """The next eight bytes of a text as an integer, the first byte lowest; bytes from `end` on are 0."""
    word = _load(text, begin)
    if end - begin < 8:
        word &= (np.uint64(1) << np.uint64(8 * (end - begin))) - np.uint64(1)
    return word


@_compiled
def _below(word: Any, bound: int) -> Any:
    """Sets the upper bit of each byte below `bound`.

    Bytes behind the first byte below `bound` may be marked by mistake.
    """
    return (word - _BYTES * np.uint64(bound)) & ~word & _UPPER_BITS


@_compiled
def split(text: Bytes, fields: int) -> tuple[Places, Places, Flags, Flags]:
    r"""Finds the fields of all lines.

    Args:
        text: Whole lines, each with a line feed at its end, and the padding.
        fields: Number of fields in a line.

    Returns:
        Four arrays. The first three arrays have a row for each field of the dump and a column for each line. The first
        array says where each field begins, and the second array says where each field ends. The third array says
        whether each field has a value; the text `\N` stands for a missing value. The fourth array marks lines that have
        a carriage return, bytes that are not UTF-8, or a wrong number of fields. A field begins
        and ends at the same position if it has no value, or if the fourth array marks its line.
    """
    size = text.size - PADDING
    lines = 0
    for at in range(size):
        lines += text[at] == _LINE_FEED
    begins = np.zeros((fields, lines), np.int32)
    ends = np.zeros((fields, lines), np.int32)
    present = np.zeros((fields, lines), np.bool_)
    doubt = np.zeros(lines, np.bool_)
    line = field = begin = first = 0
    seen = np.uint8(0)
    for at in range(size):
        byte = text[at]
        seen |= byte
        if byte > _RETURN:
            continue
        if byte == _TAB or byte == _LINE_FEED:
            if field < fields:
                begins[field, line] = begin
                is_null = at - begin == 2 and text[begin] == _BACKSLASH and text[begin + 1] == _N
                present[field, line] = not is_null
                ends[field, line] = begin if is_null else at
            field += 1
            begin = at + 1
        elif byte == _RETURN:
            doubt[line] = True
        if byte == _LINE_FEED:
            if field != fields or (seen >= _FIRST_NOT_ASCII and not _is_utf8(text, first, at)):
                doubt[line] = True
            if doubt[line]:
                ends[:, line] = begins[:, line]
                present[:, line] = False
            line += 1
            field = 0
            seen = np.uint8(0)
            first = begin
    return begins, ends, present, doubt


@_compiled
def _is_utf8(text: Bytes, begin: int, end: int) -> bool:
    """Whether the bytes are well-formed UTF-8 (table 3-7 of the Unicode standard)."""
    at = begin
    while at < end:
        byte = text[at]
        low, high = 0x80, 0xBF  # bounds of the second byte
        if byte < _FIRST_NOT_ASCII:
            size = 1
        elif 0xC2 <= byte <= 0xDF:
            size = 2
        elif 0xE0 <= byte <= 0xEF:
            size = 3
            low, high = 0xA0 if byte == 0xE0 else low, 0x9F if byte == 0xED else high
        elif 0xF0 <= byte <= 0xF4:
            size = 4
            low, high = 0x90 if byte == 0xF0 else low, 0x8F if byte == 0xF4 else high
        else:
            return False
        if at + size > end:
            return False
        for place in range(at + 1, at + size):
            if not low <= text[place] <= high:
                return False
            low, high = 0x80, 0xBF
        at += size
    return True


@_compiled
def _are_digits(word: Any, bits: Any) -> Any:
    """Whether all bytes that `bits` has are digits: 0x30 to 0x39, and with 6 added 0x36 to 0x3F."""
    upper = _BYTES * np.uint64(0xF0) & bits
    threes = _BYTES * np.uint64(0x30) & bits
    return word & upper == threes and (word + _BYTES * np.uint64(6)) & upper == threes


@_compiled
def ids(text: Bytes, begins: Places, ends: Places, first: int, second: int, doubt: Flags) -> tuple[Places, Bytes]:
    """Copies ids as `plain` does; marks lines whose id is not `first`, then `second`, then 7 or 8 digits."""
    offsets = np.zeros(begins.size + 1, np.int32)
    data = np.empty(10 * begins.size, np.uint8)
    letters = np.uint64(first | second << 8)
    size = 0
    for line in range(begins.size):
        begin, length = begins[line], ends[line] - begins[line]
        right = 9 <= length <= 10
        if right:
            word = _word(text, begin, ends[line])
            right = word & ~_DIGITS_OF_ID == letters and _are_digits(word, _DIGITS_OF_ID)
            _store(data, size, word)
            for place in range(8, length):
                data[size + place] = text[begin + place]
                right &= np.uint8(text[begin + place] - _ZERO) < 10
        if right:
            size += length
        else:
            doubt[line] = True
        offsets[line + 1] = size
    return offsets, data[:size]


@_compiled
def integers(
    text: Bytes, begins: Places, ends: Places, present: Flags, low: int, high: int, doubt: Flags
) -> NDArray[np.int32]:
    """Reads integers of up to nine digits; marks lines with other text or with an integer out of bounds."""
    values = np.zeros(begins.size, np.int32)
    for line in range(begins.size):
        if not present[line]:
            continue
        begin, end = begins[line], ends[line]
        right = 1 <= end - begin <= _INTEGER_DIGITS
        value = 0
        if right:
            for at in range(begin, end):
                digit = np.uint8(text[at] - _ZERO)
                right &= digit < 10
                value = value * 10 + digit
        if right and low <= value <= high:
            values[line] = value
        else:
            doubt[line] = True
    return values


@_compiled
def decimals(
    text: Bytes, begins: Places, ends: Places, present: Flags, low: float, high: float, doubt: Flags
) -> NDArray[np.float64]:
    """Reads numbers with or without a decimal point; marks lines with other text or with a number out of bounds.

    An integer and a power of ten with up to 15 digits are exact as floats, so their quotient is the float nearest to
    the number.
    """
    values = np.zeros(begins.size, np.float64)
    for line in range(begins.size):
        if not present[line]:
            continue
        begin, end = begins[line], ends[line]
        right = 1 <= end - begin <= _DECIMAL_DIGITS and text[begin] != _POINT and text[end - 1] != _POINT
        value = 0
        scale = 1
        points = 0
        if right:
            for at in range(begin, end):
                digit = np.uint8(text[at] - _ZERO)
                if text[at] == _POINT:
                    points += 1
                else:
                    right &= digit < 10
                    value = value * 10 + digit
                    scale *= 10 if points else 1
        number = value / scale
        if right and points <= 1 and low <= number <= high:
            values[line] = number
        else:
            doubt[line] = True
    return values


@_compiled
def elements(
    text: Bytes, begins: Places, ends: Places, present: Flags, separator: int, doubt: Flags
) -> tuple[Places, Places, Places]:
    """Splits fields into lists; marks lines in which an element is empty.

    Returns:
        Three arrays: the lists' offsets in Arrow's form, the positions where elements begin, and the positions where
        elements end. Line `i` has the elements from `offsets[i]` up to `offsets[i + 1]`.
    """
    offsets = np.zeros(begins.size + 1, np.int32)
    most = text.size // 2 + begins.size  # an element takes two bytes, with its separator; a line's last may take one
    firsts, lasts = np.empty(most, np.int32), np.empty(most, np.int32)
    separators = _BYTES * np.uint64(separator)
    count = 0
    for line in range(begins.size):
        if present[line]:
            begin, end, kept = begins[line], ends[line], count
            right = True
            for start in range(begin, end, 8):
                found = _below(_word(text, start, end) ^ separators, 1)
                while right and found:
                    at = start + np.int64(_low_zeros(found) >> np.uint64(3))
                    found &= found - np.uint64(1)
                    if at < end and text[at] == separator:
                        right = at != begin
                        firsts[count], lasts[count] = begin, at
                        count += 1
                        begin = at + 1
            firsts[count], lasts[count] = begin, end
            count += 1
            if not right or begin == end:
                doubt[line] = True
                count = kept
        offsets[line + 1] = count
    return offsets, firsts[:count], lasts[:count]


@_compiled
def strings(text: Bytes, begins: Places, ends: Places, present: Flags, doubt: Flags) -> tuple[Places, Places, Bytes]:
    r"""Reads JSON arrays of strings; marks lines with `\u`, `[]`, blanks between strings or other text.

    Returns:
        The lists' offsets, the strings' offsets and the bytes of all strings, as in Arrow; the padding follows the
        bytes.
    """
    size = 0
    for line in range(begins.size):
        size += ends[line] - begins[line]
    offsets = np.zeros(begins.size + 1, np.int32)
    lasts = np.zeros(size // 3 + 1, np.int32)  # a string takes 3 bytes or more: two quotes, and a comma or bracket
    data = np.empty(size + PADDING, np.uint8)
    count = size = 0
    for line in range(begins.size):
        if present[line]:
            at, end = begins[line], ends[line] - 1
            kept = count, size
            right = at < end and text[at] == _OPEN and text[end] == _CLOSE
            while right and at < end:
                right = text[at] == (_OPEN if at == begins[line] else _COMMA) and text[at + 1] == _QUOTE
                at += 2
                while right and at < end and text[at] != _QUOTE:
                    word = _word(text, at, end)
                    stops = _below(word, _BLANK) | _below(word ^ _QUOTES, 1) | _below(word ^ _BACKSLASHES, 1)
                    step = np.int64(_low_zeros(stops) >> np.uint64(3)) if stops else 8
                    _store(data, size, word)
                    size += step
                    at += step
                    if at < end and text[at] == _BACKSLASH:
                        byte = _UNESCAPED[text[at + 1]]
                        data[size] = byte
                        size += 1
                        at += 2
                        right = byte != 0
                    elif stops:
                        right = text[at] == _QUOTE
                right = right and at < end
                if right:
                    at += 1
                    count += 1
                    lasts[count] = size
            if not right:
                doubt[line] = True
                count, size = kept
        offsets[line + 1] = count
    return offsets, lasts[: count + 1], data[: size + PADDING]


@_compiled
def plain(text: Bytes, begins: Places, ends: Places) -> tuple[Places, Bytes]:
    """Copies texts one after the other; returns their offsets and bytes, as in Arrow."""
    offsets = np.zeros(begins.size + 1, np.int32)
    size = 0
    for place in range(begins.size):
        size += ends[place] - begins[place]
        offsets[place + 1] = size
    data = np.empty(size + PADDING, np.uint8)
    for place in range(begins.size):
        begin, end, to = begins[place], ends[place], offsets[place]
        while begin < end:
            _store(data, to, _load(text, begin))  # the next text is stored over bytes that do not belong to this text
            begin += 8
            to += 8
    return offsets, data[:size]


@_compiled
def distinct(text: Bytes, begins: Places, ends: Places, most: int) -> tuple[Places, Places, Places]:
    """Numbers the distinct texts, in the order of their first occurrence.

    Returns:
        Three arrays. The first array has the number of each text; equal texts have equal numbers. For each distinct
        text, the second array has the position where its first occurrence begins, and the third array has the position
        where this occurrence ends. All three arrays are empty if there are more than `most` distinct texts, or if more
        than half of the first `_TRIAL` texts are distinct.
    """
    slots = 16
    while slots < 2 * most:
        slots *= 2
    table = np.full(slots, -1, np.int32)
    codes = np.empty(begins.size, np.int32)
    firsts, lasts = np.empty(most, np.int32), np.empty(most, np.int32)
    found = code = 0
    for place in range(begins.size):
        if found == most or (place == _TRIAL and 2 * found > _TRIAL):
            return codes[:0], firsts[:0], lasts[:0]
        begin, end = begins[place], ends[place]
        if not found or not _same(text, firsts[code], lasts[code], begin, end):  # often equal to the text before
            slot = _hash(text, begin, end) & (slots - 1)
            code = table[slot]
            while code >= 0 and not _same(text, firsts[code], lasts[code], begin, end):
                slot = (slot + 1) & (slots - 1)
                code = table[slot]
            if code < 0:
                code = found
                table[slot] = code
                firsts[code], lasts[code] = begin, end
                found += 1
        codes[place] = code
    return codes, firsts[:found], lasts[:found]


@_compiled
def _same(text: Bytes, first: Any, last: Any, begin: Any, end: Any) -> bool:
    if last - first != end - begin:
        return False
    while end - begin > 8:
        if _load(text, first) != _load(text, begin):
            return False
        first += 8
        begin += 8
    return _word(text, first, last) == _word(text, begin, end)


@_compiled
def _hash(text: Bytes, begin: Any, end: Any) -> Any:
    """Hashes eight bytes at a time by multiplication: a product's upper bits depend on all bits of its factors."""
    mark = np.uint64(end - begin)
    while end - begin > 8:
        mark = (mark ^ _load(text, begin)) * _ODD
        mark ^= mark >> np.uint64(32)
        begin += 8
    mark = (mark ^ _word(text, begin, end)) * _ODD
    mark ^= mark >> np.uint64(32)
    return np.int64((mark * _ODD) >> np.uint64(33))
