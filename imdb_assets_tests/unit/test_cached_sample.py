"""The generated sample as a source: made once, seen whole or not at all."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.lake.landing import Landing
from imdb_assets.sources.cached_sample import SampleSource
from imdb_assets.sources.partial import Partial

DUMP = "title.ratings"
FILE = "title.ratings.tsv.gz"


def test_the_sample_is_generated_once_and_lands_like_a_folder(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = SampleSource(tmp_path / "cache", titles=2_000, seed=3)
    first = landing.fetch(DUMP, source)
    monkeypatch.setattr("imdb_assets.sources.cached_sample.write_sample", None)
    assert landing.fetch(DUMP, source) == first
    assert {landing.fetch(dump, source).name for dump in DUMP_CONTRACTS} == set(DUMP_CONTRACTS)
    with pytest.raises(TypeError):
        landing.fetch(DUMP, SampleSource(tmp_path / "cache", titles=2_000, seed=4))


def test_what_takes_long_is_said_while_it_is_done(tmp_path: Path) -> None:
    source, said = SampleSource(tmp_path / "cache", titles=2_000, seed=3), list[str]()
    source.prepare(said.append)
    assert said[0] == "generating the sample of 2,000 titles: catalogue, 0%"
    assert said[-1] == "generating the sample of 2,000 titles: name.basics.tsv.gz, 100%"
    source.prepare(lambda _: said.clear())  # it is there: nothing is said
    assert said


def test_a_sample_that_lost_a_file_or_was_never_finished_is_made_again(landing: Landing, tmp_path: Path) -> None:
    source = SampleSource(tmp_path / "cache", titles=2_000, seed=3)
    first = landing.fetch(DUMP, source)
    folder = Path(source.place)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{dump}.tsv.gz" for dump in DUMP_CONTRACTS)
    (folder / FILE).unlink()
    unfinished = folder.with_name(f".{folder.name}.new")
    unfinished.mkdir()
    (unfinished / "title.basics.tsv.gz").write_bytes(b"half of it")
    assert landing.fetch(DUMP, source).sha256 == first.sha256
    assert sorted(path.name for path in folder.parent.iterdir()) == [".lock", folder.name]


def test_a_sample_is_never_seen_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = SampleSource(tmp_path / "cache", titles=2_000, seed=3)

    def interrupted(out: Path, **_: object) -> None:
        (out / FILE).write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr("imdb_assets.sources.cached_sample.write_sample", interrupted)
    with pytest.raises(KeyboardInterrupt):
        source.fetch(FILE, Partial(tmp_path / FILE))
    assert not Path(source.place).exists()


def test_two_processes_make_a_sample_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def slow(out: Path, **_: object) -> None:
        made.append(out)
        time.sleep(0.3)
        for dump in DUMP_CONTRACTS:
            (out / f"{dump}.tsv.gz").touch()

    monkeypatch.setattr("imdb_assets.sources.cached_sample.write_sample", slow)
    source = SampleSource(tmp_path / "cache", titles=2_000, seed=3)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda name: source.fetch(FILE, Partial(tmp_path / name)), "ab"))
    assert len(made) == 1
