"""Which values the fields of a dump become: types, lists, JSON, and text as it is."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.dumps import fast
from imdb_assets.dumps.lines import LINE, RAW, parse
from imdb_assets.dumps.reader import ReadCounts
from imdb_assets_tests.support import write_dump
from imdb_assets_tests.unit.dump_rows import BASICS, PRINCIPAL, read


def test_a_row_gets_its_types_and_lists(tmp_path: Path) -> None:
    rows, rejects, counts = read(write_dump(tmp_path, "title.basics", [BASICS]))
    assert rows == [
        {
            "tconst": "tt0000001",
            "titleType": "movie",
            "primaryTitle": "A Film",
            "originalTitle": "Un film",
            "isAdult": 0,
            "startYear": 1999,
            "endYear": None,
            "runtimeMinutes": 90,
            "genres": ["Drama", "War"],
        }
    ]
    assert (rejects, counts) == ([], ReadCounts(rows=1, quarantined=0))


@pytest.mark.parametrize(
    "title", ['"Unclosed', 'closed"', 'a "b" c', '"', "it's", "\\", "\\n", r"\N x", " padded ", "Été 东"]
)
def test_a_title_is_every_character_between_two_tabs(tmp_path: Path, title: str) -> None:
    rows, _, _ = read(write_dump(tmp_path, "title.basics", [BASICS | {"primaryTitle": title}, BASICS]))
    assert [row["primaryTitle"] for row in rows] == [title, "A Film"]


def test_a_field_that_is_backslash_n_is_null_in_every_type(tmp_path: Path) -> None:
    rows, _, _ = read(write_dump(tmp_path, "title.basics", [{"tconst": "tt0000001"}]))
    assert rows == [
        {name: "tt0000001" if name == "tconst" else None for name in header(DUMP_CONTRACTS["title.basics"])}
    ]


def test_lists_of_akas_are_split_at_byte_2(tmp_path: Path) -> None:
    aka = {
        "titleId": "tt0000001",
        "ordering": 1,
        "title": "A, B",
        "types": "alternative\x02dvd",
        "attributes": "new title",
    }
    rows, _, _ = read(write_dump(tmp_path, "title.akas", [aka]))
    assert (rows[0]["title"], rows[0]["types"], rows[0]["attributes"]) == (
        "A, B",
        ["alternative", "dvd"],
        ["new title"],
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('["Self"]', ["Self"]),
        ("[]", []),
        ('["A, B","C"]', ["A, B", "C"]),
        (r'["The \"Boss\"","back\\slash \/"]', ['The "Boss"', "back\\slash /"]),
        (r'["caf\u00e9","two\nlines"]', ["café", "two\nlines"]),
        ('["Зоя","😀","[x]"]', ["Зоя", "😀", "[x]"]),
    ],
)
def test_characters_are_the_strings_of_the_json_array(tmp_path: Path, text: str, names: list[str]) -> None:
    rows, _, _ = read(write_dump(tmp_path, "title.principals", [PRINCIPAL | {"characters": text}]))
    assert (rows[0]["characters"], rows[0]["charactersRaw"]) == (names, None)


_CHARACTERS = ["characters", "charactersRaw"]
_JSON_PIECES = [
    "[",
    "]",
    '"',
    ",",
    " ",
    "\r",
    "a",
    "é",
    r"\n",
    r"\u0041",
    r"\ud83d",
    r"\uDE00",
    '["',
    '"]',
    '","',
    '", "',
]


@given(pieces=st.lists(st.sampled_from(_JSON_PIECES), max_size=9))
@settings(max_examples=300)
@example(pieces=['["', "a", '", "', r"\ud83d", r"\uDE00", '"]'])
@example(pieces=['["', r"\ud83d", r"\ud83d", r"\uDE00", '"]'])
@example(pieces=[" ", "[", " ", "]", "\r"])
def test_characters_are_what_json_says_if_that_is_strings(pieces: list[str]) -> None:
    text = "".join(pieces)
    row = PRINCIPAL | {"characters": text}
    line = "\t".join(str(row.get(name, r"\N")) for name in header(DUMP_CONTRACTS["title.principals"]))
    parsed = parse(
        pl.LazyFrame({LINE: [2], RAW: [line]}, {LINE: pl.UInt32, RAW: pl.String}),
        DUMP_CONTRACTS["title.principals"],
        {},
    )
    found = parsed.select("characters", "charactersRaw").collect().row(0)
    together = fast.read(line.encode(), DUMP_CONTRACTS["title.principals"])
    if not together.text:
        assert together.rows.select(_CHARACTERS).to_pylist() == [dict(zip(_CHARACTERS, found, strict=True))]
    try:
        said = json.loads(text)
        "".join(said).encode()  # a lone surrogate is no text
    except (ValueError, TypeError):
        said = None
    assert found == ((said, None) if isinstance(said, list) else (None, text))


@pytest.mark.parametrize(
    ("genres", "kept", "empty"),
    [("", None, 1), (",", None, 2), ("Drama,", ["Drama"], 1), (",Drama", ["Drama"], 1), ("A,,B", ["A", "B"], 1)],
)
def test_an_empty_element_of_a_list_is_dropped_and_counted(
    tmp_path: Path, genres: str, kept: list[str] | None, empty: int
) -> None:
    rows, rejects, counts = read(write_dump(tmp_path, "title.basics", [BASICS, BASICS | {"genres": genres}]))
    assert [row["genres"] for row in rows] == [["Drama", "War"], kept]
    assert (rejects, counts) == ([], ReadCounts(rows=2, quarantined=0, empty_elements=empty))


def test_an_empty_element_is_dropped_from_every_list_of_every_dump(tmp_path: Path) -> None:
    crew = {"tconst": "tt0000001", "directors": "nm0000001,,nm0000002", "writers": ""}
    aka = {"titleId": "tt0000001", "ordering": 1, "types": "\x02original", "attributes": "a\x02\x02"}
    name = {"nconst": "nm0000001", "primaryProfession": "actor,", "knownForTitles": ",tt0000001"}
    lists = {"title.crew": crew, "title.akas": aka, "name.basics": name}
    found = {dump: read(write_dump(tmp_path, dump, [row])) for dump, row in lists.items()}
    assert {dump: counts.empty_elements for dump, (_, _, counts) in found.items()} == {
        "title.crew": 2,
        "title.akas": 3,
        "name.basics": 2,
    }
    rows = {dump: rows[0] for dump, (rows, _, _) in found.items()}
    assert (rows["title.crew"]["directors"], rows["title.crew"]["writers"]) == (["nm0000001", "nm0000002"], None)
    assert (rows["title.akas"]["types"], rows["title.akas"]["attributes"]) == (["original"], ["a"])
    assert (rows["name.basics"]["primaryProfession"], rows["name.basics"]["knownForTitles"]) == (
        ["actor"],
        ["tt0000001"],
    )


@pytest.mark.parametrize(
    "text", ["[Self", "Self", '["a",null]', '["a",1]', '{"a":1}', '["a" "b"]', '["\\q"]', '["\\ud83d"]']
)
def test_characters_that_are_no_array_of_strings_are_kept_as_text(tmp_path: Path, text: str) -> None:
    rows, rejects, _ = read(write_dump(tmp_path, "title.principals", [PRINCIPAL | {"characters": text}]))
    assert (rows[0]["characters"], rows[0]["charactersRaw"]) == (None, text)
    assert rejects == []


def test_outliers_are_data(tmp_path: Path) -> None:
    odd = BASICS | {"runtimeMinutes": 51_420, "startYear": 2115, "tconst": "tt12345678", "titleType": "brandNewType"}
    rows, rejects, _ = read(write_dump(tmp_path, "title.basics", [odd]))
    assert {name: rows[0][name] for name in ("tconst", "titleType", "startYear", "runtimeMinutes")} == {
        "tconst": "tt12345678",
        "titleType": "brandNewType",
        "startYear": 2115,
        "runtimeMinutes": 51_420,
    }
    assert rejects == []


_CELL = st.none() | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12).filter(
    lambda text: text != r"\N"
)
_TITLES = st.lists(
    st.tuples(st.from_regex(r"\Att[0-9]{7,8}\Z"), _CELL, _CELL, st.none() | st.integers(0, 2**31 - 1)), max_size=20
)


@given(titles=_TITLES)
@settings(max_examples=60)
@example(titles=[("tt0000001", '"', "\u2028\u0085x", None), ("tt0000001", "", '""', 0)])
def test_whatever_can_be_printed_round_trips(titles: list[tuple[str, str | None, str | None, int | None]]) -> None:
    columns = ("tconst", "primaryTitle", "originalTitle", "runtimeMinutes")
    with TemporaryDirectory() as folder:
        path = write_dump(Path(folder), "title.basics", [dict(zip(columns, title, strict=True)) for title in titles])
        rows, rejects, _ = read(path)
    assert [tuple(row[name] for name in columns) for row in rows] == titles
    assert rejects == []
